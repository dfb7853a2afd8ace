package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/page"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// TestWay: what the page shows of two edits, while Slack is down and after.
func TestWay(t *testing.T) {
	s := openTestStage(t)
	w := &way{stage: s}
	look := func(want func(page.Way) bool) page.Way {
		t.Helper()
		var now page.Way
		err := s.await(t.Context(), time.Minute, func() bool {
			var err error
			if now, err = w.Way(t.Context()); err != nil {
				t.Fatal(err)
			}
			return want(now)
		})
		if err != nil {
			t.Fatalf("got %v, last %+v", err, now)
		}
		return now
	}
	if now := look(func(page.Way) bool { return true }); now != (page.Way{}) {
		t.Errorf("got %+v before anything happened, want nothing", now)
	}
	began := time.Now()
	if err := s.edit("Anna Doe", event.Project, "Customer Portal", map[string]any{"Budget": 1, "OverallStatus": 2}); err != nil {
		t.Fatal(err)
	}
	now := look(func(now page.Way) bool { return now.Last.Told > 0 && now.Last.Written > 0 && now.Answered > 0 })
	all := time.Since(began)
	for name, took := range map[string]time.Duration{
		"answered": now.Answered, "journalled": now.Last.Journalled, "told": now.Last.Told, "written": now.Last.Written,
		"message after": now.Slack.After, "row after": now.Sheet.After,
	} {
		if took <= 0 || took > all {
			t.Errorf("%s: got %v, want more than nothing and at most %v", name, took, all)
		}
	}
	if now.Last.Journalled > now.Last.Told || now.Last.Journalled > now.Last.Written || now.Last.Received.Before(began) {
		t.Errorf("got %+v, want that it was journalled first", now.Last)
	}
	track := now.Last
	track.Received, track.Journalled, track.Told, track.Written = time.Time{}, 0, 0, 0
	if want := (page.Track{Number: 1, Title: "Project updated", Name: "Customer Portal"}); track != want {
		t.Errorf("got %+v, want %+v", track, want)
	}

	s.Slack.Board.Always(posting, fault.TooMany)
	if err := s.edit("John Doe", event.KeyDate, "Go-live of Status Page", map[string]any{"Date": ppm.Day(2026, 10, 8)}); err != nil {
		t.Fatal(err)
	}
	now = look(func(now page.Way) bool {
		return now.Slack.Trouble != "" && !now.Slack.Again.IsZero() && now.Rows == 3 && now.Sheet.Waiting == 0
	})
	if now.Slack.Trouble != "Out of quota" || now.Slack.Waiting != 1 || now.Slack.Again.Before(began) || now.Last.Slack != "waits" ||
		!strings.HasPrefix(now.Slack.Why, "rate-limited: ") {
		t.Errorf("got %+v of %+v, want that one change waits, why and until when", now.Slack, now.Last)
	}
	if now.Received != 2 || now.Journalled != 2 || now.Messages != 1 || now.Sheet.Trouble != "" || now.Last.Title != "Key date updated" {
		t.Errorf("got %+v, want two events, one message and no trouble with the sheet", now)
	}
	s.Slack.Board.Repair()
	now = look(func(now page.Way) bool { return now.Messages == 2 && now.Slack.Waiting == 0 })
	if now.Slack.Trouble != "" || now.Lost != 0 || now.Twice != 0 || now.Last.Slack != "" {
		t.Errorf("got %+v, want that all is told once", now)
	}
	wantStory(t, w)

	w.end()
	if after, err := w.Way(t.Context()); err != nil || after != now {
		t.Errorf("got %+v, %v after the end, want what it was then", after, err)
	}
	if _, _, err := w.Story(t.Context(), 1); err == nil {
		t.Error("got no error for a story after the end")
	}
}

// wantStory: it is what the commands print.
func wantStory(t *testing.T, w *way) {
	t.Helper()
	text, found, err := w.Story(t.Context(), 1)
	if err != nil || !found {
		t.Fatalf("got %t, %v", found, err)
	}
	for _, command := range []string{"show", "why"} {
		_, printed, _ := ppmrelay(t, "events", command, "1", "--config", w.path("ppmrelay.yaml"))
		printed = strings.ReplaceAll(printed, w.folder+"/", "") // the place of the configuration
		if strings.Join(strings.Fields(printed), " ") == "" || !strings.Contains(strings.Join(strings.Fields(text), " "), strings.Join(strings.Fields(printed), " ")) {
			t.Errorf("got\n%s\nwant what events %s says:\n%s", text, command, printed)
		}
	}
	if _, found, err := w.Story(t.Context(), 77); found || err != nil {
		t.Errorf("got %t, %v for an event that is not there", found, err)
	}
}

func TestAcknowledged(t *testing.T) {
	own := "http://relay/events/"
	w := &way{stage: &stage{live: &liveAudit{own: own}}}
	taken, answered := ppm.Delivery{URL: own + "Idea/Updated", Status: 202, Took: 3}, ppm.Delivery{URL: own + "Idea/Updated", Status: 503, Took: 9}
	for _, tt := range []struct {
		deliveries []ppm.Delivery
		taken      int
		refused    string
	}{
		{nil, 0, ""},
		{[]ppm.Delivery{answered, taken}, 1, ""},
		{[]ppm.Delivery{taken, taken, answered}, 2, "answered 503"},
		{[]ppm.Delivery{taken, {URL: own + "Idea/Updated", Err: "refused"}}, 1, "no answer"},
		{[]ppm.Delivery{taken, {URL: "http://another/events", Status: 500}}, 1, ""},
	} {
		if n, took, refused := w.acknowledged(tt.deliveries); n != tt.taken || refused != tt.refused || n > 0 && took != 3 {
			t.Errorf("%+v: got %d, %v, %q, want %d, 3ns, %q", tt.deliveries, n, took, refused, tt.taken, tt.refused)
		}
	}
}

func TestTroubleInAFewWords(t *testing.T) {
	held := func(reason string) waiting {
		return waiting{changes: 1, state: journal.TargetState{Hold: journal.Paused, Reason: reason}}
	}
	for _, tt := range []struct {
		waits waiting
		want  string
	}{
		{waiting{}, ""},
		{waiting{changes: 3}, ""},
		{waiting{changes: 3, unsure: true}, "Looking it up"},
		{waiting{state: journal.TargetState{Hold: journal.Paused, Reason: "server-error: posting"}}, ""},
		{held("server-error: posting to C0123: 500"), "Slack down"},
		{held("unreachable: posting to C0123: no route"), "Slack down"},
		{held("cannot look up what is there: server-error: reading the history"), "Slack down"},
		{held("rate-limited: posting: too many requests"), "Out of quota"},
		{held("target-gone: posting: is_archived"), "Gone"},
		{held("target-refuses: posting: not_in_channel"), "Refused"},
		{held("credentials: posting: invalid_auth"), "Key refused"},
		{held("permission: posting: missing_scope"), "Not allowed"},
		{held("the last attempt did not happen"), "Again soon"},
	} {
		if got := tt.waits.trouble("Slack"); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.waits, got, tt.want)
		}
	}
}

// TestUnsaid: why an event is not told to a target, in a word.
func TestUnsaid(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		name    string
		planned bool
		ago     time.Duration
		states  []journal.State
		trouble string
		want    string
	}{
		{"not planned yet", false, 0, nil, "", ""},
		{"no route takes it", true, 0, nil, "", "not told"},
		{"told", true, time.Hour, []journal.State{journal.Delivered}, "", ""},
		{"on its way", true, 0, []journal.State{journal.Pending}, "", ""},
		{"for long", true, time.Minute, []journal.State{journal.Pending}, "", "waits"},
		{"trouble", true, 0, []journal.State{journal.Uncertain}, "Looking it up", "waits"},
		{"skipped", true, 0, []journal.State{journal.Skipped}, "", "skipped"},
		{"buried", true, 0, []journal.State{journal.Buried}, "", "buried"},
	} {
		s := journal.Story{Entry: journal.Entry{Planned: tt.planned}}
		s.Entry.Received = now.Add(-tt.ago)
		for _, state := range tt.states {
			s.Deliveries = append(s.Deliveries, journal.DeliveryStory{Target: "other", State: journal.Buried}, journal.DeliveryStory{Target: tabTarget, State: state})
		}
		if got := unsaid(s, tabTarget, page.Stop{Trouble: tt.trouble}); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestEditedAt: a vendor's clock that is far off is not believed.
func TestEditedAt(t *testing.T) {
	received := time.Now()
	for _, tt := range []struct{ before, want time.Duration }{
		{200 * time.Millisecond, 200 * time.Millisecond}, {0, 0}, {-time.Second, 0}, {90 * time.Minute, 0}, {-90 * time.Minute, 0},
	} {
		var e journal.Entry
		e.Received, e.Occurred = received, received.Add(-tt.before)
		if got := received.Sub(editedAt(e)); got != tt.want {
			t.Errorf("edited %v before: got %v, want %v", tt.before, got, tt.want)
		}
	}
}
