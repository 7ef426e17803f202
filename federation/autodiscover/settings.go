package autodiscover

import (
	"strings"

	"exfed/federation/xmlsec"
)

// SettingsRequest asks for settings of users or of domains ([MS-OXWSADISC] sections 3.1.4.1
// and 3.1.4.4).
type SettingsRequest struct {
	Operation Operation // GetUserSettings or GetDomainSettings
	Of        []string  // addresses of users, or domains
	Settings  []string
}

// Marshal returns the child of the SOAP body.
func (q SettingsRequest) Marshal() []byte {
	var w writer
	w.message(q.Operation.request(), "Request", "")
	if q.Operation == GetUserSettings {
		w.open("Users")
		for _, user := range q.Of {
			w.open("User")
			w.leaf("Mailbox", user)
			w.close("User")
		}
		w.close("Users")
	} else {
		w.texts("Domains", "Domain", q.Of)
	}
	w.texts("RequestedSettings", "Setting", q.Settings)
	w.close("Request")
	w.close(q.Operation.request())
	return w.Bytes()
}

// ParseSettingsRequest reads the child of the SOAP body of a call of that operation. The
// list Of is as long as the one that was sent, since answers go by their place: an address
// or domain that is nil or empty is "".
func ParseSettingsRequest(o Operation, payload *xmlsec.Element) (SettingsRequest, error) {
	var r reader
	request := r.inner(payload, "Request", o.request())
	kind := kindOf(o)
	r.only(request, kind.list, "RequestedSettings", "RequestedVersion")
	q := SettingsRequest{Operation: o}
	for _, item := range r.items(r.required(request, kind.list), kind.item, kind.most) {
		q.Of = append(q.Of, kind.name(&r, item))
	}
	q.Settings = r.texts(r.required(request, "RequestedSettings"), "Setting", MaxSettings, maxName)
	if r.err == nil && (len(q.Of) == 0 || len(q.Settings) == 0) {
		r.fail("it asks for nothing")
	}
	if err := r.refused(o, "the request"); err != nil {
		return SettingsRequest{}, err
	}
	return q, nil
}

// settingsKind is what differs between the settings of users and of domains on the wire.
type settingsKind struct {
	list, item string // of the request
	most       int
	prefix     string // of the names in the answer
	valueType  string // of a setting that is a text
}

func kindOf(o Operation) settingsKind {
	if o == GetUserSettings {
		return settingsKind{list: "Users", item: "User", most: MaxUsers, prefix: "User", valueType: "StringSetting"}
	}
	return settingsKind{list: "Domains", item: "Domain", most: MaxDomains, prefix: "Domain", valueType: "DomainStringSetting"}
}

// name reads whom an item of a request is about.
func (k settingsKind) name(r *reader, item *xmlsec.Element) string {
	switch {
	case r.isNil(item):
		return ""
	case k.item == "User":
		r.only(item, "Mailbox")
		return r.text(item, "Mailbox", maxName)
	}
	return r.value(item, maxName)
}

// isText reports whether the type of a setting says that its value is a text. Other types
// hold elements of their own.
func (k settingsKind) isText(setting *xmlsec.Element) bool {
	value, present := setting.Attribute(namespaceXI, "type")
	if !present {
		return false
	}
	prefix, local, prefixed := strings.Cut(strings.TrimSpace(value), ":")
	if !prefixed {
		prefix, local = "", prefix
	}
	space, declared := setting.Namespace(prefix)
	return declared && space == Namespace && local == k.valueType
}
