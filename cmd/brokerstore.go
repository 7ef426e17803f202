package cmd

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strconv"

	"exfed/federation"
	"exfed/federation/broker/server"
)

// brokerStore declares the Store of the cmdlets of a broker's operator.
func (d *declaration) brokerStore(to *opt[string]) {
	d.text(to, "Store", "Path", "The broker's registry; signing keys lie beside it.", filePath, defaults("broker/registry.db beside the state file"))
}

// brokerOperator opens the registry of a broker that is there, for its operator. It makes
// nothing, and needs no signing key.
func (e *env) brokerOperator(ctx context.Context, given opt[string]) (*server.Operator, error) {
	store, err := e.storePath(given.value)
	if err != nil {
		return nil, err
	}
	if err := e.checkOwner(store, os.Geteuid()); err != nil {
		return nil, err
	}
	registry, err := server.OpenExistingSQLite(ctx, store)
	if err != nil {
		return nil, err
	}
	e.onClose(registry.Close)
	return &server.Operator{Registry: registry, Keys: e.signingKeys(store), Now: e.process.Now, Rand: e.process.Rand}, nil
}

// checkOwner refuses to work on the registry of another user's broker, before anything is
// opened: that user could not read the files this one leaves. Root is no exception. The key
// folder may be a link to anywhere, so the registry must be this user's as well.
func (e *env) checkOwner(store string, self int) error {
	for _, path := range []string{keyFolder(store), store} {
		if owner, known := ownerOf(path); known && owner != self {
			return e.ofAnotherUser(path, owner, self)
		}
	}
	return nil
}

func (e *env) ofAnotherUser(path string, owner, self int) error {
	name, sudo := strconv.Itoa(owner), fmt.Sprintf("'#%d'", owner)
	if found, err := user.LookupId(name); err == nil {
		name, sudo = found.Username, found.Username
	}
	return &federation.Error{
		Kind: federation.Conflict, ID: "BrokerOfAnotherUser", Object: path,
		Reason: fmt.Sprintf("belongs to the user %s, who runs the broker and could not read what this user (number %d) writes; nothing was written", name, self),
		Remedy: fmt.Sprintf("run it as that user: sudo -u %s exfed %s ...", sudo, e.cmdlet.word()),
	}
}
