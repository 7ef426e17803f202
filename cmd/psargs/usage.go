package psargs

// The identifiers of a [UsageError]. Scripts and documentation rely on them.
const (
	UnknownCmdlet      = "UnknownCmdlet"
	UnknownParameter   = "UnknownParameter"
	AmbiguousParameter = "AmbiguousParameter" // a prefix of several parameters
	DuplicateParameter = "DuplicateParameter" // given twice, and no list
	MissingCmdlet      = "MissingCmdlet"      // parameters, but no cmdlet
	MissingValue       = "MissingValue"       // often a $true or $null that the shell swallowed
	InvalidBoolean     = "InvalidBoolean"
	InvalidEnum        = "InvalidEnum"
	InvalidList        = "InvalidList"
	InvalidTimeSpan    = "InvalidTimeSpan"
	InvalidTime        = "InvalidTime"
	MixedList          = "MixedList"        // values to set and values to add or remove at once
	EditNotAllowed     = "EditNotAllowed"   // @{Add=...} where the parameter takes none
	MangledHashtable   = "MangledHashtable" // what is left of @{Add=...} after the shell read it
	SmartQuotes        = "SmartQuotes"      // typographic quotes, pasted from a web page
	TooManyPositionals = "TooManyPositionals"
)

// UsageError says what is wrong with a command line.
type UsageError struct {
	ID     string   // one of the identifiers above
	Cmdlet string   // lower-case name of the cmdlet, empty before one is known
	Param  string   // the parameter as PowerShell writes it, without a dash; may be empty
	Msg    string   // no capital, no full stop
	Caret  string   // two lines, the value and a ^ under the fault; may be empty
	Hints  []string // what to write instead, one sentence each
}

func (e *UsageError) Error() string { return e.Msg }
