package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// demoOptions are the flags of the demo.
type demoOptions struct {
	headless bool
	asJSON   bool
	length   time.Duration // headless only
	seed     uint64        // headless only
}

func (a *app) demoCommand() *cobra.Command {
	var options demoOptions
	demo := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole job in a minute, without configuration, account or network",
		Long: `Show the whole job in a minute, without configuration, account or network.

Stand-ins of PPM Express, Slack and Google run on this machine, and between them the real daemon. People edit, things
go wrong, and each message in Slack and each row of the sheet is shown as it appears. At the end, what was taken is
compared with what was told. Ctrl-C ends it early.

With --headless people edit at random instead, for as long as --for says, and only the summary is printed.

Exit code: 0 everything was told once, 1 something is lost, told twice or out of order, or nothing was told.`,
		Example: "  ppmrelay demo\n  ppmrelay demo --headless --for 20s --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, name := range []string{"for", "seed", "json"} {
				if c.Flags().Changed(name) && !options.headless {
					return wrong(fmt.Errorf("--%s needs --headless: without it a story is shown", name))
				}
			}
			if options.length <= 0 {
				return wrong(fmt.Errorf("--for %v: write a time above zero, as 20s", options.length))
			}
			return a.demo(c.Context(), options)
		},
	}
	flags := demo.Flags()
	flags.BoolVar(&options.headless, "headless", false, "edit at random and print only the summary")
	flags.DurationVar(&options.length, "for", 20*time.Second, "how long people edit")
	flags.Uint64Var(&options.seed, "seed", 1, "which edits are made: the same `NUMBER`, the same choices")
	flags.BoolVar(&options.asJSON, "json", false, "print the summary as JSON")
	return demo
}

// demo opens the stage, lets people edit, waits until everything is told, and compares.
func (a *app) demo(ctx context.Context, options demoOptions) (err error) {
	w := &window{terminal: terminal{styled: a.styled()}, out: a.out}
	if !options.headless {
		w.introduce()
	}
	s, err := openStage(ctx)
	if err != nil {
		return fmt.Errorf("starting the demo: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(), a.leave(s.folder, options, err)) }()
	look := func() {}
	if options.headless {
		err = newImproviser(s.cast, options.seed).play(ctx, options.length, s.pass)
	} else {
		look = func() { w.look(s.Sandbox) }
		w.say("", "More can go wrong, by hand: curl "+s.ControlURL+"/faults")
		err = play(ctx, story(), s.cast, w, live{stage: s, window: w})
	}
	if err != nil {
		return err
	}
	if ctx.Err() != nil && !options.headless {
		w.heading("Stopped early. What was taken is still told, within a minute")
	}
	if err := s.drain(ctx, look); err != nil {
		return err
	}
	found, err := s.finish(ctx)
	if err != nil {
		return err
	}
	for _, detail := range found.Details {
		_, _ = fmt.Fprintln(a.err, detail)
	}
	if err := a.summarise(w, found, options); err != nil {
		return err
	}
	return verdict(found)
}

func (a *app) summarise(w *window, found audit, options demoOptions) error {
	if options.asJSON {
		found.Details = nil // said already
		return json.NewEncoder(a.out).Encode(found)
	}
	w.summary(found)
	return w.err
}

// leave removes the folder, or says where it is: a person may want to look, and must when something went wrong.
func (a *app) leave(folder string, options demoOptions, failed error) error {
	switch {
	case failed != nil:
		_, _ = fmt.Fprintf(a.err, "configuration, journal and log: %s\n", folder)
	case options.headless:
		return os.RemoveAll(folder)
	default:
		(&window{terminal: terminal{styled: a.styled()}, out: a.out, begun: true}).farewell(folder)
	}
	return nil
}

// styled reports whether bold letters are wanted (no-color.org) and possible.
func (a *app) styled() bool {
	no, _ := a.env("NO_COLOR")
	return no == "" && onTerminal(a.out)
}

// verdict is an error when the demo did not show what it promises.
func verdict(found audit) error {
	switch {
	case found.Lost > 0 || found.Doubled > 0:
		return fmt.Errorf("%d lost, %d doubled", found.Lost, found.Doubled)
	case found.Disorder > 0:
		return fmt.Errorf("%d out of order", found.Disorder)
	case found.Events == 0 || found.Messages == 0 || found.Rows == 0:
		return errors.New("nothing was told")
	default:
		return nil
	}
}
