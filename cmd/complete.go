package cmd

import (
	"context"
	"fmt"

	"exfed/cmd/psargs"
)

// complete answers the completion scripts: candidates, one a line, and a directive.
func (s *session) complete(ctx context.Context, describe bool, words []string) int {
	quiet := s.process
	quiet.Streams.Err = nopWriter{}
	e := &env{process: quiet}
	defer e.close() // completion has no way to report a failure
	candidates, directive := psargs.Complete(words, s, func(cmdletName, param, _ string) []string {
		for _, p := range s.first.parameters {
			if p.name == param && p.names != nil {
				e.cmdlet = s.chosen
				return p.names(ctx, e)
			}
		}
		return nil
	})
	for _, c := range candidates {
		if describe && c.Description != "" {
			fmt.Fprintf(s.process.Streams.Out, "%s\t%s\n", c.Text, c.Description)
		} else {
			fmt.Fprintln(s.process.Streams.Out, c.Text)
		}
	}
	fmt.Fprintf(s.process.Streams.Out, ":%d\n", directive)
	return int(exitDone)
}

type nopWriter struct{}

func (nopWriter) Write(p []byte) (int, error) { return len(p), nil }
