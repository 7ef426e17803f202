package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"exfed/federation"

	mdns "github.com/miekg/dns"
)

const (
	// shown is how much of a text from outside is shown, in characters.
	shown = 100
	// maxTexts is how many texts of one server are shown.
	maxTexts = 4
)

// quote shows a text from outside: shortened, and what acts on a terminal or is no UTF-8 escaped.
func quote(text string) string {
	if utf8.RuneCountInString(text) > shown {
		return fmt.Sprintf("%.*q...", shown, text)
	}
	return fmt.Sprintf("%q", text)
}

// plainName shows a name without its final dot. The DNS library has escaped what is not
// printable ASCII in it.
func plainName(name string) string {
	return strings.ReplaceAll(strings.TrimSuffix(name[:min(len(name), 260)], "."), `\@`, "@")
}

// saw lists what servers showed.
func saw(views []view, what func(view) string) []federation.Sighting {
	var seen []federation.Sighting
	for _, v := range views {
		if text := what(v); text != "" {
			seen = append(seen, federation.Sighting{Server: v.server.String(), What: text})
		}
	}
	return seen
}

// nothingAt says in which way an answer holds nothing of a type.
func nothingAt(v view, kind uint16) string {
	what := "no " + mdns.TypeToString[kind] + " record"
	if v.answer.Rcode == mdns.RcodeNameError {
		what = "no such name"
	}
	return what + remembered(v)
}

// remembered says how long an answer with nothing in it is remembered: for a resolver the
// time left, for an authority the time that starts with each question (RFC 2308 section 5).
func remembered(v view) string {
	left, known := negativeTime(v)
	switch {
	case !known:
		return ""
	case v.role == authority:
		return fmt.Sprintf("; who asks now remembers that for %s", left)
	}
	return fmt.Sprintf("; remembered for up to %s", left)
}

func negativeTime(v view) (time.Duration, bool) {
	soa := soaOf(v.answer)
	if soa == nil {
		return 0, false
	}
	return time.Duration(min(soa.Hdr.Ttl, soa.Minttl)) * time.Second, true
}

func textsShown(texts []string) string {
	if len(texts) == 0 {
		return "no TXT record"
	}
	var quoted []string
	for _, text := range texts[:min(len(texts), maxTexts)] {
		quoted = append(quoted, quote(text))
	}
	if more := len(texts) - maxTexts; more > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", more))
	}
	return "TXT " + strings.Join(quoted, ", ")
}

// nameSet is a set of names for people.
func nameSet(names []string) string {
	var plain []string
	for _, name := range names[:min(len(names), 16)] {
		plain = append(plain, plainName(name))
	}
	slices.Sort(plain)
	return strings.Join(plain, ", ")
}
