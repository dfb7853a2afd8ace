package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
)

func (a *app) schemaCommand() *cobra.Command {
	schema := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration, for editors",
		Long: `Print the JSON Schema of the configuration. With it an editor completes keys, shows what they mean and marks what is
wrong while you type. Put it beside the configuration, whose first line names it:

  # yaml-language-server: $schema=config.schema.json

What it cannot see, such as a template or a secret that is not there, "ppmrelay check" tells. What the tenant itself has
of fields and labels "ppmrelay schema pull" fetches.`,
		Example: "  ppmrelay schema > config.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if _, err := a.out.Write(config.Schema()); err != nil {
				return fmt.Errorf("printing the schema: %w", err)
			}
			return nil
		},
	}
	schema.AddCommand(a.schemaPullCommand())
	return schema
}
