package cmd

import (
	"context"
	"net/http"

	"exfed/federation"
	"exfed/federation/broker"
	"exfed/federation/broker/server"
	"exfed/federation/soap"
)

const (
	// embeddedURL is the embedded broker's address. Nothing listens there: RFC 2606
	// keeps .invalid free, and the requests never leave the process.
	embeddedURL = "https://embedded-broker.invalid"
	// microsoftManagementURL is ManageDelegation2 of the Microsoft gateway, whose
	// metadata does not name it.
	microsoftManagementURL = "https://domains.live.com/service/managedelegation2.asmx"
)

// broker returns the broker of a trust.
func (e *env) broker(ctx context.Context, trust federation.FederationTrust) (federation.Broker, error) {
	return e.brokerClient(ctx, trust)
}

// tokens returns the token service of a trust's broker.
func (e *env) tokens(ctx context.Context, trust federation.FederationTrust) (federation.TokenService, error) {
	return e.brokerClient(ctx, trust)
}

// brokerClient speaks to the broker at the trust's metadata URL, or to the embedded one.
func (e *env) brokerClient(ctx context.Context, trust federation.FederationTrust) (*broker.Client, error) {
	client := &broker.Client{
		MetadataURL: trust.MetadataURL, ManagementURL: managementURL(trust), Profile: trust.SecurityProfile,
		Extended: trust.Issuer.ManagementEPR != "", // named by an element of this project in the metadata
		Now:      e.process.Now, Rand: e.process.Rand, Checkpoint: e.process.Checkpoint,
	}
	transport, err := e.httpClient()
	if trust.MetadataURL == "" {
		client.MetadataURL = embeddedURL + broker.MetadataPath
		client.ManagementURL, client.Extended = embeddedURL+server.DelegationPath, true
		transport, err = e.embedded(ctx, trust.SecurityProfile)
	}
	if err != nil {
		return nil, err
	}
	client.SOAP = &soap.Client{HTTP: transport, UserAgent: "exfed"}
	return client, nil
}

func managementURL(trust federation.FederationTrust) string {
	if trust.Issuer.ManagementEPR != "" {
		return trust.Issuer.ManagementEPR
	}
	if federation.IsMicrosoftMetadata(trust.MetadataURL) {
		return microsoftManagementURL
	}
	return ""
}

// embedded opens the broker that lives beside the state file.
func (e *env) embedded(ctx context.Context, profile federation.SecurityProfile) (*http.Client, error) {
	path, err := e.statePath()
	if err != nil {
		return nil, err
	}
	srv, err := e.newBroker(ctx, registryPath(path), server.Options{ExternalURL: embeddedURL, Profile: profile})
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: server.InProcess(srv.Handler()), Timeout: e.timeout()}, nil
}
