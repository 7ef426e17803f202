package autodiscover

import (
	"strconv"

	"exfed/federation/soap"
	"exfed/federation/xmlsec"
)

// RequestedServerVersion returns the header block that says which version of the schema is
// spoken, Exchange2010 for one.
func RequestedServerVersion(version string) soap.Block {
	var w writer
	w.WriteString(`<h:RequestedServerVersion xmlns:h="` + Namespace + `">`)
	w.escaped(version)
	w.close("h:RequestedServerVersion")
	return soap.Block{XML: w.Bytes()}
}

// ReadRequestedServerVersion returns the version that a request asks for, "" when it says
// none. The block is found by its local name: a published example has it in the namespace of
// WS-Addressing.
func ReadRequestedServerVersion(m *soap.Message) (string, error) {
	var r reader
	block := r.block(m, "RequestedServerVersion")
	if block == nil || r.isNil(block) {
		return "", r.err
	}
	return r.value(block, maxName), r.err
}

// block returns the only header block of that local name.
func (r *reader) block(m *soap.Message, local string) *xmlsec.Element {
	var found *xmlsec.Element
	for _, block := range m.Blocks() {
		if block.Name.Local != local {
			continue
		}
		if found != nil {
			r.fail("the header block %s is there twice", local)
		}
		found = block
	}
	return found
}

// ServerVersionInfo is the header block by which a service says what it is. Version names
// the schema it speaks, Exchange2016 for one.
type ServerVersionInfo struct {
	MajorVersion, MinorVersion, MajorBuildNumber, MinorBuildNumber int
	Version                                                        string
}

// numbers lists the members that are numbers in the order of the wire.
func (s *ServerVersionInfo) numbers() []struct {
	name  string
	value *int
} {
	return []struct {
		name  string
		value *int
	}{
		{"MajorVersion", &s.MajorVersion}, {"MinorVersion", &s.MinorVersion},
		{"MajorBuildNumber", &s.MajorBuildNumber}, {"MinorBuildNumber", &s.MinorBuildNumber},
	}
}

// Block returns the header block.
func (s ServerVersionInfo) Block() soap.Block {
	var w writer
	w.WriteString(`<h:ServerVersionInfo xmlns:h="` + Namespace + `">`)
	for _, number := range s.numbers() {
		w.leaf("h:"+number.name, strconv.Itoa(*number.value))
	}
	w.leaf("h:Version", s.Version)
	w.close("h:ServerVersionInfo")
	return soap.Block{XML: w.Bytes()}
}

// ReadServerVersionInfo reads the header block of an answer; without one everything is zero.
// Version is printable.
func ReadServerVersionInfo(m *soap.Message) (ServerVersionInfo, error) {
	var r reader
	var s ServerVersionInfo
	block := r.block(m, "ServerVersionInfo")
	for _, number := range s.numbers() {
		text := r.text(block, number.name, maxName)
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 31)
		if err != nil {
			r.fail("%s is not a number", number.name)
		}
		*number.value = int(n)
	}
	s.Version = soap.Printable(r.text(block, "Version", maxName), 64)
	if r.err != nil {
		return ServerVersionInfo{}, r.err
	}
	return s, nil
}
