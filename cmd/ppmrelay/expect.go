package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/templates"
)

// testCommand tries what a configuration expects of itself. Like render it asks nobody, and needs no secret.
func (a *app) testCommand() *cobra.Command {
	t := &trier{app: a}
	test := &cobra.Command{
		Use:   "test [FILE]",
		Short: "Try whether a configuration tells what its tests expect",
		Long: `Try whether a configuration tells what its tests expect: each of them names an event, and what routes make of it.
Nobody is told, no network is used, and no secret needs to be there.

With --golden it compares everything that is told of every sample, and of the events of the tests, with the files of a
folder; --update writes them.

Exit code: 0 all is as expected, 1 something is not, 2 something is wrong with the configuration or with what was typed.`,
		Example: `  ppmrelay test ppmrelay.yaml
  ppmrelay test --run 'slip|budget'
  ppmrelay test --json | jq '.tests[] | select(.passed | not)'
  ppmrelay test ppmrelay.yaml --golden told --update
  ppmrelay test ppmrelay.yaml --golden told`,
		Args: arguments("FILE", 0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			t.file = a.configPath()
			if len(args) == 1 {
				t.file = args[0]
			}
			if err := t.check(c); err != nil {
				return err
			}
			return t.try(c.Context())
		},
	}
	flags := test.Flags()
	flags.SortFlags = false
	flags.StringVar(&t.named, "run", "", "only the tests whose name matches this `REGEXP`")
	flags.BoolVar(&t.asJSON, "json", false, "print JSON")
	flags.StringVar(&t.golden, "golden", "", "compare all that is told with the files of this `FOLDER`, in the place of the tests")
	flags.BoolVar(&t.update, "update", false, "with --golden: write the files, and say what changed")
	return test
}

// trier is one call of test, with what was typed.
type trier struct {
	*app

	file, named, golden string
	asJSON, update      bool
	only                *regexp.Regexp // nil = all
	start               time.Time
	known               map[happensTo]*rendering // by what a test names: several tests look at one event
}

// happensTo is what an event is made of.
type happensTo struct {
	event string
	kind  config.EventType
}

// check refuses flags that do not go together. Its error is wrong usage.
func (t *trier) check(c *cobra.Command) error {
	switch {
	case t.golden == "" && c.Flags().Changed("golden"):
		return wrong(errors.New("--golden is empty: name the folder"))
	case t.golden == "" && t.update:
		return wrong(errors.New("--update writes the files of --golden: name their folder"))
	case t.golden != "" && t.named != "":
		return wrong(errors.New("--run and --golden: choose one"))
	}
	if t.named != "" {
		var err error
		if t.only, err = regexp.Compile(t.named); err != nil {
			return wrong(fmt.Errorf("--run %q is not a regular expression: %w", t.named, err))
		}
	}
	return nil
}

// try reads the configuration and does what was asked for.
func (t *trier) try(ctx context.Context) error {
	t.start, t.known = time.Now(), map[happensTo]*rendering{}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // what is told makes much garbage, and the process ends soon
	w, err := t.readWordsWith(t.file, statedWords)
	if err != nil {
		return t.refuse(err)
	}
	w.listeners() // so that what is wrong with a route is told before any event is asked about
	w.faults = append(w.faults, faultsOfTests(w.cfg)...)
	if faults := w.all(); len(faults) > 0 {
		return t.refuse(faults)
	}
	if t.golden != "" {
		return t.tryGolden(ctx, w)
	}
	return t.tryTests(ctx, w)
}

// statedWords are words that the configuration alone decides, and the files that it names. What is kept of the tenant's
// fields beside the journal is not the same on every machine.
func statedWords(cfg *config.Config) (*templates.Words, *labelBook, error) {
	if cfg.PPMExpress == nil || cfg.PPMExpress.Fields != "" {
		return newWords(cfg)
	}
	words, err := templates.New(display(cfg))
	return words, nil, err
}

// refuse tells what is wrong with the configuration.
func (t *trier) refuse(err error) error {
	faults, known := errors.AsType[config.Errors](err)
	if !known || !t.asJSON {
		return err
	}
	if err := t.printJSON(testsJSON{File: t.file, Tests: []testJSON{}, Faults: faults}); err != nil {
		return err
	}
	return &exitError{code: exitWrong}
}

// tried is what came of one test.
type tried struct {
	config.Test

	line   int // in the configuration
	shown  *rendering
	misses []miss
	faults config.Errors // templates, columns and conditions that fail on the event
}

func (o tried) passed() bool { return len(o.misses)+len(o.faults) == 0 }

func (t *trier) tryTests(ctx context.Context, w *wordsOf) error {
	if len(w.cfg.Tests) == 0 {
		return t.noTests(w)
	}
	var all []tried
	failed := 0
	for i, test := range w.cfg.Tests {
		if err := ctx.Err(); err != nil {
			return err
		}
		if t.only != nil && !t.only.MatchString(test.Name) {
			continue
		}
		one, err := t.tryOne(w, i)
		if err != nil {
			return fmt.Errorf("test %s: %w", test.Name, err)
		}
		if !one.passed() {
			failed++
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return wrong(fmt.Errorf("--run %q: no test has such a name; there are %s", t.named, strings.Join(testNames(w.cfg), ", ")))
	}
	var err error
	if t.asJSON {
		err = t.printJSON(t.json(all, failed))
	} else {
		err = t.print(all, failed, len(w.cfg.Tests))
	}
	if err == nil && failed > 0 {
		return &exitError{code: exitFailed}
	}
	return err
}

// tryOne asks all routes about the event of a test, and compares.
func (t *trier) tryOne(w *wordsOf, i int) (tried, error) {
	path, test := fmt.Sprintf("tests[%d]", i), w.cfg.Tests[i]
	line, _ := w.cfg.Place(path + ".name")
	shown, err := t.told(w, test)
	if err != nil {
		return tried{}, err
	}
	return tried{Test: test, line: line, shown: shown, misses: judged(w.cfg, path, test, shown), faults: shown.faults}, nil
}

// told is what all routes make of the event of a test.
func (t *trier) told(w *wordsOf, test config.Test) (*rendering, error) {
	of := happensTo{test.Event, test.Type}
	if shown := t.known[of]; shown != nil {
		return shown, nil
	}
	h, err := eventOf(w.cfg, test)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", test.Event, err)
	}
	shown, err := w.tell(h, t.file)
	if err != nil {
		return nil, err
	}
	t.known[of] = shown
	return shown, nil
}

// tell asks all routes about one event. The faults of the rendering are those of this event alone.
func (w *wordsOf) tell(h happening, file string) (*rendering, error) {
	before := w.faults
	defer func() { w.faults = before }()
	w.faults = nil
	shown := &rendering{happening: h, cfg: w.cfg, told: map[string]spoken{}}
	if err := w.ask(shown, file); err != nil {
		return nil, err
	}
	shown.faults = w.faults.Sorted()
	return shown, nil
}

func testNames(cfg *config.Config) []string {
	var all []string
	for _, test := range cfg.Tests {
		all = append(all, test.Name)
	}
	return all
}
