package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"exfed/federation/dns"
)

// minimumScripts keeps scripts from vanishing unnoticed.
const minimumScripts = 62

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scriptParams(t, filepath.Join("testdata", "script"), minimumScripts))
}

// scriptParams says how the scripts of a folder run, and wants so many of them.
func scriptParams(t *testing.T, folder string, floor int) testscript.Params {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) < floor {
		t.Errorf("%d scripts in %s, at least %d are expected", len(scripts), folder, floor)
	}
	return testscript.Params{
		Dir: folder, Setup: setUpScript, Condition: scriptCondition,
		RequireExplicitExec: true, RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exitsCommand,
			"refused":    refusedCommand,
			"snapshot":   snapshotCommand,
			"unchanged":  unchangedCommand,
			"capture":    captureCommand,
			"holds":      holdsCommand,
			"serve":      serveCommand,
			"halt":       haltCommand,
			"ends":       endsCommand,
			"nameserver": nameServerCommand,
			"record":     recordCommand,
			"replace":    replaceCommand,
			"certify":    certifyCommand,
			"cases":      casesCommand,
			"adopt":      adoptCommand,
			"mint":       mintCommand,
			"publish":    publishCommand,
			"host":       hostCommand,
			"partner":    partnerCommand,
		},
	}
}

// scriptMemory is what the commands of one script share.
type scriptMemory struct {
	names    *dns.Server
	servers  map[string]*background
	internet *internet // nil until there is a host
	snapshot map[string]string
	refusals int
	answers  int // about mailboxes, compared
}

type memoryKey struct{}

func memory(ts *testscript.TestScript) *scriptMemory {
	return ts.Value(memoryKey{}).(*scriptMemory)
}

func setUpScript(env *testscript.Env) error {
	env.Values[memoryKey{}] = &scriptMemory{servers: map[string]*background{}, snapshot: map[string]string{}}
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CONFIG_HOME", env.WorkDir)
	env.Setenv("STATE", filepath.Join(env.WorkDir, "exfed", "exfed.yaml"))
	env.Setenv("FOLDER", filepath.Join(env.WorkDir, "exfed"))
	env.Setenv("GORACE", "atexit_sleep_ms=0")
	env.Setenv("GOCOVERDIR", os.Getenv("GOCOVERDIR"))
	// Another user must be able to reach the folder and the program.
	for _, folder := range []string{env.WorkDir, filepath.Dir(env.WorkDir), programFolder(), filepath.Dir(programFolder())} {
		if err := os.Chmod(folder, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func programFolder() string {
	path, err := exec.LookPath("exfed")
	if err != nil {
		return os.TempDir()
	}
	return filepath.Dir(path)
}

// scriptCondition knows [root], and [peer:NAME]: the program is there. With
// EXFED_REQUIRE_PEERS=1 a missing program fails the script instead of skipping it.
func scriptCondition(name string) (bool, error) {
	if name == "root" {
		return runtime.GOOS == "linux" && os.Getuid() == 0, nil
	}
	program, isPeer := strings.CutPrefix(name, "peer:")
	if !isPeer {
		return false, fmt.Errorf("no such condition: %s", name)
	}
	_, err := exec.LookPath(program)
	if err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		return false, fmt.Errorf("%s is not installed", program)
	}
	return err == nil, nil
}
