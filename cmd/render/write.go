package render

import "io"

// Write writes records to w.
func Write(w io.Writer, format Format, view View, properties []string, records []Record) error {
	return nil
}

// ErrorRecord is a failed cmdlet as programs read it on standard error.
type ErrorRecord struct {
	FullyQualifiedErrorId string   // stable identifier, such as FederationTrustNotFound
	CategoryInfo          string   // the kind of error, such as NotFound
	Cmdlet                string   // as the user knows it, such as get-federationtrust
	TargetObject          string   // what the error concerns, or ""
	Message               string   // what is wrong
	Hints                 []string // what to do about it
	ExitCode              int
}

// WriteError writes record to w as one line of JSON: {"error":{...}}.
func WriteError(w io.Writer, record ErrorRecord) error { return nil }

// Clean makes hostile characters visible.
func Clean(text string) string { return text }

// UnknownPropertyError reports names in -Property that no record has.
type UnknownPropertyError struct {
	Names []string // as the user wrote them
	Known []string // the properties there are, in their order
}

func (e *UnknownPropertyError) Error() string { return "" }
