// Package journaltest holds every implementation of package journal to the contract. Run is the whole of it:
//
//	func TestJournal(t *testing.T) {
//		journaltest.Run(t, func(t *testing.T, dir string) journal.Journal { … })
//	}
//
// Each test begins with an empty journal in a folder of its own, and may close and open it again.
package journaltest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// Open opens the journal that belongs to a folder: the same folder, the same journal. It fails the test when it cannot.
type Open func(t *testing.T, dir string) journal.Journal

// check is one sentence of the contract and what shows it.
type check struct {
	sentence string
	run      func(*rig)
}

// group are checks of one part of the contract.
type group struct {
	name   string
	checks []check
	atOnce bool // some of them do several things at a time
}

func groups() []group {
	return []group{
		{"append", appendChecks(), true},
		{"repetition", repetitionChecks(), true},
		{"plan", planChecks(), false},
		{"queue", queueChecks(), false},
		{"begin", beginChecks(), true},
		{"settle", settleChecks(), false},
		{"previous", previousChecks(), false},
		{"again", againChecks(), false},
		{"release", releaseChecks(), false},
		{"restored", restoredChecks(), false},
		{"trim", trimChecks(), true},
		{"memory", memoryChecks(), false},
		{"remember", rememberChecks(), false},
		{"incidents", incidentChecks(), false},
		{"look", lookChecks(), false},
		{"gaps", gapChecks(), false},
		{"sweeps", sweepChecks(), false},
		{"parts", partsChecks(), false},
		{"close", closeChecks(), true},
	}
}

// Run runs all checks as subtests, several at a time: they wait for the disk most of the time.
func Run(t *testing.T, open Open) {
	t.Helper()
	for _, g := range groups() {
		g.play(t, open)
	}
}

// RunAtOnce runs the groups that do several things at a time, for the race detector: it has nothing to find in the others,
// and takes ten times as long for them.
func RunAtOnce(t *testing.T, open Open) {
	t.Helper()
	for _, g := range groups() {
		if g.atOnce {
			g.play(t, open)
		}
	}
}

func (g group) play(t *testing.T, open Open) {
	t.Helper()
	t.Run(g.name, func(t *testing.T) {
		for _, c := range g.checks {
			t.Run(c.sentence, func(t *testing.T) {
				t.Parallel()
				c.run(newRig(t, open))
			})
		}
	})
}

// rig is a journal under test. Its helpers fail the test when the journal does not do the ordinary.
type rig struct {
	journal.Journal

	t       *testing.T
	dir     string
	open    Open
	count   int       // events made so far
	numbers []int64   // of the events that were appended one after the other, as they were given
	now     time.Time // moves with every event
}

func newRig(t *testing.T, open Open) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), open: open, now: time.Date(2026, 2, 15, 13, 20, 44, 912045000, time.UTC)}
	r.Journal = open(t, r.dir)
	t.Cleanup(func() {
		if err := r.Close(); err != nil && !errors.Is(err, journal.ErrClosed) {
			t.Errorf("closing: %v", err)
		}
	})
	return r
}

// reopen closes the journal and opens it again.
func (r *rig) reopen() {
	r.t.Helper()
	r.must(r.Close())
	r.Journal = r.open(r.t, r.dir)
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// incoming makes an event that equals no other.
func (r *rig) incoming() journal.Incoming {
	r.count++
	r.now = r.now.Add(time.Second)
	body := fmt.Appendf(nil, `{"MessageId":"message-%d"}`, r.count)
	return journal.Incoming{
		Body:        body,
		Received:    r.now,
		Type:        "Project:Updated",
		MessageID:   fmt.Sprintf("message-%d", r.count),
		WebhookID:   "webhook",
		Entity:      event.Ref{Kind: event.Project, ID: "28e92b4c-3b0c-4100-83c8-80231b62efcb", Name: "Customer Portal"},
		Initiator:   "Anna Doe",
		Occurred:    r.now.Add(-time.Second),
		Fingerprint: print32(body),
	}
}

func print32(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:]
}

// add appends a new event.
func (r *rig) add() journal.Appended {
	r.t.Helper()
	return r.append(r.incoming())
}

func (r *rig) append(in journal.Incoming) journal.Appended {
	r.t.Helper()
	appended, err := r.Append(r.t.Context(), in)
	r.must(err)
	if !appended.Duplicate {
		r.numbers = append(r.numbers, appended.Number)
	}
	return appended
}

// planned appends a new event and plans it for the targets.
func (r *rig) planned(targets ...string) journal.Appended {
	r.t.Helper()
	appended := r.add()
	r.must(r.Plan(r.t.Context(), []journal.Planned{planOf(appended.Number, targets...)}))
	return appended
}

func planOf(number int64, targets ...string) journal.Planned {
	plan := journal.Planned{Number: number}
	for _, target := range targets {
		plan.Deliveries = append(plan.Deliveries, journal.NewDelivery{Target: target, Route: "route"})
	}
	return plan
}

// waiting returns the deliveries in a target's queue.
func (r *rig) waiting(target string) []int64 {
	r.t.Helper()
	queue, err := r.Queue(r.t.Context(), target, 1000)
	r.must(err)
	ids := make([]int64, 0, len(queue))
	for _, w := range queue {
		ids = append(ids, w.Delivery)
	}
	return ids
}

// effect makes an effect that claims deliveries.
func (r *rig) effect(target string, deliveries ...int64) journal.Effect {
	r.now = r.now.Add(time.Second)
	return journal.Effect{
		ID: newID(), Target: target, Content: []byte("content\x00"), Deliveries: deliveries, Events: []string{newID()},
		Started: r.now,
	}
}

// begun plans a number of events for the target and begins an effect that claims all that waits there.
func (r *rig) begun(target string, events int) journal.Effect {
	r.t.Helper()
	for range events {
		r.planned(target)
	}
	effect := r.effect(target, r.waiting(target)...)
	r.must(r.Begin(r.t.Context(), effect))
	return effect
}

// settlement makes a settlement with a target's state that can be recognised.
func (r *rig) settlement(effect journal.Effect, outcome journal.Outcome, endings ...journal.Ending) journal.Settlement {
	r.now = r.now.Add(time.Second)
	return journal.Settlement{
		Effect: effect.ID, Outcome: outcome, At: r.now, Reason: "because", Endings: endings,
		Target: journal.TargetState{Target: effect.Target, Take: 7, Failures: 3},
	}
}

// story returns the story of an event.
func (r *rig) story(number int64) journal.Story {
	r.t.Helper()
	story, err := r.Story(r.t.Context(), number)
	r.must(err)
	return story
}

// open effects, by id.
func (r *rig) openEffects() map[string]journal.Effect {
	r.t.Helper()
	effects, err := r.OpenEffects(r.t.Context())
	r.must(err)
	byID := make(map[string]journal.Effect)
	for _, e := range effects {
		byID[e.ID] = e
	}
	return byID
}

func (r *rig) targets() map[string]journal.TargetState {
	r.t.Helper()
	targets, err := r.Targets(r.t.Context())
	r.must(err)
	byName := make(map[string]journal.TargetState)
	for _, s := range targets {
		byName[s.Target] = s
	}
	return byName
}

func (r *rig) counts() journal.Counts {
	r.t.Helper()
	counts, err := r.Count(r.t.Context())
	r.must(err)
	return counts
}

// everything is all that a journal tells, to be compared with what it tells later.
type everything struct {
	Stories []journal.Story
	Queues  map[string][]int64
	Open    map[string]journal.Effect
	Targets map[string]journal.TargetState
	Counts  journal.Counts
}

func (r *rig) everything() everything {
	r.t.Helper()
	all := everything{Open: r.openEffects(), Targets: r.targets(), Counts: r.counts(), Queues: make(map[string][]int64)}
	events, err := r.Events(r.t.Context(), journal.Filter{Limit: 10000})
	r.must(err)
	for _, e := range events {
		all.Stories = append(all.Stories, r.story(e.Entry.Number))
	}
	for target := range all.Targets {
		all.Queues[target] = r.waiting(target)
	}
	return all
}

// unchanged runs do, which must fail with the error (nil: with any), and leave everything as it was.
func (r *rig) unchanged(what string, want error, do func() error) {
	r.t.Helper()
	before := r.everything()
	if err := do(); err == nil || want != nil && !errors.Is(err, want) {
		r.t.Errorf("%s: got error %v, want %v", what, err, want)
	}
	same(r.t, what+": the journal after a call that failed", r.everything(), before)
}

// same compares two values of any shape.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got\n%+v\nwant\n%+v", what, got, want)
	}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
