// Command ppmrelay tells teams in Slack what changed in PPM Express, and keeps a sheet of it that a PMO can trust.
//
// One file per subcommand; serve.go is the architecture as one straight line. Nothing below main exits the process.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the static image has no zones of its own

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
)

// Exit codes, as the manual promises them.
const (
	exitFine       = 0
	exitFailed     = 1
	exitWrong      = 2 // wrong usage or configuration
	exitDifference = 3 // a plan found something to do
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals // by hand: the first process of a container does not die of a signal by itself
		_, _ = fmt.Fprintln(os.Stderr, "ppmrelay: a second signal, leaving at once")
		os.Exit(exitFailed)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return (&app{out: stdout, err: stderr, env: os.LookupEnv}).run(ctx, args)
}

// run executes one command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitFine
	}
	if faults, ok := errors.AsType[config.Errors](err); ok {
		_ = faults.Print(a.err)
		return exitWrong
	}
	code := exitFailed
	exit, known := errors.AsType[*exitError](err)
	if known {
		code = exit.code
	}
	if !known || exit.err != nil {
		_, _ = fmt.Fprintf(a.err, "ppmrelay: %v\n", err)
	}
	return code
}

// exitError is an error with an exit code of its own. Without err there is nothing more to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// wrong marks an error as wrong usage or configuration.
func wrong(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: exitWrong, err: err}
}

// app is what every subcommand shares.
type app struct {
	out, err io.Writer
	env      func(string) (string, bool)

	configFile string
	logFormat  string
	logLevel   string
	grace      time.Duration   // of serve; 0 = its default
	watchEvery time.Duration   // how often serve looks at files; 0 = its default
	lasting    time.Duration   // how long something must be wrong to be told; 0 = its default
	timing     recovery.Timing // of looking for missed changes; zero = its default
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ppmrelay",
		Short: "PPM Express tells Slack and a Google Sheet what changed",
		Long: strings.TrimSpace(`
ppmrelay receives the webhooks of PPM Express, tells teams in Slack what changed, and keeps a sheet of it.
Nothing that it acknowledged is lost, and nothing is told twice.`),
		Example: "  ppmrelay demo                             # to begin: the whole job in a minute, without an account\n" +
			"  ppmrelay check ppmrelay.yaml              # what is wrong with a configuration\n" +
			"  ppmrelay render --event Project-Updated   # what it would tell; nobody is told\n" +
			"  ppmrelay serve                            # tell it",
		Version:           version,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "", "configuration `FILE` (default $PPMRELAY_CONFIG, else ppmrelay.yaml)")
	flags.StringVar(&a.logFormat, "log-format", "", "text or json (default: text on a terminal, else json)")
	flags.StringVar(&a.logLevel, "log-level", "info", "debug, info, warn or error")
	root.SetFlagErrorFunc(flagFault)
	a.addCommands(root)
	usageIsWrong(root)
	return root
}

// addCommands adds all commands, by what a person wants to do.
func (a *app) addCommands(root *cobra.Command) {
	group := func(id, title string, commands ...*cobra.Command) {
		root.AddGroup(&cobra.Group{ID: id, Title: title})
		for _, command := range commands {
			command.GroupID = id
			root.AddCommand(command)
		}
	}
	group("write", "Write it:", a.checkCommand(), a.renderCommand(), a.testCommand(), a.templatesCommand(), a.schemaCommand())
	group("run", "Run it:", a.serveCommand(), a.webhooksCommand(), a.backfillCommand(), a.gapsCommand())
	group("look", "Look:", a.eventsCommand(), a.incidentsCommand(), a.journalCommand())
	group("try", "Try:", a.demoCommand(), a.sandboxCommand(), a.selftestCommand())
}

// usageIsWrong makes wrong arguments end with the exit code for wrong usage, all the way down. A command that only
// groups others shows its help, and names the nearest one for a wrong word.
func usageIsWrong(command *cobra.Command) {
	if command.RunE == nil {
		command.SuggestionsMinimumDistance = 2
		command.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		command.Args = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			text := fmt.Sprintf("unknown command %q for %q", args[0], c.CommandPath())
			if near := c.SuggestionsFor(args[0]); len(near) > 0 {
				text += ", did you mean " + strings.Join(near, " or ") + "?"
			}
			return errors.New(text)
		}
	}
	if check := command.Args; check != nil {
		command.Args = func(c *cobra.Command, args []string) error { return wrong(check(c, args)) }
	}
	for _, child := range command.Commands() {
		usageIsWrong(child)
	}
}
