package policy

import (
	"fmt"
	"slices"
	"strings"
)

// SharingAction is something a sharing policy lets users share, in Exchange's words
// (New-SharingPolicy, parameter Domains).
type SharingAction string

// The actions. The first three are of a calendar, each including those before it.
const (
	CalendarSharingFreeBusySimple   SharingAction = "CalendarSharingFreeBusySimple"   // times
	CalendarSharingFreeBusyDetail   SharingAction = "CalendarSharingFreeBusyDetail"   // times, subject and location
	CalendarSharingFreeBusyReviewer SharingAction = "CalendarSharingFreeBusyReviewer" // whole items
	ContactsSharing                 SharingAction = "ContactsSharing"                 // the contacts folder
)

// SharingActions returns all actions, those of a calendar first and in order.
func SharingActions() []SharingAction {
	return []SharingAction{CalendarSharingFreeBusySimple, CalendarSharingFreeBusyDetail, CalendarSharingFreeBusyReviewer, ContactsSharing}
}

// Level is how much of a calendar the action shows, None for what is no calendar's.
func (a SharingAction) Level() Level {
	switch a {
	case CalendarSharingFreeBusySimple:
		return AvailabilityOnly
	case CalendarSharingFreeBusyDetail:
		return LimitedDetails
	case CalendarSharingFreeBusyReviewer:
		return Reviewer
	}
	return None
}

// The two domains of a rule that are no SMTP domains.
const (
	AnyFederated = "*"         // every federated organization that no rule names
	Anonymous    = "Anonymous" // anybody on the Internet
)

// SharingRule is what a sharing policy says of one domain.
type SharingRule struct {
	Domain  string // in canonical form, AnyFederated or Anonymous; its sub-domains are others
	Level   Level  // how much of a calendar, None for none of it
	Contact bool   // contacts too
}

// Actions returns what the rule allows, the calendar's action first.
func (r SharingRule) Actions() []SharingAction {
	var actions []SharingAction
	for _, a := range SharingActions() {
		if r.Level != None && a.Level() == r.Level || a == ContactsSharing && r.Contact {
			actions = append(actions, a)
		}
	}
	return actions
}

// String writes the rule as Exchange shows it: "contoso.com:CalendarSharingFreeBusyDetail, ContactsSharing".
func (r SharingRule) String() string {
	var words []string
	for _, a := range r.Actions() {
		words = append(words, string(a))
	}
	return r.Domain + ":" + strings.Join(words, ", ")
}

// SharingRuleError is a fault in the text of rules.
type SharingRuleError struct {
	Text   string // what was read
	Offset int    // where in it the fault begins, in bytes
	Length int    // how long it is, in bytes; 0 where something is missing
	ID     string // stable, in PascalCase: "UnknownSharingAction"
	Reason string // what is wrong, as a clause without a full stop
}

func (e *SharingRuleError) Error() string {
	return fmt.Sprintf("rules %.200q, at character %d: %s", e.Text, len([]rune(e.Text[:e.Offset]))+1, e.Reason)
}

// The bounds of the text of rules.
const (
	maxRulesText = 64 << 10
	maxRules     = 500
)

// ParseSharingRules reads rules, "domain: action[, action]", with commas between them: a word
// without a colon is a further action of the rule before it. Blanks around words do not count,
// nor does the case of actions, of Anonymous, and of domains. domain brings an SMTP domain
// into canonical form, or says why it is none. At most 500 rules are read.
//
// Errors are *SharingRuleError: UnknownSharingAction, TwoCalendarActions, DuplicateSharingAction,
// MissingColon, MissingAction, EmptyDomain, InvalidDomain, DuplicateDomain, TooManyRules.
func ParseSharingRules(text string, domain func(string) (string, error)) ([]SharingRule, error) {
	p := ruleParser{text: text, domain: domain}
	if len(text) > maxRulesText {
		return nil, p.fault(word{start: maxRulesText, end: maxRulesText}, "TooManyRules", fmt.Sprintf("is longer than %d bytes", maxRulesText))
	}
	for start := 0; start <= len(text); {
		end := len(text)
		if i := strings.IndexByte(text[start:], ','); i >= 0 {
			end = start + i
		}
		if err := p.item(p.trim(start, end)); err != nil {
			return nil, err
		}
		start = end + 1
	}
	return p.rules, nil
}

// word is a part of the text.
type word struct{ start, end int }

type ruleParser struct {
	text   string
	domain func(string) (string, error)
	rules  []SharingRule
}

func (p *ruleParser) of(w word) string { return p.text[w.start:w.end] }

func (p *ruleParser) fault(w word, id, reason string) error {
	return &SharingRuleError{Text: p.text, Offset: w.start, Length: w.end - w.start, ID: id, Reason: reason}
}

// trim leaves the blanks around a word out.
func (p *ruleParser) trim(start, end int) word {
	inner := strings.TrimLeft(p.text[start:end], " \t")
	start = end - len(inner)
	return word{start, start + len(strings.TrimRight(inner, " \t"))}
}

// item reads what stands between two commas: the beginning of a rule, or a further action.
func (p *ruleParser) item(w word) error {
	text := p.of(w)
	colon := strings.IndexByte(text, ':')
	if colon >= 0 {
		if err := p.begin(p.trim(w.start, w.start+colon)); err != nil {
			return err
		}
		return p.action(p.trim(w.start+colon+1, w.end))
	}
	if action(text) == "" && (len(p.rules) == 0 || looksLikeDomain(text)) {
		end := w.end
		if i := strings.IndexAny(text, " \t"); i >= 0 {
			end = w.start + i
		}
		return p.fault(word{end, end}, "MissingColon", "a colon is missing after the domain")
	}
	if len(p.rules) == 0 {
		return p.fault(word{w.start, w.start}, "EmptyDomain", "the domain is missing before the action")
	}
	return p.action(w)
}

// looksLikeDomain tells a domain without its action from an action that does not exist.
func looksLikeDomain(text string) bool {
	return strings.Contains(text, ".") || text == AnyFederated || strings.EqualFold(text, Anonymous)
}

// begin begins a rule with its domain.
func (p *ruleParser) begin(w word) error {
	name := p.of(w)
	switch {
	case name == "":
		return p.fault(w, "EmptyDomain", "the domain is missing before the colon")
	case len(p.rules) == maxRules:
		return p.fault(w, "TooManyRules", fmt.Sprintf("a policy has at most %d rules", maxRules))
	case strings.EqualFold(name, Anonymous):
		name = Anonymous
	case name != AnyFederated:
		canonical, err := p.domain(name)
		if err != nil {
			return p.fault(w, "InvalidDomain", err.Error())
		}
		name = canonical
	}
	if slices.ContainsFunc(p.rules, func(r SharingRule) bool { return r.Domain == name }) {
		return p.fault(w, "DuplicateDomain", "the domain has a rule already")
	}
	p.rules = append(p.rules, SharingRule{Domain: name, Level: None})
	return nil
}

// action adds an action to the last rule.
func (p *ruleParser) action(w word) error {
	rule := &p.rules[len(p.rules)-1]
	text := p.of(w)
	a := action(text)
	switch {
	case text == "":
		return p.fault(w, "MissingAction", "an action is missing")
	case a == "":
		return p.fault(w, "UnknownSharingAction", "there is no such action; there are "+listActions())
	case a == ContactsSharing && rule.Contact, a.Level() == rule.Level && rule.Level != None:
		return p.fault(w, "DuplicateSharingAction", "the action stands there twice")
	case a == ContactsSharing:
		rule.Contact = true
	case rule.Level != None:
		return p.fault(w, "TwoCalendarActions", "a domain has one calendar action, and each includes the lesser ones")
	default:
		rule.Level = a.Level()
	}
	return nil
}

// action finds an action by its name in any case, "" if there is none.
func action(text string) SharingAction {
	for _, a := range SharingActions() {
		if strings.EqualFold(text, string(a)) {
			return a
		}
	}
	return ""
}

func listActions() string {
	var words []string
	for _, a := range SharingActions() {
		words = append(words, string(a))
	}
	return strings.Join(words, ", ")
}

// UncoveredSubDomains returns those of the domains that are sub-domains of a rule's domain and
// have no rule of their own: people take them for included, and they are not.
func UncoveredSubDomains(rules []SharingRule, domains []string) []string {
	var uncovered []string
	for _, d := range domains {
		own := slices.ContainsFunc(rules, func(r SharingRule) bool { return r.Domain == d })
		below := slices.ContainsFunc(rules, func(r SharingRule) bool { return strings.HasSuffix(d, "."+r.Domain) })
		if below && !own && !slices.Contains(uncovered, d) {
			uncovered = append(uncovered, d)
		}
	}
	return uncovered
}
