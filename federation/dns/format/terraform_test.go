package format_test

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"exfed/federation/dns/format"
)

// configuration is what HCL's own parser makes of a text. Variables and data sources are given
// values, as whoever applies the configuration does.
func configuration(t *testing.T, text string) []*hclsyntax.Block {
	t.Helper()
	file, diagnostics := hclsyntax.ParseConfig([]byte(text), "records.tf", hcl.InitialPos)
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	names := map[string]bool{}
	var resources []*hclsyntax.Block
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		name := block.Type + " " + strings.Join(block.Labels, ".")
		if names[name] {
			t.Errorf("%s comes twice", name)
		}
		names[name] = true
		for _, label := range block.Labels {
			if !hclsyntax.ValidIdentifier(label) {
				t.Errorf("%q is no identifier", label)
			}
		}
		if block.Type == "resource" {
			resources = append(resources, block)
		}
	}
	return resources
}

// scope is what references lead to: "id of ZONE".
func scope(zones []format.Zone) *hcl.EvalContext {
	ids, data := map[string]cty.Value{}, map[string]cty.Value{}
	for _, zone := range zones {
		id := cty.StringVal("id of " + zone.Apex)
		ids[zone.Apex] = id
		name := strings.ReplaceAll(zone.Apex, ".", "_")
		if name[0] >= '0' && name[0] <= '9' {
			name = "_" + name
		}
		data[name] = cty.ObjectVal(map[string]cty.Value{"zone_id": id})
	}
	return &hcl.EvalContext{Variables: map[string]cty.Value{
		"var": cty.ObjectVal(map[string]cty.Value{
			"managed_zones": cty.MapVal(ids), "cloudflare_zone_ids": cty.MapVal(ids), "resource_group_name": cty.StringVal("group"),
		}),
		"data": cty.ObjectVal(map[string]cty.Value{"aws_route53_zone": cty.ObjectVal(data)}),
	}}
}

// attributes evaluates the attributes of a body.
func attributes(t *testing.T, body *hclsyntax.Body, in *hcl.EvalContext) map[string]cty.Value {
	t.Helper()
	values := map[string]cty.Value{}
	for name, attribute := range body.Attributes {
		value, diagnostics := attribute.Expr.Value(in)
		if diagnostics.HasErrors() {
			t.Fatal(diagnostics)
		}
		values[name] = value
	}
	return values
}

func whole(value cty.Value) uint32 {
	n, _ := value.AsBigFloat().Int(new(big.Int))
	return uint32(n.Uint64())
}

func texts(value cty.Value) []string {
	var all []string
	for _, item := range value.AsValueSlice() {
		all = append(all, item.AsString())
	}
	return all
}

// zoneOf is the zone a set is in.
func zoneOf(zones []format.Zone, name string) string {
	for _, zone := range zones {
		if name == zone.Apex || strings.HasSuffix(name, "."+zone.Apex) {
			return zone.Apex
		}
	}
	return ""
}

// TestTerraformSets has HCL's own parser read the configurations whose resources are sets, and
// compares the records in them.
func TestTerraformSets(t *testing.T) {
	t.Parallel()
	for _, f := range []format.Format{format.TerraformRoute53, format.TerraformGoogle} {
		w := newWorld(20, true, nil)
		zones := w.zones(100)
		w.enough(t, 20)
		text, _ := write(t, f, zones)
		in := scope(zones)
		var got []record
		for _, resource := range configuration(t, text) {
			values := attributes(t, resource.Body, in)
			name, kind := strings.TrimSuffix(values["name"].AsString(), "."), values["type"].AsString()
			list, id := values["records"], values["zone_id"]
			if f == format.TerraformGoogle {
				list, id = values["rrdatas"], values["managed_zone"]
			}
			if len(values) != 5 || id.AsString() != "id of "+zoneOf(zones, name) {
				t.Errorf("%s: %v", name, values)
			}
			for _, value := range texts(list) {
				if f == format.TerraformRoute53 && kind == "TXT" {
					if strings.Trim(value, `"`) != value {
						t.Errorf("the provider takes the quotes at the ends of %s away", value)
					}
					value = octal(t, `"`+value+`"`) // as the provider does
				}
				got = append(got, record{name, kind, parseValue(t, kind, value, false), whole(values["ttl"])})
			}
		}
		same(t, string(f), expectation{}.expect(zones).wholes, got)
	}
}

// TestTerraformAzureRM compares sets whose records are blocks.
func TestTerraformAzureRM(t *testing.T) {
	t.Parallel()
	w := newWorld(21, true, func(text string) bool { return !strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) })
	zones := w.zones(100)
	w.enough(t, 20)
	text, _ := write(t, format.TerraformAzureRM, zones)
	in := scope(zones)
	var got []record
	for _, resource := range configuration(t, text) {
		values := attributes(t, resource.Body, in)
		kind := strings.ToUpper(strings.TrimSuffix(strings.TrimPrefix(resource.Labels[0], "azurerm_dns_"), "_record"))
		r := record{Name: absolute(values["name"].AsString(), values["zone_name"].AsString()), Type: kind, TTL: whole(values["ttl"])}
		if values["resource_group_name"].AsString() != "group" {
			t.Errorf("%v", values)
		}
		if target, ok := values["record"]; ok {
			r.Value = target.AsString() + "."
			got = append(got, r)
		}
		for _, block := range resource.Body.Blocks {
			v := attributes(t, block.Body, in)
			if kind == "TXT" {
				r.Value = textValue([]string{v["value"].AsString()}, true)
			} else {
				r.Value = srvValue(uint16(whole(v["priority"])), uint16(whole(v["weight"])), uint16(whole(v["port"])), v["target"].AsString())
			}
			got = append(got, r)
		}
	}
	same(t, "terraform-azurerm", expectation{joined: true}.expect(zones).wholes, got)
}

// TestTerraformCloudflare compares resources that are records.
func TestTerraformCloudflare(t *testing.T) {
	t.Parallel()
	w := newWorld(22, true, nil)
	zones := w.zones(100)
	w.enough(t, 20)
	text, notes := write(t, format.TerraformCloudflare, zones)
	in := scope(zones)
	var got []record
	for _, resource := range configuration(t, text) {
		v := attributes(t, resource.Body, in)
		r := record{Name: v["name"].AsString(), Type: v["type"].AsString(), TTL: whole(v["ttl"])}
		if v["zone_id"].AsString() != "id of "+zoneOf(zones, r.Name) || (r.Type == "CNAME") != (v["proxied"] == cty.False) {
			t.Errorf("%s: %v", r.Name, slices.Sorted(maps.Keys(v)))
		}
		switch r.Type {
		case "TXT":
			r.Value = parseValue(t, "TXT", v["content"].AsString(), false)
		case "CNAME":
			r.Value = v["content"].AsString() + "."
		default:
			d := v["data"].AsValueMap()
			r.Value = srvValue(uint16(whole(d["priority"])), uint16(whole(d["weight"])), uint16(whole(d["port"])), d["target"].AsString())
		}
		got = append(got, r)
	}
	e := expectation{}.expect(zones)
	same(t, "terraform-cloudflare", e.additions, got)
	if len(notes) != len(e.removals) {
		t.Errorf("%d notes for %d removals", len(notes), len(e.removals))
	}
}
