package sqlite

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// kill -9 leaves a WAL and an index -> a backup is copied over the file, and they stay. Proves: neither the program nor a
// look opens that, in any length of the WAL, and once they are removed, the WAL alone or both, the backup is what it was.
func TestABackupUnderAnotherWALIsRefused(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 20)
	j := open(t, images[20].write(t), Options{})
	saved := filepath.Join(t.TempDir(), "saved.db")
	if err := j.Backup(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	j.Close()
	backup, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 10, 20} {
		path := images[n].with("", backup).write(t)
		for _, opts := range []Options{{ReadOnly: true}, {}, {Salvage: true}} {
			refused(t, path, opts, "is a backup", "belongs to what was there before", "remove the -wal and the -shm")
		}
		for _, end := range [][]string{{"-wal"}, {"-wal", "-shm"}} {
			path := images[n].with("", backup).write(t)
			for _, end := range end {
				if err := os.Remove(path + end); err != nil {
					t.Fatal(err)
				}
			}
			restored := open(t, path, Options{})
			if made, err := restored.Made(t.Context()); err != nil || made.IsZero() {
				t.Errorf("got made %v (%v), want a backup", made, err)
			}
			restored.Close()
			has(t, path, 20, "restored")
		}
	}
}

// kill -9 leaves a WAL -> the file is removed, or emptied. Proves: no empty journal is made, for which SQLite would delete
// the WAL, and when the file is back everything is there.
func TestAWALWithoutItsFileIsKept(t *testing.T) {
	t.Parallel()
	whole := imagesOf(t, 5)[5]
	for what, content := range map[string][]byte{"removed": nil, "emptied": {}} {
		path := whole.with("", content).write(t)
		for _, opts := range []Options{{}, {Salvage: true}} {
			refused(t, path, opts, "is missing or empty", "-wal is there", "put the file back")
		}
		left := filesIn(t, filepath.Dir(path))
		if slices.Contains(left, "journal.db") != (content != nil) {
			t.Errorf("%s: got the files %q, want no new journal", what, left)
		}
		if err := os.WriteFile(path, whole[""], 0o600); err != nil {
			t.Fatal(err)
		}
		has(t, path, 5, what)
	}
}

// one file has several names: a link to it, a folder that is one, a link to a file that is not there yet. Proves: it is one
// journal with one lock, and all that belongs to it stands beside the file.
func TestAJournalIsTheSameByEveryName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, other := filepath.Join(dir, "data"), filepath.Join(dir, "other")
	link, folder := filepath.Join(other, "link.db"), filepath.Join(dir, "folder")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{link: "../data/real.db", folder: "data"} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{link, filepath.Join(folder, "real.db"), filepath.Join(data, "real.db")}
	for i, name := range names {
		j := open(t, name, Options{}) // the first time there is no file
		appendText(t, j, name)
		if got := countEvents(t, open(t, names[(i+1)%3], Options{ReadOnly: true})); got != int64(i+1) {
			t.Errorf("%s: got %d events by another name, want %d", name, got, i+1)
		}
		if i == 0 {
			refused(t, names[2], Options{}, "in use by another ppmrelay")
		}
		for _, path := range names {
			if got, err := RealPath(path); err != nil || got != j.path {
				t.Errorf("%s: got the real path %s (%v), want %s", path, got, err, j.path)
			}
		}
		j.Close()
	}
	if got := filesIn(t, other); len(got) != 1 {
		t.Errorf("got the files %q beside the link, want none", got)
	}
	if got, err := RealPath(filepath.Join(dir, "no", "folder.db")); err != nil || got != filepath.Join(dir, "no", "folder.db") {
		t.Errorf("got %s (%v) for a file in no folder, want it as it is", got, err)
	}
}
