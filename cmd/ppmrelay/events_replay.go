package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal"
)

// replayOptions are the flags of a replay.
type replayOptions struct {
	selection

	target                       string
	quarantine, dry, yes, asJSON bool
}

func (a *app) eventsReplayCommand() *cobra.Command {
	var options replayOptions
	replay := &cobra.Command{
		Use:   "replay [NUMBER...]",
		Short: "Tell events again, or bodies that can be read by now",
		Long: `Tell events again: those with the numbers, or all that match. They are told by the routes as they are now, each to all
its targets, or only to one (--to), or only to those where it ended so (--state): a message in Slack is posted once more,
a row that a sheet or file has already is not written twice. What still waits stays as it is.

An event has several rows where several attributes changed. As long as one of them is in the tab or file, none is
written: to have deleted rows back, delete the event's other rows first.

With --quarantine: take bodies out of quarantine that this version can read, and tell them as if they had just come. All
of them, or those with the numbers.

The running daemon does it, at its next free moment. On a terminal the command first says what would be sent, and asks.`,
		Example: `  ppmrelay events replay 42 43 --dry-run
  ppmrelay events replay 42 43
  ppmrelay events replay --state buried --since 2h --dry-run
  ppmrelay events replay 42 --to slack:C0123456789
  ppmrelay events replay --type Project:Updated --since 2026-03-01 --until 2026-03-02 --yes
  ppmrelay events replay --quarantine --json`,
		RunE: func(c *cobra.Command, args []string) error {
			ask, err := options.ask(args)
			if err != nil {
				return err
			}
			return a.replay(c, options, ask)
		},
	}
	flags := replay.Flags()
	flags.SortFlags = false
	options.flags(flags)
	flags.StringVar(&options.target, "to", "", "only to this `TARGET`, as events show names it: slack:C0123456789")
	flags.BoolVar(&options.quarantine, "quarantine", false, "bodies that could not be read when they came")
	flags.BoolVar(&options.dry, "dry-run", false, "only say what would be sent")
	flags.BoolVarP(&options.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&options.asJSON, "json", false, "print JSON, and do not ask")
	return replay
}

// ask makes a request of what was typed. Its error is wrong usage.
func (o replayOptions) ask(args []string) (control.Replay, error) {
	numbers, err := eventNumbers(args)
	if err != nil {
		return control.Replay{}, err
	}
	var filter journal.Filter
	if err := o.apply(&filter); err != nil {
		return control.Replay{}, err
	}
	ask := control.Replay{Numbers: numbers, Target: o.target, Dry: o.dry}
	wanted := control.Filter{
		Type: string(filter.Type), Entity: filter.Entity, State: string(filter.State), Since: filter.Since, Until: filter.Until,
	}
	switch {
	case o.quarantine && (!wanted.Empty() || o.target != ""):
		return ask, wrong(errors.New("--quarantine takes numbers, or all of them: leave the other flags out"))
	case o.quarantine:
	case len(numbers) > 0 && !wanted.Empty():
		return ask, wrong(errors.New("write numbers or flags that say which events, not both"))
	case !wanted.Empty():
		ask.Filter = &wanted
	case len(numbers) == 0:
		return ask, wrong(errors.New("say which events: their numbers, or at least one of --type, --entity, --state, --since, --until"))
	}
	return ask, nil
}

// replay asks the daemon, after the person where there is one.
func (a *app) replay(c *cobra.Command, o replayOptions, ask control.Replay) error {
	cfg, err := a.load(a.configPath())
	if err != nil {
		return err
	}
	daemon := control.NewClient(socketOf(cfg))
	do := func(dry bool) (act, error) {
		ask.Dry = dry
		if o.quarantine {
			done, err := daemon.Release(c.Context(), control.Release{Numbers: ask.Numbers, All: len(ask.Numbers) == 0, Dry: dry})
			return released{done}, err
		}
		done, err := daemon.Replay(c.Context(), ask)
		if err == nil && done.Events == 0 {
			a.hint(o.hint())
		}
		return replayed{done, o.target}, err
	}
	in := c.InOrStdin()
	if !o.dry && !o.yes && !o.asJSON && onTerminal(in) && onTerminal(a.out) {
		if sure, err := a.sure(do, in); err != nil || !sure {
			return asDaemon(err)
		}
	}
	done, err := do(o.dry)
	if err != nil {
		return asDaemon(err)
	}
	if o.asJSON {
		return a.printJSON(done.json())
	}
	return done.tell(a.out, o.dry)
}

// act is what was done, or would be.
type act interface {
	json() any
	tell(w io.Writer, dry bool) error
	nothing() bool
}

// sure shows what would be done, and asks whether it should be. There is nothing to ask where nothing would be.
func (a *app) sure(do func(dry bool) (act, error), in io.Reader) (bool, error) {
	would, err := do(true)
	if err != nil {
		return false, err
	}
	if err := would.tell(a.out, true); err != nil || would.nothing() {
		return false, err
	}
	_, _ = fmt.Fprint(a.out, "Do it? Type yes: ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading the answer: %w", err)
	}
	if answer := strings.ToLower(strings.TrimSpace(line)); answer == "yes" || answer == "y" {
		return true, nil
	}
	_, _ = fmt.Fprintln(a.out, "nothing was done")
	return false, nil
}

// asDaemon says what to do where no daemon runs.
func asDaemon(err error) error {
	if errors.Is(err, control.ErrNoDaemon) {
		return fmt.Errorf("%w: start ppmrelay serve, which does this", err)
	}
	if errors.Is(err, control.ErrUsage) {
		return wrong(err)
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped; ppmrelay events list shows what has been done")
	}
	return err
}
