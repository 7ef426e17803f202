// Package cmd is the command line: one file per noun, each cmdlet a specification from
// which the parser, the help, the completion and the reference pages are made. It is the
// only place that knows cobra, prompts and exit codes.
package cmd

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"exfed/cmd/terminal"
)

// Main runs exfed with the process's own arguments and streams and returns its exit code.
func Main() int {
	return Run(context.Background(), Process{
		Args: os.Args[1:],
		Streams: terminal.Streams{
			In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
			Getenv: os.Getenv, OpenTTY: terminal.OpenTTY,
		},
		Now:           time.Now,
		Rand:          rand.Reader,
		Wait:          wait,
		Interruptible: interruptible,
		Collector:     debug.SetGCPercent,
	})
}

// interruptible returns a context that ends at the first interruption. After it the
// default comes back, so that a second one ends the process at once.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// wait pauses for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
