package state

import "exfed/federation"

// rolloverField is the key of the certificate rollover within the section of the organization.
const rolloverField = "certificateRollover"

// rollover is the replacement of the federation certificate. It implements federation.Single.
type rollover struct{ *organizationPart }

func (r rollover) Get() (federation.CertificateRollover, bool, error) {
	now, err := r.get()
	if err != nil || now.Rollover == nil {
		return federation.CertificateRollover{}, false, err
	}
	return *now.Rollover, true, nil
}

func (r rollover) Put(object federation.CertificateRollover) error {
	return r.put(func(o *organization) { o.Rollover = &object })
}

func (r rollover) Delete() error {
	return r.put(func(o *organization) { o.Rollover = nil })
}

// checkRollover checks what a rollover looks like. What it names may be gone: it is a note of
// what was done, and whoever goes on looks again.
func checkRollover(c checker, r federation.CertificateRollover) {
	if !isGUID(r.Trust) {
		c.fault("trust", "%q is not a GUID such as 0f8fad5b-d9cb-469f-a165-70867728950e", r.Trust)
	}
	c.thumbprint("oldThumbprint", r.Old)
	c.thumbprint("newThumbprint", r.New)
	if r.Old == r.New {
		c.fault("newThumbprint", "is that of the certificate it replaces")
	}
	for _, step := range []struct {
		name          string
		taken, before bool
	}{
		{"whenBegun", !r.WhenBegun.IsZero(), false},
		{"whenStaged", !r.WhenStaged.IsZero(), !r.WhenProven.IsZero() || !r.WhenPublished.IsZero()},
		{"whenPublished", !r.WhenPublished.IsZero(), !r.WhenTested.IsZero()},
	} {
		if !step.taken && (step.before || step.name == "whenBegun") {
			c.fault(step.name, "is missing")
		}
	}
}
