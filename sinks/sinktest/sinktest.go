// Package sinktest is what every sink must pass: the contract of package sinks, checked on a real target or on one that
// speaks the vendor's protocol, with faults on the way to it.
//
// # The way of a check
//
// The kit asks the harness for a fresh target, makes items that carry both a message and rows, lets the sink compose
// them and the harness perform the effect under a fault, and then does what delivery does: it recalls what is unsure and
// composes anew what did not happen. In the end each item must stand in the target exactly once, in order.
//
// # What the harness supplies
//
// A target tells what stands in it as a person would find it there, never from the sink's own memory. A fault should be
// a real one: a closed connection, a full disk, a killed process.
package sinktest

import (
	"context"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// Fault is what goes wrong with one Perform.
type Fault string

// The faults. Before a target has taken the write, after it took all of it, or in the middle; a hang ends only with the
// context, and leaves open whether the write was taken.
const (
	None   Fault = "none"
	Before Fault = "before"
	After  Fault = "after"
	Half   Fault = "half"
	Hang   Fault = "hang"
)

// Target is a fresh and empty channel, tab or file.
type Target interface {
	// Sink returns a sink of the target that has never been used, as the program makes it at its start.
	Sink(t *testing.T) sinks.Sink

	// Perform lets a sink of the target perform the effect while the fault strikes, and returns what the sink said. When
	// the fault kills the process that performs, it returns any error that is no *sinks.Error.
	Perform(ctx context.Context, t *testing.T, fault Fault, effect sinks.Effect) (sinks.Receipt, error)

	// Told returns what stands in the target, oldest first, one text for each message or row with all that it says.
	Told(t *testing.T) []string
}

// Harness is what the kit must know of a kind of sink.
type Harness struct {
	// New makes a target that lives as long as the test.
	New func(t *testing.T) Target

	// Rows says that the sink writes the items' rows, whose keys are then looked for; else their messages.
	Rows bool

	// Forgets says that the target keeps no ids of events, so that what was told before cannot be found by them.
	Forgets bool

	// Faults are those that the harness can inject. None is always among them.
	Faults []Fault

	// Patience is how long a hanging Perform is waited for; 0 = 100 ms.
	Patience time.Duration

	// Many is how many items the test of large batches writes; 0 = 1500.
	Many int

	// Steps is how many effects the random story has; 0 = 20.
	Steps int

	// Secrets are texts that no error, answer or content may show: tokens, keys, addresses with a password.
	Secrets []string

	// Harmless fails the test when something in the target could act: a formula, a mention, a link. It is given what Told
	// returned after hostile text was written.
	Harmless func(t *testing.T, told []string)
}

// Run checks a sink against the contract, one part of it per subtest.
func Run(t *testing.T, h Harness) {
	t.Helper()
	if h.New == nil || h.Harmless == nil {
		t.Fatal("a harness needs New and Harmless")
	}
	h.Patience = orElse(h.Patience, 100*time.Millisecond)
	h.Many = orElse(h.Many, 1500)
	h.Steps = orElse(h.Steps, 20)

	h.check(t, "compose is pure", calculates(composeIsPure))
	h.check(t, "performed once it is there once", performedOnce)
	h.check(t, "many items are split by what is taken", calculates(manyAreSplit))
	h.check(t, "a crash after perform is recalled as done", crashAfterPerform)
	h.check(t, "what was never performed did not happen", neverPerformed)
	h.check(t, "told is what was performed", toldIsPerformed)
	h.check(t, "a cancelled perform claims nothing false", cancelled)
	h.check(t, "hostile text does not act", hostileText)
	for _, fault := range h.Faults {
		h.check(t, "fault "+string(fault), func(r *run) { faultStrikes(r, fault) })
	}
	h.check(t, "a story of faults and restarts", story)
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

func (h Harness) check(t *testing.T, name string, part func(*run)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		target := h.New(t)
		part(&run{T: t, Harness: h, target: target, sink: target.Sink(t)})
	})
}

// calculates is a part that calculates for seconds, in one goroutine.
func calculates(part func(*run)) func(*run) {
	return func(r *run) {
		raced.Calculates(r)
		part(r)
	}
}
