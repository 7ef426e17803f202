package render

import (
	"bytes"
	"fmt"
	"io"
)

// Write writes records to w in the given format, or as view says when format is "".
//
// properties holds the patterns of -Property, none meaning all: names in any case with *
// and ? as wildcards and dots into nested records. They choose and order the properties in
// every format; a pattern that matches none is an *[UnknownPropertyError]. A table without
// them shows the columns of view. Records with Lines or Bytes show those when format is "" and there
// are no properties, and in any format if they have no fields.
//
// AsName prints the first of view.Key, Name, Identity, DomainName and Thumbprint that is
// set, else the first property that is.
//
// Nothing reaches w unless all of it could be formatted.
func Write(w io.Writer, format Format, view View, properties []string, records []Record) error {
	for _, record := range records {
		if err := check(record, ""); err != nil {
			return err
		}
	}
	chosen, err := pick(records, properties)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	switch {
	case drawn(chosen) && (format == "" || len(names(chosen)) == 0):
		format = asLines
	case format == "":
		format = view.Kind
	}
	switch format {
	case AsList, "":
		writeList(&out, chosen)
	case asLines:
		writeLines(&out, chosen)
	case AsTable:
		if len(properties) == 0 && len(view.Columns) > 0 {
			chosen = columns(chosen, view.Columns)
		}
		err = writeTable(&out, chosen)
	case AsJSON:
		err = writeJSON(&out, chosen)
	case AsJSONL:
		err = writeJSONLines(&out, chosen)
	case AsYAML:
		err = writeYAML(&out, chosen)
	case AsCSV:
		err = writeCSV(&out, chosen)
	case AsName:
		writeNames(&out, view.Key, chosen)
	default:
		return &UnknownFormatError{Text: string(format)}
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", format, err)
	}
	_, err = w.Write(out.Bytes())
	return err
}
