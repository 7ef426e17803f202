package autodiscover_test

import (
	"reflect"
	"testing"

	"exfed/federation/autodiscover"
	"exfed/federation/xmlsec"
)

// fuzz feeds a reader with anything. What it takes is written again and read as the same.
func fuzz[T interface{ Marshal() []byte }](f *testing.F, parse func(*xmlsec.Element) (T, error)) {
	for _, s := range samples() {
		f.Add([]byte(s.wire))
		for _, also := range s.also {
			f.Add([]byte(also))
		}
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		root, err := xmlsec.Parse(document, xmlsec.Limits{})
		if err != nil {
			return
		}
		first, err := parse(root)
		if err != nil {
			return
		}
		written := first.Marshal()
		again, err := xmlsec.Parse(written, xmlsec.Limits{Nodes: 1 << 20})
		if err != nil {
			t.Fatalf("what was written is no XML: %v\n%q", err, written)
		}
		second, err := parse(again)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("%v\n%+v\n%+v\n%q", err, first, second, written)
		}
	})
}

func FuzzFederationInformationRequest(f *testing.F) {
	fuzz(f, autodiscover.ParseFederationInformationRequest)
}
func FuzzFederationInformationResponse(f *testing.F) {
	fuzz(f, autodiscover.ParseFederationInformationResponse)
}
func FuzzUserSettingsRequest(f *testing.F) {
	fuzz(f, settingsOf(autodiscover.ParseSettingsRequest, autodiscover.GetUserSettings))
}
func FuzzDomainSettingsRequest(f *testing.F) {
	fuzz(f, settingsOf(autodiscover.ParseSettingsRequest, autodiscover.GetDomainSettings))
}
func FuzzUserSettingsResponse(f *testing.F) {
	fuzz(f, settingsOf(autodiscover.ParseSettingsResponse, autodiscover.GetUserSettings))
}
func FuzzDomainSettingsResponse(f *testing.F) {
	fuzz(f, settingsOf(autodiscover.ParseSettingsResponse, autodiscover.GetDomainSettings))
}
func FuzzRelationshipSettingsRequest(f *testing.F) {
	fuzz(f, autodiscover.ParseRelationshipSettingsRequest)
}
func FuzzRelationshipSettingsResponse(f *testing.F) {
	fuzz(f, autodiscover.ParseRelationshipSettingsResponse)
}

func settingsOf[T any](parse func(autodiscover.Operation, *xmlsec.Element) (T, error), o autodiscover.Operation) func(*xmlsec.Element) (T, error) {
	return func(e *xmlsec.Element) (T, error) { return parse(o, e) }
}
