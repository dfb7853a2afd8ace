package sheets

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
)

const (
	book = "1AbCdEf"
	tab  = "Changes"
)

// world is a stand-in of Google that is served, with one spreadsheet, and a client of it.
type world struct {
	*google.Server

	url    string
	proxy  *proxy
	client *Client

	restart func(*testing.T) // of hours: another process, whose client knows nothing
	refused atomic.Int32     // of hours: answers 429
}

func unlimited() google.Options { return google.Options{ReadsPerMinute: -1, WritesPerMinute: -1} }

func newWorld(t *testing.T, options google.Options) *world {
	t.Helper()
	w := &world{Server: google.New(options)}
	w.AddSpreadsheet(book, "Portfolio")
	w.proxy = &proxy{to: w.Server}
	server := httptest.NewServer(w.proxy)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.client = newClient(t, w)
	return w
}

func newClient(t *testing.T, w *world) *Client {
	t.Helper()
	client, err := NewClient(t.Context(), ClientConfig{
		Credentials: w.Credentials(w.url), Endpoint: w.url + "/", PerMinute: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// columns are those of the log tab.
func columns() []Column {
	return []Column{
		{Header: "When", Type: event.CellDateTime, Width: 140},
		{Header: "Event", Type: event.CellText, Width: 80},
		{Header: "Name", Type: event.CellText, Width: 180},
		{Header: "Before", Type: Auto, Width: 160},
		{Header: "After", Type: Auto, Width: 220},
		{Header: "Link", Type: event.CellLink, Width: 60},
	}
}

// sink makes a sink as the program does at its start.
func (w *world) sink(t *testing.T) *Sink {
	t.Helper()
	s, err := New(Config{Spreadsheet: book, Tab: tab}, columns(), w.client)
	if err != nil {
		t.Fatal(err)
	}
	s.landing = 50 * time.Millisecond
	return s
}

var day = time.Date(2026, 3, 1, 14, 30, 0, 0, time.FixedZone("", 3600))

// item is one event with n rows.
func item(n int, name string) sinks.Item {
	id := uuid.Must(uuid.NewV7()).String()
	it := sinks.Item{Events: []string{id}}
	for i := range n {
		it.Rows = append(it.Rows, event.Row{Key: fmt.Sprintf("%s/%d", id, i+1), Cells: []event.Cell{
			{Header: "When", Type: event.CellDateTime, Time: day},
			{Header: "Event", Type: event.CellText, Text: "Updated"},
			{Header: "Name", Type: event.CellText, Text: name},
			{Header: "Before", Type: event.CellDate, Time: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)},
			{Header: "After", Type: event.CellNumber, Text: "1250.5"},
			{Header: "Link", Type: event.CellLink, Text: "open", Link: "https://app.ppm.express/p/1"},
		}})
	}
	return it
}

func compose(t *testing.T, s *Sink, items ...sinks.Item) sinks.Effect {
	t.Helper()
	content, taken, err := s.Compose(items, false)
	if err != nil || taken != len(items) {
		t.Fatalf("composing %d items: got %d taken, error %v", len(items), taken, err)
	}
	effect := sinks.Effect{ID: uuid.Must(uuid.NewV7()).String(), Content: content, Started: time.Now()}
	for _, item := range items {
		effect.Events = append(effect.Events, item.Events...)
	}
	return effect
}

func perform(t *testing.T, s *Sink, effect sinks.Effect) {
	t.Helper()
	if _, err := s.Perform(t.Context(), effect); err != nil {
		t.Fatalf("performing: %v", err)
	}
}

func tell(t *testing.T, s *Sink, items ...sinks.Item) {
	t.Helper()
	perform(t, s, compose(t, s, items...))
}

// failing performs and wants an error of the class.
func failing(t *testing.T, s *Sink, effect sinks.Effect, want sinks.Class) sinks.Error {
	t.Helper()
	return failingUnder(t.Context(), t, s, effect, want)
}

func failingUnder(ctx context.Context, t *testing.T, s *Sink, effect sinks.Effect, want sinks.Class) sinks.Error {
	t.Helper()
	_, err := s.Perform(ctx, effect)
	if err == nil {
		t.Fatalf("performing: got no error, want class %v", want)
	}
	failure := sinks.Classify(err)
	if failure.Class != want {
		t.Fatalf("performing: got class %v (%v), want %v", failure.Class, err, want)
	}
	return *failure
}

func recall(t *testing.T, s *Sink, effect sinks.Effect) sinks.Happened {
	t.Helper()
	for range 50 {
		answer, err := s.Recall(t.Context(), effect)
		if err == nil {
			return answer.Happened
		}
		select {
		case <-t.Context().Done():
		case <-time.After(min(sinks.Classify(err).After, 20*time.Millisecond)):
		}
	}
	t.Fatal("recalling: never an answer")
	return sinks.CannotTell
}

// keys returns what stands in the column "Event id", from the top.
func (w *world) keys(title string) []string {
	rows := w.Rows(book, title)
	if len(rows) == 0 {
		return nil
	}
	column := slices.Index(rows[0], keyHeader)
	var keys []string
	for _, row := range rows[1:] {
		if column >= 0 && column < len(row) && row[column] != "" {
			keys = append(keys, row[column])
		}
	}
	return keys
}

func keysOf(items ...sinks.Item) []string {
	var keys []string
	for _, item := range items {
		for _, row := range item.Rows {
			keys = append(keys, row.Key)
		}
	}
	return keys
}

func (w *world) wantKeys(t *testing.T, items ...sinks.Item) {
	t.Helper()
	if got, want := w.keys(tab), keysOf(items...); !slices.Equal(got, want) {
		t.Errorf("keys in the tab: got %v, want %v", got, want)
	}
}
