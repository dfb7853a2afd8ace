package journaltest

import (
	"bytes"
	"strings"
	"sync"

	"github.com/ppmrelay/ppmrelay/journal"
)

func repetitionChecks() []check {
	return []check{
		{"the same fingerprint is the same event", sameFingerprint},
		{"of equal appends at the same time one is the original", oneOriginal},
		{"events without a fingerprint are never compared", noFingerprint},
		{"a message id that was used before is marked", reusedMessageID},
		{"an id that says nothing is never marked", emptyMessageID},
	}
}

func sameFingerprint(r *rig) {
	t := r.t
	in := r.incoming()
	original := r.append(in)
	r.add()
	for range 2 {
		again := in
		again.Body, again.MessageID, again.WebhookID = []byte("other"), "other", "other"
		want := journal.Appended{Number: original.Number, ID: original.ID, Duplicate: true}
		same(t, "appended again", r.append(again), want)
		r.reopen()
	}
	if got := r.counts().Events; got != 2 {
		t.Errorf("got %d events, want 2", got)
	}
	if got := r.story(original.Number).Entry; !bytes.Equal(got.Body, in.Body) || got.ReusedID {
		t.Errorf("got %+v, want the original as it was", got)
	}
	next := r.add()
	if next.Duplicate || r.story(next.Number).Entry.ReusedID {
		t.Errorf("got %+v for a new event, want no duplicate", next)
	}
}

func oneOriginal(r *rig) {
	t := r.t
	const callers, events = 16, 10
	for range events {
		in := r.incoming()
		answers := make([]journal.Appended, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				var err error
				if answers[i], err = r.Append(t.Context(), in); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		originals := 0
		for _, a := range answers {
			if !a.Duplicate {
				originals++
			}
			if a.Number != answers[0].Number || a.ID != answers[0].ID {
				t.Errorf("got %+v and %+v, want one number and one id", a, answers[0])
			}
		}
		if originals != 1 {
			t.Errorf("got %d originals, want 1", originals)
		}
	}
	if got := r.counts().Events; got != events {
		t.Errorf("got %d events, want %d", got, events)
	}
}

func noFingerprint(r *rig) {
	t := r.t
	in := r.incoming()
	in.Fingerprint, in.MessageID = nil, ""
	first, second := r.append(in), r.append(in)
	if first.Duplicate || second.Duplicate || first.Number == second.Number || first.ID == second.ID {
		t.Errorf("got %+v and %+v, want two events", first, second)
	}
}

func reusedMessageID(r *rig) {
	t := r.t
	for _, id := range []string{"0a9c3d5e-7b1f-4e26-8d40-b2c3d4e5f601", "x", strings.Repeat("long ", 60), "a\x00b"} {
		first, second, third := r.incoming(), r.incoming(), r.incoming()
		first.MessageID, second.MessageID, third.MessageID = id, id, id
		third.Fingerprint = nil
		numbers := []int64{r.append(first).Number, r.append(second).Number}
		r.append(first) // a duplicate is no other event
		r.reopen()
		numbers = append(numbers, r.append(third).Number)
		for i, number := range numbers {
			if got, want := r.story(number).Entry.ReusedID, i > 0; got != want {
				t.Errorf("event %d with the id %q: got reused %t, want %t", i+1, id, got, want)
			}
		}
	}
	one, other := r.incoming(), r.incoming()
	one.MessageID, other.MessageID = "a\x00c", "A\x00C"
	r.append(one)
	if r.story(r.append(other).Number).Entry.ReusedID {
		t.Error("got ids that differ in case taken for the same, want them apart")
	}
}

func emptyMessageID(r *rig) {
	t := r.t
	for _, id := range []string{"", "00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "0"} {
		for range 2 {
			in := r.incoming()
			in.MessageID = id
			appended := r.append(in)
			if entry := r.story(appended.Number).Entry; appended.Duplicate || entry.ReusedID || entry.MessageID != id {
				t.Errorf("id %q: got %+v, want it kept and not marked", id, entry)
			}
		}
	}
}
