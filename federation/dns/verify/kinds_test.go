package verify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"exfed/federation"
	"exfed/federation/dns/verify"
)

// TestCausesThatOthersKnow: the operations before a broker tell these two from the others, by
// names of their own.
func TestCausesThatOthersKnow(t *testing.T) {
	t.Parallel()
	want := []verify.Cause{federation.ProofAbsentCause, federation.NoNameServerCause}
	if diff := cmp.Diff(want, []verify.Cause{verify.ProofAbsent, verify.NoNameServer}); diff != "" {
		t.Error(diff)
	}
}
