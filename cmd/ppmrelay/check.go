package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
)

func (a *app) checkCommand() *cobra.Command {
	var asJSON bool
	check := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say everything that is wrong with a configuration",
		Long: `Say everything that is wrong with a configuration, each with file, line and column. Nothing is started, nothing is
written, and no secret is shown.

Exit code: 0 nothing is wrong, 2 something is.`,
		Example: "  ppmrelay check ppmrelay.yaml\n  ppmrelay check --json ppmrelay.yaml | jq '.[].message'",
		Args:    arguments("FILE", 0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			file := a.configPath()
			if len(args) == 1 {
				file = args[0]
			}
			return a.check(c.Context(), file, asJSON)
		},
	}
	check.Flags().BoolVar(&asJSON, "json", false, "print the faults as a JSON list")
	return check
}

func (a *app) check(ctx context.Context, file string, asJSON bool) error {
	cfg, err := a.load(file)
	if err == nil {
		_, err = assemble(ctx, cfg, slog.New(slog.DiscardHandler))
	}
	faults, known := errors.AsType[config.Errors](err)
	if err != nil && !known {
		return wrong(err)
	}
	if asJSON {
		if faults == nil {
			faults = config.Errors{}
		}
		encoder := json.NewEncoder(a.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(faults); err != nil {
			return fmt.Errorf("printing faults: %w", err)
		}
	} else if err := a.printFaults(file, cfg, faults); err != nil {
		return err
	}
	if len(faults) > 0 {
		return &exitError{code: exitWrong}
	}
	return nil
}

// printFaults ends with what was found, so that silence is never taken for an answer.
func (a *app) printFaults(file string, cfg *config.Config, faults config.Errors) error {
	if err := faults.Print(a.out); err != nil {
		return err
	}
	summary := []string{count1(len(faults), "fault")}
	if cfg != nil {
		summary = append([]string{count1(len(cfg.Routes), "route"), count1(len(cfg.Templates), "template")}, summary...)
	}
	_, err := fmt.Fprintf(a.out, "%s: %s\n", file, strings.Join(summary, ", "))
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

// count1 says "1 route", "2 routes".
func count1(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
