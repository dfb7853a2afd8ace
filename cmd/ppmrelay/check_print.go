package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
)

// printFaultsJSON prints a list, which is empty when nothing was found.
func printFaultsJSON(out io.Writer, faults config.Errors) error {
	if faults == nil {
		faults = config.Errors{}
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(faults); err != nil {
		return fmt.Errorf("printing faults: %w", err)
	}
	return nil
}

// printFaultsForGitHub prints a workflow command for each fault, which GitHub shows beside the line in a pull request
// (docs.github.com, "Workflow commands for GitHub Actions").
func printFaultsForGitHub(out io.Writer, faults config.Errors) error {
	for _, fault := range faults {
		command, place := "error", "file="+property(fault.File)
		if fault.Warning {
			command = "warning"
		}
		if fault.Line > 0 {
			place += fmt.Sprintf(",line=%d,col=%d", fault.Line, fault.Column)
		}
		text := fault.Message
		if fault.Hint != "" {
			text += "; " + fault.Hint
		}
		if _, err := fmt.Fprintf(out, "::%s %s::%s\n", command, place, commandText(text)); err != nil {
			return fmt.Errorf("printing faults: %w", err)
		}
	}
	return nil
}

// commandText escapes the message of a workflow command, as GitHub's own toolkit does.
func commandText(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// property escapes a property of a workflow command, which ends at a comma or colon.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandText(text))
}
