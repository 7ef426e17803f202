package cmd

import (
	"context"
	"errors"
	"strings"

	"exfed/cmd/psargs"
	"exfed/federation"
	"exfed/federation/token"
)

// offerList names the offers of Exchange for people.
func offerList() string {
	names := offerNames()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func offerNames() []string {
	var names []string
	for _, offer := range token.Offers() {
		names = append(names, string(offer))
	}
	return names
}

// completesOffers completes offers. A broker may have others, so it is no enumeration.
func completesOffers() option {
	return naming(func(context.Context, *env) []string { return offerNames() })
}

// adviseOnOffer says that a mistyped offer is why a token is refused; the broker does not.
func adviseOnOffer(err error, offer string) error {
	var fault *federation.Error
	if !errors.As(err, &fault) || fault.ID != "InvalidScope" || token.Offer(offer).Known() {
		return err
	}
	told := *fault
	told.Remedy = "offers are " + offerList() + ", in upper and lower case as they stand here; " + offer + " is none of them"
	return &told
}

// given is a text parameter by its name.
type given struct {
	name string
	opt  opt[string]
}

// refuseEmpty refuses parameters that were given without a value, as a variable that is not
// set leaves them: to take them as not given would do something else than was meant.
func refuseEmpty(parameters ...given) error {
	for _, p := range parameters {
		if p.opt.given && p.opt.value == "" {
			return &psargs.UsageError{ID: "EmptyValue", Param: p.name, Msg: "-" + p.name + " is empty", Hints: []string{"give it a value, or leave it out"}}
		}
	}
	return nil
}
