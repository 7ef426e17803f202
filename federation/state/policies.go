package state

import (
	"strings"

	"exfed/federation"
	"exfed/federation/yamldoc"
)

// checkPolicy: the rules are what the vocabulary writes.
func checkPolicy(c checker, p federation.SharingPolicy) {
	c.guid(p.Meta)
	rules, err := p.Rules()
	if err != nil {
		c.fault("domains", "%v", err)
		return
	}
	if canonical := federation.FormatSharingRules(rules); strings.Join(canonical, ",") != strings.Join(p.Domains, ",") {
		c.fault("domains", "%q is written %q here", strings.Join(p.Domains, ","), strings.Join(canonical, ","))
	}
}

// checkPolicyReferences: exactly one policy is the default, if there are any, and a mailbox's
// policy is in the file.
func (s snapshot) checkPolicyReferences(faults *yamldoc.Faults) {
	checkDefault(s, policiesSection, "policy", s.policies, func(p federation.SharingPolicy) (string, bool) { return p.Name, p.Default }, faults)
	for i, m := range s.mailboxes {
		if m.SharingPolicy != "" && s.doc.Index(policiesSection, m.SharingPolicy) < 0 {
			checker{s.doc, mailboxesSection, i, "", faults}.fault("sharingPolicy", "no policy %q in %s", m.SharingPolicy, policiesSection)
		}
	}
}
