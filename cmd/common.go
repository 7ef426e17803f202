package cmd

import (
	"time"

	"exfed/cmd/render"
)

// commonParameters are the parameters every cmdlet takes.
type commonParameters struct {
	config, output, dnsServer opt[string]
	property                  opt[[]string]
	verbose, quiet            opt[bool]
	whatIf, confirm           opt[bool]
	timeout                   opt[time.Duration]
}

// defaultTimeout bounds the network work of a cmdlet.
const defaultTimeout = 2 * time.Minute

func (c *commonParameters) declare(changes bool) []*parameter {
	d := &declaration{}
	if changes {
		d.toggle(&c.whatIf, "WhatIf", "Says what would be done, changes nothing.", alias("wi"))
		d.toggle(&c.confirm, "Confirm", "Asks first; -Confirm:false does not. Remove- cmdlets ask unless told not to.", alias("cf"))
	}
	d.text(&c.config, "Config", "Path", "The state file; also EXFED_CONFIG.", filePath, defaults("exfed/exfed.yaml in the user's configuration folder"))
	d.oneOf(&c.output, "Output", "Format", outputFormats(), "How the result is written; also EXFED_OUTPUT.")
	d.list(&c.property, "Property", "String[]", "Only these properties, in this order; * and ? stand for any characters.")
	d.toggle(&c.verbose, "Verbose", "Tells the steps on standard error.", alias("vb"))
	d.toggle(&c.quiet, "Quiet", "Writes nothing but data and errors.")
	d.span(&c.timeout, "Timeout", "Bound on the network work, such as 30s or 00:00:30.", defaults("2m"))
	d.text(&c.dnsServer, "DnsServer", "HOST:PORT[,...]", "Name servers to ask for everything; also EXFED_DNS_SERVER.")
	for _, p := range []struct{ name, alias string }{
		{"ErrorAction", "ea"}, {"WarningAction", "wa"}, {"InformationAction", "infa"}, {"OutVariable", "ov"},
	} {
		var ignored opt[string]
		d.text(&ignored, p.name, "String", "Accepted as PowerShell has it.", alias(p.alias), noEffect("a process of its own has no pipeline to apply it to"))
	}
	var debug opt[bool]
	d.toggle(&debug, "Debug", "Accepted as PowerShell has it.", alias("db"), noEffect("-Verbose tells all there is to tell"))
	return d.parameters
}

func outputFormats() []string {
	var words []string
	for _, f := range render.Formats() {
		words = append(words, string(f))
	}
	return words
}
