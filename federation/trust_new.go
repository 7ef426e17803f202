package federation

import (
	"context"
	"strings"

	"exfed/certificate"
)

// NewTrustRequest asks for a federation trust.
type NewTrustRequest struct {
	Name            string
	Thumbprint      string
	MetadataURL     string // empty: the embedded broker
	SecurityProfile SecurityProfile
	Elsewhere       *ExternalProvisioning // nil: register with the broker
	CheckRevocation bool                  // ask the certificate's authority
}

// ExternalProvisioning are the identifiers of an organization that was registered with
// the broker by other means; no management call is made for it.
type ExternalProvisioning struct {
	ApplicationURI              string // the primary domain or its account namespace
	ApplicationIdentifier       string
	AdministratorProvisioningID string
}

// What a trust may have begun at the broker.
const (
	pendingCreate = "CreateAppId"
	pendingUpdate = "UpdateAppIdCertificate"
)

// NewTrust creates the federation trust and registers the organization's certificate
// with the broker, so that the AppID is known when it returns. A broker whose metadata
// does not name its management endpoint wants a proven domain first: then the AppID
// comes with SetIdentifier.
//
// A trust of the same name and certificate whose registration was cut short is
// finished.
func (o *Organization) NewTrust(ctx context.Context, request NewTrustRequest) (FederationTrust, error) {
	if err := o.notInRepair(ctx); err != nil {
		return FederationTrust{}, err
	}
	trust, err := o.newTrust(ctx, request)
	if err == nil {
		o.tellPartners(ctx, noticeTrust)
	}
	return trust, err
}

func (o *Organization) newTrust(ctx context.Context, request NewTrustRequest) (FederationTrust, error) {
	trust, err := o.planTrust(ctx, request)
	if err != nil {
		return FederationTrust{}, err
	}
	broker, err := o.Broker(ctx, trust)
	if err != nil {
		return FederationTrust{}, err
	}
	o.Step("reading the metadata of the broker")
	if trust.Issuer, err = o.readMetadata(ctx, broker); err != nil {
		return FederationTrust{}, err
	}
	if trust.ProvisionedElsewhere || trust.Issuer.ManagementEPR == "" {
		return trust, o.Store.Update(ctx, func(tx Tx) error {
			_, err := o.addTrust(tx, &trust)
			return err
		})
	}
	return o.registerTrust(ctx, broker, trust)
}

// planTrust checks the request against the state as it is, before anything is sent.
func (o *Organization) planTrust(ctx context.Context, request NewTrustRequest) (FederationTrust, error) {
	trust := FederationTrust{
		Name:            request.Name,
		SecurityProfile: request.SecurityProfile,
		MetadataURL:     request.MetadataURL,
		Current:         request.Thumbprint,
	}
	var err error
	if trust.Meta, err = o.newMeta(); err != nil {
		return FederationTrust{}, err
	}
	if e := request.Elsewhere; e != nil {
		if trust.ApplicationURI, err = accountNamespaceOf(e.ApplicationURI); err != nil {
			return FederationTrust{}, err
		}
		trust.ProvisionedElsewhere = true
		trust.ApplicationIdentifier = e.ApplicationIdentifier
		trust.AdministratorProvisioningID = e.AdministratorProvisioningID
	}
	var revocation *certificate.Revocation
	if request.CheckRevocation {
		if revocation, err = o.revocation(ctx, trust.Current); err != nil {
			return FederationTrust{}, err
		}
	}
	err = o.Store.View(ctx, func(tx Tx) error {
		_, err := o.admitTrust(tx, &trust, revocation)
		return err
	})
	return trust, err
}

// admitTrust refuses a trust the organization cannot have. A trust whose registration
// was cut short is taken up again where it stopped; it is begun then, else nil.
func (o *Organization) admitTrust(tx Tx, trust *FederationTrust, revocation *certificate.Revocation) (begun *FederationTrust, err error) {
	own, err := o.certificateIn(tx, trust.Current)
	if err != nil {
		return nil, err
	}
	trust.Current = own.Thumbprint
	if err := o.requireUnrevoked(own, revocation); err != nil {
		return nil, err
	}
	all, err := tx.Trusts.All()
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		same := strings.EqualFold(other.Name, trust.Name)
		if same && other.Pending == pendingCreate && other.Current == trust.Current && other.MetadataURL == trust.MetadataURL {
			trust.Meta, trust.Next, begun = other.Meta, other.Next, &other
			continue
		}
		if same {
			return nil, Errorf(Exists, "FederationTrustExists", trustObject(trust.Name), "exists already")
		}
		return nil, Errorf(Conflict, "SecondFederationTrust", trustObject(trust.Name),
			"an organization has one federation trust, and %q is there already", other.Name)
	}
	return begun, nil
}

// addTrust writes the trust, admitted again under the lock. Nobody is asked while it is held.
func (o *Organization) addTrust(tx Tx, trust *FederationTrust) (begun *FederationTrust, err error) {
	if begun, err = o.admitTrust(tx, trust, nil); err != nil {
		return nil, err
	}
	return begun, tx.Trusts.Put(*trust)
}

// registerTrust writes the intention, has the broker register the certificate, and
// writes the AppID.
func (o *Organization) registerTrust(ctx context.Context, broker Broker, trust FederationTrust) (FederationTrust, error) {
	trust.Pending = pendingCreate
	pair, err := o.pair(trust.Current)
	if err != nil {
		return FederationTrust{}, err
	}
	var begun *FederationTrust
	err = o.Store.Update(ctx, func(tx Tx) (err error) {
		begun, err = o.addTrust(tx, &trust)
		return err
	})
	if err != nil {
		return FederationTrust{}, err
	}
	o.Step("registering certificate %s with the broker", trust.Current)
	appID, err := broker.CreateAppID(ctx, pair, "", nil)
	if err != nil {
		return FederationTrust{}, o.undo(ctx, err, func(tx Tx) error { return restoreTrust(tx, trust, begun) })
	}
	err = o.conclude(ctx, func(tx Tx) (err error) {
		// Found by its GUID: somebody may have given it another name meanwhile.
		if trust, err = trustIn(tx, trust.GUID); err != nil {
			return err
		}
		trust.ApplicationIdentifier, trust.Pending = appID, ""
		return tx.Trusts.Put(trust)
	})
	return trust, err
}

// restoreTrust takes back the intention to register the trust: what is left is a trust
// begun before, or none.
func restoreTrust(tx Tx, trust FederationTrust, begun *FederationTrust) error {
	now, err := trustIn(tx, trust.GUID)
	if IsKind(err, NotFound) || err == nil && now.Pending != pendingCreate {
		return nil // somebody removed it, or finished it
	}
	switch {
	case err != nil:
		return err
	case begun == nil:
		return tx.Trusts.Delete(now.Name)
	case now.Name != begun.Name:
		return nil // renamed meanwhile, and still begun
	}
	return tx.Trusts.Put(*begun)
}

// readMetadata reads the broker's metadata and notes when.
func (o *Organization) readMetadata(ctx context.Context, broker Broker) (TokenIssuer, error) {
	issuer, err := broker.Metadata(ctx)
	if err != nil {
		return TokenIssuer{}, err
	}
	issuer.MetadataRefreshed = o.moment()
	return issuer, nil
}

// accountNamespaceOf reads a primary domain, with or without the account namespace's prefix.
func accountNamespaceOf(text string) (string, error) {
	if d := PrimaryDomain(text); d != "" {
		text = string(d)
	}
	d, err := ParseFederatedDomain(text)
	if err != nil {
		return "", err
	}
	return d.AccountNamespace(), nil
}
