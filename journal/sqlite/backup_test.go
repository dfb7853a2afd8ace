package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func TestABackupHoldsWhatWasAcknowledgedBeforeItBegan(t *testing.T) {
	dir := t.TempDir()
	j := open(t, filepath.Join(dir, "journal.db"), Options{Tenant: "contoso"})
	for i := range 50 {
		appendText(t, j, fmt.Sprint("before ", i))
	}
	planAll(t, j, "a")
	deliverAll(t, j)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { // appends go on meanwhile
		for i := 0; ctx.Err() == nil; i++ {
			appendText(t, j, fmt.Sprint("meanwhile ", i))
		}
	})
	path := filepath.Join(dir, "copy.db")
	before := time.Now()
	err := j.Backup(t.Context(), path)
	after := time.Now()
	stop()
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v (%v), want a file for its owner only", info.Mode(), err)
	}
	if got := filesIn(t, dir); slices.ContainsFunc(got, func(n string) bool { return strings.HasPrefix(n, "copy.db") && n != "copy.db" }) {
		t.Errorf("got files %v, want nothing beside the copy", got)
	}

	reader := open(t, path, Options{Tenant: "contoso", ReadOnly: true})
	made, err := reader.Made(t.Context())
	if err != nil || made.Before(before) || made.After(after) {
		t.Errorf("got made %v (%v), want between %v and %v", made, err, before, after)
	}
	if findings, err := reader.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("got findings %q (%v), want none", findings, err)
	}
	reader.Close()

	restored := open(t, path, Options{Tenant: "contoso"})
	for i := range 50 {
		if again := appendText(t, restored, fmt.Sprint("before ", i)); !again.Duplicate {
			t.Errorf("event %d: got a new event, want it in the copy", i)
		}
	}
	if story, err := restored.Story(t.Context(), 1); err != nil || story.Deliveries[0].State != journal.Delivered {
		t.Errorf("got %+v (%v), want it delivered", story, err)
	}
	if _, err := restored.Restored(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	if made, err := restored.Made(t.Context()); err != nil || !made.IsZero() {
		t.Errorf("got made %v (%v), want none: the journal goes on from here", made, err)
	}
	if made, err := j.Made(t.Context()); err != nil || !made.IsZero() {
		t.Errorf("got made %v (%v) of the original, want none", made, err)
	}
}

func TestABackupIsRefused(t *testing.T) {
	dir := t.TempDir()
	j := open(t, filepath.Join(dir, "journal.db"), Options{})
	appendText(t, j, "one")
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		path string
		want string
	}{
		"a file that is there": {t.Context(), there, "there already"},
		"the journal itself":   {t.Context(), j.path, "there already"},
		"a folder":             {t.Context(), dir, "there already"},
		"no folder":            {t.Context(), filepath.Join(dir, "no", "copy.db"), "no such file"},
		"an ended context":     {ended, filepath.Join(dir, "copy.db"), "canceled"},
	} {
		if err := j.Backup(c.ctx, c.path); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: got error %v, want it to say %q", name, err, c.want)
		}
	}
	if got, err := os.ReadFile(there); err != nil || string(got) != "precious" {
		t.Errorf("got %q (%v), want the file untouched", got, err)
	}
	for _, name := range filesIn(t, dir) {
		if strings.HasSuffix(name, ".partial") {
			t.Errorf("got %s left behind, want nothing of a backup that failed", name)
		}
	}
	j.Close()
	if err := j.Backup(t.Context(), filepath.Join(dir, "late.db")); !errors.Is(err, journal.ErrClosed) {
		t.Errorf("got error %v, want %v", err, journal.ErrClosed)
	}
}

// A backup that was cut short leaves its half under another name, and does not stop the next one. Its reader cannot
// write afterwards.
func TestABackupAfterOneThatWasCutShort(t *testing.T) {
	dir := t.TempDir()
	j := open(t, filepath.Join(dir, "journal.db"), Options{ReadOnly: false})
	appendText(t, j, "one")
	path := filepath.Join(dir, "copy.db")
	if err := os.WriteFile(path+".partial", []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 6 { // all readers of the pool have their turn
		if err := j.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := j.readers.ExecContext(t.Context(), `DELETE FROM events`); err == nil {
			t.Error("got no error from a reader that deletes, want one")
		}
	}
}

// several ask for a backup at the same time, as cron and a person may. Proves: each gets one.
func TestBackupsAtOnce(t *testing.T) {
	t.Parallel()
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	for i := range 50 {
		appendText(t, j, fmt.Sprint(i, noiseOf(3000)))
	}
	dir := t.TempDir()
	for round := range 3 {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				if err := j.Backup(t.Context(), filepath.Join(dir, fmt.Sprint(round, "-", i))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}
