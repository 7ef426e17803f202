package state

import (
	"fmt"
	"strings"
)

// diffContext is how many unchanged lines are shown around a change.
const diffContext = 3

// diff compares two texts by line and returns the lines of a unified difference.
// The changes lie between the lines both begin and both end with.
func diff(before, after []byte) []string {
	a, b := splitLines(before), splitLines(after)
	var d differ
	d.compare(a, b)
	return d.hunks()
}

func splitLines(text []byte) []string {
	if len(text) == 0 {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	return lines
}

// differ holds the lines of both texts, each with the sign a difference gives it.
type differ struct {
	lines []string // " same", "-old", "+new"
}

func (d *differ) add(sign string, lines ...string) {
	for _, line := range lines {
		d.lines = append(d.lines, sign+line)
	}
}

// compare strips what both begin and end with and compares the rest.
func (d *differ) compare(a, b []string) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	d.add(" ", a[:head]...)
	d.compareMiddle(a[head:len(a)-tail], b[head:len(b)-tail])
	d.add(" ", a[len(a)-tail:]...)
}

// maxDiffCells bounds the table of the comparison, which grows with the product of
// the two lengths.
const maxDiffCells = 4 << 20

// compareMiddle finds the longest common subsequence, unless that would take too much.
func (d *differ) compareMiddle(a, b []string) {
	if len(a)*len(b) > maxDiffCells {
		d.add("-", a...)
		d.add("+", b...)
		return
	}
	common := commonLengths(a, b)
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			d.add(" ", a[i])
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			d.add("-", a[i])
			i++
		default:
			d.add("+", b[j])
			j++
		}
	}
	d.add("-", a[i:]...)
	d.add("+", b[j:]...)
}

// commonLengths returns, for each pair of suffixes, the length of their longest
// common subsequence.
func commonLengths(a, b []string) [][]int32 {
	table := make([][]int32, len(a)+1)
	for i := range table {
		table[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}

// hunks cuts the lines into groups of changes with their context.
func (d *differ) hunks() []string {
	var out []string
	for from := 0; from < len(d.lines); {
		if d.lines[from][0] == ' ' {
			from++
			continue
		}
		end, last := from, from
		for end < len(d.lines) && end-last <= 2*diffContext {
			if d.lines[end][0] != ' ' {
				last = end
			}
			end++
		}
		start := max(from-diffContext, 0)
		stop := min(last+1+diffContext, len(d.lines))
		out = append(out, d.header(start, stop))
		out = append(out, d.lines[start:stop]...)
		from = stop
	}
	return out
}

// header gives the first line and the number of lines of a hunk in both texts.
func (d *differ) header(start, stop int) string {
	oldAt, newAt := count(d.lines[:start], '+'), count(d.lines[:start], '-')
	oldLen, newLen := count(d.lines[start:stop], '+'), count(d.lines[start:stop], '-')
	return fmt.Sprintf("@@ -%s +%s @@", hunkRange(oldAt, oldLen), hunkRange(newAt, newLen))
}

// hunkRange numbers lines from 1; an empty range names the line before it.
func hunkRange(before, length int) string {
	if length > 0 {
		before++
	}
	return fmt.Sprintf("%d,%d", before, length)
}

// count returns how many lines do not have the sign.
func count(lines []string, sign byte) int {
	n := 0
	for _, line := range lines {
		if line[0] != sign {
			n++
		}
	}
	return n
}
