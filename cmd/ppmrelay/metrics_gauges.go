package main

import (
	"context"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/incident"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/reconcile"
	"github.com/ppmrelay/ppmrelay/templates"
)

// scrapeTimeout bounds how long a scrape waits for the journal.
const scrapeTimeout = 10 * time.Second

// gauges are what is looked up when somebody asks.
type gauges struct {
	store     journal.Journal
	file      string // of the journal
	probes    []handlers.Probe
	watcher   *incident.Watcher
	targets   func() []string // of the configuration that counts
	failures  func() []templates.Failure
	registrar func() *reconcile.Reconciler // nil where no webhooks are kept registered
}

var _ prometheus.Collector = gauges{}

// Describe describes nothing: what is there depends on the configuration.
func (gauges) Describe(chan<- *prometheus.Desc) {}

// Collect looks everything up.
func (g gauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	s := sample{to: to}
	g.health(ctx, s)
	g.journal(ctx, s)
	g.queues(ctx, s)
	g.webhooks(s)
}

// sample hands over figures.
type sample struct{ to chan<- prometheus.Metric }

// gauge hands over one figure. Labels are names and values by turns.
func (s sample) gauge(name, help string, value float64, labels ...string) {
	s.put(prometheus.GaugeValue, name, help, value, labels...)
}

func (s sample) put(kind prometheus.ValueType, name, help string, value float64, labels ...string) {
	var names, values []string
	for i := 0; i+1 < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	s.to <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, names, nil), kind, value, values...)
}

func (g gauges) health(ctx context.Context, s sample) {
	problems, ready := 0, 1.0
	for _, probe := range g.probes {
		for _, p := range probe(ctx) {
			problems++
			if p.Blocks {
				ready = 0
			}
		}
	}
	s.gauge("ppmrelay_ready", "1 when events can be taken, 0 when not, as /readyz says.", ready)
	s.gauge("ppmrelay_problems", "What is wrong now: the lines of /readyz.", float64(problems))
	s.gauge("ppmrelay_incidents_open", "What has been wrong for a while, and is not over.", float64(len(g.watcher.Open())))
	failed := 0
	for _, f := range g.failures() {
		failed += f.Times
	}
	s.gauge("ppmrelay_template_failures",
		"Events since this configuration counts at which a template failed: told in the built-in wording, or with a cell that says so.", float64(failed))
}

func (g gauges) journal(ctx context.Context, s sample) {
	counts, err := g.store.Count(ctx)
	up := 1.0
	if err != nil {
		up = 0
	}
	s.gauge("ppmrelay_journal_up", "1 when the journal can be read, 0 when not; then its other figures are missing.", up)
	if info, err := os.Stat(g.file); err == nil {
		s.gauge("ppmrelay_journal_size_bytes", "The length of the journal's file, without what is not moved into it yet.", float64(info.Size()))
	}
	if err != nil {
		return
	}
	s.gauge("ppmrelay_journal_events", "Events in the journal, until they are forgotten.", float64(counts.Events))
	s.gauge("ppmrelay_journal_unplanned", "Events of which it is not decided yet who is told.", float64(counts.Unplanned))
	s.gauge("ppmrelay_journal_quarantined", "Bodies that could not be read and are kept.", float64(counts.Quarantined))
	s.gauge("ppmrelay_effects_open", "Writes to Slack, sheets and files that have begun and not ended, or of which nobody knows.", float64(counts.Open))
	s.gauge("ppmrelay_possible_doubles", "Writes in the journal that may stand beside another one that tells the same.", float64(counts.Doubles))
	for _, state := range states() {
		s.gauge("ppmrelay_deliveries", "Deliveries in the journal by state, until they are forgotten.", float64(counts.Deliveries[state]), "state", string(state))
	}
}

func (g gauges) queues(ctx context.Context, s sample) {
	backlogs, err := g.store.Backlogs(ctx)
	if err != nil {
		return
	}
	held, err := g.store.Targets(ctx)
	if err != nil {
		return
	}
	waiting, states := map[string]journal.Backlog{}, map[string]journal.Hold{}
	for _, b := range backlogs {
		waiting[b.Target] = b
	}
	for _, t := range held {
		states[t.Target] = t.Hold
	}
	for _, target := range g.targets() {
		age := 0.0
		if b := waiting[target]; !b.Oldest.IsZero() {
			age = max(0, time.Since(b.Oldest).Seconds())
		}
		s.gauge("ppmrelay_queue_waiting", "Deliveries that wait for a target of the configuration.", float64(waiting[target].Waiting), "target", target)
		s.gauge("ppmrelay_queue_oldest_seconds", "How long ago the oldest event was received that waits for a target; 0 when none does.", age, "target", target)
		for _, hold := range []journal.Hold{journal.Paused, journal.Parked, journal.Stopped} {
			is := 0.0
			if states[target] == hold {
				is = 1
			}
			s.gauge("ppmrelay_target_held", "1 while a target is held so: paused passes by itself, parked and stopped need a person.", is, "target", target, "hold", string(hold))
		}
	}
}

func (g gauges) webhooks(s sample) {
	registrar := g.registrar()
	if registrar == nil {
		return
	}
	tally := registrar.Tally()
	const passes = "Comparisons of the registered webhooks with the wanted ones, by result."
	s.put(prometheus.CounterValue, "ppmrelay_webhook_passes_total", passes, float64(tally.Good), "result", "good")
	s.put(prometheus.CounterValue, "ppmrelay_webhook_passes_total", passes, float64(tally.Bad), "result", "bad")
	last := 0.0
	if !tally.LastGood.IsZero() {
		last = float64(tally.LastGood.UnixMilli()) / 1000
	}
	s.gauge("ppmrelay_webhook_last_good_pass_timestamp_seconds", "When the last good comparison ended; 0 before the first one.", last)
	s.gauge("ppmrelay_webhook_problems", "What is wrong with the webhooks now.", float64(len(registrar.Problems())))
}
