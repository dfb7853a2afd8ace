package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
)

// gapJournal writes a journal in which so many ideas are no longer visible, and fields changed silently so often.
func gapJournal(t *testing.T, hidden int, silent map[string]int) (config string) {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "ppmrelay.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for field, times := range silent {
		for range times {
			must(store.RecordGap(t.Context(), journal.Gap{Cause: journal.CauseChain, Since: at, Until: at, Due: at, Known: []byte("{}")}))
			due, err := store.DueChains(t.Context(), at, 1)
			must(err)
			must(store.CloseChain(t.Context(), due[0].Number, at, "", nil, []journal.SilentField{{Kind: event.Project, Field: field}}))
		}
	}
	sweep, err := store.BeginSweep(t.Context(), journal.Sweep{Mode: journal.Compare, Stage: journal.StageLists, Began: at})
	must(err)
	var reading journal.Reading
	for n := range hidden {
		idea := event.Ref{Kind: event.Idea, ID: fmt.Sprint("i", n), Name: fmt.Sprint("Idea ", n)}
		reading.Known = append(reading.Known, journal.EntityState{Entity: idea, Occurred: at, Attributes: []byte("{}")})
		reading.Suspects = append(reading.Suspects, journal.Suspect{Sort: journal.SortAbsent, Entity: idea, Read: at, Seen: at, Occurred: at, Agreed: true})
	}
	must(store.KeepReading(t.Context(), &sweep, reading))
	must(store.Hide(t.Context(), &sweep, at))
	must(store.EndSweep(t.Context(), sweep, at))
	return writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), goodConfig)
}

// TestGapsListNamesAll: people are told how many more there are, programs get all of them.
func TestGapsListNamesAll(t *testing.T) {
	for hidden, more := range map[int]string{mostHidden: "", mostHidden + 1: "  and 1 more: ", 1234: "  and 1,134 more: "} {
		config := gapJournal(t, hidden, nil)
		text := ran(t, exitFine, "No longer visible", "gaps list --config "+config)
		if strings.Count(text, "  Idea ") != mostHidden || strings.Contains(text, " more: ") != (more != "") || !strings.Contains(text, more) {
			t.Errorf("%d: got\n%s\nwant %d names and %q", hidden, text, mostHidden, more)
		}
		var out gapsOut
		if err := json.Unmarshal([]byte(ran(t, exitFine, "", "gaps list --json --config "+config)), &out); err != nil || len(out.Hidden) != hidden {
			t.Errorf("got %d, %v, want all %d", len(out.Hidden), err, hidden)
		}
	}
}

// TestGapsListNamesSilentFields: what is called a gap no more is said, what still is is not.
func TestGapsListNamesSilentFields(t *testing.T) {
	config := gapJournal(t, 0, map[string]int{"Score": 3, "Risk level": 4, "Budget": 2})
	text := ran(t, exitFine, "although nothing was missed: Project Risk level, Project Score.\n", "gaps list --config "+config)
	if strings.Contains(text, "Budget") {
		t.Errorf("got\n%s\nwant nothing of a field that changed silently twice", text)
	}
	var out gapsOut
	err := json.Unmarshal([]byte(ran(t, exitFine, "", "gaps list --json --config "+config)), &out)
	if err != nil || fmt.Sprint(out.Silent) != "[{Project Risk level 4} {Project Score 3}]" {
		t.Errorf("got %v, %v, want the two", out.Silent, err)
	}
	if text := ran(t, exitFine, "no gaps", "gaps list --config "+gapJournal(t, 0, map[string]int{"Score": 2})); strings.Contains(text, "nothing was missed:") {
		t.Errorf("got\n%s\nwant no such field", text)
	}
}

// TestGapsListNamesWhatLasts: types without a webhook are a gap that goes on, since anything is known where they never had one.
func TestGapsListNamesWhatLasts(t *testing.T) {
	config := gapJournal(t, 0, nil)
	ran(t, exitFine, "no gaps: as far as is known, no event was missed", "gaps list --config "+config)
	ran(t, exitFine, "no gap is open", "gaps list --open --config "+config)
	ran(t, exitWrong, "--limit 0: write a number above zero", "gaps list --limit 0 --config "+config)
	store, err := sqlite.Open(t.Context(), filepath.Join(filepath.Dir(config), "ppmrelay.db"), sqlite.Options{})
	must(t, err)
	must(t, store.Remember(t.Context(), "webhooks", []byte(`{"open": {
		"Task:Updated": {"since": "2026-03-02T08:00:00Z", "cause": "no webhook brought them"},
		"Task:Created": {"since": "2026-03-02T08:00:00Z", "cause": "no webhook brought them"},
		"Idea:Created": {"since": "0001-01-01T00:00:00Z", "cause": "no webhook brought them yet"}
	}}`)))
	must(t, store.Close())
	for _, flag := range []string{"", "--open "} {
		text := ran(t, exitFine, "2026-03-02 08:00:00Z  goes on  Task:Created, Task:Updated  no webhook brought them      open: goes on\n", "gaps list "+flag+"--config "+config)
		if want := "2026-03-01 08:00:00Z  goes on  Idea:Created                no webhook brought them yet  open: goes on\n"; !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant %s", text, want)
		}
	}
	var out gapsOut
	err = json.Unmarshal([]byte(ran(t, exitFine, "", "gaps list --json --limit 1 --config "+config)), &out)
	if err != nil || len(out.Gaps) != 1 || len(out.Gaps[0].Types) != 2 || !out.Gaps[0].Until.IsZero() {
		t.Errorf("got %+v, %v, want the newest alone", out.Gaps, err)
	}
}

func TestWhatAReadingLeftOutIsSaid(t *testing.T) {
	for want, s := range map[string]control.Sweep{
		"": {Updated: 3},
		"the tasks and key dates of 1 project could not be read":                                 {Unreadable: 1},
		"ideas could not be read; 2 elements of lists could not be understood":                   {IdeasRefused: true, Odd: 2},
		"1 element of lists could not be understood; no two readings of 12 changed items agreed": {Odd: 1, Restless: 12},
	} {
		if got := strings.Join(leftOut(s), "; "); got != want {
			t.Errorf("%+v: got %q, want %q", s, got, want)
		}
	}
}

// A gap that was closed although something was left out is a problem, until a reading that tells or adopts leaves nothing
// out.
func TestWhatAReadingLeftOutIsAProblem(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ppmrelay.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := newRescuer(metered{Journal: store}, &config.Config{}, func() {}, nil, recovery.Timing{}, slog.New(slog.DiscardHandler))
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	const ideas, tasks = "ideas could not be read", "the tasks and key dates of 2 projects could not be read"
	for i, test := range []struct {
		mode journal.Mode
		left journal.Progress
		want string
	}{
		{journal.Baseline, journal.Progress{Unreadable: 1}, ""},
		{journal.Compare, journal.Progress{Unreadable: 2, Odd: 1}, tasks + "; 1 element of lists could not be understood"},
		{journal.Rehearse, journal.Progress{}, tasks + "; 1 element of lists could not be understood"},
		{journal.Compare, journal.Progress{IdeasRefused: true}, ideas},
		{journal.Compare, journal.Progress{Odd: 1}, ""},
		{journal.Compare, journal.Progress{Restless: 1}, "no two readings of 1 changed item agreed"},
		{journal.Rehearse, journal.Progress{IdeasRefused: true}, "no two readings of 1 changed item agreed"},
		{journal.Adopt, journal.Progress{}, ""},
	} {
		before := r.problems(t.Context())
		sweep, err := store.BeginSweep(t.Context(), journal.Sweep{Mode: test.mode, Stage: journal.StageLists, Began: at})
		if err != nil {
			t.Fatal(err)
		}
		if during := r.problems(t.Context()); !slices.Equal(during, before) {
			t.Errorf("%d: got %v while it is read, want %v as before", i, during, before)
		}
		sweep.Progress = test.left
		if err := store.EndSweep(t.Context(), sweep, at); err != nil {
			t.Fatal(err)
		}
		got := r.problems(t.Context())
		if (len(got) == 1) != (test.want != "") || len(got) > 1 {
			t.Errorf("%d: got %v, want %q", i, got, test.want)
		}
		for _, p := range got {
			if p.Why != test.want+"; ppmrelay backfill reads it again" || p.Blocks || !p.Since.Equal(at) {
				t.Errorf("%d: got %+v, want %q since it ended", i, p, test.want)
			}
		}
	}
}
