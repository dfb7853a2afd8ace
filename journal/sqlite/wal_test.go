package sqlite

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
)

// image is what is on the disk of a journal, by the ends of the files' names.
type image map[string][]byte

// imagesOf appends events one after the other, and returns what is on the disk after each. The first one is of a journal
// whose WAL holds no event.
func imagesOf(t *testing.T, events int) []image {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	var images []image
	synctest.Test(t, func(t *testing.T) { // in which the writer never has time to empty the WAL
		j := open(t, path, Options{})
		for i := range events + 1 {
			if i > 0 {
				appendText(t, j, fmt.Sprint("event ", i))
			}
			images = append(images, imageOf(t, path))
		}
		j.Close()
	})
	return images
}

// imageOf returns what is on the disk of an open journal.
func imageOf(t *testing.T, path string) image {
	t.Helper()
	now := make(image)
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		var err error
		if now[end], err = os.ReadFile(path + end); err != nil {
			t.Fatal(err)
		}
	}
	return now
}

// with returns the image with another content of one file; nil: without the file.
func (i image) with(end string, content []byte) image {
	other := maps.Clone(i)
	other[end] = content
	return other
}

// write puts the image into a new folder, and returns the path of the journal.
func (i image) write(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	for end, content := range i {
		if content == nil {
			continue
		}
		if err := os.WriteFile(path+end, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// garbled returns the content with one byte turned over.
func garbled(content []byte, at int) []byte {
	other := bytes.Clone(content)
	other[at] ^= 0x5a
	return other
}

// has fails the test unless the journal holds the first events, and at most one more, and works on.
func has(t *testing.T, path string, events int, what string) {
	t.Helper()
	j := open(t, path, Options{})
	defer j.Close()
	got := int(countEvents(t, j))
	if got != events && got != events+1 {
		t.Errorf("%s: got %d events, want %d, or one more", what, got, events)
	}
	for i := range events {
		if again := appendText(t, j, fmt.Sprint("event ", i+1)); !again.Duplicate || again.Number != int64(i+1) {
			t.Errorf("%s: got %+v for event %d again, want a duplicate: it was acknowledged", what, again, i+1)
		}
	}
	if next := appendText(t, j, "next"); next.Duplicate || next.Number <= int64(got) {
		t.Errorf("%s: got %+v for a new event, want a number after %d", what, next, got)
	}
	if findings, err := j.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("%s: got findings %q (%v), want none", what, findings, err)
	}
}

// interesting are the offsets at which frames, their parts and the disk's sectors begin and end.
func interesting(from, to int) []int {
	var all []int
	for at := from; at < to; at += frameHeader + pageSize {
		for _, more := range []int{0, 4, 8, 16, frameHeader, frameHeader + 512, frameHeader + pageSize - 1} {
			if at+more < to {
				all = append(all, at+more)
			}
		}
	}
	return all
}

// acknowledge 1, 2, 3 -> write 4 -> the machine goes down before 4 is synced: any part of it is on the disk, and the
// index in shared memory is as it was, or gone. Proves: a commit that was cut short costs nothing that was acknowledged,
// and is not taken for damage.
func TestAWALCutBehindTheLastAcknowledgedCommit(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 4)
	before, after := images[3], images[4]
	from, to := len(before["-wal"]), len(after["-wal"])
	for i, at := range append(interesting(from, to), to) {
		index := [][]byte{before["-shm"], nil}[i%2]
		has(t, after.with("-wal", after["-wal"][:at]).with("-shm", index).write(t), 3, fmt.Sprintf("cut at %d of %d to %d", at, from, to))
	}
}

// acknowledge 1, 2, 3 -> write 4 -> the machine goes down, and 4 is on the disk in part, in any order. Proves the same.
func TestAWALGarbledBehindTheLastAcknowledgedCommit(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 4)
	before, after := images[3], images[4]
	from, to := len(before["-wal"]), len(after["-wal"])
	for _, at := range interesting(from, to) {
		has(t, after.with("-wal", garbled(after["-wal"], at)).with("-shm", before["-shm"]).write(t), 3, fmt.Sprintf("garbled at %d of %d to %d", at, from, to))
	}
	random := bytes.Repeat([]byte("garbage "), 4000)
	has(t, before.with("-wal", append(bytes.Clone(before["-wal"]), random...)).write(t), 3, "garbage behind it")
	old := slices.Concat(images[2]["-wal"], after["-wal"][len(images[2]["-wal"]):])
	has(t, after.with("-wal", old).write(t), 4, "the same")
}

// acknowledge 1 to 5 -> kill -9 -> the WAL is damaged inside, cut, emptied or removed. SQLite would go on with what stands
// before the damage, and say nothing. Proves: that is refused, with the file and what to do, as long as the machine was
// not down; and without the shared memory wherever another commit
// stands behind the damage.
func TestAWALThatLostAcknowledgedCommitsIsRefused(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 5)
	whole := images[5]
	last := len(images[4]["-wal"]) // where the last commit begins
	words := []string{"journal.db-wal", "journal restored --salvage", "move the journal"}
	for _, at := range interesting(walHeader, len(whole["-wal"])) {
		damaged := whole.with("-wal", garbled(whole["-wal"], at))
		refused(t, damaged.write(t), Options{}, words...)
		mark := last - pageSize - frameHeader + 4 // says that the commit before the last one ends
		if at < last && at != mark {
			refused(t, damaged.with("-shm", nil).write(t), Options{}, words...)
		}
	}
	for _, at := range append(interesting(walHeader, len(whole["-wal"])), 0, 1, walHeader-1, len(whole["-wal"])-1) {
		refused(t, whole.with("-wal", whole["-wal"][:at]).write(t), Options{}, words...)
	}
	for at := range walHeader {
		refused(t, whole.with("-wal", garbled(whole["-wal"], at)).with("-shm", nil).write(t), Options{}, words...)
	}
	refused(t, whole.with("-wal", nil).write(t), Options{}, words...)
	has(t, whole.write(t), 5, "not damaged")
}

// the machine goes down -> the shared memory on the disk is one of some time before. Proves: it is no evidence against
// a WAL that was emptied since.
func TestAnOldIndexIsNoEvidence(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 3)
	path := images[3].write(t)
	open(t, path, Options{}).Close() // moves everything into the file
	moved, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	emptied := images[3].with("", moved).with("-wal", []byte{}).with(".lock", []byte("another life of the machine"))
	has(t, emptied.write(t), 3, "emptied")
	for i := range 3 {
		has(t, images[3].with("-shm", images[i]["-shm"]).write(t), 3, "an older index")
	}
	has(t, images[3].with("-shm", garbled(images[3]["-shm"], 20)).write(t), 3, "a garbled index")
	has(t, images[3].with("-shm", images[3]["-shm"][:50]).write(t), 3, "half an index")
}

// acknowledge 1 to 5 -> kill -9 -> the WAL is cut, emptied or removed, which nothing but the index tells -> somebody looks,
// twice -> the program starts. Proves: a look says what is missing, and takes nothing away that says so; what it says is
// still there for a salvage.
func TestALookAtALossLeavesWhatTellsIt(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 5)
	for what, wal := range map[string][]byte{"cut": images[4]["-wal"], "emptied": {}, "removed": nil} {
		path := images[5].with("-wal", wal).write(t)
		for _, opts := range []Options{{ReadOnly: true}, {ReadOnly: true, Salvage: true}, {}} {
			refused(t, path, opts, "journal.db-wal", "restored --salvage")
		}
		j := open(t, path, Options{Salvage: true})
		if made, err := j.Made(t.Context()); err != nil || made.IsZero() {
			t.Errorf("%s: got made %v (%v), want when the last event came that is left", what, made, err)
		}
		j.Close()
		open(t, path, Options{ReadOnly: true}).Close() // the salvage has ended
	}
}

// the index knows of commits that a WAL of another time would not have -> a process holds the lock. Proves: beside it, the
// WAL is its own business.
func TestALookBesideAWriterDoesNotJudgeItsWAL(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 3)
	path := images[3].with("-wal", images[2]["-wal"]).write(t)
	lock, err := takeLock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	reader := open(t, path, Options{ReadOnly: true})
	if findings, err := reader.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("got findings %q (%v), want none", findings, err)
	}
	reader.Close()
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
}

// the machine goes down; the WAL is empty and the index an old one -> the program starts, and fails before SQLite opens
// the file -> it starts again. Proves: the old index has not become evidence.
func TestAStartThatFailedMakesNoOldIndexEvidence(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 3)
	path := images[3].write(t)
	open(t, path, Options{}).Close()
	moved, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = images[3].with("", moved).with("-wal", []byte{}).with(".lock", []byte("another life of the machine")).write(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(path, bytes.Repeat([]byte("no journal. "), 1000), 0o600)) // on a volume that is not mounted, say
	refused(t, path, Options{}, "not a database")
	must(os.WriteFile(path, moved, 0o600))
	for _, end := range []string{"-wal", "-shm"} {
		must(os.WriteFile(path+end, images[3].with("-wal", nil)[end], 0o600))
	}
	has(t, path, 3, "second start")
}
