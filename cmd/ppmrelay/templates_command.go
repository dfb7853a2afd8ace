package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/templates"
)

func (a *app) templatesCommand() *cobra.Command {
	group := &cobra.Command{
		Use:     "templates",
		Short:   "Show the built-in templates, to start from",
		Example: "  ppmrelay templates list\n  ppmrelay templates show Project-Updated",
	}
	group.AddCommand(a.templatesListCommand(), a.templatesShowCommand())
	return group
}

func (a *app) templatesListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Name the built-in templates",
		Long: `Name the built-in templates, each with the events that it tells. A route without a template uses them; a template
of the configuration can include them by name: {{ template "Project-Updated" . }}`,
		Example: "  ppmrelay templates list",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.listTemplates() },
	}
}

func (a *app) templatesShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Print the text of a built-in template",
		Long: `Print the text of a built-in template, to start from. It is named as in the list, or by its event type.

Exit code: 0 it was printed, 2 there is none of this name.`,
		Example: "  ppmrelay templates show Project-Updated > status.tmpl\n  ppmrelay templates show Task:Created",
		Args:    arguments("NAME", 1, 1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.showTemplate(args[0]) },
	}
}

func (a *app) listTemplates() error {
	table := tabwriter.NewWriter(a.out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "NAME\tTELLS")
	for _, name := range templates.BuiltinNames() {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", name, tells(name))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing templates: %w", err)
	}
	return nil
}

// tells says what a built-in template tells.
func tells(name string) string {
	switch entity, action, both := strings.Cut(name, "-"); {
	case both:
		return entity + ":" + action
	case name == "Unknown":
		return "events of any other type"
	default:
		return "the small last line of each message"
	}
}

func (a *app) showTemplate(name string) error {
	text, near, ok := templates.Builtin(name)
	if !ok {
		hint := "ppmrelay templates list names them"
		if near != "" {
			hint = "did you mean " + near + "?"
		}
		return wrong(fmt.Errorf("there is no built-in template %q: %s", name, hint))
	}
	if _, err := fmt.Fprint(a.out, text); err != nil {
		return fmt.Errorf("printing a template: %w", err)
	}
	return nil
}
