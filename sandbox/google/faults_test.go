package google

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// told is how the client library tells of a fault.
func told(kind fault.Kind) func(replies int, err error) bool {
	broken := func(_ int, err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
	silent := func(_ int, err error) bool { return errors.Is(err, context.Canceled) }
	status := func(want int) func(int, error) bool {
		return func(_ int, err error) bool {
			answer, ok := errors.AsType[*googleapi.Error](err)
			return ok && answer.Code == want
		}
	}
	return map[fault.Kind]func(int, error) bool{
		fault.Before: status(500), fault.Reset: broken, fault.Hang: silent, fault.TooMany: status(429),
		fault.After: status(500), fault.AfterReset: broken, fault.AfterHang: silent, fault.AfterCut: broken,
		fault.AfterEmpty: func(replies int, err error) bool { return err == nil && replies == 0 },
		fault.AfterHTML: func(_ int, err error) bool {
			_, ok := errors.AsType[*json.SyntaxError](err)
			return ok
		},
		fault.Slow: silent, fault.Late: status(500), fault.LateReset: broken, fault.LateHang: silent,
	}[kind.Name()]
}

// TestFaultsAsTheLibrarySeesThem: each kind reaches the client as the real API would, and has its effect as its rule says.
func TestFaultsAsTheLibrarySeesThem(t *testing.T) {
	s, service := start(t, Options{})
	t.Cleanup(s.Board.Close)
	for _, kind := range fault.All() {
		t.Run(string(kind), func(t *testing.T) {
			s.AddSpreadsheet(book1, "Portfolio") // an empty one again
			if _, err := batch(t.Context(), service, appendText(0, "one")); err != nil {
				t.Fatal(err) // which has fetched the token, too
			}
			s.Board.Script("batchUpdate", kind)
			replies, err := batch(untilMet(t, s.Board, kind), service, fence(7, "a"), appendText(0, "two"))
			if seen := told(kind); seen == nil || !seen(len(replies), err) {
				t.Errorf("got %d replies and %v (%T)", len(replies), err, err)
			}
			if kind.Happens() { // a caller that gave up may be ahead of the server
				soon(func() bool { return len(s.Metadata(book1)) == 1 })
			}
			wantRows(t, s, kind.Happens())
			if kind.Effect() == fault.Later {
				soon(func() bool { return s.Board.Land() == 1 })
				wantRows(t, s, true)
			}
		})
	}
}

// wantRows checks whether the second row is there, with its fence.
func wantRows(t *testing.T, s *Server, happened bool) {
	t.Helper()
	want := 1
	if happened {
		want = 2
	}
	if got := len(s.Rows(book1, "Sheet1")); got != want || len(s.Metadata(book1)) != want-1 {
		t.Errorf("got %d rows and %d fences, want %d and %d", got, len(s.Metadata(book1)), want, want-1)
	}
}

// untilMet is the context of a caller that gives up as soon as the fault has met it, where there will be no answer.
func untilMet(t *testing.T, board *fault.Board, kind fault.Kind) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	if slices.Contains([]fault.Kind{fault.Hang, fault.AfterHang, fault.LateHang, fault.Slow}, kind) {
		go func() {
			soon(func() bool { return board.Met(kind) == 1 })
			cancel()
		}()
	}
	return ctx
}

// soon waits until something is so, but not for ever.
func soon(so func() bool) {
	for over := time.Now().Add(5 * time.Second); !so() && time.Now().Before(over); {
		<-time.After(time.Millisecond)
	}
}

// TestABurntFenceRefusesWhatLandsLate:
//
//	a write is lost on its way    its fence is burnt    the write arrives
//
// It proves that a late copy changes nothing, where one without a fence would write.
func TestABurntFenceRefusesWhatLandsLate(t *testing.T) {
	s, service := start(t, Options{})
	s.Board.Script("batchUpdate", fault.LateReset, fault.LateReset)
	for _, requests := range [][]*sheets.Request{{fence(7, "a"), appendText(0, "fenced")}, {appendText(0, "bare")}} {
		if _, err := batch(t.Context(), service, requests...); err == nil {
			t.Error("got an answer, want none")
		}
	}
	if _, err := batch(t.Context(), service, fence(7, "burnt")); err != nil {
		t.Fatal(err)
	}
	if got := s.Board.Land(); got != 2 {
		t.Errorf("got %d landed, want 2", got)
	}
	if got := column(s, "Sheet1", 0); !slices.Equal(got, []string{"bare"}) {
		t.Errorf("got rows %q, want only the one without a fence", got)
	}
}

// TestFaultsOfEachEndpoint: every endpoint has faults under its name.
func TestFaultsOfEachEndpoint(t *testing.T) {
	calls := map[string]func(*sheets.Service) error{
		"token":            func(x *sheets.Service) error { _, err := x.Spreadsheets.Get(book1).Do(); return err },
		"spreadsheets.get": func(x *sheets.Service) error { _, err := x.Spreadsheets.Get(book1).Do(); return err },
		"values.get":       func(x *sheets.Service) error { _, err := x.Spreadsheets.Values.Get(book1, "A:A").Do(); return err },
		"values.append": func(x *sheets.Service) error {
			_, err := x.Spreadsheets.Values.Append(book1, "A:A", &sheets.ValueRange{}).ValueInputOption("RAW").Do()
			return err
		},
		"batchUpdate": func(x *sheets.Service) error { _, err := batch(context.Background(), x, fence(9, "a")); return err },
		"developerMetadata.get": func(x *sheets.Service) error {
			_, err := x.Spreadsheets.DeveloperMetadata.Get(book1, 7).Do()
			return err
		},
		"developerMetadata.search": func(x *sheets.Service) error {
			_, err := x.Spreadsheets.DeveloperMetadata.Search(book1, &sheets.SearchDeveloperMetadataRequest{
				DataFilters: []*sheets.DataFilter{{DeveloperMetadataLookup: &sheets.DeveloperMetadataLookup{MetadataKey: "k"}}},
			}).Do()
			return err
		},
	}
	s, url := serve(t, Options{})
	if _, err := batch(t.Context(), signIn(t, s, url), fence(7, "a")); err != nil {
		t.Fatal(err)
	}
	for _, endpoint := range s.Endpoints() {
		call := calls[endpoint]
		if call == nil {
			t.Fatalf("there is no call of %s", endpoint)
		}
		s.Board.Script(endpoint, fault.Before)
		if err := call(signIn(t, s, url)); err == nil || s.Board.Met(fault.Before) == 0 {
			t.Errorf("%s: got %v, want the fault", endpoint, err)
		}
		if err := call(signIn(t, s, url)); err != nil {
			t.Errorf("%s: got %v, want that it works again", endpoint, err)
		}
	}
}
