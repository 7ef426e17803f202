package format

import (
	"fmt"
	"strings"

	"exfed/federation"
)

// hclQuote writes text as a quoted template of HCL that holds no template.
func hclQuote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case (c == '$' || c == '%') && i+1 < len(text) && text[i+1] == '{':
			b.WriteByte(c)
			b.WriteByte(c) // $${ and %%{ stand for ${ and %{
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// hclName makes a name of a resource: letters, digits, hyphens and underscores, no digit first.
func hclName(text string) string {
	name := strings.ReplaceAll(text, ".", "_")
	if name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}

// resource writes a resource with its attributes, pairs of a name and an expression, and then
// the lines of its body.
func (w *writer) resource(kind, name string, attributes [][2]string, body []string) {
	width := 0
	for _, a := range attributes {
		width = max(width, len(a[0]))
	}
	w.line("resource %q %q {", kind, name)
	for _, a := range attributes {
		w.line("  %-*s = %s", width, a[0], a[1])
	}
	for _, line := range body {
		w.line("  %s", line)
	}
	w.line("}")
}

// variable declares what only the one who applies the configuration knows.
func (w *writer) variable(zones []Zone, name, kind, description string) {
	if len(zones) > 0 {
		w.line("variable %q {\n  type        = %s\n  description = %s\n}", name, kind, hclQuote(description))
	}
}

// terraformSets writes a resource for each set: of the resource type that kind returns, with
// the attributes and the body that content returns.
func (w *writer) terraformSets(zones []Zone, kind func(Set) string, first func(Zone), content func(Zone, Set, []entry) ([][2]string, []string, error)) error {
	return each(zones, first, func(zone Zone, set Set) error {
		w.line("\n# %s %s", set.Name, set.Type)
		for _, e := range set.remove() {
			w.line("# left out, to be removed: %s", e.label)
		}
		entries := set.whole()
		if len(entries) == 0 {
			return nil
		}
		for _, e := range entries {
			w.line("# %s", e.label)
		}
		attributes, body, err := content(zone, set, entries)
		if err == nil {
			w.resource(kind(set), hclName(set.Name)+"_"+strings.ToLower(string(set.Type)), attributes, body)
		}
		return err
	})
}

// hclList writes the items of a list attribute.
func hclList(name string, items []string) []string {
	lines := []string{name + " = ["}
	for _, item := range items {
		lines = append(lines, "  "+hclQuote(item)+",")
	}
	return append(lines, "]")
}

// terraformRoute53 is for provider hashicorp/aws. Its TXT values leave out the outer quotes, and
// quotes inside are octal, for it takes those at the ends away.
func (w *writer) terraformRoute53(zones []Zone) error {
	return w.terraformSets(zones, func(Set) string { return "aws_route53_record" }, func(zone Zone) {
		w.line("\ndata \"aws_route53_zone\" %q {\n  name = %s\n}", hclName(zone.Apex), hclQuote(zone.Apex+"."))
	}, func(zone Zone, set Set, entries []entry) ([][2]string, []string, error) {
		var values []string
		for _, e := range entries {
			value := route53Value(e, `\042`, "")
			if e.Type == federation.TXTRecord {
				value = value[1 : len(value)-1]
			}
			values = append(values, value)
		}
		return [][2]string{
			{"zone_id", "data.aws_route53_zone." + hclName(zone.Apex) + ".zone_id"}, {"name", hclQuote(set.Name)},
			{"type", hclQuote(string(set.Type))}, {"ttl", fmt.Sprint(w.ttlOf(set))},
		}, hclList("records", values), nil
	})
}

// terraformGoogle is for provider hashicorp/google.
func (w *writer) terraformGoogle(zones []Zone) error {
	w.variable(zones, "managed_zones", "map(string)", "The name of the managed zone of each DNS zone, such as {\"contoso.com\" = \"contoso-com\"}.")
	return w.terraformSets(zones, func(Set) string { return "google_dns_record_set" }, func(Zone) {},
		func(zone Zone, set Set, entries []entry) ([][2]string, []string, error) {
			var values []string
			for _, e := range entries {
				values = append(values, e.zoneValue())
			}
			return [][2]string{
				{"managed_zone", "var.managed_zones[" + hclQuote(zone.Apex) + "]"}, {"name", hclQuote(set.Name + ".")},
				{"type", hclQuote(string(set.Type))}, {"ttl", fmt.Sprint(w.ttlOf(set))},
			}, hclList("rrdatas", values), nil
		})
}

// terraformAzureRM is for provider hashicorp/azurerm, which takes a TXT record as one text.
func (w *writer) terraformAzureRM(zones []Zone) error {
	w.variable(zones, "resource_group_name", "string", "The resource group of the DNS zones.")
	return w.terraformSets(zones, func(set Set) string { return "azurerm_dns_" + strings.ToLower(string(set.Type)) + "_record" }, func(Zone) {},
		func(zone Zone, set Set, entries []entry) ([][2]string, []string, error) {
			attributes := [][2]string{
				{"name", hclQuote(host(set.Name, zone.Apex))}, {"zone_name", hclQuote(zone.Apex)},
				{"resource_group_name", "var.resource_group_name"}, {"ttl", fmt.Sprint(w.ttlOf(set))},
			}
			var body []string
			for _, e := range entries {
				switch e.Type {
				case federation.CNAMERecord:
					attributes = append(attributes, [2]string{"record", hclQuote(e.Target)})
				case federation.SRVRecord:
					body = append(body, "record {", fmt.Sprintf("  priority = %d", e.Priority), fmt.Sprintf("  weight   = %d", e.Weight),
						fmt.Sprintf("  port     = %d", e.Port), "  target   = "+hclQuote(e.Target), "}")
				default:
					if strings.ContainsFunc(e.Text, func(r rune) bool { return r > '~' }) {
						return nil, nil, w.inexpressible(e, "it is not all ASCII")
					}
					body = append(body, "record {", "  value = "+hclQuote(e.Text), "}")
				}
			}
			return attributes, body, nil
		})
}

// terraformCloudflare is for provider cloudflare/cloudflare from version 5 on, which knows
// records one by one.
func (w *writer) terraformCloudflare(zones []Zone) error {
	w.variable(zones, "cloudflare_zone_ids", "map(string)", "The identifier of each zone, such as {\"contoso.com\" = \"023e105f4ecef8ad9ca31a8372d0c353\"}.")
	return each(zones, func(Zone) {}, func(zone Zone, set Set) error {
		w.cloudflareRemovals(set)
		for i, e := range set.add() {
			w.line("\n# %s", e.label)
			name := fmt.Sprintf("%s_%s_%s", hclName(set.Name), strings.ToLower(string(set.Type)), e.id)
			if e.id == "" {
				name = fmt.Sprintf("%s%d", name, i+1)
			}
			record := w.cloudflareRecord(set, e)
			attributes := [][2]string{
				{"zone_id", "var.cloudflare_zone_ids[" + hclQuote(zone.Apex) + "]"}, {"name", hclQuote(record.Name)},
				{"type", hclQuote(record.Type)}, {"ttl", fmt.Sprint(record.TTL)}, {"comment", hclQuote(record.Comment)},
			}
			if record.Content != "" {
				attributes = append(attributes, [2]string{"content", hclQuote(record.Content)})
			}
			if record.Proxied != nil {
				attributes = append(attributes, [2]string{"proxied", "false"})
			}
			var body []string
			if d := record.Data; d != nil {
				body = []string{"data = {", fmt.Sprintf("  priority = %d", d.Priority), fmt.Sprintf("  weight   = %d", d.Weight),
					fmt.Sprintf("  port     = %d", d.Port), "  target   = " + hclQuote(d.Target), "}"}
			}
			w.resource("cloudflare_dns_record", name, attributes, body)
		}
		return nil
	})
}
