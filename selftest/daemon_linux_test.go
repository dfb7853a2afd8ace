package selftest_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/selftest"
)

// TestParent is no test: it is a process that starts a daemon, tells its process id and waits to be killed.
func TestParent(t *testing.T) {
	path := os.Getenv("SELFTEST_PROGRAM")
	if path == "" {
		t.Skip("only a part of TestDaemonDiesWithItsParent")
	}
	if _, err := selftest.Start(t.Context(), path, "some.yaml", os.Stdout); err != nil {
		t.Fatal(err)
	}
	select {}
}

// TestDaemonDiesWithItsParent, even when that has no time to do anything about it.
func TestDaemonDiesWithItsParent(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestParent$")
	parent.Env = append(os.Environ(), "SELFTEST_PROGRAM="+program(t, `echo "pid $$" >&2
trap '' TERM INT HUP
while :; do sleep 0.02; done`))
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	child := 0
	for lines := bufio.NewScanner(output); child == 0 && lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "pid "); ok {
			if child, err = strconv.Atoi(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !alive(child) {
		t.Fatalf("the daemon %d does not live", child)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed: that is its error
	for deadline := time.Now().Add(10 * time.Second); alive(child); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = syscall.Kill(child, syscall.SIGKILL)
			t.Fatal("the daemon lives on without its parent")
		}
	}
}

// alive reports whether a process runs; one that has ended and waits for its parent does not.
func alive(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && pid > 0 && !bytes.Contains(status, []byte(") Z "))
}
