package render

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// writeList writes one "Name : value" line a property, the names of a record padded to its
// longest, and a blank line between records.
func writeList(out *bytes.Buffer, records []Record) {
	for i, record := range records {
		if i > 0 {
			out.WriteByte('\n')
		}
		width := 0
		for _, field := range record.Fields {
			width = max(width, len(field.Name)) // names are ASCII, see validName
		}
		for _, field := range record.Fields {
			line := fmt.Sprintf("%-*s : %s", width, field.Name, display(field.Value))
			out.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
}

// asLines is the format of records that bring their view along. Nobody can ask for it: it is
// what they look like when nothing is asked for.
const asLines Format = "lines"

// drawn reports whether records have lines or bytes of their own.
func drawn(records []Record) bool {
	return len(records) > 0 && !slices.ContainsFunc(records, func(r Record) bool { return len(r.Lines) == 0 && len(r.Bytes) == 0 })
}

// writeLines writes the lines of each record, and a blank line between records. Bytes have
// nothing between them: nobody could tell it from what they are.
func writeLines(out *bytes.Buffer, records []Record) {
	for i, record := range records {
		if len(record.Bytes) > 0 {
			out.Write(record.Bytes)
			continue
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		for _, line := range record.Lines {
			out.WriteString(strings.TrimRight(Clean(line), " ") + "\n")
		}
	}
}

// writeNames writes what identifies each record, one a line.
func writeNames(out *bytes.Buffer, key string, records []Record) {
	for _, record := range records {
		out.WriteString(identity(record, key) + "\n")
	}
}

func identity(record Record, key string) string {
	for _, name := range []string{key, "Name", "Identity", "DomainName", "Thumbprint"} {
		if text := display(lookup(record, path{name})); text != "" {
			return text
		}
	}
	for _, field := range record.Fields {
		if text := display(field.Value); text != "" {
			return text
		}
	}
	return ""
}

// columns returns the records as the table shows them: a column each, under its header.
func columns(records []Record, wanted []string) []Record {
	paths, headers := make([]path, len(wanted)), make([]string, len(wanted))
	for i, column := range wanted {
		header, property, aliased := strings.Cut(column, "=")
		if !aliased {
			property = column
		}
		headers[i], paths[i] = header, strings.Split(property, ".")
	}
	shown := project(records, paths)
	for _, record := range shown {
		for i := range record.Fields {
			record.Fields[i].Name = headers[i]
		}
	}
	return shown
}

// writeTable writes a header, its underline and one line a record; nothing for no records.
// No cell is wrapped or cut, whatever the width of the terminal.
func writeTable(out *bytes.Buffer, records []Record) error {
	header := names(records)
	if len(header) == 0 {
		return nil
	}
	underline := make([]string, len(header))
	for i, name := range header {
		underline[i] = strings.Repeat("-", len(name))
	}
	rows := [][]string{underline}
	for _, record := range records {
		row := make([]string, len(header))
		for i, name := range header {
			row[i] = display(lookup(record, path{name}))
		}
		rows = append(rows, row)
	}

	var padded bytes.Buffer
	table := newTable(&padded)
	table.Header(header)
	if err := table.Bulk(rows); err != nil {
		return err
	}
	if err := table.Render(); err != nil {
		return err
	}
	for line := range strings.Lines(padded.String()) {
		out.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return nil
}

// newTable returns a table in PowerShell's look: no borders, nothing rewritten, columns two
// blanks apart.
func newTable(padded *bytes.Buffer) *tablewriter.Table {
	plain := tw.Rendition{
		Borders:  tw.BorderNone,
		Symbols:  tw.NewSymbols(tw.StyleNone),
		Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
	}
	return tablewriter.NewTable(padded,
		tablewriter.WithRenderer(renderer.NewBlueprint(plain)),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithRowAutoFormat(tw.Off),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithPadding(tw.Padding{Right: "  ", Overwrite: true}),
	)
}
