package state

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
)

const repairThumbprint = "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17"

// withRepair is valid with a repair of the trust that was begun.
func withRepair() string {
	return strings.Replace(valid(), "acceptedDomains:", `  trustRepair: # do not touch
    step: proofs
    cause: CertificateExpired
    began: 2026-01-31T12:00:00Z
    trustName: Contoso
    trustGuid: `+testGUID(4)+`
    securityProfile: modern
    applicationIdentifier: 00000000603D24C1
    oldThumbprint: BD00F35CBA8359953F4126E0984B5CCAFA2F4F17
    newThumbprint: `+repairThumbprint+`
    domains:
      - a.example
      - b.example
    defaultDomain: b.example
    enabled: true
acceptedDomains:`, 1)
}

// TestRepairIsKept reads a repair, goes on with it and ends it; every byte around it stays.
func TestRepairIsKept(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	write(t, f.Path(), withRepair())
	want := federation.TrustRepair{
		Step: federation.RepairProofs, Cause: federation.RepairExpired, Began: testTime(), TrustName: "Contoso", TrustGUID: testGUID(4),
		SecurityProfile: federation.Modern, ApplicationIdentifier: "00000000603D24C1",
		OldThumbprint: "BD00F35CBA8359953F4126E0984B5CCAFA2F4F17", NewThumbprint: repairThumbprint,
		Domains: []federation.Domain{"a.example", "b.example"}, DefaultDomain: "b.example", Enabled: true,
	}
	if err := update(f, func(tx federation.Tx) error {
		got, begun, err := tx.Repair.Get()
		if diff := cmp.Diff(want, got); diff != "" || !begun {
			t.Errorf("begun: %v (-want +got):\n%s", begun, diff)
		}
		if err != nil {
			return err
		}
		got.Step = federation.RepairRegister
		return tx.Repair.Put(got)
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(withRepair(), "step: proofs", "step: register", 1), read(t, f.Path())); diff != "" {
		t.Errorf("gone on with (-want +got):\n%s", diff)
	}
	if err := update(f, func(tx federation.Tx) error { return tx.Repair.Delete() }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(valid(), read(t, f.Path())); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	if err := update(f, func(tx federation.Tx) error {
		if _, begun, err := tx.Repair.Get(); begun || err != nil {
			t.Errorf("begun: %v, %v", begun, err)
		}
		return tx.Repair.Put(want)
	}); err != nil {
		t.Fatal(err)
	}
	again := strings.Replace(withRepair(), "trustRepair: # do not touch", "trustRepair:", 1)
	if diff := cmp.Diff(again, read(t, f.Path())); diff != "" {
		t.Errorf("begun again (-want +got):\n%s", diff)
	}
	err := f.View(t.Context(), func(tx federation.Tx) error { return tx.Repair.Delete() })
	if federation.KindOf(err) != federation.Other || !strings.Contains(err.Error(), "only viewed") {
		t.Errorf("changed while it is only viewed: %v", err)
	}
}

// TestRepairAlone is a section of its own, which goes with it.
func TestRepairAlone(t *testing.T) {
	t.Parallel()
	f := Open(statePath(t), Options{})
	without := strings.Replace(valid(), valid()[strings.Index(valid(), "organization:"):strings.Index(valid(), "acceptedDomains:")], "", 1)
	write(t, f.Path(), without)
	one := federation.TrustRepair{Step: federation.RepairTest, Cause: federation.RepairKeyLost, Began: testTime(), TrustName: "Contoso", TrustGUID: testGUID(4),
		SecurityProfile: federation.Exchange, OldThumbprint: repairThumbprint, NewThumbprint: repairThumbprint}
	if err := update(f, func(tx federation.Tx) error { return tx.Repair.Put(one) }); err != nil {
		t.Fatal(err)
	}
	if text := read(t, f.Path()); !strings.Contains(text, "organization:\n  trustRepair:\n    step: test\n    cause: PrivateKeyLost\n") {
		t.Errorf("put:\n%s", text)
	}
	if err := update(f, func(tx federation.Tx) error { return tx.Repair.Delete() }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(without, read(t, f.Path())); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
}

func TestEveryRuleOfRepairsIsChecked(t *testing.T) {
	t.Parallel()
	const path = "organization.trustRepair."
	cases := []struct{ name, old, new, want string }{
		{"step", "step: proofs", "step: later", `line 14, column 11: ` + path + `step: "later" is not one of proofs, remove, register, test`},
		{"cause", "CertificateExpired", "Expired", `line 15, column 12: ` + path + `cause: "Expired" is not one of CertificateExpired, PrivateKeyLost, CertificateUnknown`},
		{"began missing", "    began: 2026-01-31T12:00:00Z\n", "", `line 14, column 5: ` + path + `began: is missing`},
		{"trust missing", "    trustName: Contoso\n", "", `line 14, column 5: ` + path + `trustName: is missing`},
		{"GUID", "trustGuid: " + testGUID(4), "trustGuid: 4", `line 18, column 16: ` + path + `trustGuid: "4" is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e`},
		{"profile", "securityProfile: modern\n    applicationIdentifier", "securityProfile: old\n    applicationIdentifier", `line 19, column 22: ` + path + `securityProfile: "old" is not one of modern, exchange`},
		{"old thumbprint", "oldThumbprint: BD00", "oldThumbprint: bd00", `line 21, column 20: ` + path + `oldThumbprint: "bd00F35CBA8359953F4126E0984B5CCAFA2F4F17" is not a thumbprint, 40 upper-case hexadecimal digits`},
		{"new thumbprint", "newThumbprint: AC00", "newThumbprint: BD00", `line 22, column 20: ` + path + `newThumbprint: no certificate BD00F35CBA8359953F4126E0984B5CCAFA2F4F17 in certificates`},
		{"domain", "- b.example\n    default", "- c.example\n    default", `line 26, column 20: ` + path + `defaultDomain: b.example is not one of the domains; line 25, column 9: ` + path + `domains[1]: no Authoritative accepted domain c.example in acceptedDomains`},
		{"default domain", "defaultDomain: b.example", "defaultDomain: c.example", `line 26, column 20: ` + path + `defaultDomain: c.example is not one of the domains`},
		{"unknown key", "cause:", "reason: none\n    cause:", `line 15, column 5: ` + strings.TrimSuffix(path, ".") + `: unknown key "reason"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(withRepair(), c.old, c.new, 1)
			if text == withRepair() {
				t.Fatalf("%q is not in the document", c.old)
			}
			f := Open(statePath(t), Options{})
			write(t, f.Path(), text)
			checkCorrupt(t, f, c.want)
		})
	}
	if len(cases) < 11 {
		t.Errorf("only %d cases", len(cases))
	}
}
