package sinktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// composeIsPure: the same items give the same content, from any sink of the target; items behind those that were taken
// make no difference; the items stay as they are; nothing is written.
func composeIsPure(r *run) {
	all := items(r.Many) // more than fit
	before, _ := json.Marshal(all)
	effect, taken := r.compose(all)
	again, _ := r.compose(all)
	other, _, err := r.target.Sink(r.T).Compose(all, false)
	exact, _ := r.compose(taken)
	after, _ := json.Marshal(all)
	switch {
	case err != nil:
		r.Errorf("another sink composes: %v", err)
	case !bytes.Equal(effect.Content, again.Content):
		r.Error("composing the same items twice: got another content")
	case !bytes.Equal(effect.Content, other):
		r.Error("another sink of the target composes: got another content")
	case !bytes.Equal(effect.Content, exact.Content):
		r.Error("composing only the items that were taken: got another content")
	case !bytes.Equal(before, after):
		r.Error("composing changed the items")
	}
	if _, plain, err := r.sink.Compose(all, true); err != nil || plain < 1 {
		r.Errorf("composing plainly: got %d taken, error %v", plain, err)
	}
	r.wantTold(nil)
}

func performedOnce(r *run) {
	all := items(3)
	r.tell(all)
	r.wantTold(all)
}

func manyAreSplit(r *run) {
	all := items(r.Many)
	r.tell(all)
	r.wantTold(all)
}

// crashAfterPerform: the process dies between Perform and the note that it succeeded.
func crashAfterPerform(r *run) {
	earlier, all := items(2), items(2)
	r.tell(earlier)
	effect, taken := r.compose(all)
	if err := r.perform(None, &effect); err != nil {
		r.Fatalf("performing: %v", err)
	}
	for range 2 { // Recall may be asked again: the process can die after it, too
		r.restart()
		if got := r.recall(effect); got != sinks.Did {
			r.Errorf("recalling what was performed: got %d, want Did (%d)", got, sinks.Did)
		}
	}
	r.wantTold(append(earlier, taken...))
}

// neverPerformed: the process dies between the note of what is intended and Perform. The target has other content once,
// and none the other time.
func neverPerformed(r *run) {
	all := items(4)
	told := 0
	for told < len(all) {
		effect, taken := r.compose(all[told:])
		r.restart()
		if got := r.recall(effect); got != sinks.DidNot {
			r.Fatalf("recalling what was never performed: got %d, want DidNot (%d)", got, sinks.DidNot)
		}
		r.wantTold(all[:told])
		r.tell(taken[:1])
		told++
		r.wantTold(all[:told])
	}
}

// toldIsPerformed: of the events that are asked for, those are told that were performed, before and after a restart. A
// person who asks for a repetition (since is zero) hears it again in a chat, but gets no row twice.
func toldIsPerformed(r *run) {
	all, begin := items(5), time.Now()
	r.wantKnown(all, begin, nil)
	r.tell(all[:3])
	for range 2 {
		r.wantKnown(all, begin, all[:3])
		r.wantKnown(all[1:2], begin, all[1:2])
		r.wantKnown(all[3:], begin, nil)
		r.wantKnown(nil, begin, nil)
		again := all[:3]
		if !r.Rows {
			again = nil
		}
		r.wantKnown(all, time.Time{}, again)
		r.restart()
	}
	r.wantTold(all[:3]) // looking changes nothing
}

func cancelled(r *run) {
	all := items(1)
	effect, taken := r.compose(all)
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	_, err := r.sink.Perform(ctx, effect)
	if err != nil {
		r.noSecret("error", err.Error())
		if sinks.Classify(err).Class != sinks.Unsure {
			r.wantTold(nil)
		}
	}
	r.finish(taken, effect, err)
	r.wantTold(all)
}

func hostileText(r *run) {
	var all []sinks.Item
	for _, text := range Hostile() {
		all = append(all, itemOf(text))
	}
	r.tell(all)
	r.wantTold(all)
	r.Harmless(r.T, r.target.Told(r.T))
}

// faultStrikes: once in an empty target, once behind what is there, both times with more behind it.
func faultStrikes(r *run, fault Fault) {
	var all []sinks.Item
	for range 2 {
		effect, taken := r.compose(items(3))
		err := r.perform(fault, &effect)
		all = append(all, r.afterFault(fault, all, taken, effect, err)...)
		more := items(1)
		r.tell(more)
		all = append(all, more...)
		r.wantTold(all)
	}
}

// afterFault checks that what the sink said of the fault is true, and finishes as delivery does.
func (r *run) afterFault(fault Fault, told, taken []sinks.Item, effect sinks.Effect, err error) []sinks.Item {
	r.Helper()
	class := sinks.Classify(err).Class
	if err == nil && fault != None {
		r.Errorf("performing under fault %q: got no error", fault)
	}
	if err != nil && fault == None {
		r.Errorf("performing without a fault: %v", err)
	}
	if fault == After && class != sinks.Unsure {
		r.Errorf("after the effect: got class %v (%v), want unsure", class, err)
	}
	if err != nil && class != sinks.Unsure { // it claims that nothing happened
		r.wantTold(told)
	}
	if _, alive := errors.AsType[*sinks.Error](err); err != nil && !alive {
		r.restart()
	}
	if class == sinks.Unsure && err != nil {
		r.wantTruth(fault, effect)
	}
	r.finish(taken, effect, err)
	return taken
}

// wantTruth checks the first look at an effect that is unsure.
func (r *run) wantTruth(fault Fault, effect sinks.Effect) {
	r.Helper()
	got := r.recall(effect)
	if fault == After && got != sinks.Did {
		r.Errorf("recalling after the effect: got %d, want Did (%d)", got, sinks.Did)
	}
	if fault == Before && got != sinks.DidNot {
		r.Errorf("recalling before the effect: got %d, want DidNot (%d)", got, sinks.DidNot)
	}
}

// story: effects under random faults, and a restart now and then. The seed is in the log.
func story(r *run) {
	seed := rand.Uint64() //nolint:gosec // a story, no secret
	r.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a story, no secret
	faults := append([]Fault{None}, r.Faults...)
	var all []sinks.Item
	for range r.Steps {
		effect, taken := r.compose(items(1 + random.IntN(5)))
		err := r.perform(faults[random.IntN(len(faults))], &effect)
		if random.IntN(3) == 0 {
			r.restart()
		}
		r.finish(taken, effect, err)
		all = append(all, taken...)
	}
	r.wantTold(all)
}
