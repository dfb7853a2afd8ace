package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe in the place of the file: nobody waits for whoever may never write to it, and what was written to it is read.
func TestAPipeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ppmrelay.yaml")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	load := func() string {
		t.Helper()
		_, err := Load(file, os.LookupEnv)
		if err == nil {
			t.Fatal("got no error, want one")
		}
		return err.Error()
	}
	const refused = "the file cannot be read: it is a pipe, and nobody writes a whole file to it"
	if got := load(); !strings.Contains(got, refused) {
		t.Errorf("got %q without a writer, want %q", got, refused)
	}
	writer, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := load(); !strings.Contains(got, refused) {
		t.Errorf("got %q with a writer that is silent, want %q", got, refused)
	}

	reader, writing, err := os.Pipe() // as a shell makes of <(…)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writing.WriteString("nonsense: 1\n"); err != nil {
		t.Fatal(err)
	}
	writing.Close()
	file = fmt.Sprintf("/dev/fd/%d", reader.Fd())
	if got := load(); !strings.Contains(got, "nonsense") {
		t.Errorf("got %q, want what was written to be read", got)
	}
	writer.Close()
}
