package psargs_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"exfed/cmd/psargs"
)

func TestParseList(t *testing.T) {
	t.Parallel()
	replace := func(values ...string) psargs.ListEdit { return psargs.ListEdit{Replace: values} }
	clear := psargs.ListEdit{Clear: true}
	cases := map[string]psargs.ListEdit{
		`a`:                                 replace("a"),
		`a,b`:                               replace("a", "b"),
		` a , b `:                           replace("a", "b"),
		`"a","b"`:                           replace("a", "b"),
		`'a', "b" ,c`:                       replace("a", "b", "c"),
		`"a,b",c`:                           replace("a,b", "c"),
		`"a""b"`:                            replace(`a"b`),
		`'a''b'`:                            replace(`a'b`),
		`'a"b'`:                             replace(`a"b`),
		`" a "`:                             replace(" a "),
		`Fourth Coffee,b`:                   replace("Fourth Coffee", "b"),
		`O'Brien`:                           replace("O'Brien"),
		`a"b`:                               replace(`a"b`),
		`"null"`:                            replace("null"),
		`null,a`:                            replace("null", "a"),
		`a)b;c}`:                            replace("a)b;c}"),
		`contoso.com: A`:                    replace("contoso.com: A"),
		"\xff,é":                            replace("\xff", "é"),
		`@("a","b")`:                        replace("a", "b"),
		`@( a, b ) `:                        replace("a", "b"),
		`@('a)')`:                           replace("a)"),
		`@(a)`:                              replace("a"),
		`@()`:                               clear,
		`@( )`:                              clear,
		``:                                  clear,
		` `:                                 clear,
		`$null`:                             clear,
		`$NULL`:                             clear,
		`null`:                              clear,
		`""`:                                clear,
		`''`:                                clear,
		`@{Add="a"}`:                        {Add: []string{"a"}},
		`@{Add="a","b";Remove="c"}`:         {Add: []string{"a", "b"}, Remove: []string{"c"}},
		`@{ remove = 'c' ; ADD = a , b ; }`: {Add: []string{"a", "b"}, Remove: []string{"c"}},
		"@{\n  Add=\"a\"\n  Remove=\"b\",\n\"c\"\n}": {Add: []string{"a"}, Remove: []string{"b", "c"}},
		`@{Add=@("a","b");Remove=@(c)}`:              {Add: []string{"a", "b"}, Remove: []string{"c"}},
		`@{Add="};"}`:                                {Add: []string{"};"}},
		`@{Add=a b}`:                                 {Add: []string{"a b"}},
	}
	if len(cases) < 38 {
		t.Fatalf("only %d cases", len(cases))
	}
	for text, want := range cases {
		got, err := psargs.ParseList(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", text, err, diff)
		}
	}
}

func TestParseListRefuses(t *testing.T) {
	t.Parallel()
	type fault struct {
		id     string
		offset int
	}
	cases := map[string]fault{
		`a,`:             {psargs.InvalidList, 2},
		`,a`:             {psargs.InvalidList, 0},
		`a,,b`:           {psargs.InvalidList, 2},
		`a, ,b`:          {psargs.InvalidList, 3},
		`"a`:             {psargs.InvalidList, 0},
		`a,'b`:           {psargs.InvalidList, 2},
		`"a"b`:           {psargs.InvalidList, 3},
		`"a" "b"`:        {psargs.InvalidList, 4},
		`a,""`:           {psargs.InvalidList, 2},
		`a,$null`:        {psargs.InvalidList, 2},
		`@(a`:            {psargs.InvalidList, 3},
		`@(a) b`:         {psargs.InvalidList, 5},
		`@(a,)`:          {psargs.InvalidList, 4},
		`@{}`:            {psargs.InvalidList, 3},
		`@{Add=}`:        {psargs.InvalidList, 6},
		`@{Add=@()}`:     {psargs.InvalidList, 8},
		`@{Add=@(a) b}`:  {psargs.InvalidList, 11},
		`@{Ad="a"}`:      {psargs.InvalidList, 2},
		`@{Add}`:         {psargs.InvalidList, 5},
		`@{Add=a;Add=b}`: {psargs.InvalidList, 8},
		`@{Add=a} b`:     {psargs.InvalidList, 9},
		`@{Add="a" "b"}`: {psargs.InvalidList, 10},
		`@{Add=a`:        {psargs.MangledHashtable, 7},
		`@{Add`:          {psargs.MangledHashtable, 5},
		`@{`:             {psargs.MangledHashtable, 2},
		`@Add=a`:         {psargs.MangledHashtable, 0},
		` @REMOVE=a`:     {psargs.MangledHashtable, 1},
		`a,@{Add=b}`:     {psargs.MixedList, 2},
		`a,@Add=b`:       {psargs.MixedList, 2},
		`“a”,b`:          {psargs.SmartQuotes, 0},
		`a,“b”`:          {psargs.SmartQuotes, 2},
		`@{Add=‘a’}`:     {psargs.SmartQuotes, 6},
	}
	if len(cases) < 32 {
		t.Fatalf("only %d cases", len(cases))
	}
	for text, want := range cases {
		got, err := psargs.ParseList(text)
		var list *psargs.ListError
		if !errors.As(err, &list) {
			t.Errorf("%s: got %+v, %v", text, got, err)
			continue
		}
		if at := (fault{list.ID, list.Offset}); at != want || list.Text != text {
			t.Errorf("%s: got %+v, want %+v: %s", text, at, want, list.Msg)
		}
		if diff := cmp.Diff(psargs.ListEdit{}, got); diff != "" {
			t.Errorf("%s: an edit beside the error\n%s", text, diff)
		}
	}
}

func TestCaret(t *testing.T) {
	t.Parallel()
	long := "01234567890123456789012345678901234567890123456789"
	cases := map[string]psargs.ListError{
		"a,,b\n  ^":            {Text: "a,,b", Offset: 2},
		"é,,b\n  ^":            {Text: "é,,b", Offset: 3},
		"a,\n  ^":              {Text: "a,", Offset: 2},
		"a\uFFFD\uFFFD,\n   ^": {Text: "a\x1b\u202e,", Offset: 5},
		"...456789012345678901234567890123456789" + long[:36] + "...\n                                       ^": {Text: long + long, Offset: 50},
	}
	if len(cases) < 5 {
		t.Fatalf("only %d cases", len(cases))
	}
	for want, fault := range cases {
		if got := fault.Caret(); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", fault.Text, got, want)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	cases := map[string]psargs.ListEdit{
		`$null`:                 {Clear: true},
		`"a"`:                   {Replace: []string{"a"}},
		`"a","b""c","d,'e"`:     {Replace: []string{"a", `b"c`, "d,'e"}},
		`@{Add="a","b"}`:        {Add: []string{"a", "b"}},
		`@{Remove="}"}`:         {Remove: []string{"}"}},
		`@{Add="a";Remove="b"}`: {Add: []string{"a"}, Remove: []string{"b"}},
		`@{}`:                   {},
	}
	if len(cases) < 7 {
		t.Fatalf("only %d cases", len(cases))
	}
	for want, edit := range cases {
		if got := psargs.Format(edit); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// FuzzParseList holds that whatever is accepted is read back the same from its canonical form,
// and that every fault lies within the text and shows itself in two harmless lines.
func FuzzParseList(f *testing.F) {
	for _, seed := range []string{
		``, `a,b`, `"a""b", 'c'`, `@("a","b")`, `@{Add="a","b";Remove=@(c)}`, "@{Add=a\nRemove=b}", `@Add=a`,
		`a,@{`, "\xff,\"", `“a”`, `$null`, `@{Add=`, `,`, `"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		edit, err := psargs.ParseList(text)
		if err == nil {
			again, err := psargs.ParseList(psargs.Format(edit))
			if diff := cmp.Diff(edit, again); err != nil || diff != "" {
				t.Fatalf("%q becomes %q: %v\n%s", text, psargs.Format(edit), err, diff)
			}
			return
		}
		var fault *psargs.ListError
		if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(text) {
			t.Fatalf("%q: %#v", text, err)
		}
		if caret := fault.Caret(); !utf8.ValidString(caret) || len([]rune(caret)) > 200 {
			t.Fatalf("%q: %q", text, caret)
		}
	})
}
