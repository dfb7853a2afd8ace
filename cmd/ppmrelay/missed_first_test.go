package main

import (
	"testing"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// What people change between the first reading and the first webhook is told, however long nothing could be registered.
func TestWhatChangesBeforeTheFirstWebhookIsTold(t *testing.T) {
	t.Parallel()
	m := prepareRescue(t, 7)
	m.permission(false)
	m.launch()
	m.until("the first reading is over", func() bool {
		state, err := m.client().Recovery(m.Context(), control.Recovery{})
		return err == nil && len(state.Sweeps) == 1 && !state.Sweeps[0].Ended.IsZero()
	})
	m.edits(40)
	m.permission(true)
	m.edits(10)
	m.mend()
	m.edits(10)
	m.mend()
	m.compare()
	causes := map[journal.Cause]bool{}
	for _, g := range m.read(func(j *sqlite.Journal) ([]journal.Gap, error) { return j.Gaps(m.Context(), false, 1000) }) {
		causes[g.Cause] = true
	}
	if !causes[journal.CauseMissing] {
		t.Errorf("got gaps by %v, want one of the types that had no webhook", causes)
	}
}

// permission gives the token the right to register webhooks, or takes it away.
func (m *rescue) permission(given bool) {
	m.Helper()
	for _, c := range m.sandbox.PPM.Conditions() {
		if c.Name == "permission-gone" {
			must(m.T, c.Set(!given, ""))
			return
		}
	}
	m.Fatal("the tenant has no such condition")
}
