package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/incident"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/reconcile"
	"github.com/ppmrelay/ppmrelay/templates"
)

// meter is what a relay of every kind of target and with webhooks shows.
type meter struct {
	*metrics

	store metered
	file  string
}

func newMeter(t *testing.T) *meter {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ppmrelay.db")
	store, err := sqlite.Open(t.Context(), file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	m := &meter{metrics: newMetrics(), file: file}
	m.store = metered{store, m.metrics}
	registrar := reconcile.New(reconcile.Config{})
	m.registry.MustRegister(gauges{
		store: m.store, file: file, watcher: incident.New(incident.Config{}),
		probes: []handlers.Probe{func(context.Context) []handlers.Problem {
			return []handlers.Problem{{Part: "journal", Blocks: true}, {Part: "slack"}}
		}},
		targets:   func() []string { return []string{"slack:C1", "sheet:1/A"} },
		failures:  func() []templates.Failure { return []templates.Failure{{Times: 3}, {Times: 4}} },
		registrar: func() *reconcile.Reconciler { return registrar },
	})
	return m
}

// scrape returns what Prometheus sees.
func (m *meter) scrape(t *testing.T) string {
	t.Helper()
	receiver, err := handlers.NewReceiver(handlers.Config{Secrets: []string{secret}, Metrics: m.handler(), Log: slog.New(slog.DiscardHandler)}, m.store, func() {})
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	receiver.Console().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("got %d %v, want the text format of Prometheus", answer.Code, answer.Header())
	}
	public := httptest.NewRecorder()
	receiver.Public().ServeHTTP(public, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if public.Code != http.StatusNotFound {
		t.Errorf("got %d from the public listener, want %d", public.Code, http.StatusNotFound)
	}
	return answer.Body.String()
}

func (m *meter) want(t *testing.T, lines ...string) {
	t.Helper()
	text := "\n" + m.scrape(t)
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("got no %s in\n%s", line, regexp.MustCompile(`(?m)^(#.*|go_.*|process_.*|promhttp_.*)\n`).ReplaceAllString(text, ""))
		}
	}
}

func TestMetrics(t *testing.T) {
	m := newMeter(t)
	m.want(t,
		`ppmrelay_events_received_total{outcome="new",type="KeyDate:Deleted"} 0`, `ppmrelay_ready 0`, `ppmrelay_problems 2`, `ppmrelay_template_failures 7`,
		`ppmrelay_config_reloads_total{result="bad"} 0`, `ppmrelay_webhook_passes_total{result="good"} 0`, `ppmrelay_webhook_last_good_pass_timestamp_seconds 0`,
		`ppmrelay_queue_waiting{target="slack:C1"} 0`, `ppmrelay_queue_oldest_seconds{target="slack:C1"} 0`, `ppmrelay_journal_up 1`, `ppmrelay_build_info{version="dev"} 1`,
	)
	received := time.Now().Add(-time.Hour)
	appendOne := func(kind event.Type, fingerprint, quarantine string) journal.Appended {
		t.Helper()
		in := journal.Incoming{Body: []byte("{}"), Type: kind, Received: received, MessageID: fingerprint, Quarantine: quarantine}
		if fingerprint != "" {
			in.Fingerprint = []byte(strings.Repeat(fingerprint, 32))
		}
		appended, err := m.store.Append(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return appended
	}
	first := appendOne("Project:Updated", "a", "")
	appendOne("Project:Updated", "a", "")
	appendOne("Risk:Escalated", "b", "")
	appendOne("", "c", "")
	appendOne("Task:Created", "d", "cut")
	appendOne("relay.ops:Stopped", "e", "")
	plan := journal.Planned{Number: first.Number, Deliveries: []journal.NewDelivery{{Target: "slack:C1", Route: "team"}, {Target: "slack:GONE", Route: "old"}}}
	if err := m.store.Plan(t.Context(), []journal.Planned{plan}); err != nil {
		t.Fatal(err)
	}
	effect := journal.Effect{ID: "0190a5c4-7d1e-7000-8000-000000000001", Target: "slack:C1", Deliveries: []int64{1}, Started: received}
	if err := m.store.Begin(t.Context(), effect); err != nil {
		t.Fatal(err)
	}
	settled := journal.Settlement{
		Effect: effect.ID, Outcome: journal.BecameUnsure, At: received, Target: journal.TargetState{Target: "slack:C1", Hold: journal.Parked},
	}
	if err := m.store.Settle(t.Context(), settled); err != nil {
		t.Fatal(err)
	}
	m.reload(nil)
	m.reload(errors.New("a fault"))
	m.want(t,
		`ppmrelay_events_received_total{outcome="new",type="Project:Updated"} 1`, `ppmrelay_events_received_total{outcome="repeated",type="Project:Updated"} 1`,
		`ppmrelay_events_received_total{outcome="new",type="other"} 1`, `ppmrelay_events_received_total{outcome="new",type="unknown"} 1`,
		`ppmrelay_events_received_total{outcome="unreadable",type="Task:Created"} 1`,
		`ppmrelay_journal_events 5`, `ppmrelay_journal_unplanned 3`, `ppmrelay_journal_quarantined 1`, `ppmrelay_effects_open 1`,
		`ppmrelay_deliveries{state="pending"} 1`, `ppmrelay_deliveries{state="unsure"} 1`, `ppmrelay_deliveries{state="buried"} 0`,
		`ppmrelay_queue_waiting{target="slack:C1"} 1`, `ppmrelay_target_held{hold="parked",target="slack:C1"} 1`, `ppmrelay_target_held{hold="stopped",target="slack:C1"} 0`,
		`ppmrelay_effects_total{outcome="unsure",service="slack"} 1`, `ppmrelay_config_reloads_total{result="good"} 1`, `ppmrelay_config_reloads_total{result="bad"} 1`,
	)
	text := m.scrape(t)
	age := regexp.MustCompile(`ppmrelay_queue_oldest_seconds\{target="slack:C1"\} (3[56]\d\d\.?\d*)\n`).FindString(text)
	if age == "" || strings.Contains(text, "GONE") || strings.Contains(text, "Risk") || strings.Contains(text, "relay.ops") {
		t.Errorf("got\n%s\nwant an age of an hour, no target that is not configured, and no type that a sender chose", text)
	}
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	m.want(t, `ppmrelay_journal_up 0`)
	if _, err := m.store.Append(t.Context(), journal.Incoming{Type: "Project:Updated"}); err == nil {
		t.Error("got no error of a closed journal")
	}
	m.want(t, `ppmrelay_events_received_total{outcome="failed",type="Project:Updated"} 1`)
}

// metricLines are the lines of the manual, in the order of their names.
func metricLines(t *testing.T) (lines, names []string) {
	t.Helper()
	m := newMeter(t)
	m.effects.WithLabelValues("slack", "told")
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "ppmrelay_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		names = append(names, f.GetName())
		lines = append(lines, strings.Join([]string{
			"| `" + f.GetName() + "`", strings.ToLower(f.GetType().String()), strings.Join(labels, ", "), strings.TrimSuffix(f.GetHelp(), ".") + " |",
		}, " | "))
	}
	return lines, names
}

// The manual has every metric, and no other; -update writes the table anew.
func TestManualHasEveryMetric(t *testing.T) {
	const page, head = "../../docs/monitoring.md", "| metric | type | labels | what |\n|---|---|---|---|\n"
	lines, _ := metricLines(t)
	want := head + strings.Join(lines, "\n") + "\n"
	text := string(mustRead(t, page))
	table := regexp.MustCompile(regexp.QuoteMeta(head) + `(\|.*\n)*`).FindString(text)
	if table == want {
		return
	}
	if !*update {
		t.Errorf("got\n%s\nwant\n%s\nwrite it anew: go test ./cmd/ppmrelay -run TestManualHasEveryMetric -update", table, want)
		return
	}
	if err := os.WriteFile(page, []byte(strings.Replace(text, table, want, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Names are as Prometheus wants them: a unit at the end, counters end in total (prometheus.io/docs/practices/naming).
func TestNamesOfMetrics(t *testing.T) {
	lines, names := metricLines(t)
	for i, name := range names {
		if !regexp.MustCompile(`^ppmrelay_[a-z_]+$`).MatchString(name) {
			t.Errorf("%s: got a name of other letters", name)
		}
		if isCounter := strings.Contains(lines[i], "| counter |"); isCounter != strings.HasSuffix(name, "_total") {
			t.Errorf("%s: got a counter whose name does not say so, or another that does", name)
		}
	}
}

// The alerts ask for metrics that there are, and the manual names each of them.
func TestAlertsAskForWhatThereIs(t *testing.T) {
	_, names := metricLines(t)
	rules, page := readText(t, "deploy/alerts.yaml"), readText(t, "docs/monitoring.md")
	asked := regexp.MustCompile(`\bppmrelay_[a-z_]+`).FindAllString(rules, -1)
	if len(asked) < 6 {
		t.Errorf("got %q, want metrics", asked)
	}
	for _, name := range asked {
		if !slices.Contains(names, name) {
			t.Errorf("there is no metric %s", name)
		}
	}
	alerts := regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(rules, -1)
	for _, alert := range alerts {
		if !strings.Contains(page, "| `"+alert[1]+"` |") {
			t.Errorf("%s is not in the manual", alert[1])
		}
	}
	if len(alerts) < 6 {
		t.Errorf("got %d alerts, want 6", len(alerts))
	}
}
