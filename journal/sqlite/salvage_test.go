package sqlite

import (
	"context"
	"testing"
	"time"
)

// acknowledge 1 to 5 -> commit 3 is damaged -> opened by whoever says that it is known. Proves: what stands before it is
// there, the journal says that it is a backup of that time, and once that is noted it is a journal like others.
func TestWhatIsLeftOfADamagedWALCanBeSalvaged(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 5)
	path := images[5].with("-wal", garbled(images[5]["-wal"], len(images[2]["-wal"])+frameHeader+100)).write(t)
	refused(t, path, Options{}, "journal.db-wal is damaged")
	j := open(t, path, Options{Salvage: true})
	if got := countEvents(t, j); got != 2 {
		t.Errorf("got %d events, want the 2 before the damage", got)
	}
	last, err := j.Story(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	made, err := j.Made(t.Context())
	if err != nil || !made.Equal(last.Entry.Received) {
		t.Errorf("got made %v (%v), want %v: when the last event came that is left", made, err, last.Entry.Received)
	}
	if _, err := j.Restored(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	j.Close()
	has(t, path, 2, "salvaged")
}

func TestSalvagingASoundJournalChangesNothing(t *testing.T) {
	t.Parallel()
	path := imagesOf(t, 3)[3].write(t)
	j := open(t, path, Options{Salvage: true})
	if made, err := j.Made(t.Context()); err != nil || made != (time.Time{}) {
		t.Errorf("got made %v (%v), want none", made, err)
	}
	j.Close()
	has(t, path, 3, "salvaged")
}

// commits are lost -> a person salvages what is left -> the WAL is emptied, and a crash follows before that is noted -> the
// program starts as ever. Proves: the journal is a backup nevertheless, and once that is noted it is one like others.
func TestASalvageThatWasCutShortIsRemembered(t *testing.T) {
	t.Parallel()
	images := imagesOf(t, 3)
	path := images[0].write(t)
	j := open(t, path, Options{})
	err := j.write(t.Context(), func(ctx context.Context, c *connection) error {
		_, err := c.exec(ctx, `CREATE TRIGGER crash BEFORE INSERT ON meta WHEN new.name = 'backup' BEGIN SELECT raise(ABORT, 'crash'); END`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	appendText(t, j, "event 1")
	before := imageOf(t, path)
	appendText(t, j, "event 2")
	path = imageOf(t, path).with("-wal", before["-wal"]).write(t)
	j.Close()

	refused(t, path, Options{}, "acknowledged")
	refused(t, path, Options{Salvage: true}, "crash")
	execute(t, path, `DROP TRIGGER crash`)
	j = open(t, path, Options{})
	made, err := j.Made(t.Context())
	if err != nil || made.IsZero() {
		t.Errorf("got made %v (%v), want when the last event came that is left", made, err)
	}
	if _, err := j.Restored(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	j.Close()
	j = open(t, path, Options{})
	if made, err := j.Made(t.Context()); err != nil || !made.IsZero() {
		t.Errorf("got made %v (%v), want none: it was noted", made, err)
	}
	j.Close()
	has(t, path, 1, "salvaged")
}
