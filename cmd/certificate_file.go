package cmd

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"exfed/certificate"
	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

// certificateOutput is where what leaves goes: to a new file, or to standard output.
type certificateOutput struct {
	path   string // "" for standard output
	binary bool
}

// check refuses a place that cannot be written to, before anything is made for it.
func (o certificateOutput) check(e *env) error {
	if o.path != "" {
		return refuseExisting(o.path)
	}
	plain := !e.common.output.given && len(e.common.property.value) == 0 && e.process.getenv("EXFED_OUTPUT") == ""
	if o.binary && plain && e.process.Streams.OutIsTerminal() {
		return &psargs.UsageError{ID: "BinaryToTerminal", Param: "BinaryEncoded", Msg: "-BinaryEncoded is nothing to show on a terminal",
			Hints: []string{"redirect standard output to a file, or leave -BinaryEncoded out for Base64"}}
	}
	return nil
}

// write writes the content to its file, which only its owner can read, and returns the
// record of it; without a file the record shows the content.
func (o certificateOutput) write(e *env, record render.Record, content []byte) ([]render.Record, error) {
	if o.path != "" {
		record.Fields = append(record.Fields, render.Text("FileName", o.path), render.Unset("FileData"))
		if e.whatIf != nil {
			e.whatIf.looks = append(e.whatIf.looks, "file "+o.path+" would be written")
			return []render.Record{record}, nil
		}
		return []render.Record{record}, writeNewFile(o.path, content)
	}
	data := string(content)
	if o.binary {
		data = base64.StdEncoding.EncodeToString(content)
		record.Bytes = content
	} else {
		record.Lines = strings.Split(strings.TrimSuffix(data, "\n"), "\n")
	}
	record.Fields = append(record.Fields, render.Unset("FileName"), render.Text("FileData", data))
	return []render.Record{record}, nil
}

// requestContent is a request in DER, or in PEM.
func requestContent(own federation.OwnCertificate, binary bool) []byte {
	if binary {
		return own.Requested.Raw
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: own.Requested.Raw})
}

// base64Lines writes Base64 in lines of 64 characters, which every decoder takes.
func base64Lines(data []byte) []byte {
	var out strings.Builder
	text := base64.StdEncoding.EncodeToString(data)
	for text != "" {
		n := min(64, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return []byte(out.String())
}

// certificateInput is where a certificate file comes from: -FileName or -FileData.
type certificateInput struct {
	fileName, fileData opt[string]
	content            []byte // read once, also by a rehearsal and the run after it
}

func (in *certificateInput) check() error {
	both, neither := in.fileName.given && in.fileData.given, !in.fileName.given && !in.fileData.given
	hints := []string{"-FileName certificate.pfx; - is standard input", "-FileData takes the content of the file in Base64, or @FILE"}
	switch {
	case both:
		return &psargs.UsageError{ID: "ParameterSet", Param: "FileData", Msg: "-FileName and -FileData exclude each other", Hints: hints}
	case neither:
		return &psargs.UsageError{ID: "MissingParameter", Param: "FileName", Msg: "-FileName is missing", Hints: hints}
	}
	if text := strings.ToLower(in.fileData.value); strings.Contains(text, "]::readallbytes") || strings.Contains(text, "get-content") {
		return &psargs.UsageError{ID: "FileDataIsExpression", Param: "FileData", Msg: "-FileData is an expression that only PowerShell knows",
			Hints: []string{"name the file instead: -FileName " + quotedIn(in.fileData.value, "certificate.pfx")}}
	}
	return refuseEmpty(given{"FileName", in.fileName}, given{"FileData", in.fileData})
}

// quotedIn returns what stands in quotes in text, or else.
func quotedIn(text, otherwise string) string {
	start := strings.IndexAny(text, `'"`)
	if start < 0 {
		return otherwise
	}
	inside, _, closed := strings.Cut(text[start+1:], text[start:start+1])
	if !closed || inside == "" {
		return otherwise
	}
	return fmt.Sprintf("%q", inside)
}

// path is the file, "-" for standard input, "" where the command line has the content.
func (in *certificateInput) path() string {
	if path, isFile := strings.CutPrefix(in.fileData.value, "@"); isFile {
		return path
	}
	return in.fileName.value
}

// object names the place in an error.
func (in *certificateInput) object() string {
	if path := in.path(); path != "" {
		return fileObject(path)
	}
	return "the data in -FileData"
}

func (in *certificateInput) read(e *env) ([]byte, error) {
	if in.content != nil {
		return in.content, nil
	}
	path := in.path()
	if path == "" {
		in.content = []byte(in.fileData.value)
		return in.content, nil
	}
	content, err := e.readBounded(path)
	if err == nil {
		in.content = content
	}
	return content, err
}

// refuseOpenKey refuses a key that nothing protects, in a file that others can read: they
// may have it already.
func (in *certificateInput) refuseOpenKey() error {
	path := in.path()
	if path == "" || path == "-" {
		return nil
	}
	_, err := certificate.ReadKeyFile(path)
	if certificate.IsCode(err, certificate.KeyTooOpen) {
		return federation.FromCertificate(err)
	}
	return nil
}

// fault names the file in an error of reading it.
func (in *certificateInput) fault(err error) error {
	var c *certificate.Error
	if !errors.As(err, &c) {
		return err
	}
	named := *c
	if named.Object == "the file" {
		named.Object = in.object()
	}
	return federation.FromCertificate(&named)
}
