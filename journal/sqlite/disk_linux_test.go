package sqlite

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/ppmrelay/ppmrelay/journal"
)

// What a disk and those who handle it can do to a journal. Each begins with a journal in use; in each nothing that was
// acknowledged is lost, an append that cannot be kept fails, and the message names the file and what to do. Faults of
// fsync stand in fault_linux_test.go and strace_linux_test.go, those of the WAL in wal_test.go.
func TestDiskFaults(t *testing.T) {
	for _, c := range []struct {
		timeline string
		run      func(*ledger)
	}{
		{"the disk is full -> appends fail -> room is made -> they go on", fullDisk},
		{"the file system is read-only -> opening fails, looking works -> it is writable again -> opening works", readOnlyDisk},
		{"the WAL cannot be written any more -> one append fails -> the connection is replaced -> appends go on", readOnlyWAL},
		{"the file is removed -> appends fail -> a backup saves all of it", removedFile},
		{"the file is moved away -> appends fail -> it is moved back -> they go on", movedFile},
		{"another file is put in its place -> appends fail, the other file is left alone -> a backup saves all of it", replacedFile},
		{"the WAL is removed -> appends fail -> the journal is closed and opened -> all of it is there", removedWAL},
		{"a page of the index of fingerprints is damaged -> appends that need it fail -> all events can still be read", damagedIndex},
		{"a page of events is damaged -> its events cannot be read, all others can -> appends go on", damagedEvents},
		{"another process has the file -> opening fails, looking works -> it is killed -> opening works", otherProcess},
	} {
		t.Run(c.timeline, func(t *testing.T) {
			dir := t.TempDir()
			c.run(&ledger{t: t, dir: dir, path: filepath.Join(dir, "journal.db"), acknowledged: make(map[string]journal.Appended)})
		})
	}
}

// ledger remembers what a journal has acknowledged.
type ledger struct {
	t            *testing.T
	dir, path    string
	mu           sync.Mutex
	acknowledged map[string]journal.Appended
}

func (l *ledger) append(j *Journal, text string) error {
	l.t.Helper()
	appended, err := j.Append(l.t.Context(), incoming(text))
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.acknowledged[text] = appended
	}
	return err
}

// fails appends, which must fail with all of the words and the path.
func (l *ledger) fails(j *Journal, text string, words ...string) {
	l.t.Helper()
	err := l.append(j, text)
	if err == nil {
		l.t.Fatalf("%q: got it acknowledged, want an error", text)
	}
	for _, word := range append(words, l.path) {
		if !strings.Contains(err.Error(), word) {
			l.t.Errorf("got error %q, want it to say %q", err, word)
		}
	}
}

func (l *ledger) appends(j *Journal, from, to int) {
	l.t.Helper()
	var all sync.WaitGroup // at once, so that they share commits
	for i := from; i < to; i++ {
		all.Go(func() {
			if err := l.append(j, fmt.Sprint("event ", i)); err != nil {
				l.t.Error(err)
			}
		})
	}
	all.Wait()
}

// keeps fails the test unless the journal at path has all that was acknowledged.
func (l *ledger) keeps(path string) {
	l.t.Helper()
	j := open(l.t, path, Options{})
	defer j.Close()
	for text, was := range l.acknowledged {
		story, err := j.Story(l.t.Context(), was.Number)
		if err != nil || string(story.Entry.Body) != text || story.Entry.ID != was.ID {
			l.t.Errorf("%.20q: got %+v (%v), want it as it was acknowledged", text, story.Entry, err)
		}
		if again := appendText(l.t, j, text); !again.Duplicate || again.Number != was.Number {
			l.t.Errorf("%.20q: got %+v when it came again, want a duplicate", text, again)
		}
	}
	if findings, err := j.Verify(l.t.Context()); err != nil || len(findings) > 0 {
		l.t.Errorf("got findings %q (%v), want none", findings, err)
	}
}

// mount makes the folder a small disk of its own.
func (l *ledger) mount(options string) {
	l.t.Helper()
	if err := syscall.Mount("tmpfs", l.dir, "tmpfs", 0, options); err != nil {
		l.t.Skipf("NOT TESTED: a small disk of its own needs the right to mount: %v", err)
	}
	l.t.Cleanup(func() {
		if err := syscall.Unmount(l.dir, syscall.MNT_DETACH); err != nil {
			l.t.Error(err)
		}
	})
}

func noise(size int) string {
	text := make([]byte, size)
	for i := range text {
		text[i] = byte('!' + rand.IntN(90))
	}
	return string(text)
}

func fullDisk(l *ledger) {
	l.mount("size=3m")
	ballast := filepath.Join(l.dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		l.t.Fatal(err)
	}
	j := open(l.t, l.path, Options{})
	var err error
	for i := 0; i < 2000 && err == nil; i++ {
		err = l.append(j, noise(3000))
	}
	if err == nil || len(l.acknowledged) < 10 {
		l.t.Fatalf("got error %v after %d events, want a full disk after some", err, len(l.acknowledged))
	}
	for range 3 {
		l.fails(j, noise(3000), "full", "make room on the disk")
	}
	if err := os.Remove(ballast); err != nil {
		l.t.Fatal(err)
	}
	l.appends(j, 0, 10)
	j.Close()
	l.keeps(l.path)
}

func readOnlyDisk(l *ledger) {
	l.mount("size=8m")
	j := open(l.t, l.path, Options{})
	l.appends(j, 0, 10)
	j.Close()
	remount := func(flags uintptr) {
		if err := syscall.Mount("tmpfs", l.dir, "tmpfs", syscall.MS_REMOUNT|flags, ""); err != nil {
			l.t.Fatal(err)
		}
	}
	remount(syscall.MS_RDONLY)
	refused(l.t, l.path, Options{}, "journal.db", "read-only")
	reader := open(l.t, l.path, Options{ReadOnly: true})
	if got := countEvents(l.t, reader); got != 10 {
		l.t.Errorf("got %d events, want 10", got)
	}
	reader.Close()
	remount(0)
	l.keeps(l.path)
}

func readOnlyWAL(l *ledger) {
	j := open(l.t, l.path, Options{})
	l.appends(j, 0, 10)
	breakWAL(l.t, l.path, l.path+".lock", os.O_RDONLY)
	l.fails(j, "lost", "the disk failed")
	l.appends(j, 10, 20)
	j.Close()
	l.keeps(l.path)
}

func removedFile(l *ledger) {
	j := open(l.t, l.path, Options{})
	l.appends(j, 0, 10)
	if err := os.Remove(l.path); err != nil {
		l.t.Fatal(err)
	}
	for i := range 3 {
		l.fails(j, fmt.Sprint("lost ", i), "removed or replaced", "journal backup")
	}
	saved := filepath.Join(l.dir, "saved.db")
	if err := j.Backup(l.t.Context(), saved); err != nil {
		l.t.Fatal(err)
	}
	if _, err := os.Stat(l.path); err == nil {
		l.t.Error("got a file made under the old name, want none")
	}
	j.Close()
	l.keeps(saved)
}

func movedFile(l *ledger) {
	j := open(l.t, l.path, Options{})
	l.appends(j, 0, 10)
	if err := os.Rename(l.path, l.path+".away"); err != nil {
		l.t.Fatal(err)
	}
	l.fails(j, "lost", "removed or replaced")
	if err := os.Rename(l.path+".away", l.path); err != nil {
		l.t.Fatal(err)
	}
	l.appends(j, 10, 20)
	j.Close()
	l.keeps(l.path)
}

func replacedFile(l *ledger) {
	other := filepath.Join(l.dir, "other.db")
	second := open(l.t, other, Options{})
	appendText(l.t, second, "of the other one")
	second.Close()
	j := open(l.t, l.path, Options{})
	l.appends(j, 0, 10)
	before, err := os.ReadFile(other)
	if err == nil {
		err = os.Rename(other, l.path)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	for i := range 3 {
		l.fails(j, fmt.Sprint("lost ", i), "removed or replaced", "journal backup")
	}
	if counts, err := j.Count(l.t.Context()); err == nil {
		l.t.Errorf("got %+v, want an error: a new connection would read the other file", counts)
	}
	saved := filepath.Join(l.dir, "saved.db")
	if err := j.Backup(l.t.Context(), saved); err != nil {
		l.t.Fatal(err)
	}
	j.Close()
	if after, err := os.ReadFile(l.path); err != nil || !bytes.Equal(after, before) {
		l.t.Errorf("got the other file changed (%v), want it left alone", err)
	}
	l.keeps(saved)
}

func removedWAL(l *ledger) {
	j := open(l.t, l.path, Options{})
	l.appends(j, 0, 10)
	if err := os.Remove(l.path + "-wal"); err != nil {
		l.t.Fatal(err)
	}
	for i := range 3 {
		l.fails(j, fmt.Sprint("lost ", i), "journal.db-wal was removed", "start ppmrelay anew")
	}
	j.Close()
	l.keeps(l.path)
}
