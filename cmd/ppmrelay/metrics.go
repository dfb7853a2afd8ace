package main

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// metrics counts what goes by. What can be looked up when somebody asks is looked up then, see gauges. No label has a value
// that PPM Express or a person outside chose.
type metrics struct {
	registry *prometheus.Registry
	received *prometheus.CounterVec // by type, outcome
	effects  *prometheus.CounterVec // by service, outcome
	reloads  *prometheus.CounterVec // by result
	reloaded prometheus.Gauge
}

// Values of labels beside those that other packages name.
const (
	labelOther   = "other"   // a type that is none of the twelve
	labelUnknown = "unknown" // no type is known

	labelNew        = "new"        // an event that was not known
	labelRepeated   = "repeated"   // an event that was
	labelUnreadable = "unreadable" // a body that is kept in quarantine
	labelFailed     = "failed"     // the journal did not take it
)

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ppmrelay_events_received_total", Help: "Events that came with a valid secret, by type and by what became of them at the door.",
		}, []string{"type", "outcome"}),
		effects: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ppmrelay_effects_total", Help: "Writes to Slack, sheets and files that have ended or became unsure, by service and outcome.",
		}, []string{"service", "outcome"}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ppmrelay_config_reloads_total", Help: "Changed configurations that were read while the process ran, by result: good counts, bad changed nothing.",
		}, []string{"result"}),
		reloaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ppmrelay_config_last_good_timestamp_seconds", Help: "When the configuration that counts was read.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ppmrelay_build_info", Help: "Always 1; the version is in the label.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.received, m.effects, m.reloads, m.reloaded, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, t := range event.Types() {
		m.received.WithLabelValues(string(t), labelNew) // 0 is an answer, nothing is none
	}
	for _, result := range []string{"good", "bad"} {
		m.reloads.WithLabelValues(result)
	}
	m.reloaded.SetToCurrentTime()
	return m
}

// handler answers a scrape.
func (m *metrics) handler() http.Handler {
	return promhttp.InstrumentMetricHandler(m.registry, promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
}

// reload counts a configuration that was read.
func (m *metrics) reload(err error) {
	if err != nil {
		m.reloads.WithLabelValues("bad").Inc()
		return
	}
	m.reloads.WithLabelValues("good").Inc()
	m.reloaded.SetToCurrentTime()
}

// metered is a journal that counts what goes by.
type metered struct {
	*sqlite.Journal

	metrics *metrics
}

// Append counts what comes in from outside.
func (c metered) Append(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
	appended, err := c.Journal.Append(ctx, in)
	if in.Type.Own() {
		return appended, err
	}
	outcome := labelNew
	switch {
	case err != nil:
		outcome = labelFailed
	case appended.Duplicate:
		outcome = labelRepeated
	case in.Quarantine != "":
		outcome = labelUnreadable
	}
	c.metrics.received.WithLabelValues(typeLabel(in.Type), outcome).Inc()
	return appended, err
}

// Settle counts what became of effects.
func (c metered) Settle(ctx context.Context, s journal.Settlement) error {
	err := c.Journal.Settle(ctx, s)
	if err == nil {
		c.metrics.effects.WithLabelValues(kindOfTarget(s.Target.Target), string(s.Outcome)).Inc()
	}
	return err
}

func typeLabel(t event.Type) string {
	switch {
	case t == "":
		return labelUnknown

	case slices.Contains(event.Types(), t):
		return string(t)
	default:
		return labelOther
	}
}

// kindOfTarget is "slack", "sheet" or "file".
func kindOfTarget(target string) string {
	kind, _, _ := strings.Cut(target, ":")
	return cmp.Or(kind, labelUnknown)
}
