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
	var asJSON bool
	check := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say everything that is wrong with a configuration",
		Long: `Say everything that is wrong with a configuration, each with file, line and column. Nothing is started, nothing is
written, and no secret is shown.

A warning is what counts all the same, and is hardly meant: a template that no route uses, a condition that always holds.

Exit code: 0 nothing is wrong, also with warnings; 2 something is.`,
		Example: `  ppmrelay check ppmrelay.yaml
  ppmrelay check --format json ppmrelay.yaml | jq '.[].message'
  ppmrelay check --format github ppmrelay.yaml`,
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
			return a.check(c.Context(), file, format)
		},
	}
	check.Flags().StringVar(&format, "format", "text", "text; json, a list; github, annotations of a workflow")
	check.Flags().BoolVar(&asJSON, "json", false, "the same as --format json")
	return check
}

func (a *app) check(ctx context.Context, file, format string) error {
	start := time.Now()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // trying templates makes much garbage, and the process ends soon
	found, err := a.inspect(ctx, file)
	if err != nil {
		return wrong(err)
	}
	switch format {
	case "json":
		err = printFaultsJSON(a.out, found.all())
	case "github":
		err = errors.Join(printFaultsForGitHub(a.out, found.all()), a.summary(file, found, time.Since(start)))
	default:
		err = errors.Join(found.all().Print(a.out), a.summary(file, found, time.Since(start)))
	}
	if err == nil && len(found.faults) > 0 {
		return &exitError{code: exitWrong}
	}
	return err
}

// inspection is what is known of a configuration after it was read and tried.
type inspection struct {
	cfg              *config.Config // nil when the file is not YAML
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
	if err == nil {
		_, err = assemble(ctx, cfg, slog.New(slog.DiscardHandler))
	} else if faults, known := errors.AsType[config.Errors](err); known && cfg != nil {
		err = slices.Concat(faults, faultsOfWords(cfg, faults))
	}
	faults, known := errors.AsType[config.Errors](err)
	if err != nil && !known {
		return inspection{}, err
	}
	found := inspection{cfg: cfg, faults: faults}
	if cfg != nil {
		found.warnings = cfg.Warnings()
	}
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
