package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
)

func (a *app) checkCommand() *cobra.Command {
	var format string
	var asJSON, online bool
	check := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say everything that is wrong with a configuration",
		Long: `Say everything that is wrong with a configuration, each with file, line and column. Nothing is started, nothing is
written, and no secret is shown.

A warning is what counts all the same, and is hardly meant: a template that no route uses, a condition that always holds. When the tenant's
fields are known ("ppmrelay schema pull"), so is a field that nobody has.

--online also asks PPM Express: whether the token is accepted and how long it lasts, what the tenant's fields are, and which
values of choices were seen that have no label, as a list to paste into display.labels. It reads only.

Exit code: 0 nothing is wrong, also with warnings; 2 something is; 1 PPM Express cannot be asked.`,
		Example: `  ppmrelay check ppmrelay.yaml
  ppmrelay check --format json ppmrelay.yaml | jq '.[].message'
  ppmrelay check --format github ppmrelay.yaml
  ppmrelay check --online ppmrelay.yaml`,
		Args: arguments("FILE", 0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			file := a.configPath()
			if len(args) == 1 {
				file = args[0]
			}
			switch {
			case !slices.Contains([]string{"text", "json", "github"}, format):
				return wrong(fmt.Errorf("--format %s: write text, json or github", format))
			case asJSON && c.Flags().Changed("format") && format != "json":
				return wrong(fmt.Errorf("--json and --format %s: choose one", format))
			case asJSON:
				format = "json"
			}
			return a.check(c.Context(), file, format, online)
		},
	}
	check.Flags().StringVar(&format, "format", "text", "text; json, a list; github, annotations of a workflow")
	check.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	check.Flags().BoolVar(&online, "online", false, "ask PPM Express, too")
	return check
}

func (a *app) check(ctx context.Context, file, format string, online bool) error {
	start := time.Now()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // trying templates makes much garbage, and the process ends soon
	found, err := a.inspect(ctx, file)
	if err != nil {
		return wrong(err)
	}
	took := time.Since(start)
	answers := new(inquiry)
	if online {
		if answers, err = a.inquire(ctx, &found); err != nil {
			return err
		}
	}
	all := slices.Concat(found.all(), answers.faults)
	switch format {
	case "json":
		err = printFaultsJSON(a.out, all)
	case "github":
		err = errors.Join(printFaultsForGitHub(a.out, all), a.summary(file, found, took), a.tell(answers.report()))
	default:
		err = errors.Join(all.Print(a.out), a.summary(file, found, took), a.tell(answers.report()))
	}
	switch {
	case err != nil:
		return err
	case len(found.faults) > 0:
		return &exitError{code: exitWrong}
	case len(answers.faults) > 0:
		return &exitError{code: exitFailed}
	default:
		return nil
	}
}

// inspection is what is known of a configuration after it was read and tried.
type inspection struct {
	cfg              *config.Config // nil when the file is not YAML
	made             *assembler     // the same
	faults, warnings config.Errors
}

// all returns faults and warnings in the order of the file.
func (i inspection) all() config.Errors {
	return slices.Concat(i.faults, i.warnings).Sorted()
}

// inspect reads a configuration and tries it, as serve would. After a fault it goes on with what could be read, so that
// the faults of templates and conditions are told as well.
func (a *app) inspect(ctx context.Context, file string) (inspection, error) {
	cfg, err := a.load(file)
	faults, known := errors.AsType[config.Errors](err)
	if err != nil && !known {
		return inspection{}, err
	}
	found := inspection{cfg: cfg, faults: faults}
	if cfg == nil {
		return found, nil
	}
	var made *assembler
	if err != nil {
		made = wordsOfFaulty(cfg, faults)
	} else if made, err = assembled(ctx, nil, cfg, slog.New(slog.DiscardHandler)); err != nil {
		return inspection{}, err
	}
	found.made = made
	found.faults = slices.Concat(faults, made.faults, faultsOfTests(cfg))
	found.warnings = slices.Concat(cfg.Warnings(), made.templateWarnings(), made.fieldWarnings())
	return found, nil
}

// summary ends with what was found, so that silence is never taken for an answer.
func (a *app) summary(file string, found inspection, took time.Duration) error {
	var parts []string
	if found.cfg != nil {
		words := count1(len(found.cfg.Templates), "template")
		if len(found.cfg.Templates) > 0 {
			words += " x 12 event types"
		}
		parts = append(parts, count1(len(found.cfg.Routes), "route"), words)
	}
	parts = append(parts, count1(len(found.faults), "fault"))
	if len(found.warnings) > 0 {
		parts = append(parts, count1(len(found.warnings), "warning"))
	}
	parts = append(parts, fmt.Sprintf("%d ms", max(1, took.Round(time.Millisecond).Milliseconds())))
	_, err := fmt.Fprintf(a.out, "%s: %s\n", file, strings.Join(parts, ", "))
	return err
}

// load reads a configuration. Its error is a config.Errors.
func (a *app) load(file string) (*config.Config, error) {
	return config.Load(file, a.env)
}

// configPath is what --config says, else $PPMRELAY_CONFIG, else the usual name in the current folder.
func (a *app) configPath() string {
	if a.configFile != "" {
		return a.configFile
	}
	if file, ok := a.env("PPMRELAY_CONFIG"); ok && file != "" {
		return file
	}
	return "ppmrelay.yaml"
}
