package sinktest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// run is one subtest with its target.
type run struct {
	*testing.T
	Harness

	target Target
	sink   sinks.Sink
}

// restart replaces the sink by a new one of the same target.
func (r *run) restart() { r.sink = r.target.Sink(r.T) }

// compose lets the sink freeze the first of the items that fit, and returns those that it took.
func (r *run) compose(all []sinks.Item) (sinks.Effect, []sinks.Item) {
	r.Helper()
	content, taken, err := r.sink.Compose(all, false)
	if err != nil {
		r.Fatalf("composing %d items: %v", len(all), err)
	}
	if taken < 1 || taken > len(all) {
		r.Fatalf("composing %d items: got %d taken, want 1 to %d", len(all), taken, len(all))
	}
	r.noSecret("content", string(content))
	effect := sinks.Effect{ID: newID(), Content: content, Started: time.Now()}
	for _, item := range all[:taken] {
		effect.Events = append(effect.Events, item.Events...)
	}
	return effect, all[:taken]
}

// perform lets the harness perform the effect. An effect that failed is one that ended, unless the process died.
func (r *run) perform(fault Fault, effect *sinks.Effect) error {
	r.Helper()
	ctx, cancel := r.Context(), context.CancelFunc(func() {})
	if fault == Hang {
		ctx, cancel = context.WithTimeout(ctx, r.Patience)
	}
	defer cancel()
	receipt, err := r.target.Perform(ctx, r.T, fault, *effect)
	if err == nil && receipt == "" {
		r.Error("performing: got no receipt, want one that says where it stands")
	}
	if err != nil {
		r.noSecret("error", err.Error())
		if _, alive := errors.AsType[*sinks.Error](err); alive {
			effect.Ended = time.Now()
		}
	}
	return err
}

// recall asks the sink what became of the effect.
func (r *run) recall(effect sinks.Effect) sinks.Happened {
	r.Helper()
	answer, err := r.sink.Recall(r.Context(), effect)
	if err != nil {
		r.noSecret("error of recall", err.Error())
		r.Fatalf("recalling: %v", err)
	}
	r.noSecret("detail of recall", answer.Detail)
	if answer.Happened == sinks.Did && answer.Receipt == "" {
		r.Error("recalling: got Did without a receipt")
	}
	return answer.Happened
}

// wantKnown asks which of the items were told since then. It asks again for a while, as a target may show late what it
// has.
func (r *run) wantKnown(asked []sinks.Item, since time.Time, want []sinks.Item) {
	r.Helper()
	if r.Forgets {
		want = nil
	}
	events, patience := eventsOf(want), time.After(r.Patience)
	for {
		known, err := r.sink.Told(r.Context(), eventsOf(asked), since)
		if err != nil {
			r.noSecret("error of told", err.Error())
			r.Fatalf("asking what was told: %v", err)
		}
		known = slices.Sorted(slices.Values(known))
		if slices.Equal(known, events) {
			return
		}
		select {
		case <-patience:
			r.Errorf("asking for %d events what was told since %v: got %d, want %d", len(asked), since, len(known), len(want))
			return
		case <-time.After(r.Patience / 10):
		}
	}
}

// eventsOf returns the ids of the items' events, sorted.
func eventsOf(all []sinks.Item) []string {
	var events []string
	for _, item := range all {
		events = append(events, item.Events...)
	}
	slices.Sort(events)
	return events
}

// finish does what delivery does after Perform: it lets done be done, recalls what is unsure, and tells anew, as
// another effect, what did not happen.
func (r *run) finish(taken []sinks.Item, effect sinks.Effect, err error) {
	r.Helper()
	if err == nil {
		return
	}
	if sinks.Classify(err).Class == sinks.Unsure {
		switch r.recall(effect) {
		case sinks.Did:
			return
		case sinks.CannotTell:
			r.Fatalf("recalling after %q: got CannotTell, want Did or DidNot", err)
		case sinks.DidNot:
		}
	}
	r.tell(taken)
}

// tell composes and performs the items without a fault, in as many effects as the sink makes of them.
func (r *run) tell(rest []sinks.Item) {
	r.Helper()
	for len(rest) > 0 {
		effect, taken := r.compose(rest)
		if err := r.perform(None, &effect); err != nil {
			r.Fatalf("performing %d items without a fault: %v", len(taken), err)
		}
		rest = rest[len(taken):]
	}
}

// wantTold checks that the target holds the items, each exactly once and in order, and nothing else.
func (r *run) wantTold(all []sinks.Item) {
	r.Helper()
	told := r.target.Told(r.T)
	marks := r.marks(all)
	where := positions(told, marks)
	last := 0
	for _, mark := range marks {
		switch found := where[mark]; {
		case len(found) != 1:
			r.Errorf("%s stands in the target %d times, want once", mark, len(found))
		case found[0] < last:
			r.Errorf("%s stands before what was told earlier", mark)
		default:
			last = found[0]
		}
	}
	known := map[int]bool{}
	for _, found := range where {
		for _, i := range found {
			known[i] = true
		}
	}
	for i, text := range told {
		if !known[i] {
			r.Errorf("entry %d of the target is nothing that was told: %q", i+1, text)
		}
	}
}

// positions returns in which of the texts each mark stands. A mark is looked for by the id it begins with, so that
// thousands of them do not take a search each in thousands of texts.
func positions(told, marks []string) map[string][]int {
	byID := map[string][]string{}
	for _, mark := range marks {
		id, _, _ := strings.Cut(mark, "/")
		byID[id] = append(byID[id], mark)
	}
	where := map[string][]int{}
	for i, text := range told {
		for id := range idsIn(text) {
			for _, mark := range byID[id] {
				if strings.Contains(text, mark) {
					where[mark] = append(where[mark], i)
				}
			}
		}
	}
	return where
}

// idsIn returns the UUIDs in a text.
func idsIn(text string) map[string]bool {
	const length = len("01234567-0123-7123-8123-0123456789ab")
	ids := map[string]bool{}
	for i := 0; i+length <= len(text); i++ {
		if text[i+8] == '-' && text[i+13] == '-' && text[i+18] == '-' && text[i+23] == '-' {
			ids[text[i:i+length]] = true
		}
	}
	return ids
}

// marks returns the texts by which the items are found in the target.
func (r *run) marks(all []sinks.Item) []string {
	var marks []string
	for _, item := range all {
		if !r.Rows {
			marks = append(marks, item.Events...)
			continue
		}
		for _, row := range item.Rows {
			marks = append(marks, row.Key)
		}
	}
	return marks
}

func (r *run) noSecret(where, text string) {
	r.Helper()
	AssertNoSecret(r.T, where, text, r.Secrets...)
}

// AssertNoSecret fails the test when the text shows one of the secrets. Where says what text it is: "error", "log".
func AssertNoSecret(tb testing.TB, where, text string, secrets ...string) {
	tb.Helper()
	for i, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			tb.Errorf("%s shows secret %d of the harness", where, i+1)
		}
	}
}
