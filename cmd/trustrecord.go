package cmd

import (
	"context"
	"crypto/x509"

	"exfed/cmd/render"
	"exfed/federation"
)

// policyReference is the token policy Exchange names in its token requests.
const policyReference = "EX_MBI_FED_SSL"

// trustRecord shows a trust under Exchange's property names, in Exchange's order.
func trustRecord(ctx context.Context, org *federation.Organization, t federation.FederationTrust) (render.Record, error) {
	own := func(thumbprint string) *x509.Certificate {
		c, err := org.Certificate(ctx, thumbprint)
		if err != nil {
			return nil // a rehearsed or damaged one: the thumbprint is shown beside it
		}
		return c.X509
	}
	issuer, err := federation.DecodeCertificate(t.Issuer.Certificate)
	if err != nil {
		return render.Record{}, damagedIssuer(t, err)
	}
	previousIssuer, err := federation.DecodeCertificate(t.Issuer.PreviousCertificate)
	if err != nil {
		return render.Record{}, damagedIssuer(t, err)
	}
	provisioner := "ManageDelegation2"
	if t.ProvisionedElsewhere {
		provisioner = "External"
	}
	return render.New(append([]render.Field{
		render.OptionalText("ApplicationIdentifier", t.ApplicationIdentifier),
		render.OptionalText("ApplicationUri", t.ApplicationURI),
		certificateField("OrgCertificate", own(t.Current)),
		certificateField("OrgNextCertificate", own(t.Next)),
		certificateField("OrgPrevCertificate", own(t.Previous)),
		render.OptionalText("OrgPrivCertificate", t.Current),
		render.OptionalText("OrgNextPrivCertificate", t.Next),
		render.OptionalText("OrgPrevPrivCertificate", t.Previous),
		certificateField("TokenIssuerCertificate", issuer),
		certificateField("TokenIssuerPrevCertificate", previousIssuer),
		render.Text("PolicyReferenceUri", policyReference),
		render.OptionalText("TokenIssuerMetadataEpr", t.MetadataURL),
		render.Unset("MetadataPollInterval"),
		render.Unset("TokenIssuerType"),
		render.OptionalText("TokenIssuerUri", t.Issuer.URI),
		render.OptionalText("TokenIssuerEpr", t.Issuer.EPR),
		render.OptionalText("WebRequestorRedirectEpr", t.Issuer.WebRequestorRedirect),
		render.Unset("MetadataEpr"),
		render.Unset("MetadataPutEpr"),
		render.Unset("TokenIssuerCertReference"),
		render.Unset("TokenIssuerPrevCertReference"),
		render.Text("NamespaceProvisioner", provisioner),
	}, objectFields(t.Name, t.Meta)...)...), nil
}

func damagedIssuer(t federation.FederationTrust, err error) error {
	return &federation.Error{Kind: federation.Corrupt, ID: "TokenIssuerDamaged", Object: "federation trust \"" + t.Name + "\"",
		Reason: "the broker's certificate cannot be read from the state file", Err: err}
}
