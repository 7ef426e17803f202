package federation

import "context"

// Objects gives access to the stored objects of one kind by their key. Keys compare
// without regard to case. An object is decoded when it is asked for, not before, so
// looking one up costs nothing for the others.
type Objects[T any] interface {
	// Get returns the object and true, or the zero value and false.
	Get(key string) (T, bool, error)
	// All returns every object in the order of the document.
	All() ([]T, error)
	// Put adds the object or replaces the one with the same key.
	Put(object T) error
	// Rename gives the object another key; it is an error if there is none.
	Rename(oldKey string, object T) error
	// Delete removes the object; deleting what is not there does nothing.
	Delete(key string) error
}

// Single gives access to an object of which there is at most one.
type Single[T any] interface {
	Get() (T, bool, error)
	Put(object T) error
	Delete() error
}

// Tx is the organization's state as one reader sees it: all of one moment.
type Tx struct {
	AcceptedDomains Objects[AcceptedDomain]
	Certificates    Objects[Certificate]
	Trusts          Objects[FederationTrust]
	Identifier      Single[OrganizationIdentifier]
	Attempts        Single[[]RegistrationAttempt]
	Rollover        Single[CertificateRollover]
	Repair          Single[TrustRepair]
	EndpointURL     Single[string] // of the organization's endpoint, see ParseEndpointURL
	Relationships   Objects[OrganizationRelationship]
	SharingPolicies Objects[SharingPolicy]
	Mailboxes       Objects[Mailbox]
}

// Store keeps the organization's state.
type Store interface {
	// View calls fn with the state as it is now. It takes no lock.
	View(ctx context.Context, fn func(Tx) error) error
	// Update calls fn with the state under the lock and writes what fn changed, all
	// of it or, when fn or the validation fails, none of it.
	Update(ctx context.Context, fn func(Tx) error) error
}
