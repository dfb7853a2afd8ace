package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/samples"
)

// renderCommand shows what would be told, without telling it: nothing here opens a connection, or writes anything but
// the page that was asked for.
func (a *app) renderCommand() *cobra.Command {
	r := &renderer{app: a, now: time.Now}
	render := &cobra.Command{
		Use:   "render [FILE]",
		Short: "Show what a configuration makes of an event, without telling anybody",
		Long: `Show what a configuration makes of an event: for each route whether it takes it and why, with its line; the message
as a person sees it in Slack, and the rows with the type of each cell; of the second row and those below it only the cells
that differ from the row above. Nobody is told, no network is used, and no secret needs to be there.

The event is a file with the body of a webhook, one of the samples below, - for the standard input, or with --number an
event of the journal. The body does not say its type: --type does, else the file's name (Project-Updated.json), else its
shape.

` + strings.Join(wrap("Samples: "+strings.Join(samples.Names(), ", ")+".", 118), "\n") + `

What is wrong with the configuration is told as "ppmrelay check" does; what can be shown all the same is shown.

Exit code: 0 all was shown, 2 something is wrong with the configuration or the event, 1 the journal cannot be read or the
page not be written.`,
		Example: `  ppmrelay render --event Project-Updated
  ppmrelay render ppmrelay.yaml --event Project-Updated --route steering
  ppmrelay render --event Task-Created --template status --watch
  ppmrelay render --event body.json --type Idea:Created --html preview.html
  ppmrelay render --number 42 --json | jq '.routes[] | select(.taken)'
  curl -s https://example.com/body.json | ppmrelay render --event - --type Project:Created`,
		Args: arguments("FILE", 0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			r.file, r.in = a.configPath(), c.InOrStdin()
			if len(args) == 1 {
				r.file = args[0]
			}
			if err := r.check(c); err != nil {
				return err
			}
			if r.watch {
				return r.watching(c.Context())
			}
			return r.once(c.Context())
		},
	}
	flags := render.Flags()
	flags.SortFlags = false
	flags.StringVar(&r.sample, "event", "", "a file, the name of a `SAMPLE`, or - for the standard input")
	flags.Int64Var(&r.number, "number", 0, "the event of the journal with this `NUMBER`, as events list prints it")
	flags.StringVar(&r.kind, "type", "", "the `TYPE` of the event, as Project:Updated")
	flags.StringVar(&r.route, "route", "", "only the route of this `NAME`")
	flags.StringVar(&r.template, "template", "", "only the template of this `NAME`, whatever the routes say; also a built-in one")
	flags.StringVar(&r.page, "html", "", "write a page for the browser to this `FILE`, - for the standard output")
	flags.BoolVar(&r.asJSON, "json", false, "print JSON: the blocks of messages, the cells of rows")
	flags.BoolVar(&r.watch, "watch", false, "show it again whenever the configuration, a template or the event is saved, until Ctrl-C")
	return render
}

// renderer is one call of render, with what was typed.
type renderer struct {
	*app

	file            string // the configuration
	sample, kind    string
	number          int64
	route, template string
	page            string // where the page goes; empty = none
	asJSON, watch   bool
	folder          string // of templates, while it is watched; empty without one

	in    io.Reader
	typed []byte // what was read from in; nil before
	now   func() time.Time
}

// check refuses flags that do not go together. Its error is wrong usage.
func (r *renderer) check(c *cobra.Command) error {
	switch {
	case r.sample == "" && !c.Flags().Changed("number"):
		return wrong(errors.New("which event? write --event Project-Updated, another sample, a file, or --number 42 for one of the journal"))
	case r.sample != "" && c.Flags().Changed("number"):
		return wrong(errors.New("--event and --number: choose one"))
	case r.sample == "" && r.number < 1:
		return wrong(fmt.Errorf("--number %d: write the number of an event, as ppmrelay events list prints it", r.number))
	case r.route != "" && r.template != "":
		return wrong(errors.New("--route and --template: choose one"))
	case r.page != "" && r.asJSON:
		return wrong(errors.New("--html and --json: choose one"))
	case r.page == "-" && r.watch:
		return wrong(errors.New("--html - and --watch: name a file for the page"))
	}
	return r.checkType()
}

// checkType refuses what is no type of event, or very like one. A type that nobody knows is no mistake: PPM Express may
// send it.
func (r *renderer) checkType() error {
	if r.kind == "" {
		return nil
	}
	kind := event.Type(r.kind)
	if event.TypeOf(kind.Entity(), kind.Action()) != kind || kind.Entity() == "" || kind.Action() == "" {
		return wrong(fmt.Errorf("--type %q: write it as Project:Updated", r.kind))
	}
	if hint := (&selection{kind: r.kind}).hint(); strings.Contains(hint, "did you mean") {
		_, near, _ := strings.Cut(hint, "; ")
		return wrong(fmt.Errorf("--type %q: %s", r.kind, near))
	}
	return nil
}

// once renders and prints. What is wrong with the configuration is the error, after what could be shown.
func (r *renderer) once(ctx context.Context) error {
	shown, err := r.render(ctx)
	if err != nil {
		return err
	}
	switch {
	case r.asJSON:
		if err := r.printJSON(shown.json()); err != nil || len(shown.faults) == 0 {
			return err
		}
		return &exitError{code: exitWrong} // the faults are part of what was printed
	case r.page != "":
		err = r.writePage(shown)
	default:
		err = r.print(shown)
	}
	if err != nil {
		return err
	}
	if len(shown.faults) > 0 {
		return shown.faults
	}
	return nil
}
