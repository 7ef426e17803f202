package cmd

import (
	"cmp"

	"exfed/federation"
)

// adviceOn is what the place that failed says to do about an error, or else hints.
func adviceOn(err *federation.Error) []string {
	switch {
	case err.Remedy != "":
		return []string{err.Remedy}
	case isForeignFault(err):
		return nil
	}
	return hints(err)
}

// hints says what to do next about an error. Only cmd knows the names of parameters,
// so they are here and not where the error is made.
func hints(err *federation.Error) []string {
	one := func(text string) []string { return []string{text} }
	switch err.ID {
	case "FederationTrustNotFound":
		return one("exfed get-federationtrust -Output name lists the trusts there are")
	case "NoFederationTrust":
		return []string{"make one with: exfed new-federationtrust -Name NAME -Thumbprint THUMBPRINT", "or have everything made in turn: exfed enable-federationtrust -DomainName DOMAIN"}
	case "CertificateNotFound":
		return one("exfed get-exchangecertificate lists the certificates there are")
	case "CertificateRequirementsUnmet":
		return one("a new one meets them all: exfed new-exchangecertificate -FriendlyName \"Exchange Federated Sharing\" -DomainName DOMAIN -Services Federation")
	case "SecondFederationTrust":
		return one("use the trust that is there, or remove its domains and then the trust")
	case "FederationTrustExists":
		return one("choose another -Name, or change the trust with set-federationtrust")
	case "FederatedDomainsRemain":
		return one("exfed remove-federateddomain -DomainName DOMAIN, in the order given")
	case "PrimaryDomainLast":
		return one("exfed remove-federateddomain -DomainName DOMAIN for each of them")
	case "AccountNamespaceSet":
		return one("exfed get-federatedorganizationidentifier shows the domains to remove")
	case "ApplicationUriDiffers":
		return one("exfed set-federationtrust TRUST -ApplicationUri DOMAIN, if that is what it was registered with")
	case "AccountNamespaceUnfinished":
		return one("finish it: exfed set-federatedorganizationidentifier -AccountNamespace DOMAIN")
	case "NoAccountNamespace":
		return one("set it first: exfed set-federatedorganizationidentifier -DelegationFederationTrust TRUST -AccountNamespace DOMAIN -Enabled true")
	case "DomainNotAccepted":
		return one("accept it first: exfed new-accepteddomain -Name NAME -DomainName DOMAIN")
	case "DomainNotAuthoritative":
		return one("exfed set-accepteddomain NAME -DomainType Authoritative, if its recipients are yours")
	case "DomainNotFederated", "DomainFederated":
		return one("exfed get-federatedorganizationidentifier lists the federated domains")
	case "UserDomainNotFederated":
		return one("name a user in one of the domains that exfed get-federatedorganizationidentifier lists, or federate this one: exfed add-federateddomain -DomainName DOMAIN")
	case "DomainUnfinished":
		return one("finish it: exfed add-federateddomain -DomainName DOMAIN, or remove-federateddomain if that was begun")
	case "FederationDisabled":
		return one("switch it on: exfed set-federatedorganizationidentifier -Enabled true")
	case "InvalidScope":
		return []string{
			"the broker knows no organization by -Target, or does not give out -Offer: a domain must be Active at the same broker",
			"offers are MSExchange.Autodiscover, MSExchange.SharingCalendarFreeBusy, MSExchange.MailTips, MSExchange.SharingInviteMessage and MSExchange.SharingRead",
		}
	case "InvalidRequest":
		return one("the broker does not read -UserIdentity, -Target or -Offer as they are written: see exfed help get-delegationtoken")
	case "FileIsFolder":
		return one("name a new file in it")
	case "InvalidTokenTarget":
		return one("give the other organization's domain alone, or its application URI")
	case "FailedAuthentication":
		return authenticationHints(err)
	case "TokenServiceUnknown":
		return one("exfed set-federationtrust NAME -RefreshMetadata reads where tokens are issued")
	case "FileNotWritten":
		return one("look at who may write to the folder and at the disk's free space, or choose another file; nothing is lost by asking again")
	case "FileExists":
		return one("choose another name, or remove the file first")
	case "FederatedDomainTooLong":
		return one("federate a shorter domain of yours; the limit is Exchange's")
	case "AcceptedDomainNotFound":
		return one("exfed get-accepteddomain lists the domains there are")
	case "AcceptedDomainFederated":
		return one("exfed remove-federateddomain -DomainName DOMAIN takes it out of federation first")
	case "DefaultAcceptedDomain":
		return one("exfed set-accepteddomain OTHER -MakeDefault true")
	case "CertificateInUse":
		return one("the next certificate leaves the trust with: exfed set-federationtrust TRUST -Thumbprint null; the current and the previous one stay as long as the trust")
	case "PublishUnfinished":
		return one("finish it: exfed set-federationtrust NAME -PublishFederationCertificate")
	case "AnotherBroker":
		return one("to change the broker, remove the domains and the trust, and make a new trust there")
	case "NoNextCertificate":
		return one("stage one first: exfed set-federationtrust NAME -Thumbprint THUMBPRINT")
	case "FederationTrustNotProvisioned":
		return one("exfed set-federatedorganizationidentifier -AccountNamespace DOMAIN registers it")
	case "ProofOfDomainOwnershipFailed":
		return []string{
			"exfed get-federateddomainproof -DomainName DOMAIN prints the TXT record to publish in the domain itself",
			"a record published a moment ago may not be visible everywhere yet",
		}
	case "DnsUnavailable", "ServiceUnavailable":
		return one("nothing was changed; try again later")
	case "AccessDenied":
		return []string{
			"the broker answers this to a clock that is five minutes off, to an expired certificate and to a key it does not know",
			"compare the clocks; exfed get-exchangecertificate -Output list shows the dates",
		}
	case "MaxUriReached":
		return one("the domain was registered too often today; the broker takes it again after 24 hours")
	case "LegacyProvisioningService":
		return one("leave -UseLegacyProvisioningService out; self-signed certificates work without it")
	case "AcceptedDomainExists":
		return one("choose another -Name, or change the domain with set-accepteddomain")
	case "ApplicationUriManaged":
		return one("it changes with: exfed set-federatedorganizationidentifier -AccountNamespace DOMAIN")
	case "OrganizationIdentifierNotFound":
		return one("leave -Identity out")
	case "KeyMismatch", "KeyNotFound":
		return one("put the key file back from a backup, or make another certificate with new-exchangecertificate")
	case "StateFileCorrupt":
		return one("mend the file by hand at the place given, or put it back from a backup; nothing was written")
	case "StateFileNewer":
		return one("run the exfed that wrote it, or a later one; nothing was written")
	case "StateFileFailed":
		return one("look at the disk's free space and at who may write to the folder, or choose another file with -Config PATH")
	case "CertificateIsCurrent", "CertificateIsPrevious":
		return one("stage another one; exfed get-exchangecertificate lists the certificates there are")
	case "CertificateNotInTrust":
		return one("exfed get-federationtrust -Output list shows the certificates of the trust")
	case "NextCertificateChanged":
		return one("exfed get-federationtrust -Output list shows what is staged now; run the command again if it is right")
	case "TrustProvisionedElsewhere":
		return one("leave -IncludeExtendedDomainInfo out")
	case "TokenIssuerAnother":
		return []string{
			"compare TokenIssuerMetadataEpr of exfed get-federationtrust -Output list with what the broker's operator gave you; exfed set-federationtrust NAME -MetadataUrl URL corrects it",
			"to change the broker, remove the domains and the trust, and make a new trust there",
		}
	case "TokenIssuerDamaged", "TokenIssuerStale", "TokenIssuerExpired":
		return one("exfed set-federationtrust NAME -RefreshMetadata reads what the broker publishes now")
	case "FederationTrustNotLinked":
		return one("exfed set-federatedorganizationidentifier -DelegationFederationTrust TRUST")
	case "RegistryCorrupt":
		return one("put the registry back from a backup, or name another file with -Store; nothing was written")
	case "RegistryNotFound":
		return one("name the file the broker was started with: -Store PATH")
	case "OrganizationDisabled", "RequestFailed":
		return disabledHints(err)
	case "BrokerOrganizationNotFound":
		return one("exfed get-federationbrokerorganization -Store PATH lists the organizations there are")
	case "SigningKeyUnusable", "SigningKeyMissing":
		return one("the key file belongs to the user that runs the broker, who alone may read it; one that is lost comes back from a backup, or is replaced with: exfed update-federationbrokerkey -Now -Store PATH")
	case "SigningKeyInUse":
		return one("wait until then; -Now does not, and makes those tokens worthless")
	case "RegistryNewer":
		return one("run the exfed that wrote it, or a later one; nothing was written")
	case "RegistryOlder":
		return one("stop every broker of the older version, then start the broker once: exfed start-federationbroker ... -Store PATH; nothing was written")
	case "RegistryIsLink":
		return one("name the file that the link leads to with -Store; a link could have another file made or changed in its place")
	case "InvalidTlsCertificate":
		return one("give the certificate and its chain, and the private key that belongs to it, each in PEM")
	case "RegistryUnusable", "RegistryFolder":
		return one("look at the disk's free space and at who may write to the folder, or name another file with -Store")
	case "ListenFailed":
		return one("choose another port, or 0 for any free one; ports below 1024 may need privileges")
	case "LabExists":
		return one("give another folder with -Path DIR, or delete this one")
	case "BrokerAnswerNotTrusted":
		return []string{
			"something else answers in the broker's place, such as a proxy or a sign-in page: compare -MetadataUrl with what the broker's operator gave you",
		}
	case "BrokerTlsNotTrusted":
		return []string{
			"the broker's TLS certificate must be valid now, for the host in -MetadataUrl, and of an authority this machine trusts; a proxy that opens TLS shows its own",
			"EXFED_CA_FILE names further certificate authorities to trust",
		}
	case "ClockOff":
		return one("set the clock right, of this machine or of the broker, and run the same command again: five minutes are too many")
	case "OrganizationNotActive":
		return []string{
			"exfed get-federatedorganizationidentifier -IncludeExtendedDomainInfo asks the broker for the state of each domain",
			"it may be another broker, or another instance of it: exfed get-federationtrust -Property TokenIssuerUri,TokenIssuerMetadataEpr",
		}
	case "StateFileLocked", "RegistryLocked":
		return one("wait for it to end, or look whether that process still runs")
	}
	if hint := cmp.Or(tokenHint(err.ID), brokerHint(err.ID)); hint != "" {
		return one(hint)
	}
	if hint := dnsRecordHint(err.ID); hint != "" {
		return one(hint)
	}
	for _, of := range []func(string) []string{ownCertificateHints, certificateFileHints, registrationHints, repairHints, recordHints, sharingHints, publishingHints} {
		if own := of(err.ID); own != nil {
			return own
		}
	}
	if err.Kind == federation.Unavailable {
		return one("nothing is lost: run the same command again when it can be reached")
	}
	return nil
}
