package cmd

import (
	"testing"

	"exfed/federation"
)

// TestBadFriendlyNames: a label is shown on terminals, so nothing that steers them gets in.
func TestBadFriendlyNames(t *testing.T) {
	t.Parallel()
	for _, label := range []string{"a\x1b[31m", "a\nb", "a\u202eb", "a\xffb"} {
		p := &newCertificateParams{friendlyName: opt[string]{value: label, given: true}, keySize: opt[string]{value: "2048"}}
		if _, err := certificateRequest(t.Context(), nil, p); !federation.IsKind(err, federation.Invalid) {
			t.Errorf("%q: error %v, one of kind Invalid is expected", label, err)
		}
	}
}
