package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// demoOptions are the flags of the demo.
type demoOptions struct {
	page     string // where the page is served; empty = nowhere
	asked    bool   // a person wrote that address
	story    bool   // false: only the page, for as long as it is wanted
	headless bool
	asJSON   bool
	length   time.Duration // headless only
	seed     uint64        // headless only

	chapters []chapter     // what is told
	grace    time.Duration // for which no browser looks, until nobody does
}

func (a *app) demoCommand() *cobra.Command {
	options := demoOptions{chapters: story(), grace: pageGrace}
	demo := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole job in a minute, without configuration, account or network",
		Long: `Show the whole job in a minute, without configuration, account or network.

Stand-ins of PPM Express, Slack and Google run on this machine, and between them the real daemon. People edit, things
go wrong, and each message in Slack and each row of the sheet is shown as it appears: here, and on a page for the
browser. There you can edit, break things and type into the sheet yourself; it stays until Ctrl-C, or where nobody reads
here until no browser looks. At the end, what was taken is compared with what was told.

With --headless people edit at random instead, for as long as --for says, without a page, and only the summary is
printed.

Exit code: 0 everything was told once, 1 something is lost, told twice or out of order, or nothing was told.`,
		Example: "  ppmrelay demo\n  ppmrelay demo --page 127.0.0.1:9999\n  ppmrelay demo --headless --for 20s --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			options.asked = c.Flags().Changed("page")
			if err := options.check(c.Flags().Changed); err != nil {
				return wrong(err)
			}
			if !options.story {
				options.chapters = nil
			}
			if options.headless {
				return a.demoHeadless(c.Context(), options)
			}
			return a.demo(c.Context(), options)
		},
	}
	flags := demo.Flags()
	flags.StringVar(&options.page, "page", demoPage, "`ADDRESS` of the page, of this machine alone; empty: no page")
	flags.BoolVar(&options.story, "story", true, "tell the story; --story=false: only you edit, on the page, until Ctrl-C")
	flags.BoolVar(&options.headless, "headless", false, "edit at random and print only the summary")
	flags.DurationVar(&options.length, "for", 20*time.Second, "how long people edit")
	flags.Uint64Var(&options.seed, "seed", 1, "which edits are made: the same `NUMBER`, the same choices")
	flags.BoolVar(&options.asJSON, "json", false, "print the summary as JSON")
	return demo
}

// check refuses flags that would be ignored. Changed reports whether a person wrote one.
func (o demoOptions) check(changed func(flag string) bool) error {
	for _, name := range []string{"for", "seed", "json"} {
		if changed(name) && !o.headless {
			return fmt.Errorf("--%s needs --headless: without it a story is shown", name)
		}
	}
	if o.asked && o.headless {
		return errors.New("--page and --headless exclude each other: nobody looks")
	}
	if changed("story") && o.headless {
		return errors.New("--story and --headless exclude each other: people edit at random there")
	}
	if !o.story && o.page == "" {
		return errors.New("--story=false needs a page: without both there is nothing to see")
	}
	if o.length <= 0 {
		return fmt.Errorf("--for %v: write a time above zero, as 20s", o.length)
	}
	return checkPage(o.page)
}

// demo shows the story here and on the page, goes on as long as somebody looks, and compares in the end.
func (a *app) demo(ctx context.Context, options demoOptions) (err error) {
	w := &window{terminal: terminal{styled: a.styled()}, out: a.out}
	listener, err := listenPage(ctx, options.page, options.asked)
	if err != nil {
		return fmt.Errorf("starting the demo: %w", err)
	}
	w.introduce(listener, len(options.chapters) > 0)
	s, err := openStage(ctx, ppm.NewPortfolio().Entities)
	if err != nil {
		return fmt.Errorf("starting the demo: %w", errors.Join(err, closeListener(listener)))
	}
	defer func() { err = errors.Join(err, s.close(), a.leave(s.folder, options, err)) }()
	shown := s.show(listener, options.grace)
	defer func() { err = errors.Join(err, shown.close()) }()
	w.say("", "More can go wrong, by hand: curl "+s.ControlURL+"/faults")
	if err := play(ctx, options.chapters, s.cast, w, live{stage: s, window: w}); err != nil {
		return err
	}
	if err := a.stay(ctx, s, shown, w, len(options.chapters) == 0); err != nil {
		return err
	}
	if ctx.Err() != nil {
		w.heading("Stopped. What was taken is still told, within two minutes")
	}
	if err := s.drain(ctx, drainPage, func() { w.look(s.Sandbox) }); err != nil {
		return err
	}
	if err := shown.close(); err != nil {
		return err
	}
	return a.conclude(ctx, s, w, options)
}

// stay goes on after the story, as long as somebody looks: on a terminal until Ctrl-C, else while a browser has the page
// open. Where there was no story it always goes on until Ctrl-C.
func (a *app) stay(ctx context.Context, s *stage, shown *shownPage, w *window, always bool) error {
	stays := func() bool {
		return ctx.Err() == nil && shown != nil && (always || onTerminal(a.out) || shown.watched())
	}
	if !stays() {
		return nil
	}
	if !always {
		found, err := s.live.lookNow(context.WithoutCancel(ctx))
		if err != nil {
			return err
		}
		long := "as long as a browser has it open"
		if onTerminal(a.out) {
			long = "until Ctrl-C"
		}
		w.soFar(found, shown.address, long)
	}
	err := s.await(context.WithoutCancel(ctx), 0, func() bool {
		w.look(s.Sandbox)
		return w.err != nil || !stays()
	})
	return errors.Join(err, w.err)
}

// demoHeadless lets people edit at random for a while, and compares in the end.
func (a *app) demoHeadless(ctx context.Context, options demoOptions) (err error) {
	s, err := openStage(ctx, ppm.NewSmall().Entities)
	if err != nil {
		return fmt.Errorf("starting the demo: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(), a.leave(s.folder, options, err)) }()
	if err := newImproviser(s.cast, options.seed).play(ctx, options.length, s.pass); err != nil {
		return err
	}
	if err := s.drain(ctx, drainTime, func() {}); err != nil {
		return err
	}
	w := &window{terminal: terminal{styled: a.styled()}, out: a.out}
	return a.conclude(ctx, s, w, options)
}

// conclude stops the daemon, compares and says what came out.
func (a *app) conclude(ctx context.Context, s *stage, w *window, options demoOptions) error {
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
