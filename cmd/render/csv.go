package render

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"unicode/utf8"
)

// writeCSV writes RFC 4180 with LF line ends: a header with the properties of all records
// in the order they first appear, and one line a record; nothing for no records.
func writeCSV(out *bytes.Buffer, records []Record) error {
	header := names(records)
	if len(header) == 0 {
		return nil
	}
	table := csv.NewWriter(out)
	if err := table.Write(header); err != nil {
		return err
	}
	for _, record := range records {
		row := make([]string, len(header))
		for i, name := range header {
			cell, err := cell(lookup(record, path{name}))
			if err != nil {
				return err
			}
			row[i] = cell
		}
		if len(row) == 1 && row[0] == "" {
			table.Flush()
			out.WriteString(`""` + "\n") // encoding/csv writes a blank line, which readers skip
			continue
		}
		if err := table.Write(row); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}

// cell is a value in one CSV cell: nothing for an unset one, the items of a list joined by
// semicolons, and JSON for nested records, for which CSV has no form.
func cell(value any) (string, error) {
	switch value := plain(value).(type) {
	case nil:
		return "", nil
	case bool:
		return boolText(value), nil
	case int64:
		return strconv.FormatInt(value, 10), nil
	case string:
		return guardFormula(cleanCell(value)), nil
	case []any:
		if holdsRecord(value) {
			return jsonCell(value)
		}
		items := make([]string, len(value))
		for i, item := range value {
			text, err := cell(item)
			if err != nil {
				return "", err
			}
			items[i] = text
		}
		return strings.Join(items, ";"), nil
	default:
		return jsonCell(value)
	}
}

func holdsRecord(values []any) bool {
	for _, value := range values {
		if _, ok := value.(Record); ok {
			return true
		}
	}
	return false
}

func jsonCell(value any) (string, error) {
	var out bytes.Buffer
	err := appendJSON(&out, value)
	return out.String(), err
}

// guardFormula puts an apostrophe before text that a spreadsheet would run as a formula: a
// partner chooses some of what is exported. A leading + or - is left alone when only the
// characters of Base64, numbers and durations follow. Such text can call nothing and reach
// nothing, and one domain proof in 64 begins with a plus sign and has to stay whole.
func guardFormula(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	switch first {
	case '=', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return "'" + text
	case '+', '-':
		if strings.ContainsFunc(text, outsideBase64AndNumbers) {
			return "'" + text
		}
	}
	return text
}

func outsideBase64AndNumbers(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("+-/=.:", r)
}
