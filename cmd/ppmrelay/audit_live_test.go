package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// openTestStage starts a stage that the test closes.
func openTestStage(t *testing.T) *stage {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	s, err := openStage(t.Context(), ppm.NewSmall().Entities)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return s
}

// settle waits until everything is told.
func (s *stage) settle(t *testing.T) {
	t.Helper()
	if err := s.await(t.Context(), time.Minute, func() bool { return s.told(t.Context()) }); err != nil {
		t.Fatal(err)
	}
}

// wantLive looks now, and demands what is lost and told twice.
func (s *stage) wantLive(t *testing.T, what string, lost, twice int) {
	t.Helper()
	found, err := s.live.lookNow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found.Lost != lost || found.Doubled != twice {
		t.Errorf("%s: got %d lost, %d twice, want %d and %d: %q", what, found.Lost, found.Doubled, lost, twice, found.Details)
	}
}

// post sends a message as the relay does, with the effect that the message tells.
func (s *stage) post(tb testing.TB, effect string) {
	tb.Helper()
	form := url.Values{
		"token": {slack.DefaultToken}, "channel": {sandbox.Channel}, "text": {"By hand"},
		"metadata": {`{"event_type":"ppmrelay_effect","event_payload":{"effect_id":"` + effect + `","event_ids":["e"]}}`},
	}
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, s.SlackURL+posting, strings.NewReader(form.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client().Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	answer.Body.Close()
}

// keyed returns the column of the sheet with the keys, and the keys.
func (s *stage) keyed() (column int, keys []string) {
	rows := s.Google.Rows(sandbox.Spreadsheet, sheetTab)
	column = slices.Index(rows[0], sinks.KeyHeader)
	for _, row := range rows[1:] {
		keys = append(keys, row[column])
	}
	return column, keys
}

// TestLiveAuditSeesWhatIsDoneByHand: each loss and each double, and nothing that a PMO may do or that others took.
func TestLiveAuditSeesWhatIsDoneByHand(t *testing.T) {
	s := openTestStage(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	t.Cleanup(other.Close)
	s.PPM.AddWebhook(ppm.Webhook{EventTypes: []string{"Project:Updated"}, HTTPVerb: "POST", URL: other.URL})
	for _, budget := range []int{1, 2} {
		if err := s.edit("Anna Doe", event.Project, "Customer Portal", map[string]any{"Budget": budget}); err != nil {
			t.Fatal(err)
		}
		s.settle(t)
	}
	s.wantLive(t, "all told, and somebody else took it, too", 0, 0)

	messages := s.Slack.Messages(sandbox.Channel)
	effect := effectOf(messages[0])
	s.post(t, effect)
	s.wantLive(t, "a message stands twice", 0, 1)
	s.post(t, "00000000-0000-7000-8000-000000000000")
	s.wantLive(t, "and another one tells nothing that the journal knows", 0, 2)
	for _, m := range s.Slack.Messages(sandbox.Channel)[len(messages):] {
		s.Slack.Delete(sandbox.Channel, m.TS)
	}
	s.wantLive(t, "they are gone", 0, 0)
	s.Slack.Say(sandbox.Channel, "A word by a person")
	s.Slack.Delete(sandbox.Channel, messages[1].TS)
	s.wantLive(t, "a message is lost", 1, 0)
	s.post(t, effectOf(messages[1]))
	s.wantLive(t, "it is back", 0, 0)

	s.replay(t, 1)
	column, keys := s.keyed()
	s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, len(keys)+1, column, keys[0])
	s.wantLive(t, "a row stands twice", 0, 1)
	s.Google.DeleteRow(sandbox.Spreadsheet, sheetTab, len(keys)+1)
	s.wantLive(t, "it is gone", 0, 0)
	s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, 2, column, "")
	s.wantLive(t, "a row is lost", 1, 0)
	s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, 2, column, keys[1])

	s.Google.RenameTab(sandbox.Spreadsheet, sheetTab, "Log")
	s.wantLive(t, "a person renamed the tab", 0, 0)
	s.Google.TypeInto(sandbox.Spreadsheet, "Log", len(keys)+1, column, keys[0])
	s.wantLive(t, "a row stands twice there", 0, 1)
	s.Google.DeleteRow(sandbox.Spreadsheet, "Log", len(keys)+1)
	s.Google.TypeInto(sandbox.Spreadsheet, "Log", 0, column, "Mine")
	s.wantLive(t, "nobody can tell any more which tab it is", 0, 0)
	s.Google.TypeInto(sandbox.Spreadsheet, "Log", 0, column, sinks.KeyHeader)
	s.Google.RenameTab(sandbox.Spreadsheet, "Log", sheetTab)

	s.Google.InsertColumn(sandbox.Spreadsheet, sheetTab, 0)
	s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, 0, 0, "Comment")
	s.Google.TypeInto(sandbox.Spreadsheet, sheetTab, 2, 0, "seen")
	s.Google.SortBy(sandbox.Spreadsheet, sheetTab, column+1, true)
	s.Google.HideRows(sandbox.Spreadsheet, sheetTab, 1, 2)
	s.wantLive(t, "a person wrote into a column, sorted and hid rows", 0, 0)
	// The end of the test is that of the demo: what the PMO did counts as nothing there, either.
	if found, err := s.finish(t.Context()); err != nil || !found.clean() || found.Events != 2 {
		t.Errorf("got %+v, %v, want that the audit in the end finds nothing", found, err)
	}
}

// replay tells an event again that has ended, which must never look like a double.
func (s *stage) replay(t *testing.T, number int64) {
	t.Helper()
	before := len(s.Slack.Messages(sandbox.Channel))
	var out bytes.Buffer
	args := []string{"events", "replay", strconv.FormatInt(number, 10), "--yes", "--config", s.path("ppmrelay.yaml")}
	if code := run(t.Context(), args, &out, &out); code != exitFine {
		t.Fatalf("got %d: %s", code, out.String())
	}
	s.wantLive(t, "while it is told again", 0, 0)
	s.settle(t)
	if n := len(s.Slack.Messages(sandbox.Channel)); n != before+1 {
		t.Fatalf("got %d messages, want one more than %d", n, before)
	}
	s.wantLive(t, "told again", 0, 0)
}

// watchLive looks again and again until stop, which demands that nothing was ever wrong.
func watchLive(t *testing.T, s *stage) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	looks := 0
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			found, err := s.live.lookNow(ctx)
			if ctx.Err() == nil && (err != nil || found.Lost+found.Doubled > 0) {
				t.Errorf("look %d: got %+v, %v, want nothing lost or told twice", looks, found, err)
				return
			}
			looks++
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() {
		cancel()
		<-done
		if looks < 20 {
			t.Errorf("got %d looks: the test proves too little", looks)
		}
	}
}

// moments is a journal in which something happens after certain calls, counted from 1.
type moments struct {
	*sqlite.Journal

	calls int
	after map[int]func()
}

func (m *moments) pass() {
	m.calls++
	if happens := m.after[m.calls]; happens != nil {
		happens()
	}
}

func (m *moments) Count(ctx context.Context) (journal.Counts, error) {
	defer m.pass()
	return m.Journal.Count(ctx)
}

func (m *moments) OpenEffects(ctx context.Context) ([]journal.Effect, error) {
	defer m.pass()
	return m.Journal.OpenEffects(ctx)
}

func (m *moments) Events(ctx context.Context, filter journal.Filter) ([]journal.Summary, error) {
	defer m.pass()
	return m.Journal.Events(ctx, filter)
}

// TestLiveAuditLooksInTheRightOrder: an effect that begins at any moment of a look, and ends at the same or any later
// one, is neither lost nor told twice.
func TestLiveAuditLooksInTheRightOrder(t *testing.T) {
	wholeProgram(t) // one thing after the other, for long
	for _, target := range []string{channelTarget, tabTarget} {
		s, store := bareStage(t)
		m := &moments{Journal: store}
		s.live = newLiveAudit(s.Sandbox, m, "")
		compare := func(begins, ends int) {
			t.Helper()
			if found, err := s.live.compare(t.Context()); err != nil || !found.clean() {
				t.Errorf("%s: begun after call %d, told after call %d: got %+v, %v, want nothing lost or told twice", target, begins, ends, found, err)
			}
		}
		const most = 10 // one call more than a look makes
		for last := most; last > 0; last-- {
			for begins := 1; begins <= last; begins++ {
				planned(t, store, 1, target)
				effect := journal.Effect{}
				begin := func() { effect = s.begin(t, store, target, 1) }
				end := func() { settle(t, store, effect) }
				m.calls, m.after = 0, map[int]func(){begins: begin, last: end}
				if begins == last {
					m.after[last] = func() { begin(); end() }
				}
				compare(begins, last)
				if m.calls >= most {
					t.Fatalf("got %d calls, want at most %d", m.calls, most-1)
				}
				if effect.ID == "" { // there were not that many calls
					begin()
				}
				if m.calls < last {
					end()
				}
			}
		}
	}
}

func TestReordered(t *testing.T) {
	before := []string{"a", "b", "c"}
	for _, tt := range []struct {
		name string
		now  map[string]int
		want bool
	}{
		{"the same", map[string]int{"a": 0, "b": 1, "c": 2}, false},
		{"more at the end", map[string]int{"a": 0, "b": 1, "c": 2, "d": 3}, false},
		{"moved down together", map[string]int{"a": 1, "b": 2, "c": 4}, false},
		{"one is gone", map[string]int{"a": 0, "c": 1}, false},
		{"turned round", map[string]int{"c": 0, "b": 1, "a": 2}, true},
		{"one moved", map[string]int{"b": 0, "c": 1, "a": 2}, true},
	} {
		if got := reordered(before, tt.now); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
	}
}
