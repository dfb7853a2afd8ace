package journaltest

import (
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func restoredChecks() []check {
	return []check{
		{"what has not ended is marked with the time of the backup", restoredMarks},
		{"what is planned or replayed later is told apart", restoredLater},
		{"of several backups the oldest counts", restoredTwice},
	}
}

func restoredMarks(r *rig) {
	t := r.t
	told := r.begun("told", 1)
	r.must(r.Settle(t.Context(), r.settlement(told, journal.Told)))
	claimed, unsure := r.begun("claimed", 2), r.begun("unsure", 1)
	r.must(r.Settle(t.Context(), r.settlement(unsure, journal.BecameUnsure)))
	r.planned("waiting")
	made := r.now.Add(-time.Hour)
	before := r.everything()
	count, err := r.Restored(t.Context(), made)
	r.must(err)
	if count != 4 {
		t.Errorf("got %d deliveries, want 4: those that are not told", count)
	}
	same(t, "all else", r.everything(), before)
	r.reopen()
	r.must(r.Settle(t.Context(), r.settlement(claimed, journal.Refused)))
	r.must(r.Settle(t.Context(), r.settlement(unsure, journal.DidNot)))
	for target, want := range map[string]int{"told": 0, "claimed": 2, "unsure": 1, "waiting": 1} {
		queue := r.queue(target)
		if len(queue) != want {
			t.Errorf("%s: got %d waiting, want %d", target, len(queue), want)
		}
		for _, w := range queue {
			if !w.Restored.Equal(made) || w.Again {
				t.Errorf("%s: got %+v, want the time of the backup", target, w)
			}
		}
	}
	if _, err := r.Restored(t.Context(), time.Time{}); err == nil {
		t.Error("got no error for a backup of no time, want one")
	}
}

func restoredLater(r *rig) {
	t := r.t
	told := r.begun("told", 1)
	r.must(r.Settle(t.Context(), r.settlement(told, journal.Told)))
	inBackup := r.add().Number
	made := r.now
	if count, err := r.Restored(t.Context(), made); err != nil || count != 0 {
		t.Errorf("got %d deliveries (%v), want none", count, err)
	}
	r.reopen()
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(inBackup, "a")}))
	r.planned("a")
	r.replay(planOf(r.numbers[0], "told"))
	queue := r.queue("a")
	if len(queue) != 2 || !queue[0].Restored.Equal(made) || !queue[1].Restored.IsZero() {
		t.Errorf("got %+v, want the first marked, which the backup held, and not the second, which came later", queue)
	}
	if again := r.queue("told"); len(again) != 1 || !again[0].Again || !again[0].Restored.IsZero() {
		t.Errorf("got %+v, want it not marked: a person wants it said again", again)
	}
}

func restoredTwice(r *rig) {
	t := r.t
	r.planned("a")
	old, young := r.now.Add(-time.Hour), r.now
	unplanned := r.add().Number
	for _, made := range []time.Time{young, old, young} {
		_, err := r.Restored(t.Context(), made)
		r.must(err)
	}
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(unplanned, "a")}))
	for _, w := range r.queue("a") {
		if !w.Restored.Equal(old) {
			t.Errorf("got %+v, want %v: it may have been told since the oldest", w, old)
		}
	}
}
