package server

import (
	"exfed/federation"
	"exfed/federation/broker"
)

// reserveDomain gives the account namespace to whoever holds its primary domain.
func (s *service) reserveDomain(tx Tx, op *operation) error {
	if !op.uri.namespace {
		return refuse(broker.InvalidURI, "%s is not an account namespace", op.uri.name)
	}
	reserved, found, err := tx.Namespace(op.uri.name)
	if err != nil || found && reserved.AppID == op.app.ID {
		return err
	}
	if err := requirePrimaryDomain(tx, op); err != nil {
		return err
	}
	return tx.PutNamespace(Namespace{
		Name: op.uri.name, AppID: op.app.ID, ProgramID: op.ProgramID,
		Reserved: op.Now, ActiveFrom: op.Now.Add(s.activationDelay),
	})
}

func releaseDomain(tx Tx, op *operation) error {
	reserved, found, err := tx.Namespace(op.uri.name)
	if err != nil {
		return err
	}
	if !found || reserved.AppID != op.app.ID {
		return refuse(broker.DomainNotFound, "%s is not reserved for AppID %s", op.uri.name, op.app.ID)
	}
	return tx.DeleteNamespace(op.uri.name)
}

// domainInfo answers about the caller's own domains only. A domain somebody else
// holds is not found, like one nobody holds: otherwise anybody with a certificate
// could list who federates and with which AppID.
func domainInfo(tx Tx, op *operation) error {
	info := federation.DomainInfo{DomainName: op.uri.name, AppID: op.app.ID}
	reserved, found, err := tx.Namespace(op.uri.name)
	if err != nil {
		return err
	}
	if found && reserved.AppID == op.app.ID {
		info.State = reserved.State(op.Now)
		op.result.response.Domain = info
		return nil
	}
	attached, found, err := tx.URI(op.uri.name)
	if err != nil {
		return err
	}
	if !found || attached.AppID != op.app.ID {
		return refuse(broker.DomainNotFound, "%s does not belong to AppID %s", op.uri.name, op.app.ID)
	}
	info.State = attached.State(op.Now)
	op.result.response.Domain = info
	return nil
}
