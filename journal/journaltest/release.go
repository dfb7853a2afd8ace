package journaltest

import (
	"bytes"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

func releaseChecks() []check {
	return []check{
		{"a body that can be read by now is planned under its own number", released},
		{"a body that is the repetition of an event stays, and says of which", releasedDuplicate},
		{"what was released is compared with what comes later", releasedIsKnown},
		{"what cannot be released stays as it is", releaseRefused},
	}
}

// quarantined appends a body that could not be read, and returns what it says when it can be.
func (r *rig) quarantined() (journal.Appended, journal.Incoming) {
	r.t.Helper()
	in := r.incoming()
	unread := journal.Incoming{Body: in.Body, Received: in.Received, Fingerprint: print32([]byte("its bytes " + in.MessageID)), Quarantine: "it is not JSON"}
	return r.append(unread), in
}

func released(r *rig) {
	t := r.t
	r.planned("a")
	appended, in := r.quarantined()
	received := in.Received
	r.planned("a")
	in.Received = r.now.Add(72 * 3600e9) // when a person asked for it
	got, err := r.Release(t.Context(), appended.Number, in)
	r.must(err)
	same(t, "released", got, appended)
	r.reopen()
	entry := r.story(appended.Number).Entry
	entry.Fingerprint = in.Fingerprint
	want := in
	want.Received = received
	same(t, "entry", entry, journal.Entry{Incoming: want, Number: appended.Number, ID: appended.ID})
	unplanned, err := r.Unplanned(t.Context(), 9)
	r.must(err)
	same(t, "unplanned", numbersOf(unplanned), []int64{appended.Number})
	if got := r.counts(); got.Quarantined != 0 || got.Unplanned != 1 || got.Events != 3 {
		t.Errorf("got %+v, want none in quarantine, one to plan, 3 events", got)
	}
	r.must(r.Plan(t.Context(), []journal.Planned{planOf(appended.Number, "a")}))
	if queue := r.queue("a"); len(queue) != 3 || queue[1].Entry.Number != appended.Number || queue[1].Again {
		t.Errorf("got %+v waiting, want it in its old place", queue)
	}
}

func releasedDuplicate(r *rig) {
	t := r.t
	appended, in := r.quarantined()
	original := r.append(in)
	before := r.story(appended.Number).Entry
	for range 2 {
		got, err := r.Release(t.Context(), appended.Number, in)
		r.must(err)
		same(t, "released", got, journal.Appended{Number: original.Number, ID: original.ID, Duplicate: true})
		r.reopen()
	}
	after := r.story(appended.Number).Entry
	if !strings.Contains(after.Quarantine, "2") || after.Quarantine == before.Quarantine {
		t.Errorf("got the reason %q, want the original's number in it", after.Quarantine)
	}
	after.Quarantine = before.Quarantine
	same(t, "entry", after, before)
	if got := r.counts(); got.Quarantined != 1 || got.Unplanned != 1 {
		t.Errorf("got %+v, want it in quarantine, and the original to plan", got)
	}
}

func releasedIsKnown(r *rig) {
	t := r.t
	first := r.add()
	appended, in := r.quarantined()
	in.MessageID = r.story(first.Number).Entry.MessageID
	if got, err := r.Release(t.Context(), appended.Number, in); err != nil || got.Duplicate {
		t.Fatalf("got %+v (%v), want it released", got, err)
	}
	if !r.story(appended.Number).Entry.ReusedID {
		t.Error("got its message id not marked, want it marked: another event has it")
	}
	want := journal.Appended{Number: appended.Number, ID: appended.ID, Duplicate: true}
	for range 2 {
		same(t, "appended again", r.append(in), want)
		r.reopen()
	}
	next, decoded := r.quarantined()
	got, err := r.Release(t.Context(), next.Number, decoded)
	r.must(err)
	same(t, "the next one", got, next)
	decoded.Fingerprint = print32([]byte("another event"))
	if number := r.append(decoded).Number; !r.story(number).Entry.ReusedID {
		t.Error("got the message id of a released event used again and not marked, want it marked")
	}
}

func releaseRefused(r *rig) {
	t := r.t
	appended, in := r.quarantined()
	unplanned, planned := r.add().Number, r.planned("a").Number
	unread := in
	unread.Quarantine = "it is not JSON"
	for name, c := range map[string]struct {
		number int64
		in     journal.Incoming
		want   error
	}{
		"a number that was not given": {99, in, journal.ErrNotFound},
		"an event that waits":         {unplanned, in, journal.ErrNotFound},
		"an event that is planned":    {planned, in, journal.ErrNotFound},
		"a body that is not read yet": {appended.Number, unread, nil},
	} {
		r.unchanged(name, c.want, func() error { _, err := r.Release(t.Context(), c.number, c.in); return err })
	}
	if _, err := r.Release(t.Context(), appended.Number, in); err != nil {
		t.Errorf("got error %v, want it released", err)
	}
	r.unchanged("what was released", journal.ErrNotFound, func() error { _, err := r.Release(t.Context(), appended.Number, in); return err })
	if got := r.story(appended.Number).Entry.Body; !bytes.Equal(got, in.Body) {
		t.Errorf("got the body %q, want %q", got, in.Body)
	}
}
