package sqlite

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

// unpackFixture returns the path of a copy of a journal that an earlier version has written. testdata/version-1.db.gz is
// one of the tables of version 1, written by the ppmrelay that released them:
//
//	event  text                         what became of it
//	1      delivered, skipped, buried   told by effect 1; skipped; buried
//	2      pending                      waits in the queue "waiting"
//	3      claimed                      by the open effect 2 of "open"
//	4      unsure                       by the unsure effect 3 of "unsure"; its message id was event 3's
//	5      unplanned
//	6      quarantined
//	7      nobody                       planned for nobody
//	8      refused once                 pending again in "refused", which is parked
func unpackFixture(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", name+".db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	in, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAJournalOfVersion1KeepsEverything(t *testing.T) {
	path := unpackFixture(t, "version-1")
	refused(t, path, Options{Tenant: "contoso", ReadOnly: true}, "version 1", "this ppmrelay reads", "ppmrelay serve")
	for range 2 {
		j := open(t, path, Options{Tenant: "contoso"})
		checkFixture(t, j)
		checkIntegrity(t, j)
		if findings, err := j.Verify(t.Context()); err != nil || len(findings) > 0 {
			t.Errorf("got findings %q (%v), want none", findings, err)
		}
		j.Close()
	}
}

func checkFixture(t *testing.T, j *Journal) {
	t.Helper()
	counts, err := j.Count(t.Context())
	if err != nil || counts.Events != 8 || counts.Unplanned != 1 || counts.Quarantined != 1 || counts.Open != 2 || counts.Doubles != 0 {
		t.Errorf("got %+v (%v), want 8 events, 1 unplanned, 1 in quarantine, 2 open effects", counts, err)
	}
	var got []string
	for number := int64(1); number <= 8; number++ {
		story, err := j.Story(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		if story.Entry.TooOld || len(story.Entry.Body) < 100 {
			t.Errorf("got %+v, want its body, and not too old", story.Entry)
		}
		for _, d := range story.Deliveries {
			got = append(got, d.Target+" "+string(d.State)+" "+d.Reason)
			if d.Generation != 1 || d.Route != "team" {
				t.Errorf("got %+v, want generation 1 of the route", d)
			}
		}
		if planned := number != 5 && number != 6; planned && (len(story.Verdicts) != 1 || story.Verdicts[0].Route != "quiet") {
			t.Errorf("event %d: got verdicts %+v, want one", number, story.Verdicts)
		}
	}
	want := []string{
		"told delivered ", "skipped skipped because", "buried buried because", "waiting pending ", "open pending ", "unsure unsure no answer",
		"refused pending no answer",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	entity, err := j.Entity(t.Context(), "28e92b4c-3b0c-4100-83c8-80231b62efcb")
	if err != nil || entity.Number != 8 || entity.Entity.Name != "Customer Portal" {
		t.Errorf("got %+v (%v), want the state that event 8 set", entity, err)
	}
	targets, err := j.Targets(t.Context())
	if err != nil || len(targets) != 7 || targets[2].Hold != journal.Parked || targets[4].Take != 20 || targets[5].Failures != 2 {
		t.Errorf("got %+v (%v), want all 7 with their state", targets, err)
	}
}

func TestAJournalOfVersion1IsUsable(t *testing.T) {
	j := open(t, unpackFixture(t, "version-1"), Options{Tenant: "contoso"})
	for number, text := range []string{"delivered, skipped, buried", "pending", "claimed", "unsure", "unplanned", "quarantined", "nobody", "refused once"} {
		again, err := j.Append(t.Context(), journal.Incoming{Received: time.Now(), Fingerprint: fingerprint([]byte(text))})
		if err != nil || !again.Duplicate || again.Number != int64(number+1) {
			t.Errorf("%q: got %+v (%v), want a duplicate of event %d", text, again, err, number+1)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	effects, err := j.OpenEffects(t.Context())
	must(err)
	for _, f := range effects {
		if string(f.Content) != "content of "+f.Target || len(f.Events) != 1 {
			t.Errorf("got %+v, want its frozen content", f)
		}
		must(j.Settle(t.Context(), journal.Settlement{
			Effect: f.ID, Outcome: journal.Told, At: time.Now(), Target: journal.TargetState{Target: f.Target},
		}))
	}
	_, err = j.Release(t.Context(), 6, journal.Incoming{Received: time.Now(), MessageID: "m-6", Fingerprint: fingerprint([]byte("6"))})
	must(err)
	plans := []journal.Planned{{Number: 5}, {Number: 6, Deliveries: []journal.NewDelivery{{Target: "told", Route: "team"}}}}
	must(j.Plan(t.Context(), plans))
	plans[0] = journal.Planned{Number: 1, Deliveries: plans[1].Deliveries}
	made, err := j.Replay(t.Context(), plans)
	if err != nil || len(made) != 1 {
		t.Errorf("got %v (%v), want one delivery made again: the other waits", made, err)
	}
	deliverAll(t, j)
	previous, err := j.Previous(t.Context(), "28e92b4c-3b0c-4100-83c8-80231b62efcb", 9, 9)
	if err != nil || len(previous) != 7 {
		t.Errorf("got %d previous events (%v), want 7: all but the released one, whose entity is not known", len(previous), err)
	}
	trimmed, err := j.Trim(t.Context(), journal.Policy{Now: time.Now().Add(time.Hour), Events: time.Minute, Memory: time.Minute})
	if err != nil || trimmed != (journal.Trimmed{Events: 8, Fingerprints: 8}) {
		t.Errorf("got %+v (%v), want everything forgotten", trimmed, err)
	}
	checkIntegrity(t, j)
	if findings, err := j.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("got findings %q (%v), want none", findings, err)
	}
}

// deliverAll tells everything that waits.
func deliverAll(t *testing.T, j *Journal) {
	t.Helper()
	targets, err := j.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		waiting, err := j.Queue(t.Context(), target.Target, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(waiting) == 0 {
			continue
		}
		effect := journal.Effect{ID: uuid.Must(uuid.NewV7()).String(), Target: target.Target, Started: time.Now()}
		for _, w := range waiting {
			effect.Deliveries = append(effect.Deliveries, w.Delivery)
		}
		if err := j.Begin(t.Context(), effect); err != nil {
			t.Fatal(err)
		}
		settlement := journal.Settlement{Effect: effect.ID, Outcome: journal.Told, At: time.Now(), Target: journal.TargetState{Target: target.Target}}
		if err := j.Settle(t.Context(), settlement); err != nil {
			t.Fatal(err)
		}
	}
}

// planAll plans all events for a target.
func planAll(t *testing.T, j *Journal, target string) {
	t.Helper()
	entries, err := j.Unplanned(t.Context(), 10000)
	if err != nil {
		t.Fatal(err)
	}
	var plans []journal.Planned
	for _, e := range entries {
		plans = append(plans, journal.Planned{Number: e.Number, Deliveries: []journal.NewDelivery{{Target: target, Route: "r"}}})
	}
	if err := j.Plan(t.Context(), plans); err != nil {
		t.Fatal(err)
	}
}
