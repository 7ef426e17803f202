package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// writeJSON writes one array of objects, indented by two blanks.
func writeJSON(out *bytes.Buffer, records []Record) error {
	var compact bytes.Buffer
	if err := appendJSON(&compact, plainList(records)); err != nil {
		return err
	}
	if err := json.Indent(out, compact.Bytes(), "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	return nil
}

// writeJSONLines writes one object a line.
func writeJSONLines(out *bytes.Buffer, records []Record) error {
	for _, record := range records {
		if err := appendJSON(out, record); err != nil {
			return err
		}
		out.WriteByte('\n')
	}
	return nil
}

// appendJSON writes a value of the closed set without blanks. Records are written by hand
// because a Go map would lose the order of their properties.
func appendJSON(out *bytes.Buffer, value any) error {
	switch value := plain(value).(type) {
	case nil:
		out.WriteString("null")
	case bool:
		out.WriteString(strconv.FormatBool(value))
	case int64:
		out.WriteString(strconv.FormatInt(value, 10))
	case string:
		return appendJSONString(out, value)
	case []any:
		return appendJSONArray(out, value)
	case Record:
		return appendJSONObject(out, value)
	default:
		return fmt.Errorf("no JSON form for %T", value)
	}
	return nil
}

func appendJSONArray(out *bytes.Buffer, values []any) error {
	out.WriteByte('[')
	for i, value := range values {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := appendJSON(out, value); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

func appendJSONObject(out *bytes.Buffer, record Record) error {
	out.WriteByte('{')
	for i, field := range record.Fields {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := appendJSONString(out, field.Name); err != nil {
			return err
		}
		out.WriteByte(':')
		if err := appendJSON(out, field.Value); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

func appendJSONString(out *bytes.Buffer, text string) error {
	return appendQuoted(out, text, jsonEscape)
}

// appendQuoted writes text between double quotes, with JSON's escapes, which are YAML's as
// well. encoding/json escapes the control characters below U+0020 and leaves DEL, C1 and
// bidirectional controls as they are; a terminal obeys those too, so write escapes them.
func appendQuoted(out *bytes.Buffer, text string, write func(rune) string) error {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return err
	}
	out.WriteString(escape(strings.TrimSuffix(quoted.String(), "\n"), write))
	return nil
}

func jsonEscape(r rune) string {
	if high, low := utf16.EncodeRune(r); r > 0xFFFF {
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// ErrorRecord is a failed cmdlet as programs read it on standard error. The names are
// those of PowerShell's error records.
type ErrorRecord struct {
	FullyQualifiedErrorID string   // stable identifier, such as FederationTrustNotFound
	CategoryInfo          string   // the kind of error, such as NotFound
	Cmdlet                string   // as the user knows it, such as Get-FederationTrust
	TargetObject          string   // what the error concerns, or ""
	Message               string   // what is wrong
	Hints                 []string // what to do about it
	ExitCode              int
}

// WriteError writes record to w as one line of JSON, {"error":{...}}, with the member names
// FullyQualifiedErrorId, CategoryInfo, Cmdlet, TargetObject, Message, Hints and ExitCode.
func WriteError(w io.Writer, record ErrorRecord) error {
	var out bytes.Buffer
	err := appendJSON(&out, New(Nested("error", New(
		Text("FullyQualifiedErrorId", record.FullyQualifiedErrorID),
		Text("CategoryInfo", record.CategoryInfo),
		Text("Cmdlet", record.Cmdlet),
		OptionalText("TargetObject", record.TargetObject),
		Text("Message", record.Message),
		List("Hints", record.Hints),
		Int("ExitCode", record.ExitCode),
	))))
	if err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = w.Write(out.Bytes())
	return err
}
