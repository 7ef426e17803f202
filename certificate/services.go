package certificate

import (
	"fmt"
	"slices"
	"strings"
)

// service is a service a certificate can be enabled for, with the letter that stands for
// it in the short form.
type service struct {
	name   string
	letter string
}

// services lists the services in the order of Exchange's columns. The position of F and
// the whole of the seventh column are inferred; no published listing shows either.
func services() []service {
	return []service{
		{"IMAP", "I"}, {"POP", "P"}, {"UM", "U"}, {"IIS", "W"}, {"SMTP", "S"}, {"Federation", "F"}, {"UMCallRouter", "R"},
	}
}

// noService is the name for being enabled for nothing.
const noService = "None"

// ServiceNames returns the names ParseServices knows, None first.
func ServiceNames() []string {
	names := []string{noService}
	for _, s := range services() {
		names = append(names, s.name)
	}
	return names
}

// ParseServices reads names of services, in any case, one or several separated by commas
// in each value. It returns them in Exchange's spelling and order, each once; None gives
// an empty list and cannot stand beside others.
func ParseServices(values []string) ([]string, error) {
	var wanted []string
	none := false
	for _, value := range values {
		for _, word := range strings.Split(value, ",") {
			name, err := serviceName(strings.TrimSpace(word))
			switch {
			case err != nil:
				return nil, err
			case name == noService:
				none = true
			default:
				wanted = append(wanted, name)
			}
		}
	}
	if none && len(wanted) > 0 {
		return nil, &Error{Code: InvalidService, Object: "services", Reason: "None cannot stand beside " + strings.Join(wanted, ", ")}
	}
	return inOrder(wanted), nil
}

func serviceName(word string) (string, error) {
	for _, name := range ServiceNames() {
		if strings.EqualFold(word, name) {
			return name, nil
		}
	}
	return "", &Error{Code: InvalidService, Object: fmt.Sprintf("service %.40q", word),
		Reason: "is none of " + strings.Join(ServiceNames(), ", ")}
}

func inOrder(wanted []string) []string {
	var names []string
	for _, s := range services() {
		if slices.Contains(wanted, s.name) {
			names = append(names, s.name)
		}
	}
	return names
}

// ServicesLetters returns the short form of a list of services that Exchange shows in
// tables: seven columns, a dot for each service that is not in the list ("IP.WS..").
func ServicesLetters(names []string) string {
	var letters strings.Builder
	for _, s := range services() {
		letter := "."
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, s.name) }) {
			letter = s.letter
		}
		letters.WriteString(letter)
	}
	return letters.String()
}
