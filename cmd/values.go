package cmd

import (
	"strconv"
	"strings"
	"time"

	"exfed/cmd/psargs"
	"exfed/federation"
)

// opt is a value that knows whether it was given: an administrator who clears a
// property ($null) is not one who left it alone.
type opt[T any] struct {
	value T
	given bool
}

// pointer returns nil for a value that was not given.
func (o opt[T]) pointer() *T {
	if !o.given {
		return nil
	}
	return &o.value
}

// textValue is a text; $null and "" are the empty text.
type textValue struct{ *opt[string] }

func (v textValue) String() string { return v.value }
func (v textValue) Type() string   { return "String" }
func (v textValue) Set(text string) error {
	if psargs.IsNull(text) {
		text = ""
	}
	v.value, v.given = text, true
	return nil
}

// boolValue takes a value always: true, $true, 1, yes and their opposites.
type boolValue struct{ *opt[bool] }

func (v boolValue) String() string { return strconv.FormatBool(v.value) }
func (v boolValue) Type() string   { return "Boolean" }
func (v boolValue) Set(text string) (err error) {
	v.value, err = psargs.ParseBool(text)
	v.given = err == nil
	return err
}

// switchValue stands alone or takes a value.
type switchValue struct{ *opt[bool] }

func (v switchValue) String() string { return strconv.FormatBool(v.value) }
func (v switchValue) Type() string   { return "SwitchParameter" }
func (v switchValue) Set(text string) (err error) {
	v.value, err = psargs.ParseBool(text)
	v.given = err == nil
	return err
}

// listValue is a multivalued property.
type listValue struct{ *opt[[]string] }

func (v listValue) String() string { return strings.Join(v.value, ",") }
func (v listValue) Type() string   { return "MultiValuedProperty" }
func (v listValue) Set(text string) error {
	edit, err := psargs.ParseList(text)
	if err != nil {
		return err
	}
	if len(edit.Add)+len(edit.Remove) > 0 {
		return &psargs.UsageError{ID: "EditNotAllowed", Msg: "this list is given whole; @{Add=...} and @{Remove=...} have nothing to edit here"}
	}
	v.value, v.given = edit.Replace, true
	return nil
}

// editValue is a multivalued property that is replaced, or added to and removed from.
type editValue struct{ *opt[federation.ListChange] }

func (v editValue) String() string {
	if v.value.Replace == nil {
		return ""
	}
	return strings.Join(*v.value.Replace, ",")
}
func (v editValue) Type() string { return "MultiValuedProperty" }
func (v editValue) Set(text string) error {
	edit, err := psargs.ParseList(text)
	if err != nil {
		return err
	}
	v.value, v.given = federation.ListChange{Add: edit.Add, Remove: edit.Remove}, true
	if edit.Clear || len(edit.Replace) > 0 {
		v.value.Replace = &edit.Replace
	}
	return nil
}

// intValue is a whole number.
type intValue struct{ *opt[int] }

func (v intValue) String() string { return strconv.Itoa(v.value) }
func (v intValue) Type() string   { return "Int32" }
func (v intValue) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return &psargs.UsageError{ID: "InvalidNumber", Msg: strconv.Quote(text) + " is not a whole number"}
	}
	v.value, v.given = int(n), true
	return nil
}

// enumValue is one of several words, in any case.
type enumValue struct {
	*opt[string]
	allowed []string
}

func (v enumValue) String() string { return v.value }
func (v enumValue) Type() string   { return "String" }
func (v enumValue) Set(text string) (err error) {
	v.value, err = psargs.MatchEnum(text, v.allowed)
	v.given = err == nil
	return err
}

// durationValue is a length of time: 30s, 5m or [d.]hh:mm:ss.
type durationValue struct{ *opt[time.Duration] }

func (v durationValue) String() string { return v.value.String() }
func (v durationValue) Type() string   { return "EnhancedTimeSpan" }
func (v durationValue) Set(text string) (err error) {
	v.value, err = psargs.ParseTimeSpan(text)
	v.given = err == nil
	return err
}
