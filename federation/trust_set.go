package federation

import (
	"context"
	"strings"
)

// SetTrustRequest changes a trust; a nil field stays as it is.
type SetTrustRequest struct {
	Name            *string
	ApplicationURI  *string // only of a trust registered elsewhere
	MetadataURL     *string // "" is the embedded broker
	SecurityProfile *SecurityProfile
	Thumbprint      *string // stages this certificate as the next one; "" unstages
	RefreshMetadata bool
	Publish         bool // next becomes current, current becomes previous
	Force           bool // publishes also when the broker refused the domains too often today
}

// SetTrust changes the trust. Staging and refreshing can go together; publishing goes alone.
func (o *Organization) SetTrust(ctx context.Context, name string, request SetTrustRequest) error {
	if request.Publish || request.Thumbprint != nil || request.Name != nil || request.SecurityProfile != nil {
		if err := o.notInRepair(ctx); err != nil {
			return err
		}
	}
	trust, err := o.Trust(ctx, name)
	if err != nil {
		return err
	}
	if err := o.setTrust(ctx, trust, request); err != nil {
		return err
	}
	if after, err := o.Trust(context.WithoutCancel(ctx), trust.GUID); err != nil || !after.sameToPartners(trust) {
		o.tellPartners(ctx, noticeCertificate)
	}
	return nil
}

func (o *Organization) setTrust(ctx context.Context, trust FederationTrust, request SetTrustRequest) (err error) {
	if request.Publish {
		if err := o.publish(ctx, trust, request.Force); err != nil {
			return err
		}
	}
	var issuer *TokenIssuer
	if request.RefreshMetadata || request.MetadataURL != nil {
		if issuer, err = o.fetchMetadata(ctx, trust, request); err != nil {
			return err
		}
	}
	write := o.Store.Update
	if request.Publish {
		write = o.conclude // the rest of what the broker has taken the first part of
	}
	return write(ctx, func(tx Tx) error { return o.applyTrust(tx, trust.GUID, request, issuer) })
}

// fetchMetadata reads the metadata from where the trust will read it after the change.
func (o *Organization) fetchMetadata(ctx context.Context, trust FederationTrust, request SetTrustRequest) (*TokenIssuer, error) {
	if request.MetadataURL != nil {
		trust.MetadataURL = *request.MetadataURL
	}
	if request.SecurityProfile != nil {
		trust.SecurityProfile = *request.SecurityProfile
	}
	broker, err := o.Broker(ctx, trust)
	if err != nil {
		return nil, err
	}
	o.Step("reading the metadata of the broker")
	issuer, err := o.readMetadata(ctx, broker)
	return &issuer, err
}

func (o *Organization) applyTrust(tx Tx, name string, request SetTrustRequest, issuer *TokenIssuer) error {
	trust, err := trustIn(tx, name)
	if err != nil {
		return err
	}
	before := trust
	if err := o.followBroker(&trust, request, issuer); err != nil {
		return err
	}
	if request.Thumbprint != nil {
		if err := o.stage(tx, &trust, *request.Thumbprint); err != nil {
			return err
		}
	}
	if request.ApplicationURI != nil {
		if !trust.ProvisionedElsewhere {
			return Errorf(Conflict, "ApplicationUriManaged", trustObject(trust.Name),
				"its application URI follows the account namespace; only that of a trust registered elsewhere is set by hand")
		}
		if trust.ApplicationURI, err = accountNamespaceOf(*request.ApplicationURI); err != nil {
			return err
		}
	}
	if request.Name != nil && *request.Name != trust.Name {
		if err := o.renameTrust(tx, &trust, *request.Name); err != nil {
			return err
		}
	}
	if trust == before {
		return nil
	}
	trust.WhenChanged = o.moment()
	return tx.Trusts.Put(trust)
}

// followBroker takes over what the broker says of itself now. A registered trust stays
// with the broker that registered it: no other knows its AppID.
func (o *Organization) followBroker(trust *FederationTrust, request SetTrustRequest, issuer *TokenIssuer) error {
	registered := trust.ApplicationIdentifier != "" && !trust.ProvisionedElsewhere
	if issuer != nil {
		if registered && request.MetadataURL != nil && issuer.URI != trust.Issuer.URI {
			return Errorf(Conflict, "AnotherBroker", trustObject(trust.Name),
				"is registered with %s, and this is the metadata of %s", trust.Issuer.URI, issuer.URI)
		}
		trust.Issuer = *issuer
	}
	if request.MetadataURL != nil {
		trust.MetadataURL = *request.MetadataURL
	}
	if request.SecurityProfile != nil && *request.SecurityProfile != trust.SecurityProfile {
		trust.SecurityProfile = *request.SecurityProfile
		o.Warn("the TXT proof of every domain is another one in the %s profile: publish it (get-federateddomainproof) before a domain is added or a certificate published", trust.SecurityProfile)
	}
	return nil
}

// stage puts a certificate into the next slot.
func (o *Organization) stage(tx Tx, trust *FederationTrust, thumbprint string) error {
	if trust.Pending == pendingUpdate && !strings.EqualFold(thumbprint, trust.Next) {
		// The broker may know the organization by the staged certificate already.
		return Errorf(Conflict, "PublishUnfinished", trustObject(trust.Name),
			"certificate %s must stay staged: its publication is begun and not finished", trust.Next)
	}
	if thumbprint == "" {
		trust.Next = ""
		return nil
	}
	if err := o.putNext(tx, trust, thumbprint); err != nil {
		return err
	}
	o.Warn("the TXT proof of every federated domain changes with this certificate: publish the new records (get-federateddnsrecord) before -PublishFederationCertificate")
	return nil
}

// putNext puts a certificate that meets the requirements into the next slot.
func (o *Organization) putNext(tx Tx, trust *FederationTrust, thumbprint string) error {
	own, err := o.certificateIn(tx, thumbprint)
	if err != nil {
		return err
	}
	switch own.Thumbprint {
	case trust.Current:
		return Errorf(Conflict, "CertificateIsCurrent", "certificate "+quote(own.Thumbprint),
			"is the current certificate of federation trust %q", trust.Name)
	case trust.Previous:
		return Errorf(Conflict, "CertificateIsPrevious", "certificate "+quote(own.Thumbprint),
			"was replaced in federation trust %q and cannot come back", trust.Name)
	}
	if err := o.requireFederationCertificate(own); err != nil {
		return err
	}
	trust.Next = own.Thumbprint
	return nil
}

// renameTrust gives the trust another name, and the identifier's link with it.
func (o *Organization) renameTrust(tx Tx, trust *FederationTrust, name string) error {
	old := trust.Name
	if other, ok, err := tx.Trusts.Get(name); err != nil || ok && !strings.EqualFold(other.Name, old) {
		if err == nil {
			err = Errorf(Exists, "FederationTrustExists", trustObject(name), "exists already")
		}
		return err
	}
	trust.Name = name
	if err := tx.Trusts.Rename(old, *trust); err != nil {
		return err
	}
	id, _, err := tx.Identifier.Get()
	if err != nil || !strings.EqualFold(id.DelegationTrust, old) {
		return err
	}
	id.DelegationTrust = name
	return tx.Identifier.Put(id)
}
