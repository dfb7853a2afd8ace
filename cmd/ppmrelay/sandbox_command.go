package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/page"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// sandboxMark begins a configuration that may be written over: it is only good for the stand-ins that it was made for.
const sandboxMark = "# Written by ppmrelay sandbox, for stand-ins that run now."

// standIns are the flags of the sandbox.
type standIns struct {
	addresses [3]string // of PPM Express, Slack and Google
	control   string    // address that makes them fail
	page      string    // address of the page; empty = none
	write     string    // file for the configuration
	switches  []string  // by name
	every     time.Duration
	list      bool
	asJSON    bool
}

func (a *app) sandboxCommand() *cobra.Command {
	var o standIns
	command := &cobra.Command{
		Use:   "sandbox",
		Short: "Run stand-ins of PPM Express, Slack and Google, to try a configuration without accounts",
		Long: `Run stand-ins of PPM Express, Slack and Google, to try a configuration, or a program of your own, without accounts.
They keep the vendors' limits, and forget everything when they end, by Ctrl-C.

The page shows them as people see them: there one edits in PPM Express, reads the channel, uses the sheet, and makes
things go wrong. PPM Express describes its API at /openapi.json, and sends real requests to whoever is registered.

What a vendor does not publish, the stand-ins do in the more probable way. --switch makes them do it in the other way;
--list-switches shows what there is.

They fail on demand: the control address, which only this machine reaches, takes JSON. GET /faults shows which endpoints,
kinds of faults and conditions there are, what is set, and how often each was met.

  PUT    /faults       vendor, endpoint ("*" = all) and kind: what its requests meet from now on. With times, only the
                       next ones; with share and seed, that part of them by chance. The kind "none" ends it, "any" is
                       one by chance.
  POST   /conditions   vendor, name, on, and where it needs one: a state that lasts, as an archived channel
  DELETE /faults       everything works again

Each order is answered with what is set after it.`,
		Example: `  ppmrelay sandbox --write-config sandbox.yaml
  ppmrelay serve --config sandbox.yaml            # in another terminal
  ppmrelay sandbox --edits 5s --switch ppm.shuffled --switch slack.metadata-dropped
  ppmrelay sandbox --page ""                      # without the page
  ppmrelay sandbox --list-switches

  curl localhost:9001/openapi.json
  curl localhost:9004/faults
  curl localhost:9004/faults -X PUT -d '{"vendor": "slack", "endpoint": "chat.postMessage", "kind": "after-reset", "times": 1}'
  curl localhost:9004/faults -X PUT -d '{"vendor": "google", "endpoint": "batchUpdate", "kind": "late:30s", "times": 1}'
  curl localhost:9004/faults -X PUT -d '{"vendor": "slack", "endpoint": "*", "kind": "any", "share": 0.05, "seed": 7}'
  curl localhost:9004/conditions -d '{"vendor": "slack", "name": "channel-archived", "on": true, "where": "C0SANDBOX01"}'
  curl localhost:9004/conditions -d '{"vendor": "google", "name": "quota-used-up", "on": true}'
  curl localhost:9004/faults -X DELETE`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case o.asJSON && !o.list:
				return wrong(errors.New("--json needs --list-switches"))
			case o.every < 0 || o.every > 0 && o.every < 100*time.Millisecond:
				return wrong(fmt.Errorf("--edits %v: write a time of at least 100ms", o.every))
			case o.list:
				return a.listSwitches(o.asJSON)
			}
			if err := errors.Join(sandbox.CheckControl(o.control), checkPage(o.page)); err != nil {
				return wrong(err)
			}
			return a.sandbox(c.Context(), o)
		},
	}
	o.flags(command.Flags())
	return command
}

func (o *standIns) flags(flags *pflag.FlagSet) {
	flags.StringVar(&o.addresses[0], "ppm", "127.0.0.1:9001", "`ADDRESS` of PPM Express")
	flags.StringVar(&o.addresses[1], "slack", "127.0.0.1:9002", "`ADDRESS` of Slack")
	flags.StringVar(&o.addresses[2], "google", "127.0.0.1:9003", "`ADDRESS` of Google")
	flags.StringVar(&o.control, "control", "127.0.0.1:9004", "`ADDRESS` that makes them fail, of this machine alone")
	flags.StringVar(&o.page, "page", "127.0.0.1:9005", "`ADDRESS` of the page, of this machine alone; empty: no page")
	flags.StringVar(&o.write, "write-config", "", "write the configuration to a `FILE` instead of showing it")
	flags.StringArrayVar(&o.switches, "switch", nil, "let what is not known be the other way: `NAME` of a switch; repeatable")
	flags.DurationVar(&o.every, "edits", 0, "let people edit something at random, once in that `TIME` (default: nobody edits)")
	flags.BoolVar(&o.list, "list-switches", false, "list the switches and end")
	flags.BoolVar(&o.asJSON, "json", false, "print JSON")
}

// sandbox runs the stand-ins until ctx ends.
func (a *app) sandbox(ctx context.Context, o standIns) (err error) {
	options := sandbox.Options{Listen: o.addresses, Control: o.control, PPM: ppm.Options{Entities: ppm.NewPortfolio().Entities}}
	for _, name := range o.switches {
		row, err := switchNamed(name)
		if err != nil {
			return wrong(err)
		}
		row.Flip(&options)
	}
	s, err := sandbox.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	listener, err := listenPage(ctx, o.page, true)
	if err != nil {
		return err
	}
	shown := servePage(listener, page.Options{Sandbox: s}, nil)
	defer func() { err = errors.Join(err, shown.close()) }()
	config := sandboxMark + "\n" + sandboxConfig(s, "127.0.0.1:8080", "127.0.0.1:8081")
	if o.write != "" {
		if err := writeOver(o.write, config); err != nil {
			return err
		}
	}
	if err := a.introduce(s, shown, o, config); err != nil {
		return err
	}
	return edit(ctx, s, o.every)
}

// introduce says how to reach the stand-ins.
func (a *app) introduce(s *sandbox.Sandbox, shown *shownPage, o standIns, config string) error {
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	if shown != nil {
		fmt.Fprintf(table, "Page\thttp://%s\topen it in a browser: all three as people see them\n", shown.address)
	}
	fmt.Fprintf(table, "PPM Express\t%s\ttenant %s, token %s; described at %s/openapi.json\n",
		s.PPMURL, ppm.DefaultTenant, ppm.DefaultToken, s.PPMURL)
	fmt.Fprintf(table, "Slack\t%s\ttoken %s, channel %s\n", s.SlackURL, slack.DefaultToken, sandbox.Channel)
	fmt.Fprintf(table, "Google\t%s\tspreadsheet %s; its service account is in the configuration\n", s.GoogleURL, sandbox.Spreadsheet)
	fmt.Fprintf(table, "Control\t%s\tmakes them fail: curl %s/faults, and ppmrelay sandbox --help\n", s.ControlURL, s.ControlURL)
	if err := table.Flush(); err != nil {
		return err
	}
	text := "\nA configuration for them:\n\n" + config
	if o.write != "" {
		text = fmt.Sprintf("\nTheir configuration is in %[1]s. In another terminal: ppmrelay serve --config %[1]s\n", o.write)
	}
	if len(o.switches) > 0 {
		text = "\nSwitched: " + strings.Join(o.switches, ", ") + "\n" + text
	}
	_, err := fmt.Fprint(a.out, text+"\nCtrl-C ends them.\n")
	return err
}

// edit lets people edit now and then, until ctx ends.
func edit(ctx context.Context, s *sandbox.Sandbox, every time.Duration) error {
	if every == 0 {
		<-ctx.Done()
		return nil
	}
	people, turn := newImproviser(cast{Sandbox: s}, 1), time.NewTicker(every)
	defer turn.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-turn.C:
			if err := people.act(); err != nil {
				return err
			}
		}
	}
}

// writeOver writes a configuration, for its owner alone. Another file than one of ours is not written over.
func writeOver(file, config string) error {
	there, err := os.ReadFile(file) //nolint:gosec // named by the person who runs this
	switch {
	case err == nil && !strings.HasPrefix(string(there), sandboxMark):
		return fmt.Errorf("%s was not written by ppmrelay sandbox, so it stays as it is: choose another file", file)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	}
	return os.WriteFile(file, []byte(config), 0o600)
}

// switchNamed finds a switch. The error names the nearest one.
func switchNamed(name string) (sandbox.Switch, error) {
	all := sandbox.Switches()
	if i := slices.IndexFunc(all, func(s sandbox.Switch) bool { return s.Name == name }); i >= 0 {
		return all[i], nil
	}
	names := &cobra.Command{SuggestionsMinimumDistance: 2 + len(name)/5} // what suggests commands can suggest names
	for _, s := range all {
		names.AddCommand(&cobra.Command{Use: s.Name, Run: func(*cobra.Command, []string) {}})
		if _, short, _ := strings.Cut(s.Name, "."); short == name {
			return sandbox.Switch{}, fmt.Errorf("there is no switch %q, did you mean %s?", name, s.Name)
		}
	}
	if near := names.SuggestionsFor(name); len(near) > 0 {
		return sandbox.Switch{}, fmt.Errorf("there is no switch %q, did you mean %s?", name, strings.Join(near, " or "))
	}
	return sandbox.Switch{}, fmt.Errorf("there is no switch %q: see ppmrelay sandbox --list-switches", name)
}

// listSwitches prints what there is.
func (a *app) listSwitches(asJSON bool) error {
	all := sandbox.Switches()
	if asJSON {
		return a.printJSON(all)
	}
	widest := 0
	for _, s := range all {
		widest = max(widest, len(s.Name))
	}
	var out strings.Builder
	for _, s := range all {
		lines := []string{s.Fact, "default:  " + s.Default, "switched: " + s.Other}
		if s.Changes != "" {
			lines = append(lines, "so that   "+s.Changes)
		}
		name := s.Name
		for _, line := range lines {
			fmt.Fprintf(&out, "%-*s  %s\n", widest, name, line)
			name = ""
		}
	}
	_, err := fmt.Fprint(a.out, out.String())
	return err
}
