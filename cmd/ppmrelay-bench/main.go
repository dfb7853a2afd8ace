// Command ppmrelay-bench measures what ppmrelay promises about speed and size, on the machine it runs on.
//
// # The life of a figure
//
//	machine   which processor, kernel and file system; a disk that only pretends to write is refused
//	http      events through the whole HTTP path into the journal, against the same path into a plain file
//	rss       the real daemon's memory, idle and after many events
//	start     from starting the real daemon to the first event it acknowledges
//	render    one event put into a message and into rows
//	check     the released program checking a large configuration
//	reload    the real daemon's answers to honest senders, quiet and while its configuration is loaded again and again
//	webhooks  a pass over a tenant with 50 webhooks
//	scan      a reading of a tenant with 10,000 projects and 50,000 tasks
//	burst     the real daemon against stand-ins of Slack and Google with their quotas: a burst, an outage
//	hostile   the real daemon's answers to honest senders, quiet and under attack by a process of its own
//	report    each figure against its goal, as text or as the section of docs/benchmarks.md
//
// # Invariants
//
//   - What is compared runs in turns, in random order, each time as a new process in a new folder: a machine that is
//     busy for a while hurts both sides. The figure is the median of the rounds' ratios, never a ratio of medians.
//   - Only acknowledged events count, and the clients wait for each answer before they send the next event.
//   - Nothing that is printed names the host, its user or a path.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code: 2 for wrong usage, 1 for a measurement that could not be
// made. A goal that is not met is a result, no failure.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0
	case err != nil:
		complain(stderr, err)
		return 2
	case s.serve != "":
		err = serve(ctx, s, stderr)
	case s.attack != "":
		err = attack(ctx, s, stderr)
	default:
		err = measure(ctx, s, stdout, stderr)
	}
	if err != nil {
		complain(stderr, err)
		return 1
	}
	return 0
}

func complain(stderr io.Writer, err error) { _, _ = fmt.Fprintf(stderr, "ppmrelay-bench: %v\n", err) }

// Defaults of the settings, which are those of the record in docs/benchmarks.md.
const (
	defaultRounds      = 5
	defaultSeconds     = 1.0
	defaultEvents      = 100_000
	defaultBurst       = 10_000
	defaultOutage      = 30 * time.Second
	defaultConnections = 10_000
)

// settings are what the command line says.
type settings struct {
	rounds      int
	seconds     float64
	only        string
	events      int
	burst       int
	outage      time.Duration
	connections int
	dir         string
	markdown    bool
	profile     string
	serve       string // a side of the comparison: this process is a server
	attack      string // a kind of hostility: this process is an attacker
	address     string // whom it attacks
}

func parse(args []string, usage io.Writer) (settings, error) {
	var s settings
	flags := pflag.NewFlagSet("ppmrelay-bench", pflag.ContinueOnError)
	flags.SetOutput(usage)
	flags.SortFlags = false
	flags.IntVar(&s.rounds, "rounds", defaultRounds, "how often each case is measured")
	flags.Float64Var(&s.seconds, "seconds", defaultSeconds, "how long a case is measured in each round")
	flags.StringVar(&s.only, "only", "", "measure only `CASE`: "+strings.Join(caseNames(), ", "))
	flags.IntVar(&s.events, "events", defaultEvents, "how many events make the journal that is not empty")
	flags.IntVar(&s.burst, "burst", defaultBurst, "how many events make a burst; a fifth of them where there is one channel")
	flags.DurationVar(&s.outage, "outage", defaultOutage, "how long Slack and Google are down before what waits is told")
	flags.IntVar(&s.connections, "connections", defaultConnections, "how many idle connections hostile senders open; a tenth of them are slow")
	flags.StringVar(&s.dir, "dir", "", "`FOLDER` on the disk to measure (default: where temporary files go)")
	flags.BoolVar(&s.markdown, "markdown", false, "print the section of docs/benchmarks.md")
	flags.StringVar(&s.profile, "profile", "", "keep the CPU profiles of the HTTP servers in `FOLDER`; slows them a little")
	flags.StringVar(&s.serve, "serve", "", "")
	flags.StringVar(&s.attack, "attack", "", "")
	flags.StringVar(&s.address, "address", "", "")
	for _, name := range []string{"serve", "attack", "address"} {
		if err := flags.MarkHidden(name); err != nil {
			return s, err
		}
	}
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unknown argument %q", flags.Arg(0))
	case s.only != "" && !slices.Contains(caseNames(), s.only):
		return s, fmt.Errorf("--only %q: there are %s", s.only, strings.Join(caseNames(), ", "))
	case s.rounds < 1 || s.seconds <= 0 || s.events < 1 || s.outage <= 0:
		return s, errors.New("--rounds, --seconds, --events and --outage have to be more than 0")
	case s.burst < leastBurst || s.connections < leastConnections:
		return s, fmt.Errorf("--burst has to be at least %d, --connections at least %d", leastBurst, leastConnections)
	}
	return s, nil
}

// command is how to measure the same again, without what belongs to this machine.
func (s settings) command() string {
	command := fmt.Sprintf("go run ./cmd/ppmrelay-bench --rounds %d --seconds %g", s.rounds, s.seconds)
	if s.events != defaultEvents {
		command += fmt.Sprintf(" --events %d", s.events)
	}
	if s.burst != defaultBurst {
		command += fmt.Sprintf(" --burst %d", s.burst)
	}
	if s.outage != defaultOutage {
		command += fmt.Sprintf(" --outage %s", s.outage)
	}
	if s.connections != defaultConnections {
		command += fmt.Sprintf(" --connections %d", s.connections)
	}
	if s.only != "" {
		command += " --only " + s.only
	}
	return command
}

func (s settings) duration() time.Duration { return time.Duration(s.seconds * float64(time.Second)) }

func caseNames() []string {
	return []string{"http", "rss", "start", "render", "check", "reload", "webhooks", "scan", "burst", "hostile"}
}

// measure is the whole run, in order.
func measure(ctx context.Context, s settings, stdout, progress io.Writer) error {
	b, err := prepare(ctx, s, progress)
	if err != nil {
		return err
	}
	defer os.RemoveAll(b.dir) //nolint:errcheck // nobody needs what is left of it
	result := report{machine: b.machine, command: s.command(), at: time.Now()}
	cases := []func(context.Context, *report) error{b.http, b.rss, b.start, b.render, b.check, b.reload, b.webhooks, b.scan, b.burstCase, b.hostile}
	for i, name := range caseNames() {
		if s.only != "" && s.only != name {
			continue
		}
		if err := cases[i](ctx, &result); err != nil {
			return fmt.Errorf("measuring %s: %w", name, err)
		}
	}
	text := result.text()
	if s.markdown {
		text = result.markdown()
	}
	_, err = io.WriteString(stdout, text)
	return err
}
