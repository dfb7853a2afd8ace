package delivery_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// What the relay says of itself is told by the route for it, and by no other; that route is asked about nothing else.
func TestOwnEventsAreToldByTheirRouteAlone(t *testing.T) {
	for _, c := range []struct {
		name     string
		kind     event.Type
		own      bool // there is a route for what is our own
		told     string
		verdicts string
	}{
		{"of the tenant", "Project:Updated", true, "a b", "[]"},
		{"our own", "relay.ops:Stopped", true, "ops", "[]"},
		{"our own, for nobody", "relay.ops:Stopped", false, "", "[{ there is no channel for those who run the relay}]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, map[string]*target{"a": {}, "b": {}, "ops": {}})
				r.routes[2].Own = true
				if !c.own {
					r.routes = r.routes[:2]
				}
				body := []byte(`{"MessageId":"1/Stopped","Data":{"Attributes":{"Name":"Slack refuses messages"},"TimeStamp":"2026-03-01T08:00:00Z"}}`)
				appended, err := r.store.Append(t.Context(), journal.Incoming{Body: body, Type: c.kind, Received: time.Now(), MessageID: "1/Stopped"})
				if err != nil {
					t.Fatal(err)
				}
				d, stop := r.run()
				time.Sleep(time.Second)
				story, err := r.store.Story(t.Context(), appended.Number)
				if err != nil {
					t.Fatal(err)
				}
				told := ""
				for _, delivered := range story.Deliveries {
					if told != "" {
						told += " "
					}
					told += delivered.Target
				}
				if told != c.told || fmt.Sprint(story.Verdicts) != c.verdicts {
					t.Errorf("got told %q and verdicts %v, want %q and %s", told, story.Verdicts, c.told, c.verdicts)
				}
				again, err := d.Replay(t.Context(), delivery.ReplayRequest{Numbers: []int64{appended.Number}, Dry: true})
				if err != nil || len(again.Targets) != len(story.Deliveries) {
					t.Errorf("got %+v (%v), want that a replay tells the same", again, err)
				}
				stop()
			})
		})
	}
}
