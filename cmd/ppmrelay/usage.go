package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// arguments wants from least to most arguments of one kind, none of them empty.
func arguments(name string, least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		usage := c.CommandPath() + " " + name
		switch {
		case len(args) < least:
			return fmt.Errorf("%s is missing: write %s", name, usage)
		case slices.Contains(args, ""):
			return fmt.Errorf("%s is empty: write %s", name, usage)
		case len(args) > most:
			return fmt.Errorf("%q is too much: one %s is enough", args[most], name)
		}
		return nil
	}
}

// flagFault says what is wrong with a flag, as wrong usage.
func flagFault(_ *cobra.Command, err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return wrong(err)
	}
	write := ""
	switch invalid.GetFlag().Value.Type() {
	case "uint64":
		write = "write a whole number, not below zero"
	case "int", "int64":
		write = "write a whole number"
	case "duration":
		write = "write a time as 30s, 5m or 1h30m"
	case "bool":
		write = "write true or false"
	default:
		return wrong(err)
	}
	return wrong(fmt.Errorf("--%s %q: %s", invalid.GetFlag().Name, invalid.GetValue(), write))
}
