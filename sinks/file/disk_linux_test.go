package file

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// smallDisk mounts a disk of 16 KiB. Where that is not allowed the test is skipped, and says so.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("NOT TESTED, a disk of its own needs the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestPerformOnAReadOnlyDisk: it is refused, looked into in vain, and goes on when the disk can be written again.
func TestPerformOnAReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t)
	path := filepath.Join(dir, "a.csv")
	sink := sinkAB(t, path)
	if _, err := sink.Perform(t.Context(), effectOf(t, sink, "d", "x")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("NOT TESTED, a disk that becomes read-only needs the right to make it so: %v", err)
	}
	before := content(t, path)
	effect := effectOf(t, sink, "e", "y")
	_, err := sink.Perform(t.Context(), effect)
	wantFailure(t, err, sinks.Park, sinks.ReasonTargetRefuses, "read-only file system; the system mounts a disk so")
	wantRecall(t, sink, effect, sinks.CannotTell, sinks.ReasonTargetRefuses)
	if got := content(t, path); got != before {
		t.Errorf("got %q, want the file as it was", got)
	}
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	wantRecall(t, sink, effect, sinks.DidNot, "")
	if _, err := sink.Perform(t.Context(), effect); err != nil {
		t.Errorf("writable again: %v", err)
	}
}

func TestPerformOnAFullDisk(t *testing.T) {
	dir := smallDisk(t)
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
