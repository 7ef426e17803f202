package yamldoc

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// syntaxFault turns an error of the module into a fault. The module gives no column,
// and its line is that of a token nearby; the fault is where the shortest beginning of
// the document ends that fails in the same way.
func syntaxFault(err error, data []byte) Fault {
	line, message := moduleMessage(err)
	fault := Fault{Line: max(line, 1), Message: message}
	budget := searchBudget
	for candidate := max(line-1, 1); candidate <= line+2; candidate++ {
		start, end := lineBounds(data, candidate)
		if start == end || !failsAlike(data[:end], message, &budget) {
			continue
		}
		fault.Line = candidate
		fault.Column = 1 + len(data[start:end]) - len(bytes.TrimLeft(data[start:end], " \t"))
		for at := start; at < end; at++ {
			if (at+1 == end || utf8.RuneStart(data[at+1])) && failsAlike(data[:at+1], message, &budget) {
				fault.Line, fault.Column = lineAndColumn(data[:at])
				break
			}
		}
		break
	}
	if fault.Column == 0 {
		fault.Column = 1
	}
	return fault
}

// searchBudget bounds how many bytes are parsed again to find the place of a fault.
const searchBudget = 16 << 20

// failsAlike reports whether a text fails with the message. It gives up, with false,
// when the budget is spent.
func failsAlike(text []byte, message string, budget *int) bool {
	if *budget -= len(text); *budget < 0 {
		return false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var n yaml.Node
	err := decoder.Decode(&n)
	if err == nil {
		err = decoder.Decode(&n)
	}
	if err == nil || errors.Is(err, io.EOF) {
		return false
	}
	_, found := moduleMessage(err)
	return found == message
}

// moduleMessage cuts "yaml: line 3: message" into its parts; the line is 0 if it is
// not there.
func moduleMessage(err error) (line int, message string) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		if number, text, ok := strings.Cut(rest, ": "); ok {
			if line, err := strconv.Atoi(number); err == nil {
				return line, text
			}
		}
	}
	return 0, message
}

// lineBounds returns where a line, counted from 1, begins and ends, without its break.
func lineBounds(data []byte, line int) (start, end int) {
	for range line - 1 {
		next := bytes.IndexByte(data[start:], '\n')
		if next < 0 {
			return len(data), len(data)
		}
		start += next + 1
	}
	if next := bytes.IndexByte(data[start:], '\n'); next >= 0 {
		return start, start + next
	}
	return start, len(data)
}

// lineAndColumn returns the place that follows the text before.
func lineAndColumn(before []byte) (line, column int) {
	line = 1 + bytes.Count(before, []byte("\n"))
	column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return line, column
}
