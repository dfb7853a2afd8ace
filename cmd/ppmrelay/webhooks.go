package main

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

func (a *app) webhooksCommand() *cobra.Command {
	webhooks := &cobra.Command{
		Use:   "webhooks",
		Short: "Look at the webhooks that are registered in PPM Express, and change them",
		Long: `Look at the webhooks that are registered in PPM Express, and change them.

This relay's webhooks are those with the addresses that it serves: server.public_url/events/Project/Created and so on.
A running daemon looks after them by itself. Values of headers are secrets and are never shown.

Begin with plan: it changes nothing.`,
		Example: "  ppmrelay webhooks plan\n  ppmrelay webhooks apply\n  ppmrelay webhooks list",
	}
	webhooks.AddCommand(a.webhooksListCommand(), a.webhooksShowCommand(), a.webhooksPlanCommand(),
		a.webhooksApplyCommand(), a.webhooksCreateCommand(), a.webhooksDeleteCommand())
	return webhooks
}

func (a *app) webhooksListCommand() *cobra.Command {
	var asJSON bool
	list := &cobra.Command{
		Use:     "list",
		Short:   "List all webhooks of the tenant, also those of others",
		Example: "  ppmrelay webhooks list\n  ppmrelay webhooks list --json | jq '.[] | select(.owner == \"foreign\")'",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withDesk(c, func(d *desk) error { return d.list(c.Context(), asJSON) })
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return list
}

func (a *app) webhooksShowCommand() *cobra.Command {
	var asJSON bool
	show := &cobra.Command{
		Use:     "show ID",
		Short:   "Show one webhook",
		Example: "  ppmrelay webhooks show 7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13",
		Args:    arguments("ID", 1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withDesk(c, func(d *desk) error { return d.show(c.Context(), args[0], asJSON) })
		},
	}
	show.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return show
}

func (a *app) webhooksPlanCommand() *cobra.Command {
	var asJSON bool
	plan := &cobra.Command{
		Use:   "plan",
		Short: "Say what apply would do",
		Long: `Say what apply would do. Nothing is changed.

  +  is missing, and would be registered
  ~  differs, and would be replaced: the new one first, then the old one goes
  -  is superfluous, and would be deleted
  !  stays as it is, or cannot be registered, for the reason that is told

Exit code: 0 everything is registered as wanted, 3 something is not.`,
		Example: "  ppmrelay webhooks plan\n  ppmrelay webhooks plan --json || test $? = 3",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withDesk(c, func(d *desk) error { return d.plan(c.Context(), asJSON) })
		},
	}
	plan.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return plan
}

func (a *app) webhooksApplyCommand() *cobra.Command {
	var asJSON bool
	apply := &cobra.Command{
		Use:   "apply",
		Short: "Register what is missing, replace what differs, delete what is superfluous",
		Long: `Register what is missing, replace what differs, delete what is superfluous. Webhooks of others stay as they are.

A running daemon does it, as it does by itself on its schedule. Because a person asks, three things are done as well that
it would not do by itself: webhooks that this relay created under a former server.public_url are deleted; one that was
replaced several times today is replaced again; and what was created, but never listed, is created once more.`,
		Example: "  ppmrelay webhooks plan\n  ppmrelay webhooks apply\n  ppmrelay webhooks apply --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withDesk(c, func(d *desk) error { return d.apply(c.Context(), nil, asJSON) })
		},
	}
	apply.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return apply
}

func (a *app) webhooksCreateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "create TYPE...",
		Short: "Register the webhooks of some types of events",
		Long: `Register the webhooks of some types of events, each with its address at this relay: apply for these types alone.

Types are Project, Idea, Task or KeyDate with Created, Updated or Deleted: Project:Updated.`,
		Example: "  ppmrelay webhooks create Project:Updated KeyDate:Updated",
		Args:    arguments("TYPE", 1, math.MaxInt),
		RunE: func(c *cobra.Command, args []string) error {
			types, err := parseTypes(args)
			if err != nil {
				return wrong(err)
			}
			return a.withDesk(c, func(d *desk) error { return d.apply(c.Context(), types, false) })
		},
	}
}

func (a *app) webhooksDeleteCommand() *cobra.Command {
	var all bool
	remove := &cobra.Command{
		Use:   "delete ID... | --all",
		Short: "Delete webhooks, also those of others",
		Long: `Delete webhooks, also those of others. A running daemon creates its own again with the next pass.

--all deletes every webhook of the tenant, also those of Power Automate and of other teams. It names them first, and
asks for the tenant's name to be typed.`,
		Example: "  ppmrelay webhooks delete 7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13\n  ppmrelay webhooks delete --all",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case all && len(args) > 0:
				return errors.New("write either ids or --all")
			case !all && (len(args) == 0 || slices.Contains(args, "")):
				return errors.New("write the ids of the webhooks to delete: see ppmrelay webhooks list")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.withDesk(c, func(d *desk) error {
				if all {
					return d.deleteAll(c.Context())
				}
				return d.delete(c.Context(), args)
			})
		},
	}
	remove.Flags().BoolVar(&all, "all", false, "delete every webhook of the tenant, after a confirmation")
	return remove
}

// withDesk opens the way to PPM Express that the configuration describes.
func (a *app) withDesk(c *cobra.Command, use func(*desk) error) error {
	cfg, err := a.load(a.configPath())
	if err != nil {
		return err
	}
	if cfg.PPMExpress == nil {
		return wrong(errors.New("the configuration has no section ppm_express: it says where webhooks are registered, and with which token"))
	}
	return use(&desk{app: a, cfg: cfg, client: newClient(cfg), tenant: cfg.PPMExpress.Tenant, in: c.InOrStdin()})
}

// newClient asks PPM Express as the configuration says, which has a section for it.
func newClient(cfg *config.Config) *ppm.Client {
	p := cfg.PPMExpress
	return ppm.NewClient(&http.Client{}, string(p.URL), p.Tenant, p.APIVersion, p.Token.Reveal())
}

// parseTypes reads types of events, in any case.
func parseTypes(names []string) ([]event.Type, error) {
	types := make([]event.Type, len(names))
	for i, name := range names {
		t, ok := typeNamed(name)
		if !ok {
			return nil, fmt.Errorf("%q is not a type of events that PPM Express knows; write one such as Project:Updated: "+
				"Project, Idea, Task or KeyDate with Created, Updated or Deleted", name)
		}
		types[i] = t
	}
	return types, nil
}
