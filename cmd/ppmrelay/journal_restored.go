package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

func (a *app) journalRestoredCommand() *cobra.Command {
	var made string
	var salvage, asJSON bool
	restored := &cobra.Command{
		Use:   "restored",
		Short: "Say that the journal is a copy that was put back",
		Long: `Say that the journal is a copy that was put back, before ppmrelay is started on it. What was waiting when the copy was
made may have been told since: each of these is looked for in its channel, tab or file before it is told.

A copy made by ppmrelay journal backup says by itself when it was made, and serve notices it. A copy made in another way
needs --made.

A journal that lost its newest commits is not opened by any other command. Where there is no copy to put back, --salvage
opens it with what is left, as if that were a copy made at its last commit: what came after it is lost. A journal that
lost nothing stays as it is.`,
		Example: "  ppmrelay journal restored\n  ppmrelay journal restored --made 2026-03-01T08:00:00Z\n  ppmrelay journal restored --salvage",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := pointInTime("--made", made, time.Now())
			if err != nil {
				return err
			}
			done, err := a.restored(c.Context(), at, salvage)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(done)
			}
			return a.printRestored(done)
		},
	}
	restored.Flags().StringVar(&made, "made", "", "the `TIME` at which the copy was made: 2026-03-01T08:00:00Z, or 2h")
	restored.Flags().BoolVar(&salvage, "salvage", false, "open a journal that lost its newest commits, with what is left")
	restored.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return restored
}

// restoredJSON is what a restored backup means.
type restoredJSON struct {
	Made       time.Time `json:"made,omitzero"`
	Deliveries int64     `json:"deliveries"`      // that may have been told since
	Sound      bool      `json:"sound,omitempty"` // there was nothing to salvage: nothing was changed
}

func (a *app) printRestored(done restoredJSON) (err error) {
	if done.Sound {
		_, err = fmt.Fprintln(a.out, "no commits are missing from the journal: nothing is lost, and nothing was changed")
		return err
	}
	_, err = fmt.Fprintf(a.out, "a copy as of %s: %s may have been told since, and will be looked for first\n",
		stamp(done.Made), deliveries(done.Deliveries))
	return err
}

// restored notes a restored copy. When it was made is what the copy says, unless a person knows better.
func (a *app) restored(ctx context.Context, made time.Time, salvage bool) (done restoredJSON, err error) {
	cfg, err := a.load(a.configPath())
	if err != nil {
		return done, err
	}
	if made.After(time.Now()) {
		return done, wrong(errors.New("--made is in the future"))
	}
	if control.NewClient(socketOf(cfg)).Running(ctx) {
		return done, errors.New("ppmrelay runs on this journal: stop it, put the copy back, then call this")
	}
	if err := isThere(journalFile(cfg)); err != nil {
		return done, err
	}
	err = a.withIdleJournal(ctx, cfg, salvage, func(store *sqlite.Journal) error {
		done.Made = made
		if made.IsZero() {
			if done.Made, err = store.Made(ctx); err != nil {
				return err
			}
		}
		if done.Sound = done.Made.IsZero() && salvage; done.Sound {
			return nil
		}
		if done.Made.IsZero() {
			return wrong(errors.New("this is no copy by ppmrelay journal backup, or it was noted already: say with --made when the copy was made"))
		}
		done.Deliveries, err = store.Restored(ctx, done.Made)
		return err
	})
	return done, err
}

// isThere keeps a journal from being made where none is. It does not look into it: what SQLite opens for reading first has
// nothing left to say of a loss.
func isThere(file string) error {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s: put the copy there first", file)
	} else if err != nil {
		return fmt.Errorf("looking for the journal: %w", err)
	}
	return nil
}

// restoration notes by itself that a backup is started on: nothing of it may be told twice because a person forgot to
// say so.
func restoration(ctx context.Context, store *sqlite.Journal, log *slog.Logger) error {
	made, err := store.Made(ctx)
	if err != nil || made.IsZero() {
		return err
	}
	concerned, err := store.Restored(ctx, made)
	if err != nil {
		return err
	}
	log.WarnContext(ctx, "the journal is a backup that was restored", "made", made, "deliveries", concerned)
	return nil
}

func deliveries(n int64) string {
	if n == 1 {
		return "1 delivery"
	}
	return fmt.Sprintf("%d deliveries", n)
}
