package journaltest

import (
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func incidentChecks() []check {
	return []check{
		{"an incident is there after a restart as it was stored last", incidentKept},
		{"incidents are listed newest first, and narrowed", incidentsListed},
		{"no retention touches them", incidentsTrimmed},
		{"one that is nothing is refused", incidentRefused},
		{"a backlog counts what is pending and unsure, from the oldest event on", backlogsCounted},
	}
}

// incident makes one that began now.
func (r *rig) incident(key string) journal.Incident {
	r.now = r.now.Add(time.Second)
	return journal.Incident{
		ID: newID(), Key: key, Part: "slack", Title: "Slack refuses messages", Why: "no answer", Since: r.now.UTC(),
	}
}

func (r *rig) incidents(filter journal.IncidentFilter) []journal.Incident {
	r.t.Helper()
	all, err := r.Incidents(r.t.Context(), filter)
	r.must(err)
	return all
}

func incidentKept(r *rig) {
	t := r.t
	in := r.incident("held slack")
	r.must(r.SetIncident(t.Context(), in))
	same(t, "as it began", r.incidents(journal.IncidentFilter{}), []journal.Incident{in})
	in.Why, in.Until, in.Told, in.Event, in.Notes = "refused", in.Since.Add(time.Hour), in.Since.Add(time.Minute), 7, []byte(`{"a":1}`)
	r.must(r.SetIncident(t.Context(), in))
	r.reopen()
	same(t, "as it ended", r.incidents(journal.IncidentFilter{}), []journal.Incident{in})
}

func incidentsListed(r *rig) {
	t := r.t
	var all []journal.Incident // newest first
	for i := range 60 {
		in := r.incident(fmt.Sprintf("key %d", i%3))
		if i%2 == 0 {
			in.Until = in.Since.Add(time.Hour)
		}
		r.must(r.SetIncident(t.Context(), in))
		all = append([]journal.Incident{in}, all...)
	}
	same(t, "all", r.incidents(journal.IncidentFilter{}), all[:50])
	same(t, "all but none", r.incidents(journal.IncidentFilter{Limit: 100}), all)
	same(t, "of a time", r.incidents(journal.IncidentFilter{Since: all[3].Since}), all[:4])
	for _, in := range r.incidents(journal.IncidentFilter{Open: true, Key: "key 1", Limit: 2}) {
		if in.Key != "key 1" || !in.Until.IsZero() {
			t.Errorf("got %+v, want one of key 1 that lasts", in)
		}
	}
	if got := len(r.incidents(journal.IncidentFilter{Open: true, Key: "key 1"})); got != 10 {
		t.Errorf("got %d of key 1 that last, want 10", got)
	}
}

func incidentsTrimmed(r *rig) {
	in := r.incident("x")
	in.Until = in.Since.Add(time.Second)
	r.must(r.SetIncident(r.t.Context(), in))
	r.planned()
	r.pass(1000 * time.Hour)
	r.trim(journal.Policy{Events: time.Minute, Memory: time.Minute, Size: 1})
	same(r.t, "incidents", r.incidents(journal.IncidentFilter{}), []journal.Incident{in})
}

func incidentRefused(r *rig) {
	nameless, timeless := r.incident("x"), r.incident("x")
	nameless.ID, timeless.Since = "7", time.Time{}
	for _, in := range []journal.Incident{nameless, timeless} {
		if err := r.SetIncident(r.t.Context(), in); err == nil {
			r.t.Errorf("%+v: got no error, want one", in)
		}
	}
	same(r.t, "incidents", len(r.incidents(journal.IncidentFilter{})), 0)
}

func backlogsCounted(r *rig) {
	t := r.t
	backlogs := func() []journal.Backlog {
		t.Helper()
		all, err := r.Backlogs(t.Context())
		r.must(err)
		return all
	}
	same(t, "of nothing", len(backlogs()), 0)
	r.must(r.Settle(t.Context(), r.settlement(r.begun("told", 2), journal.Told)))
	unsure := r.begun("b", 2)
	first := r.now.Add(-2 * time.Second) // begun took a second
	r.must(r.Settle(t.Context(), r.settlement(unsure, journal.BecameUnsure)))
	r.planned("b")
	r.planned("a", "b")
	want := []journal.Backlog{{Target: "a", Waiting: 1, Oldest: r.now.UTC()}, {Target: "b", Waiting: 4, Oldest: first.UTC()}}
	same(t, "backlogs", backlogs(), want)
}
