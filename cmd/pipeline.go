package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"exfed/cmd/psargs"
	"exfed/cmd/render"
	"exfed/federation"
)

// maxPipeline bounds what is read from standard input, in bytes.
const maxPipeline = 64 << 20

// input is one run of the cmdlet: its parameters, and the object on standard input
// they are filled from, if there is one.
type input struct {
	invocation *invocation
	object     map[string]json.RawMessage
}

// inputs returns the runs the command line asks for: one, or one for each object on
// standard input when a parameter that takes pipeline input was given as "-" or a
// required one is missing and standard input is a pipe.
func (s *session) inputs() ([]input, error) {
	wanted, missing := s.pipelineParameters()
	if len(wanted) == 0 || len(missing) > 0 && !s.process.Streams.InIsData() && !explicitlyPiped(wanted) {
		if len(missing) > 0 {
			return nil, missingParameter(missing)
		}
		return []input{{invocation: s.first}}, nil
	}
	objects, empty, err := readObjects(s.process.Streams.In)
	if err != nil {
		return nil, err
	}
	if empty && !explicitlyPiped(wanted) {
		// A script whose standard input happens to be an empty pipe forgot the parameter.
		return nil, missingParameter(wanted)
	}
	if s.chosen.gathers {
		objects = gathered(objects, wanted)
	}
	var runs []input
	for _, object := range objects {
		inv := s.chosen.prepare()
		if err := s.again(inv); err != nil {
			return nil, err
		}
		runs = append(runs, input{invocation: inv, object: object})
	}
	return runs, nil
}

// gathered makes one object of all, with every value of the parameters: of those to be filled,
// and an object that lacks one comes back alone, so that it is said.
func gathered(objects []map[string]json.RawMessage, wanted []*parameter) []map[string]json.RawMessage {
	if len(objects) < 2 {
		return objects
	}
	one := map[string]json.RawMessage{}
	for _, p := range wanted {
		values := []json.RawMessage{}
		for i, object := range objects {
			raw, ok := property(object, p.name)
			if !ok {
				return objects[i : i+1]
			}
			var many []json.RawMessage
			if json.Unmarshal(raw, &many) != nil {
				many = []json.RawMessage{raw}
			}
			values = append(values, many...)
		}
		one[p.name], _ = json.Marshal(values) // values are JSON already
	}
	return []map[string]json.RawMessage{one}
}

// pipelineParameters returns the parameters to fill from standard input and the
// required ones that nothing can fill.
func (s *session) pipelineParameters() (wanted, missing []*parameter) {
	for _, p := range s.first.parameters {
		switch {
		case p.piped && p.given() && p.value.String() == "-":
			wanted = append(wanted, p)
		case p.required && !p.given() && p.piped && s.process.Streams.InIsData():
			wanted = append(wanted, p)
		case p.required && !p.given():
			missing = append(missing, p)
		}
	}
	return wanted, missing
}

func explicitlyPiped(parameters []*parameter) bool {
	for _, p := range parameters {
		if p.given() {
			return true
		}
	}
	return false
}

func missingParameter(missing []*parameter) error {
	var names []string
	for _, p := range missing {
		names = append(names, "-"+p.name)
	}
	verb := " is missing"
	if len(names) > 1 {
		verb = " are missing"
	}
	e := &psargs.UsageError{ID: "MissingParameter", Param: missing[0].name, Msg: strings.Join(names, ", ") + verb}
	for _, p := range missing {
		e.Hints = append(e.Hints, fmt.Sprintf("-%s <%s>: %s", p.name, p.typeName, p.help))
	}
	return e
}

// again gives a further invocation the parameters of the command line.
func (s *session) again(inv *invocation) error {
	flags := pflag.NewFlagSet(s.chosen.word(), pflag.ContinueOnError)
	var common commonParameters
	s.bind(flags, inv, &common)
	line, err := psargs.Rewrite(s.process.Args, s)
	if err != nil {
		return err
	}
	return flags.Parse(line.Args[1:])
}

// fill gives the parameters that take pipeline input and were not given by hand the
// properties of the same name.
func (s *session) fill(in input) error {
	if in.object == nil {
		return nil
	}
	for _, p := range in.invocation.parameters {
		if !p.piped || p.given() && p.value.String() != "-" {
			continue
		}
		raw, ok := property(in.object, p.name)
		if !ok {
			if p.required || p.given() {
				return &psargs.UsageError{ID: "PropertyMissing", Param: p.name,
					Msg: fmt.Sprintf("the object on standard input has no property %s for -%s", p.name, p.name)}
			}
			continue
		}
		if err := setFromJSON(p, raw); err != nil {
			return err
		}
	}
	return nil
}

// property finds a property by name, in any case. An Identity is also the Name, and an
// Instance, which is a certificate, its Thumbprint.
func property(object map[string]json.RawMessage, name string) (json.RawMessage, bool) {
	for key, raw := range object {
		if strings.EqualFold(key, name) && string(raw) != "null" {
			return raw, true
		}
	}
	switch name {
	case "Identity":
		return property(object, "Name")
	case "Instance":
		return property(object, "Thumbprint")
	}
	return nil, false
}

func setFromJSON(p *parameter, raw json.RawMessage) error {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	text := ""
	switch v := value.(type) {
	case string:
		text = v
	case bool, json.Number:
		text = fmt.Sprint(v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, fmt.Sprint(item))
		}
		text = psargs.Format(psargs.ListEdit{Replace: items, Clear: len(items) == 0})
	default:
		return &psargs.UsageError{ID: "PropertyUnusable", Param: p.name, Msg: "property " + p.name + " on standard input is an object, not a value"}
	}
	if p.kind == psargs.List {
		if _, isText := value.(string); isText {
			text = psargs.Format(psargs.ListEdit{Replace: []string{text}})
		}
	}
	return p.value.Set(text)
}

// readObjects reads JSON objects: one, several after each other, or arrays of them; empty
// says that there was nothing at all, not even an empty array.
func readObjects(in io.Reader) (objects []map[string]json.RawMessage, empty bool, err error) {
	bad := func(err error) error {
		return federation.Errorf(federation.Invalid, "InvalidPipelineInput", "standard input",
			"is not JSON objects as -Output json writes them: %s", render.Clean(err.Error()))
	}
	if in == nil {
		return nil, false, bad(io.EOF)
	}
	limited := &io.LimitedReader{R: in, N: maxPipeline}
	decoder := json.NewDecoder(limited)
	empty = true
	for {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err == io.EOF {
			return objects, empty, nil
		} else if err != nil {
			if limited.N == 0 {
				err = fmt.Errorf("more than %d bytes", maxPipeline)
			}
			return nil, false, bad(err)
		}
		empty = false
		var many []map[string]json.RawMessage
		if bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("[")) {
			if err := json.Unmarshal(raw, &many); err != nil {
				return nil, false, bad(err)
			}
			objects = append(objects, many...)
			continue
		}
		var one map[string]json.RawMessage
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, false, bad(err)
		}
		objects = append(objects, one)
	}
}
