package verify

import (
	"strings"

	"exfed/federation"
)

// Cause names what was found, in PascalCase. Scripts depend on causes and Ids.
type Cause string

// The causes.
const (
	ProofAbsent              Cause = "ProofAbsent"
	AnotherProof             Cause = "AnotherProof"
	ProofMangled             Cause = "ProofMangled"
	ProofAtWrongName         Cause = "ProofAtWrongName"
	SplitView                Cause = "SplitView"
	TCPRefused               Cause = "TcpRefused"
	AnswerTooLarge           Cause = "AnswerTooLarge"
	LegacyAppID              Cause = "LegacyAppId"
	NotEverywhere            Cause = "NotEverywhere"
	ProofStale               Cause = "ProofStale"
	AliasBesideData          Cause = "AliasBesideData"
	NameServerSilent         Cause = "NameServerSilent"
	NameServerLame           Cause = "NameServerLame"
	NameServerGarbled        Cause = "NameServerGarbled"
	NameServerWithoutAddress Cause = "NameServerWithoutAddress"
	NameServersDiffer        Cause = "NameServersDiffer"
	NoNameServer             Cause = "NoNameServer"
	SignatureExpired         Cause = "SignatureExpired"
	SignatureNotYetValid     Cause = "SignatureNotYetValid"
	SignatureWrong           Cause = "SignatureWrong"
	KeyNotDelegated          Cause = "KeyNotDelegated"
	ValidationFailed         Cause = "ValidationFailed"
	ExtensionsRefused        Cause = "ExtensionsRefused"

	AutodiscoverAbsent    Cause = "AutodiscoverAbsent"
	CertificateName       Cause = "CertificateName"
	AutodiscoverElsewhere Cause = "AutodiscoverElsewhere"
	AliasLoop             Cause = "AliasLoop"
	AliasDangling         Cause = "AliasDangling"
	HostNotReached        Cause = "HostNotReached"
	CertificateNotTrusted Cause = "CertificateNotTrusted"
	IssuanceForbidden     Cause = "IssuanceForbidden"
	IssuanceLookupFailed  Cause = "IssuanceLookupFailed"
)

// Kind describes the findings of a cause.
type Kind struct {
	ID      string // P of proofs and name servers, N of the way to Autodiscover
	Cause   Cause
	Type    federation.EventType // an Error keeps the record from doing its work
	Meaning string               // a sentence
	Seen    string               // what a finding lists under Seen, without a full stop
	// Action is the next thing to do, without a full stop. DOMAIN, NAME and VALUE in it stand
	// for the domain, and for name and content of the record.
	Action string
}

// Kinds lists every kind of finding, in the order of the Ids.
func Kinds() []Kind {
	const fails, warns = federation.EventError, federation.EventWarning
	return append([]Kind{
		{"P01", ProofAbsent, fails, "No authoritative server of the domain shows its proof.",
			"each server with what it has at the name instead, and for how long that is remembered",
			"publish the TXT record at NAME; if that was done, look whether it was done where the domain is delegated to"},
		{"P02", AnotherProof, fails, "The domain shows the proof of another certificate or domain than the one looked for.",
			"the proof that is there; the message says whose it is, if it is one of the organization's",
			"publish the proof looked for at NAME, beside the other one as long as that is in use"},
		{"P03", ProofMangled, fails, "The proof is there with blanks, quotes, missing characters or letters of the other case. It must be as it was computed, to the character; only blanks around it and one pair of quotes, which forms add, are let pass.",
			"the record as it is there; the message says what happened to it",
			"replace the TXT record at NAME; copy the proof from a file, not out of a terminal window"},
		{"P04", ProofAtWrongName, fails, "The proof is published at another name: at a domain above, below a label, or with the zone's name twice. It must be at the domain itself.",
			"the name at which the proof is",
			"move the TXT record to NAME; in forms that add the zone's name, that is @ or the part in front of the zone"},
		{"P05", SplitView, fails, "A resolver shows another zone of this name than the public name servers do, usually an internal one. It is a warning where the public ones are right: partners and the broker see those.",
			"the resolver with what it shows",
			"publish NAME in the public zone; in the internal one too, if the broker or the endpoint are to see it there"},
		{"P06", TCPRefused, fails, "The TXT records of the domain do not fit into 512 bytes, and a server does not answer over TCP, so that resolvers without EDNS never see the proof.",
			"each such server with the size of its answer, and what happened over TCP",
			"let TCP port 53 through to the name servers, or remove TXT records of DOMAIN that nobody needs"},
		{"P07", AnswerTooLarge, warns, "With the proof that is missing the TXT records of the domain will not fit into 512 bytes any more: they will need EDNS or TCP. A proof takes 101 bytes.",
			"each server with the size of its answer now and then",
			"remove TXT records of DOMAIN that nobody needs, stale proofs first, or make sure that TCP port 53 is open on its name servers"},
		{"P12", LegacyAppID, warns, "There is a TXT record AppID=..., the proof of early Exchange 2010. Nothing reads it any more.",
			"each server with the record",
			"remove the AppID= record from DOMAIN"},
		{"P16", NotEverywhere, fails, "Some servers show the record and some do not yet. Who asked too early remembers that there was nothing for the time given.",
			"each server that lacks the record, and for how long it is remembered that there was none",
			"wait; if it lasts, have the DNS host look why the zone is not the same on all servers"},
		{"P17", ProofStale, warns, "The proof of a certificate that is no longer in use is still there. It does no harm but takes 101 bytes of the answer.",
			"each server that shows it",
			"remove the TXT record VALUE from NAME"},
		{"P18", AliasBesideData, fails, "The name is an alias (CNAME), and an alias stands alone (RFC 1034 section 3.6.2): what else is at the name is seen by some and not by others, and a proof cannot be added.",
			"the alias, and what stands beside it",
			"replace the CNAME record at NAME by the records of the host it leads to, or remove what stands beside it"},
		{"P19", NameServerSilent, warns, "A name server gave no answer in time or was not reached.",
			"each such server, and how it failed",
			"have the DNS host bring the server back, or take it out of the delegation"},
		{"P20", NameServerLame, warns, "A server the domain is delegated to does not serve its zone: it refuses, fails, refers elsewhere or is not authoritative.",
			"each such server, and what it said",
			"have the DNS host load the zone there, or take the server out of the delegation"},
		{"P21", NameServerGarbled, warns, "What came from a server is no answer to the question: not DNS, or to another one.",
			"each such server, and what came",
			"find out what answers in the server's place: a firewall, a proxy or a provider's redirection"},
		{"P22", NameServersDiffer, warns, "The domain is delegated to other name servers than its own zone names. Resolvers go by one or the other.",
			"both lists",
			"make the NS records of the zone and those at the registrar the same"},
		{"P23", NoNameServer, fails, "The domain is not delegated, or none of its name servers gave an answer that can be used, so nothing is known of the record.",
			"each server asked, and how it failed",
			"check the domain's registration and its name servers, or ask others; none of those asked answers for DOMAIN"},
		{"P24", SignatureExpired, fails, "The DNSSEC signature of the record has expired; validating resolvers show nothing (RFC 4035 section 5.3.1).",
			"each server with such a signature, and when that expired",
			"have the DNS host sign the zone again; the signing job has stopped"},
		{"P25", SignatureNotYetValid, fails, "The DNSSEC signature of the record begins in the future, by the clock here.",
			"each server with such a signature, and when that begins",
			"compare the clock here with the one where the zone is signed"},
		{"P26", SignatureWrong, fails, "The zone is signed and the record is not, or its signature is of no key of the zone.",
			"each server with such a record, and which key is said to have signed it",
			"have the DNS host sign the zone again; an edit after signing breaks the signature"},
		{"P27", KeyNotDelegated, fails, "The parent zone says with which key the zone is signed (DS), and the zone has no such key (DNSKEY).",
			"the numbers (key tags) of both",
			"replace the DS record at the registrar by that of the zone's key, or remove it until the zone is signed"},
		{"P28", ValidationFailed, fails, "A resolver that validates refuses the record, and gives it when it is told not to check: DNSSEC is broken on the way.",
			"each such resolver",
			"look with a DNSSEC debugger at DOMAIN; until it is mended, remove the DS record at the registrar"},
		{"P29", ExtensionsRefused, warns, "A server, or a firewall before it, drops questions with EDNS (RFC 6891), and answers those without.",
			"each such server, and how it failed",
			"have UDP answers over 512 bytes and questions with EDNS let through to the server"},
		{"P30", NameServerWithoutAddress, warns, "The domain is delegated to a server whose name has no address.",
			"the server's name",
			"correct the server's name at the registrar, or publish its address"},
	}, autodiscoverKinds()...)
}

func autodiscoverKinds() []Kind {
	const fails, warns = federation.EventError, federation.EventWarning
	return []Kind{
		{"N04", AutodiscoverAbsent, fails, "There is no record that leads to the domain's Autodiscover, so partners do not find it by themselves.",
			"each server, and for how long that is remembered",
			"publish NAME with the value VALUE"},
		{"N05", CertificateName, fails, "The host that is reached has a TLS certificate without the name partners ask for.",
			"every name on the way, its server, and what the certificate says",
			"have a certificate issued that also names the host partners ask for, or lead NAME to a host that has one"},
		{"N14", AutodiscoverElsewhere, fails, "The record leads to another host than the organization's.",
			"each server with where it leads",
			"change NAME to VALUE"},
		{"N15", AliasLoop, fails, "The aliases (CNAME) of the name lead in a circle, or over more than eight names.",
			"every name on the way, and its server",
			"lead NAME directly to the host"},
		{"N16", AliasDangling, fails, "The name leads to a host that has no address.",
			"every name on the way, and its server",
			"correct the host's name in NAME, or publish the host's address"},
		{"N17", HostNotReached, fails, "Nothing answers at TCP port 443 of the host.",
			"every name on the way, its server, and how the connection failed",
			"start the service, and let TCP port 443 through to it from the Internet"},
		{"N18", CertificateNotTrusted, fails, "The TLS certificate of the host is expired, not yet valid or of an authority that this machine does not trust.",
			"every name on the way, its server, and what is wrong with the certificate",
			"renew the certificate of the host, with its chain"},
		{"N19", IssuanceForbidden, warns, "The domain's CAA records let no authority issue a certificate for the name (RFC 8659 section 4.2), so the one in use cannot be renewed.",
			"the name at which the CAA records are",
			"name the authority in a CAA record at DOMAIN: 0 issue \"ca.example\""},
		{"N20", IssuanceLookupFailed, warns, "Servers that answer other questions about the name fail those for CAA. Authorities then refuse to issue (RFC 8659 section 3).",
			"the last server asked, and how it failed",
			"have the DNS host answer questions for CAA records, if only that there are none"},
	}
}

// kindOf returns the kind of a cause.
func kindOf(cause Cause) Kind {
	for _, kind := range Kinds() {
		if kind.Cause == cause {
			return kind
		}
	}
	return Kind{Cause: cause, Type: federation.EventError}
}

// finding makes a finding about a record.
func finding(record federation.ExpectedRecord, cause Cause, message string, seen []federation.Sighting) federation.DNSFinding {
	kind := kindOf(cause)
	fill := strings.NewReplacer("DOMAIN", string(record.Domain), "NAME", record.Name, "VALUE", record.Value())
	return federation.DNSFinding{
		ID: kind.ID, Cause: string(cause), Record: record.DNSRecord, Domain: record.Domain, Type: kind.Type,
		Message: message, Seen: seen[:min(len(seen), maxSeen)], Action: fill.Replace(kind.Action),
	}
}
