package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Memory keeps a little over restarts. The journal is one.
type Memory interface {
	// Recollect returns what was remembered under a name, or journal.ErrNotFound.
	Recollect(ctx context.Context, name string) ([]byte, error)
	// Remember keeps a value under a name, in place of the one before.
	Remember(ctx context.Context, name string, value []byte) error
}

// stateName is what a Memory keeps the state of webhooks under.
const stateName = "webhooks"

// state is what survives the process. Fields are added, never renamed.
type state struct {
	Records  []Record                   `json:"records,omitempty"`
	Unseen   []Record                   `json:"unseen,omitempty"`   // what was created last, until one of them is listed
	Blind    int                        `json:"blind,omitempty"`    // how often it was created again although it was not listed
	Open     map[event.Type]opened      `json:"open,omitempty"`     // types of which events do not come
	Gaps     []Gap                      `json:"gaps,omitempty"`     // that nobody took over yet
	Replaced map[event.Type][]time.Time `json:"replaced,omitempty"` // for what the list showed, within the last day
	Doubted  map[event.Type][]string    `json:"doubted,omitempty"`  // see doubt: ids that were listed at the address
	Former   []string                   `json:"former,omitempty"`   // addresses that live reloads gave up
	Token    knownToken                 `json:"token,omitzero"`
	Last     time.Time                  `json:"last,omitzero"` // when a pass last read the list
}

// opened is a gap that lasts.
type opened struct {
	Since time.Time `json:"since"`
	Cause string    `json:"cause"`
}

// Known is what a Memory knows of the webhooks, for who only looks.
type Known struct {
	Records []Record
	Gaps    []Gap     // that last, without an end, and those that nobody took over yet
	Last    time.Time // when a pass last read the list; zero = never
}

// Recollect returns what a Memory knows.
func Recollect(ctx context.Context, memory Memory) (Known, error) {
	kept, err := read(ctx, memory)
	return Known{Records: kept.Records, Gaps: append(lasting(kept.Open), kept.Gaps...), Last: kept.Last}, err
}

func read(ctx context.Context, memory Memory) (kept state, _ error) {
	text, err := memory.Recollect(ctx, stateName)
	if errors.Is(err, journal.ErrNotFound) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return state{}, fmt.Errorf("reading what is remembered of webhooks: %w", err)
	}
	return kept, nil
}

// recollect reads the state once; then the one in memory is the newer one. The lock of passes is held.
func (r *Reconciler) recollect(ctx context.Context) error {
	if r.known {
		return nil
	}
	var err error
	if r.state, err = read(ctx, r.config.Memory); err != nil {
		return err
	}
	if r.state.Open == nil {
		r.state.Open = map[event.Type]opened{}
	}
	if r.state.Replaced == nil {
		r.state.Replaced = map[event.Type][]time.Time{}
	}
	if r.state.Doubted == nil {
		r.state.Doubted = map[event.Type][]string{}
	}
	r.moved()
	r.known = true
	return nil
}

// moved takes up the addresses that reloads gave up. The one in use was not given up, whatever was before.
func (r *Reconciler) moved() {
	for _, former := range r.config.Former {
		if !slices.Contains(r.state.Former, former) {
			r.state.Former = append(r.state.Former, former)
			r.left = append(r.left, former)
		}
	}
	if len(r.config.Wanted) > 0 {
		base := baseOf(r.config.Wanted[0])
		r.state.Former = slices.DeleteFunc(r.state.Former, func(former string) bool { return sameAddress(former, base) })
	}
}

// save writes the state down. That it could not be is a problem, and keeps nothing from being registered.
func (r *Reconciler) save(ctx context.Context) {
	text, err := json.Marshal(r.state)
	if err == nil {
		err = r.config.Memory.Remember(context.WithoutCancel(ctx), stateName, text)
	}
	r.unsaved = err
}

// tidy forgets what no longer matters.
func (r *Reconciler) tidy(now time.Time) {
	r.state.Records = slices.DeleteFunc(r.state.Records, func(known Record) bool {
		last := known.Seen
		for _, at := range []time.Time{known.Created, known.Deleted} {
			if at.After(last) {
				last = at
			}
		}
		return now.Sub(last) > recordsKept || known.ID == "" && known.Seen.IsZero() && now.Sub(last) > staleMost
	})
	for t, times := range r.state.Replaced {
		r.state.Replaced[t] = slices.DeleteFunc(times, func(at time.Time) bool { return now.Sub(at) > day })
		if len(r.state.Replaced[t]) == 0 {
			delete(r.state.Replaced, t)
		}
	}
}

// situation is what a plan is made of.
func (r *Reconciler) situation(registered []ppm.Webhook, how request) Situation {
	s := Situation{
		Wanted: r.config.Wanted, Accepted: r.config.Secrets, Registered: registered, Records: r.state.Records,
		Former: r.state.Former, Left: r.left, ByHand: how.byHand, Now: time.Now(),
	}
	for t, times := range r.state.Replaced {
		if len(times) >= replacedMost {
			s.Worn = append(s.Worn, t)
		}
	}
	return s
}
