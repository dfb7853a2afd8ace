package recovery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	wishesName     = "readings asked for" // that the journal keeps wishes under
	sweepsSearched = 100                  // for one that a wish has got
)

// wish is a sweep that a person asked for, and that has not begun. It survives the process: who asked may have gone. Fields
// are added, never renamed.
type wish struct {
	Mode  journal.Mode `json:"mode"`
	After int64        `json:"after"` // the newest sweep then: of this mode, a newer one is what was asked for
}

// ErrNoAPI says that nothing can be read.
var ErrNoAPI = errors.New("the configuration has no section ppm_express, so PPM Express cannot be read")

// Ask asks for a sweep, which begins when the one under way has ended, whatever becomes of this process. One that was asked
// for before, and has not begun, is the same one.
func (r *Recovery) Ask(ctx context.Context, mode journal.Mode) error {
	if reader, _ := r.asks(); reader == nil {
		return ErrNoAPI
	}
	r.wishing.Lock()
	defer r.wishing.Unlock()
	if err := r.recall(ctx); err != nil {
		return err
	}
	newest, err := r.journal.Sweeps(ctx, 1)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(r.asked, func(w wish) bool { return w.Mode == mode }) {
		wanted := wish{Mode: mode}
		if len(newest) > 0 {
			wanted.After = newest[0].Number
		}
		all := append(slices.Clone(r.asked), wanted)
		if err := r.rememberWishes(ctx, all); err != nil {
			return fmt.Errorf("writing down what is asked for: %w", err)
		}
		r.setWishes(all)
	}
	r.look()
	return nil
}

// Waiting returns how many sweeps were asked for and have not begun, as the journal knows: also right after the start.
func (r *Recovery) Waiting(ctx context.Context) (int, error) {
	r.wishing.Lock()
	defer r.wishing.Unlock()
	err := r.recall(ctx)
	return len(r.asked), err
}

// wish returns what was asked for first; empty = nothing is. The lock of wishes is held.
func (r *Recovery) wish(ctx context.Context) (journal.Mode, error) {
	if err := r.recall(ctx); err != nil || len(r.asked) == 0 {
		return "", err
	}
	return r.asked[0].Mode, nil
}

// granted forgets what was asked for first: its sweep has begun. Where that cannot be written, recall finds it out. The
// lock of wishes is held.
func (r *Recovery) granted(ctx context.Context) {
	rest := slices.Clone(r.asked[1:])
	_ = r.rememberWishes(ctx, rest)
	r.setWishes(rest)
}

// recall reads once what was asked for. Sweeps may have begun without anybody having noted it. The lock of wishes is held.
func (r *Recovery) recall(ctx context.Context) error {
	if r.recalled {
		return nil
	}
	text, err := r.journal.Recollect(ctx, wishesName)
	if errors.Is(err, journal.ErrNotFound) {
		r.recalled = true
		return nil
	}
	var all []wish
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	var begun []journal.Sweep
	if err == nil {
		begun, err = r.journal.Sweeps(ctx, sweepsSearched)
	}
	if err != nil {
		return fmt.Errorf("reading what was asked for: %w", err)
	}
	all = slices.DeleteFunc(all, func(w wish) bool {
		return slices.ContainsFunc(begun, func(s journal.Sweep) bool { return s.Mode == w.Mode && s.Number > w.After })
	})
	r.setWishes(all)
	r.recalled = true
	return nil
}

func (r *Recovery) rememberWishes(ctx context.Context, all []wish) error {
	if len(all) == 0 {
		return r.journal.Remember(ctx, wishesName, nil)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return r.journal.Remember(ctx, wishesName, text)
}

func (r *Recovery) setWishes(all []wish) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = all
}
