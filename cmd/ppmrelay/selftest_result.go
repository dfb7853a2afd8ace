package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/selftest"
)

// selftestResult is what a selftest found. Tellings are counted for each channel, tab and file.
type selftestResult struct {
	Seed    uint64  `json:"seed"`
	Rounds  int     `json:"rounds"`
	Seconds float64 `json:"seconds"`

	Posted       int `json:"posted"`       // changes
	Acknowledged int `json:"acknowledged"` // of these
	Unanswered   int `json:"unanswered"`   // taken, but the answer never arrived
	Redelivered  int `json:"redelivered"`  // posted again after they were acknowledged
	Resent       int `json:"resent"`       // posted again because they were not
	Recovered    int `json:"recovered"`    // events of our own: changes that were missing for a minute
	Known        int `json:"known"`        // of the missing ones, those that came then, and were not told again

	Told    int `json:"told"`
	Skipped int `json:"skipped"`
	Buried  int `json:"buried"`

	Messages int `json:"messages"` // that stand in the channels
	Rows     int `json:"rows"`     // that stand in tabs and files

	Lost       int `json:"lost"`
	Doubled    int `json:"doubled"`
	OutOfOrder int `json:"out_of_order"`
	Possible   int `json:"possible_doubles"` // messages told again that could still have appeared
	Appeared   int `json:"appeared"`         // of these

	Cut    int                `json:"rounds_with_an_open_effect"`
	CutIn  map[string]int     `json:"rounds_with_an_open_effect_in"` // by kind of target
	Faults map[fault.Kind]int `json:"faults"`                        // that requests met

	Details []string `json:"details,omitempty"` // of what was lost, doubled or out of order

	recovered map[string]bool  // by number
	silent    map[int64]string // events without a delivery, and why
}

// compare holds what the clients were promised, what the journal says and what stands against each other.
func (t *torture) compare(ctx context.Context) (selftestResult, error) {
	store, err := t.journal(ctx)
	if err != nil {
		return selftestResult{}, err
	}
	defer func() { _ = store.Close() }() // it was only read
	found := selftestResult{
		Seed: t.seed, Cut: t.cut, CutIn: maps.Clone(t.opened), Faults: t.faults(),
		recovered: map[string]bool{}, silent: map[int64]string{},
	}
	auditor := newAuditor(t.Sandbox)
	auditor.dir = t.folder
	counts, err := store.Count(ctx)
	if err != nil {
		return selftestResult{}, err
	}
	auditor.Possible = int(counts.Doubles)
	var kept []selftest.Kept
	err = eachStory(ctx, store, func(s journal.Story) {
		auditor.story(s)
		found.story(s)
		if !s.Entry.Recovered { // nobody posted it
			kept = append(kept, selftest.Kept{Number: s.Entry.Number, ID: s.Entry.ID, Occurred: s.Entry.Occurred})
		}
	})
	if err != nil {
		return selftestResult{}, err
	}
	auditor.finish(t.Sandbox)
	found.unsaid()
	found.promises(t.load)
	found.add(auditor.audit, t.load.Check(kept))
	return found, nil
}

// faults counts what requests met.
func (t *torture) faults() map[fault.Kind]int {
	all := map[fault.Kind]int{}
	for _, board := range t.boards() {
		for _, kinds := range board.State().Met {
			for kind, times := range kinds {
				all[kind.Name()] += times
			}
		}
	}
	return all
}

// story counts what became of one event. A table has each event, so that one which was not told to a tab or a file is
// lost, whatever the reason.
func (r *selftestResult) story(s journal.Story) {
	for _, d := range s.Deliveries {
		switch d.State {
		case journal.Delivered:
			r.Told++
		case journal.Skipped:
			r.Skipped++
			if !strings.HasPrefix(d.Target, "slack:") {
				r.lost("event %d was skipped for %s: %s", s.Entry.Number, d.Target, d.Reason)
			}
		case journal.Buried:
			r.Buried++
		case journal.Pending, journal.Uncertain: // the auditor tells
		}
	}
	if s.Entry.Recovered {
		r.recovered[strconv.FormatInt(s.Entry.Number, 10)] = true
	}
	switch {
	case len(s.Deliveries) == 0 && len(s.Verdicts) > 0:
		r.silent[s.Entry.Number] = s.Verdicts[0].Reason
	case len(s.Deliveries) != torturePlaces:
		r.lost("event %d (%s) has %d deliveries and not %d", s.Entry.Number, s.Entry.Type, len(s.Deliveries), torturePlaces)
	}
}

// unsaid judges events that nobody was told of: what each says must have been told by one that was recovered before.
func (r *selftestResult) unsaid() {
	for number, reason := range r.silent {
		rest, known := strings.CutPrefix(reason, "told as recovered: event ")
		by, _, _ := strings.Cut(rest, " ")
		if known && r.recovered[by] {
			r.Known++
			continue
		}
		r.lost("event %d is told nowhere: %s", number, reason)
	}
}

func (r *selftestResult) lost(format string, args ...any) {
	r.Lost++
	r.Details = append(r.Details, "lost: "+fmt.Sprintf(format, args...))
}

func (r *selftestResult) promises(load *selftest.Load) {
	r.Recovered = len(r.recovered)
	sums := load.Sums()
	r.Posted, r.Acknowledged, r.Redelivered, r.Resent = sums.Posted, sums.Acknowledged, sums.Redelivered, sums.Resent
}

// add sums up what was found where it was told, and at the door.
func (r *selftestResult) add(told audit, promised selftest.Findings) {
	r.Messages, r.Rows, r.Possible, r.Appeared, r.Unanswered = told.Messages, told.Rows, told.Possible, told.Appeared, promised.Unanswered
	r.Lost += told.Lost + promised.Lost
	r.Doubled += told.Doubled + promised.Doubled
	r.OutOfOrder += told.Disorder + promised.OutOfOrder
	r.Details = slices.Concat(r.Details, promised.Details, told.Details)
}

// verdict is an error when a promise was broken, or nothing was put to the test.
func (r *selftestResult) verdict() error {
	switch {
	case r.Lost+r.Doubled+r.OutOfOrder > 0:
		return fmt.Errorf("%s lost, %s doubled, %s out of order", thousands(r.Lost), thousands(r.Doubled), thousands(r.OutOfOrder))
	case r.Acknowledged == 0 || r.Told == 0:
		return errors.New("nothing was told")
	default:
		return nil
	}
}

// reportSelftest prints the result; details go where the progress went.
func (a *app) reportSelftest(r selftestResult, asJSON bool) error {
	const most = 20
	for _, detail := range r.Details[:min(most, len(r.Details))] {
		_, _ = fmt.Fprintln(a.err, detail)
	}
	if more := len(r.Details) - most; more > 0 {
		_, _ = fmt.Fprintf(a.err, "and %s more\n", thousands(more))
	}
	if asJSON {
		r.Details = nil // said already
		return a.printJSON(r)
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	line := func(name string, n int, notes ...string) {
		fmt.Fprintf(table, "%s\t%12s\t%s\n", name, thousands(n), strings.Join(notes, ", "))
	}
	line("rounds of kill -9", r.Rounds, fmt.Sprintf("in %.0f s, seed %d", r.Seconds, r.Seed))
	line("in the middle of a write", r.Cut, counted(r.CutIn))
	line("changes posted", r.Posted, thousands(r.Redelivered)+" once more after they were acknowledged", thousands(r.Resent)+" because they were not")
	line("acknowledged", r.Acknowledged, thousands(r.Unanswered)+" others were taken, and the answer never arrived")
	line("recovered", r.Recovered, "missing for a minute, then found by comparing", thousands(r.Known)+" came later and were not told again")
	line("told", r.Told, thousands(r.Messages)+" messages", thousands(r.Rows)+" rows")
	line("skipped", r.Skipped, "taken back before they were told")
	line("buried", r.Buried)
	line("faults met", sum(r.Faults), counted(r.Faults))
	line("lost", r.Lost)
	line("doubled", r.Doubled)
	line("out of order", r.OutOfOrder)
	line("possible doubles", r.Possible, "told again after two looks that found nothing", thousands(r.Appeared)+" did appear later")
	return table.Flush()
}

// counted writes counts by name: "after 3, late 12".
func counted[K ~string](counts map[K]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}

func sum(faults map[fault.Kind]int) (all int) {
	for _, n := range faults {
		all += n
	}
	return all
}
