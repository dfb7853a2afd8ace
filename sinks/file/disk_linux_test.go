package file

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ppmrelay/ppmrelay/sinks"
)

func TestPerformOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("NOT TESTED, a full disk needs the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "a.csv")
	sink := sinkAB(t, path)
	if _, err := sink.Perform(t.Context(), effectOf(t, sink, "d", "x")); err != nil {
		t.Fatal(err)
	}
	before := content(t, path)
	effect := effectOf(t, sink, "e", strings.Repeat("x", 64<<10))
	_, err := sink.Perform(t.Context(), effect)
	wantFailure(t, err, sinks.Retry, sinks.ReasonStorage, "make room")
	if got := content(t, path); got != before {
		t.Errorf("got %d bytes after a refused write, want %d", len(got), len(before))
	}
	wantRecall(t, sink, effect, sinks.DidNot, "")
	if _, err := sink.Perform(t.Context(), effectOf(t, sink, "f", "y")); err != nil {
		t.Errorf("less, after a refused write: %v", err)
	}
}
