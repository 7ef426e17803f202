package cmd

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// background is a server under test.
type background struct {
	command *exec.Cmd
	ended   chan error
	mu      sync.Mutex
	stderr  strings.Builder
}

// serveCommand starts a program and goes on when its standard error says that it is
// ready; what the pattern's first group matched goes into the variable NAME:
// serve NAME PATTERN PROGRAM ARGUMENT...
func serveCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: serve NAME PATTERN PROGRAM ARGUMENT...")
	}
	ts.Setenv(args[0], start(ts, args[0], args[1], args[2], args[3:]...))
}

// read keeps the standard error of a server, says when it is ready, and waits for its end.
func (b *background) read(stderr io.Reader, pattern *regexp.Regexp, ready chan<- string) {
	lines := bufio.NewScanner(stderr)
	said := false
	for lines.Scan() {
		b.mu.Lock()
		b.stderr.WriteString(lines.Text() + "\n")
		b.mu.Unlock()
		if m := pattern.FindStringSubmatch(lines.Text()); m != nil && !said {
			said = true
			ready <- m[len(m)-1]
		}
	}
	b.ended <- b.command.Wait()
}

func (b *background) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stderr.String()
}

// environmentOf is the environment of the script's own programs.
func environmentOf(ts *testscript.TestScript) []string {
	var environ []string
	for _, name := range []string{
		"PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "GORACE", "GOCOVERDIR", "EXFED_CONFIG", "EXFED_DNS_SERVER", "EXFED_CA_FILE",
		"EXFED_CONNECT_TO", "EXFED_METADATA_URL", passphraseFileVariable, passphraseVariable, nowVariable, checkpointVariable, checkpointCountVariable,
	} {
		if value := ts.Getenv(name); value != "" {
			environ = append(environ, name+"="+value)
		}
	}
	return environ
}

// haltCommand sends a signal to a server and wants this exit code (-1: killed); its
// standard error is left in the file NAME.log: halt NAME INT|TERM|KILL CODE
func haltCommand(ts *testscript.TestScript, _ bool, args []string) {
	server := memory(ts).servers[args[0]]
	if server == nil {
		ts.Fatalf("there is no server %s", args[0])
	}
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "KILL": os.Kill}
	ts.Check(server.command.Process.Signal(signals[args[1]]))
	server.awaitEnd(ts, args[0], args[2])
}

// endsCommand waits for a program to end by itself with this exit code; its standard error is
// left in the file NAME.log: ends NAME CODE
func endsCommand(ts *testscript.TestScript, _ bool, args []string) {
	server := memory(ts).servers[args[0]]
	if server == nil {
		ts.Fatalf("there is no program %s", args[0])
	}
	server.awaitEnd(ts, args[0], args[1])
}

func (b *background) awaitEnd(ts *testscript.TestScript, name, code string) {
	want, err := strconv.Atoi(code)
	ts.Check(err)
	select {
	case err := <-b.ended:
		if got := exitCodeOf(ts, err); got != want {
			ts.Fatalf("%s ended with exit code %d, not %d\n%s", name, got, want, b.text())
		}
	case <-time.After(30 * time.Second):
		ts.Fatalf("%s did not end\n%s", name, b.text())
	}
	ts.Check(os.WriteFile(ts.MkAbs(name+".log"), []byte(b.text()), 0o600))
}

// start runs a program in the background until the script ends and returns what the
// pattern's last group matched in its standard error.
func start(ts *testscript.TestScript, name, pattern, program string, args ...string) string {
	server := &background{command: exec.Command(program, args...), ended: make(chan error, 1)}
	server.command.Dir = ts.Getenv("WORK")
	server.command.Env = environmentOf(ts)
	stderr, err := server.command.StderrPipe()
	ts.Check(err)
	ts.Check(server.command.Start())
	memory(ts).servers[name] = server
	ts.Defer(func() { _ = server.command.Process.Kill() })
	ready := make(chan string, 1)
	go server.read(stderr, regexp.MustCompile(pattern), ready)
	select {
	case found := <-ready:
		return found
	case err := <-server.ended:
		ts.Fatalf("%s ended: %v\n%s", name, err, server.text())
	case <-time.After(30 * time.Second):
		ts.Fatalf("%s is not ready after 30 seconds\n%s", name, server.text())
	}
	return ""
}
