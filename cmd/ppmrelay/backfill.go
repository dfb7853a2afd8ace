package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal"
)

// backfillGlance is how often a person hears how far a reading is.
const backfillGlance = 2 * time.Second

func (a *app) backfillCommand() *cobra.Command {
	var ask control.Backfill
	var asJSON bool
	backfill := &cobra.Command{
		Use:   "backfill",
		Short: "Read all of PPM Express now, and tell what differs from what is known",
		Long: `Read all of PPM Express now, and tell what differs from what is known, marked as found later.

After a time in which events may have been missed, the running ppmrelay does this by itself: see ppmrelay gaps list. The
reading is slow on purpose, and goes on when this command is broken off, also after a restart. What differs is told only
when a second reading at least a minute later says the same. A reading that is under way ends first: what it finds is told,
also where --as-baseline was asked for meanwhile.`,
		Example: "  ppmrelay backfill --dry\n  ppmrelay backfill\n  ppmrelay backfill --as-baseline",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if ask.AsBaseline && ask.Dry {
				return wrong(errors.New("--as-baseline tells nobody: there is nothing to rehearse with --dry"))
			}
			return a.backfill(c.Context(), ask, asJSON)
		},
	}
	flags := backfill.Flags()
	flags.SortFlags = false
	flags.BoolVar(&ask.AsBaseline, "as-baseline", false, "take what is there as known, and tell nobody: after an import of hundreds of projects, say")
	flags.BoolVar(&ask.Dry, "dry", false, "only say what would be told")
	flags.BoolVar(&asJSON, "json", false, "print JSON when it is over")
	return backfill
}

// backfill asks the running daemon, and waits until it is done.
func (a *app) backfill(ctx context.Context, ask control.Backfill, asJSON bool) error {
	cfg, err := a.load(a.configPath())
	if err != nil {
		return err
	}
	client := control.NewClient(socketOf(cfg))
	asked, err := client.Backfill(ctx, ask)
	switch {
	case errors.Is(err, control.ErrNoDaemon):
		return errors.New("no ppmrelay runs on this journal: start ppmrelay serve first")
	case errors.Is(err, control.ErrUsage):
		return wrong(err)
	case err != nil:
		return err
	}
	to := a.out
	if asJSON {
		to = a.err
	}
	state, done, err := a.follow(ctx, client, asked, to)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(backfillOut{done, state.Lines})
	}
	return printBackfill(a.out, done, state.Lines)
}

// backfillOut is what programs read.
type backfillOut struct {
	control.Sweep

	Lines []control.Difference `json:"lines"`
}

// follow says how far the reading is, until it is done.
func (a *app) follow(ctx context.Context, client *control.Client, asked control.Backfilling, to io.Writer) (control.RecoveryState, control.Sweep, error) {
	said := ""
	for {
		state, err := client.Recovery(ctx, control.Recovery{})
		if errors.Is(err, control.ErrNoDaemon) {
			err = errors.New("ppmrelay was stopped: the reading goes on, or begins, when it is started again; see ppmrelay gaps list")
		}
		if err != nil {
			return state, control.Sweep{}, err
		}
		var ours control.Sweep
		for _, s := range slices.Backward(state.Sweeps) {
			if s.Number > asked.After && s.Mode == asked.Mode {
				ours = s
				break
			}
		}
		switch {
		case !ours.Ended.IsZero():
			return state, ours, nil
		case ours.Number == 0 && state.Waiting == 0:
			return state, ours, errors.New("the running ppmrelay does not know of this reading: ask again")
		}
		if text := progressWords(state, ours); text != said {
			said = text
			_, _ = fmt.Fprintln(to, text)
		}
		timer := time.NewTimer(backfillGlance)
		select {
		case <-ctx.Done():
			timer.Stop()
			return state, ours, errors.New("broken off here; the running ppmrelay goes on: see ppmrelay gaps list")
		case <-timer.C:
		}
	}
}

// progressWords says how far a reading is.
func progressWords(state control.RecoveryState, s control.Sweep) string {
	if state.Trouble != "" {
		return "it waits, and tries again: " + printable(state.Trouble)
	}
	if s.Number == 0 {
		if len(state.Sweeps) > 0 && state.Sweeps[0].Ended.IsZero() {
			s = state.Sweeps[0]
			return "another reading is under way: " + stageWords(s) + pacing(state)
		}
		return "it begins"
	}
	return stageWords(s) + pacing(state)
}

func stageWords(s control.Sweep) string {
	done := ", " + count1(s.Requests, "request")
	switch journal.Stage(s.Stage) {
	case journal.StageLists:
		return "projects and ideas are read: " + thousands(s.Entities) + done
	case journal.StageVisits:
		return fmt.Sprintf("tasks and key dates of %s of %s projects are read%s", thousands(s.Visited), thousands(s.Projects), done)
	case journal.StageUnseen:
		return "what is no longer listed is looked for" + done
	default:
		return fmt.Sprintf("%s differed and %s read a second time, a minute after the first%s", thousands(s.Differ), are(s.Differ), done)
	}
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func pacing(state control.RecoveryState) string {
	text := ""
	if state.Rate > 0 {
		text = fmt.Sprintf(", %.1f a second", state.Rate)
	}
	if state.Left > 0 {
		text += ", about " + state.Left.Round(time.Second).String() + " left"
	}
	return text
}

func printBackfill(to io.Writer, s control.Sweep, lines []control.Difference) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s and their tasks and key dates were read: %s entities by %s in %s.\n", count1(s.Projects, "project"),
		thousands(s.Entities), count1(s.Requests, "request"), s.Ended.Sub(s.Began).Round(time.Second))
	switch journal.Mode(s.Mode) {
	case journal.Adopt:
		fmt.Fprintf(&out, "%s became known, and nobody was told.\n", thousands(s.Adopted))
	case journal.Rehearse:
		fmt.Fprintf(&out, "%s differ from what is known. Nothing was told or changed; a second reading would have to agree.\n", thousands(s.Differ))
		for _, l := range lines {
			fmt.Fprintf(&out, "  %s\n", printable(differenceWords(l)))
		}
		if more := s.Differ - len(lines); more > 0 {
			fmt.Fprintf(&out, "  and %s more\n", thousands(more))
		}
	default:
		fmt.Fprintf(&out, "%s told as updated and %s as created, found later. %s no longer visible, %s visible again.\n",
			thousands(s.Updated), thousands(s.Created), thousands(s.Hidden), thousands(s.Visible))
	}
	if left := leftOut(s); len(left) > 0 {
		fmt.Fprintf(&out, "Left out, and read again the next time: %s.\n", strings.Join(left, "; "))
	}
	_, err := io.WriteString(to, out.String())
	return err
}

func differenceWords(l control.Difference) string {
	what := strings.TrimSpace(l.Kind + " " + or(l.Name, l.ID))
	switch journal.Sort(l.Sort) {
	case journal.SortNew:
		return what + ": would be told as created"
	case journal.SortAbsent:
		return what + ": is no longer visible"
	default:
		return what + ": " + strings.Join(l.Fields, ", ")
	}
}
