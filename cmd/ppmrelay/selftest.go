package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// selftestOptions are the flags of the selftest.
type selftestOptions struct {
	rounds int
	events int
	dir    string
	seed   uint64
	asJSON bool
}

func (a *app) selftestCommand() *cobra.Command {
	var o selftestOptions
	command := &cobra.Command{
		Use:   "selftest",
		Short: "Kill the daemon again and again on your own disk, and see that nothing is lost or told twice",
		Long: `Kill the daemon again and again on your own disk, and see that nothing is lost or told twice.

This program runs as a daemon in a process of its own, with its journal in a new folder below --dir, and stand-ins of
Slack and Google that fail at random: no answer, half an answer, an error although it happened, too many requests, a
write that lands late. 16 clients post changes and repeat some; after 5 to 500 ms the daemon is killed with -9, and
started again. In the end everything works again, all that waits is told, and what was acknowledged is compared with
what stands in the channels, tabs and files. Nothing leaves this machine.

It needs about a second for each round and a minute or two for the end, and 6 KB of disk for each event: a few minutes and
30 MB with the defaults. The folder is removed when all is well, else it is kept and named.

Exit code: 0 nothing lost, doubled or out of order, 1 something was, or the test could not be done.`,
		Example: `  ppmrelay selftest --dir /var/lib/ppmrelay
  ppmrelay selftest --dir /var/lib/ppmrelay --rounds 1000 --events 100000 --seed 7 --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return wrong(err)
			}
			if !c.Flags().Changed("seed") {
				o.seed = uint64(time.Now().UnixMilli() % 1_000_000)
			}
			return a.selftest(c.Context(), o)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.dir, "dir", "", "`FOLDER` on the disk that is to be tested")
	flags.IntVar(&o.rounds, "rounds", 50, "how often the daemon is killed")
	flags.IntVar(&o.events, "events", 0, "how many changes are posted (default: 100 for each round)")
	flags.Uint64Var(&o.seed, "seed", 0, "the same `NUMBER`, the same choices (default: another one each time)")
	flags.BoolVar(&o.asJSON, "json", false, "print the result as JSON")
	return command
}

// check fills in what was not said, and tells what cannot be done.
func (o *selftestOptions) check() error {
	if o.events == 0 {
		o.events = 100 * o.rounds
	}
	switch {
	case o.dir == "":
		return errors.New("--dir is missing: name a folder on the disk that is to be tested")
	case o.rounds < 1:
		return fmt.Errorf("--rounds %d: write a number above zero", o.rounds)
	case o.events < 1 || o.events > selftestMost:
		return fmt.Errorf("--events %d: write a number from 1 to %d", o.events, selftestMost)
	}
	return nil
}

// selftestMost is how many events the stand-in of a spreadsheet has room for, with a margin.
const selftestMost = 500_000

// selftest runs the rounds, lets everything be told, compares, and says what was found.
func (a *app) selftest(ctx context.Context, o selftestOptions) (err error) {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(o.dir, "ppmrelay-selftest-")
	if err != nil {
		return fmt.Errorf("making a folder for the test: %w", err)
	}
	t, err := openTorture(ctx, program, folder, o.seed)
	if err != nil {
		return errors.Join(err, os.RemoveAll(folder))
	}
	t.say = func(text string) { _, _ = fmt.Fprintln(a.err, text) }
	t.say(fmt.Sprintf("seed %d, in %s", o.seed, folder))
	found, err := t.run(ctx, o.rounds, o.events)
	if ctx.Err() != nil {
		err = errors.New("interrupted: nothing was shown")
	}
	if err = errors.Join(err, t.close()); err == nil {
		err = errors.Join(a.reportSelftest(found, o.asJSON), found.verdict())
	}
	if err != nil {
		return errors.Join(err, errors.New("configuration, journal and log are kept in "+folder))
	}
	return os.RemoveAll(folder)
}
