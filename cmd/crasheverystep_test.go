package cmd

import "os"

// everyStepVariable set to 1 has cmdlets cut short at each of their steps, as .ci/run has it;
// else they are at each third one, so that all tests end within minutes.
const everyStepVariable = "EXFED_TEST_EVERY_STEP"

func everyStep() bool { return os.Getenv(everyStepVariable) == "1" }

// cutHere reports whether a cmdlet is to be cut short at its step n, counted from zero.
func cutHere(n int) bool { return everyStep() || n%3 == 1 }

// atLeast is how many of the cuts there are when all steps have so many.
func atLeast(all int64) int64 {
	if everyStep() {
		return all
	}
	return all / 4
}
