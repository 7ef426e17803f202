package server

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"exfed/federation/broker"
)

// createAppID registers the certificate. A certificate that is registered gets the
// AppID it has.
func (s *service) createAppID(tx Tx, op *operation) error {
	isNew := op.app.ID == ""
	if isNew {
		if err := checkCertificate(op.Certificate, op.Now); err != nil {
			return err
		}
		id, err := s.newAppID(tx)
		if err != nil {
			return err
		}
		op.app = App{
			ID: id, Properties: op.Properties, Created: op.Now, Changed: op.Now,
			Current: Credential{Fingerprint: op.fingerprint, DER: op.Certificate.Raw, Since: op.Now},
		}
	}
	return s.register(tx, op, isNew)
}

// register writes the organization and attaches the first domain if one was given.
func (s *service) register(tx Tx, op *operation, isNew bool) error {
	if isNew {
		if err := s.admitFirst(tx, op); err != nil {
			return err
		}
		if err := tx.DeleteIdleApps(op.Now.Add(-s.idleAppLife)); err != nil {
			return err
		}
		if err := tx.PutApp(op.app); err != nil {
			return err
		}
	}
	if op.uri.name != "" {
		if err := s.attach(tx, op); err != nil {
			return err
		}
	}
	op.result.appID = op.app.ID
	op.result.response.AppID = op.app.ID
	return nil
}

// admitFirst refuses a new organization whose first domain would be refused: it is
// registered with the domain or not at all. Without a domain anybody can register as often
// as he likes, so there may be only so many who have not shown one yet.
func (s *service) admitFirst(tx Tx, op *operation) error {
	if op.uri.namespace {
		return refuse(broker.ProofOfDomainOwnershipFailed, "the primary domain of %s comes first", op.uri.name)
	}
	if op.uri.name != "" {
		_, err := s.admitDomain(tx, op)
		return err
	}
	idle, err := tx.IdleApps(op.Now.Add(-s.idleAppLife))
	if err == nil && idle >= s.maxIdleApps {
		return refuse(broker.ServiceUnavailable, "%d AppIDs made within %s never had a domain", idle, s.idleAppLife)
	}
	return err
}

// newAppID makes an AppID nobody can guess: 16 hexadecimal digits, as known ones have.
func (s *service) newAppID(tx Tx) (string, error) {
	var random [8]byte
	if _, err := io.ReadFull(s.rand, random[:]); err != nil {
		return "", fmt.Errorf("random numbers: %w", err)
	}
	id := strings.ToUpper(hex.EncodeToString(random[:]))
	_, taken, err := tx.App(id)
	if err != nil {
		return "", err
	}
	if taken {
		return "", fmt.Errorf("the AppID %s was drawn twice; the source of randomness is broken", id)
	}
	return id, nil
}

// updateCertificate replaces the certificate. The caller signed with the old one; a
// replacement that took place already is a success.
func updateCertificate(tx Tx, op *operation) error {
	fingerprint := fingerprintOf(op.NewCertificate)
	if op.app.Current.Fingerprint == fingerprint {
		return nil
	}
	if err := checkCertificateSize(op.NewCertificate); err != nil {
		return err
	}
	next, err := x509.ParseCertificate(op.NewCertificate)
	if err != nil {
		return refuse(broker.InvalidCertificate, "the new certificate cannot be read: %v", err)
	}
	if err := checkCertificate(next, op.Now); err != nil {
		return err
	}
	other, found, err := tx.AppByFingerprint(fingerprint)
	if err != nil {
		return err
	}
	if found && other.ID != op.app.ID {
		return refuse(broker.InvalidCertificate, "the new certificate is registered for AppID %s", other.ID)
	}
	previous := op.app.Current
	op.app.Previous = &previous
	op.app.Current = Credential{Fingerprint: fingerprint, DER: op.NewCertificate, Since: op.Now}
	op.app.Changed = op.Now
	return tx.PutApp(op.app)
}

func updateProperties(tx Tx, op *operation) error {
	op.app.Properties = op.Properties
	op.app.Changed = op.Now
	return tx.PutApp(op.app)
}
