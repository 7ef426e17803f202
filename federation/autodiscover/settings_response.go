package autodiscover

import "exfed/federation/xmlsec"

// SettingsResponse answers a SettingsRequest.
type SettingsResponse struct {
	Operation    Operation
	ErrorCode    ErrorCode
	ErrorMessage string
	Each         []SettingsOf // in the order of the request
}

// SettingsOf are the settings of one user or domain.
type SettingsOf struct {
	ErrorCode      ErrorCode
	ErrorMessage   string
	RedirectTarget string // an address with RedirectAddress, a URL with RedirectURL, else empty
	Errors         []SettingError
	Settings       []Setting
}

// SettingError is a setting that was asked for and is not given.
type SettingError struct {
	ErrorCode    ErrorCode
	ErrorMessage string
	SettingName  string
}

// Setting is a setting whose value is a text; others are left out when an answer is read.
type Setting struct{ Name, Value string }

// Value returns the value of a setting, "" when it is not given.
func (s SettingsOf) Value(name string) string {
	for _, setting := range s.Settings {
		if setting.Name == name {
			return setting.Value
		}
	}
	return ""
}

// Marshal returns the child of the SOAP body. The members of a UserResponse and of a
// DomainResponse are in the order of their names, behind the error.
func (a SettingsResponse) Marshal() []byte {
	var w writer
	kind := kindOf(a.Operation)
	w.response(a.Operation, a.ErrorCode, a.ErrorMessage)
	if len(a.Each) == 0 {
		w.empty(kind.prefix + "Responses")
	} else {
		w.open(kind.prefix + "Responses")
		for _, of := range a.Each {
			w.settingsOf(kind, of)
		}
		w.close(kind.prefix + "Responses")
	}
	w.close("Response")
	w.close(a.Operation.response())
	return w.Bytes()
}

func (w *writer) settingsOf(kind settingsKind, of SettingsOf) {
	w.open(kind.prefix + "Response")
	w.outcome(of.ErrorCode, of.ErrorMessage)
	if kind.prefix == "User" {
		w.nillable("RedirectTarget", of.RedirectTarget)
	}
	w.settingErrors(kind, of.Errors)
	w.settings(kind, of.Settings)
	if kind.prefix == "Domain" {
		w.nillable("RedirectTarget", of.RedirectTarget)
	}
	w.close(kind.prefix + "Response")
}

func (w *writer) settingErrors(kind settingsKind, errors []SettingError) {
	name := kind.prefix + "SettingErrors"
	if len(errors) == 0 {
		w.leaf(name, "")
		return
	}
	w.open(name)
	for _, e := range errors {
		w.open(kind.prefix + "SettingError")
		w.outcome(e.ErrorCode, e.ErrorMessage)
		w.leaf("SettingName", e.SettingName)
		w.close(kind.prefix + "SettingError")
	}
	w.close(name)
}

func (w *writer) settings(kind settingsKind, settings []Setting) {
	name := kind.prefix + "Settings"
	if len(settings) == 0 {
		w.leaf(name, "")
		return
	}
	w.open(name)
	for _, s := range settings {
		w.WriteString("<" + kind.prefix + `Setting i:type="` + kind.valueType + `">`)
		w.leaf("Name", s.Name)
		w.leaf("Value", s.Value)
		w.close(kind.prefix + "Setting")
	}
	w.close(name)
}

// ParseSettingsResponse reads the child of the SOAP body that answers the operation, members
// in any order. What it does not know is ignored.
func ParseSettingsResponse(o Operation, payload *xmlsec.Element) (SettingsResponse, error) {
	var r reader
	kind := kindOf(o)
	response := r.inner(payload, "Response", o.response())
	a := SettingsResponse{Operation: o, ErrorCode: r.code(response), ErrorMessage: r.text(response, "ErrorMessage", maxText)}
	for _, of := range r.items(r.member(response, kind.prefix+"Responses"), kind.prefix+"Response", kind.most) {
		a.Each = append(a.Each, r.settingsOf(kind, of))
	}
	if err := r.refused(o, "the answer"); err != nil {
		return SettingsResponse{}, err
	}
	return a, nil
}

func (r *reader) settingsOf(kind settingsKind, e *xmlsec.Element) SettingsOf {
	of := SettingsOf{
		ErrorCode:      r.code(e),
		ErrorMessage:   r.text(e, "ErrorMessage", maxText),
		RedirectTarget: r.text(e, "RedirectTarget", maxURI),
	}
	for _, fault := range r.items(r.member(e, kind.prefix+"SettingErrors"), kind.prefix+"SettingError", MaxSettings) {
		of.Errors = append(of.Errors, SettingError{
			ErrorCode: r.code(fault), ErrorMessage: r.text(fault, "ErrorMessage", maxText), SettingName: r.text(fault, "SettingName", maxName),
		})
	}
	for _, setting := range r.items(r.member(e, kind.prefix+"Settings"), kind.prefix+"Setting", MaxSettings) {
		if !kind.isText(setting) {
			continue
		}
		name := r.text(setting, "Name", maxName)
		if of.Value(name) != "" {
			r.fail("the setting %.80q is there twice", name)
		}
		of.Settings = append(of.Settings, Setting{Name: name, Value: r.text(setting, "Value", maxText)})
	}
	return of
}
