package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// operatedBroker opens the broker of a registry that is there, for its operator. The broker
// it returns serves nobody; one that runs on the registry sees what this one changes.
func (e *env) operatedBroker(ctx context.Context, given opt[string]) (*server.Server, error) {
	store, err := e.storePath(given.value)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(store); errors.Is(err, fs.ErrNotExist) {
		return nil, federation.Errorf(federation.NotFound, "RegistryNotFound", "registry "+store, "not found")
	}
	if err := e.checkOwner(store, os.Geteuid()); err != nil {
		return nil, err
	}
	// The address is that of messages, and none is sent.
	return e.newBroker(ctx, store, server.Options{ExternalURL: embeddedURL, Profile: federation.Modern})
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
