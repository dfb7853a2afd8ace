package journaltest

import (
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func memoryChecks() []check {
	return []check{
		{"a repetition of a forgotten event is a repetition", repetitionOfForgotten},
		{"fingerprints are forgotten by age", memoryByAge},
		{"the newest fingerprints stay, whatever their age", memoryLeast},
		{"message ids are forgotten with their events' fingerprints", messagesForgotten},
		{"nothing is too old while nothing is forgotten", nothingTooOld},
		{"what is not newer than a forgotten time stamp is too old", tooOld},
		{"the mark is bounded by the time of receipt, and does not fall", markBounded},
		{"what comes out of quarantine is never too old", releasedNotTooOld},
	}
}

func repetitionOfForgotten(r *rig) {
	t := r.t
	in := r.incoming()
	original := r.append(in)
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(original.Number)}))
	r.pass(time.Hour)
	same(t, "trimmed", r.trim(journal.Policy{Events: time.Minute, Memory: 24 * time.Hour}), journal.Trimmed{Events: 1})
	for range 2 {
		same(t, "appended again", r.append(in), journal.Appended{Number: original.Number, Duplicate: true})
		r.reopen()
	}
	if got := r.counts().Events; got != 0 {
		t.Errorf("got %d events, want none", got)
	}
}

func memoryByAge(r *rig) {
	t := r.t
	old, young := r.incoming(), r.incoming()
	young.Received = old.Received.Add(time.Hour)
	first, second := r.append(old), r.append(young)
	policy := journal.Policy{Now: young.Received.Add(24 * time.Hour), Memory: 24 * time.Hour}
	same(t, "trimmed", r.trim(policy), journal.Trimmed{Fingerprints: 1})
	r.reopen()
	same(t, "the young one again", r.append(young), journal.Appended{Number: second.Number, ID: second.ID, Duplicate: true})
	again := r.append(old)
	if again.Duplicate || again.Number <= second.Number {
		t.Errorf("got %+v for the old one again, want a new event", again)
	}
	same(t, "the old one a third time", r.append(old), journal.Appended{Number: again.Number, ID: again.ID, Duplicate: true})
	if got := r.story(first.Number).Entry.ID; got != first.ID {
		t.Errorf("got %q, want the event itself kept", got)
	}
	policy.Now = policy.Now.Add(time.Microsecond)
	same(t, "trimmed a moment later", r.trim(policy), journal.Trimmed{Fingerprints: 2})
}

func memoryLeast(r *rig) {
	t := r.t
	var all []journal.Incoming
	for i := range 20 {
		in := r.incoming()
		if i%2 == 1 {
			in.Fingerprint = nil // does not count
		}
		all = append(all, in)
		r.append(in)
	}
	r.pass(24 * 365 * time.Hour)
	for _, least := range []int64{11, 10, 10, 3, 1} {
		before := r.counts().Events
		r.trim(journal.Policy{Memory: time.Second, Least: least})
		kept := min(least, 10)
		for i, in := range all {
			if in.Fingerprint == nil || int64(i/2) < 10-kept {
				continue
			}
			if again := r.append(in); !again.Duplicate || again.Number != r.numbers[i] {
				t.Errorf("least %d, event %d: got %+v, want a duplicate", least, i, again)
			}
		}
		if got := r.counts().Events; got != before {
			t.Errorf("got %d events, want %d", got, before)
		}
	}
	if again := r.append(all[16]); again.Duplicate {
		t.Errorf("got %+v for what was forgotten, want a new event", again)
	}
	same(t, "trimmed", r.trim(journal.Policy{Memory: time.Second}), journal.Trimmed{Fingerprints: 2})
}

func messagesForgotten(r *rig) {
	t := r.t
	same2 := func() (first, second int64) {
		one, other := r.incoming(), r.incoming()
		one.MessageID, other.MessageID = "x", "x"
		one.Fingerprint = nil
		return r.append(one).Number, r.append(other).Number
	}
	first, second := same2()
	if r.story(first).Entry.ReusedID || !r.story(second).Entry.ReusedID {
		t.Error("got the wrong one marked, want the second")
	}
	r.pass(time.Hour)
	r.trim(journal.Policy{Memory: time.Minute})
	r.reopen()
	first, second = same2()
	if r.story(first).Entry.ReusedID || !r.story(second).Entry.ReusedID {
		t.Error("got the wrong one marked after the id was forgotten, want the second")
	}
}

// marked appends an event with that time stamp, and reports whether it is too old.
func (r *rig) marked(occurred time.Time) bool {
	r.t.Helper()
	in := r.incoming()
	in.Occurred = occurred
	return r.story(r.append(in).Number).Entry.TooOld
}

func nothingTooOld(r *rig) {
	r.planned()
	r.trim(journal.Policy{Memory: time.Hour})
	r.trim(journal.Policy{Events: time.Nanosecond}) // an event that is forgotten is still compared
	for _, occurred := range []time.Time{{}, time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), r.now.Add(-24 * 365 * time.Hour), r.now} {
		if r.marked(occurred) {
			r.t.Errorf("%v: got too old, want not: no fingerprint is forgotten", occurred)
		}
	}
}

func tooOld(r *rig) {
	t := r.t
	older, in := r.incoming(), r.incoming()
	none := r.incoming()
	none.Occurred = time.Time{} // says nothing about events that have a time stamp
	for _, one := range []journal.Incoming{older, in, none} {
		r.append(one)
	}
	r.pass(time.Hour)
	same(t, "trimmed", r.trim(journal.Policy{Memory: time.Minute}), journal.Trimmed{Fingerprints: 3})
	for range 2 {
		for _, c := range []struct {
			occurred time.Time
			want     bool
		}{
			{older.Occurred, true},
			{in.Occurred.Add(-24 * 365 * time.Hour), true},
			{in.Occurred, true},
			{in.Occurred.Add(time.Microsecond), false},
			{r.now, false},
			{time.Time{}, false},
		} {
			if got := r.marked(c.occurred); got != c.want {
				t.Errorf("%v: got too old %t, want %t: %v is forgotten", c.occurred, got, c.want, in.Occurred)
			}
		}
		r.reopen()
	}
	again := r.append(in)
	if entry := r.story(again.Number).Entry; again.Duplicate || !entry.TooOld || entry.Planned {
		t.Errorf("got %+v, want a new event that is too old and not planned", entry)
	}
	unplanned, err := r.Unplanned(t.Context(), 1000)
	r.must(err)
	for _, e := range unplanned {
		if e.Number == again.Number && e.TooOld {
			return
		}
	}
	t.Errorf("got %+v unplanned, want the one that is too old, and it said so", unplanned)
}

func markBounded(r *rig) {
	t := r.t
	in := r.incoming()
	in.Occurred = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	r.append(in)
	r.pass(time.Hour)
	r.trim(journal.Policy{Memory: time.Minute})
	check := func() {
		t.Helper()
		if !r.marked(in.Received) || r.marked(in.Received.Add(time.Microsecond)) {
			t.Errorf("got another mark, want %v: a time stamp in the future counts as the time when it came", in.Received)
		}
	}
	check()
	late := r.incoming()
	late.Occurred = in.Received.Add(-24 * time.Hour)
	late.Received = in.Received.Add(time.Second)
	r.append(late)
	r.trim(journal.Policy{Now: in.Received.Add(time.Hour), Memory: 30 * time.Minute})
	r.reopen()
	check()
}

func releasedNotTooOld(r *rig) {
	t := r.t
	appended, in := r.quarantined()
	r.add()
	r.pass(time.Hour)
	r.trim(journal.Policy{Memory: time.Minute})
	got, err := r.Release(t.Context(), appended.Number, in)
	r.must(err)
	if entry := r.story(appended.Number).Entry; got.Duplicate || entry.TooOld || entry.Planned {
		t.Errorf("got %+v, want it released, and not too old: a person wants it told", entry)
	}
	r.trim(journal.Policy{Events: 1, Memory: 1, Now: r.now})
	if again := r.append(in); again.Duplicate {
		t.Errorf("got %+v, want its fingerprint forgotten by its age", again)
	}
}
