package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// What stands at the stand-ins is held against what was acknowledged: anything missing, and anything twice, is seen.
func TestAuditor(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	effect := &journal.Effect{ID: "e1", Ended: begin.Add(9 * time.Second)}
	channel := journal.DeliveryStory{Target: "slack:C1", State: journal.Delivered, Effect: effect}
	sheet := journal.DeliveryStory{Target: "sheet:s/Changes", State: journal.Delivered, Effect: effect}
	skipped := journal.DeliveryStory{Target: "slack:C1", State: journal.Skipped, Reason: "taken back"}
	pending := journal.DeliveryStory{Target: "slack:C1", State: journal.Pending}
	once := map[string][]time.Time{"e1": {begin.Add(5 * time.Second)}}
	rows := map[string]int{"a/1": 1, "a/2": 1}
	tests := []struct {
		name          string
		deliveries    []journal.DeliveryStory
		messages      map[string][]time.Time
		rows          map[string]int
		lost, doubled string // a part of what is said; empty = nothing
	}{
		{"all as it should be", []journal.DeliveryStory{channel, sheet}, once, rows, "", ""},
		{"nothing was left to tell", []journal.DeliveryStory{skipped, sheet}, nil, rows, "", ""},
		{"not told yet", []journal.DeliveryStory{pending, sheet}, nil, rows, "is pending", ""},
		{"no message", []journal.DeliveryStory{channel, sheet}, nil, rows, "no message tells it", ""},
		{"two messages", []journal.DeliveryStory{channel, sheet}, map[string][]time.Time{"e1": {begin, begin}}, rows, "", "2 messages"},
		{"a message of nobody", []journal.DeliveryStory{skipped, sheet}, once, rows, "", "claimed: false"},
		{"a row is missing", []journal.DeliveryStory{channel, sheet}, once, map[string]int{"a/1": 1}, "row a/2", ""},
		{"a row twice", []journal.DeliveryStory{channel, sheet}, once, map[string]int{"a/1": 1, "a/2": 2}, "", "row a/2 stands 2"},
		{"no route took it", []journal.DeliveryStory{sheet}, nil, rows, "0 channels and 1 sheets", ""},
		{"not in the sheet's queue", []journal.DeliveryStory{channel}, once, rows, "1 channels and 0 sheets", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &step{id: "a", rows: 2, acked: begin}
			a := &auditor{messages: test.messages, claimed: map[string]bool{}, rows: test.rows, latest: map[int]*step{0: s}, sheeted: true}
			a.event(s, journal.Story{Deliveries: test.deliveries})
			a.finish(1, 1)
			for _, side := range []struct {
				got  []string
				want string
			}{{a.lost, test.lost}, {a.doubled, test.doubled}} {
				said := strings.Join(side.got, "\n")
				if (said == "") != (side.want == "") || !strings.Contains(said, side.want) {
					t.Errorf("got %q, want %q", said, side.want)
				}
			}
			if test.lost+test.doubled == "" && test.messages != nil && (a.slowest != 5*time.Second || a.told.sheet != effect.Ended) {
				t.Errorf("got %v and %v, want 5 s and when the rows were confirmed", a.slowest, a.told.sheet)
			}
		})
	}
}

func TestEffectOf(t *testing.T) {
	t.Parallel()
	blocks := []map[string]any{{"block_id": "ppm:e1"}}
	for want, m := range map[string]slack.Message{
		"e1": {Blocks: blocks},
		"e2": {Metadata: &slack.Metadata{EventPayload: map[string]any{"effect_id": "e2"}}},
		"":   {Text: "a person's"},
	} {
		if got := effectOf(m); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := posted(slack.Message{TS: "1772352000.500000"}); got.UnixMilli() != 1772352000500 {
		t.Errorf("got %v", got)
	}
}

// Stand-ins that are down refuse connections; up again, they are where they were and know what they knew.
func TestVendorsGoDown(t *testing.T) {
	t.Parallel()
	v, err := newVendors(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() error {
		client := http.Client{Timeout: 5 * time.Second}
		response, err := client.Post(v.slackURL+"auth.test", "application/json", nil)
		if err == nil {
			_ = response.Body.Close()
		}
		client.CloseIdleConnections()
		return err
	}
	v.slack.Say(v.channels[1], "hello")
	for range 2 {
		if err := ask(); err != nil {
			t.Errorf("up: got %v", err)
		}
		if err := v.down(); err != nil {
			t.Fatal(err)
		}
		if err := ask(); err == nil {
			t.Error("down: got an answer")
		}
		if err := v.up(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(v.slack.Messages(v.channels[1])); got != 1 {
		t.Errorf("got %d messages, want 1", got)
	}
	if err := v.down(); err != nil {
		t.Error(err)
	}
}

func TestCounterCounts429(t *testing.T) {
	t.Parallel()
	var h host
	for _, status := range []int{200, 429, 503, 429} {
		h.handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if w.Code != status {
			t.Errorf("got %d, want %d", w.Code, status)
		}
	}
	if h.tooMany.Load() != 2 {
		t.Errorf("got %d, want 2", h.tooMany.Load())
	}
}

// The configuration that is written can be read, with a route for each channel.
func TestHomeFor(t *testing.T) {
	t.Parallel()
	for _, channels := range []int{1, 20} {
		v, err := newVendors(t.Context(), channels)
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{dir: t.TempDir(), daemon: "built already"}
		dir, err := b.homeFor(t.Context(), v, true)
		if err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(configOf(dir), os.LookupEnv)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Routes) != channels+1 || c.Routes[0].Slack.Channel != v.channels[0] || c.Routes[channels].Sheet == nil {
			t.Errorf("got %s", fmt.Sprint(c.Routes))
		}
		if err := v.down(); err != nil {
			t.Error(err)
		}
	}
}
