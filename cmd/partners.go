package cmd

import (
	"exfed/federation"
	"exfed/federation/autodiscover"
	"exfed/federation/availability"
	"exfed/federation/partner"
	"exfed/federation/soap"
)

// partners asks partners in the name of the organization's users.
func (e *env) partners(org *federation.Organization) (*partner.Client, error) {
	transport, err := e.httpClient()
	if err != nil {
		return nil, err
	}
	carrier := &soap.Client{HTTP: transport}
	return &partner.Client{
		Organization: org,
		Autodiscover: &autodiscover.Client{SOAP: carrier, Now: e.process.Now, Rand: e.process.Rand},
		Availability: &availability.Client{SOAP: carrier, Rand: e.process.Rand},
	}, nil
}
