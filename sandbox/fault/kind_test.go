package fault_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

func TestParse(t *testing.T) {
	for _, kind := range fault.All() {
		if got, err := fault.Parse(string(kind)); got != kind || err != nil {
			t.Errorf("%s: got %q, %v, want itself", kind, got, err)
		}
	}
	tests := []struct{ text, say string }{
		{"", `no kind ""`},
		{"lat", `no kind "lat"`},
		{"before:3s", "takes no argument"},
		{"late:soon", `as in "late:30s"`},
		{"slow:-1s", "takes a time"},
		{"late:", "takes a time"},
		{"429:1\r\nX: y", "cannot stand in a header"},
	}
	for _, tt := range tests {
		if got, err := fault.Parse(tt.text); err == nil || !strings.Contains(err.Error(), tt.say) {
			t.Errorf("%q: got %q, %v, want an error that says %q", tt.text, got, err, tt.say)
		}
	}
}

func TestArguments(t *testing.T) {
	for got, want := range map[fault.Kind]fault.Kind{
		fault.Late.In(90 * time.Second): "late:1m30s", fault.TooMany.With("1").With("soon"): "429:soon",
		fault.Slow.In(time.Second).Name(): fault.Slow,
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestMisspelt: a script that is misspelt is found where it is written, not when a request meets it.
func TestMisspelt(t *testing.T) {
	board := fault.NewBoard()
	for name, write := range map[string]func(){
		"a kind":             func() { board.Script("post", "befor") },
		"an argument":        func() { board.Always("post", "late:soon") },
		"a chance":           func() { board.Draw("post", 1, fault.Chance{Kind: "befor", Share: 0.1}) },
		"too much chance":    func() { board.Draw("post", 1, fault.Evenly(1.1, fault.Before)...) },
		"less than none":     func() { board.Draw("post", 1, fault.Chance{Kind: fault.Before, Share: -0.1}) },
		"a script for every": func() { board.Script(fault.Every, fault.Before) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: got nothing, want a panic", name)
				}
			}()
			write()
		}()
	}
}

// draw lets n requests meet what the board has.
func draw(board *fault.Board, endpoint string, n int) (kinds []int) {
	serve := board.Wrap(endpoint, func(w http.ResponseWriter, _ time.Duration) { w.WriteHeader(http.StatusTooManyRequests) }, http.NotFoundHandler())
	for range n {
		w := httptest.NewRecorder()
		serve.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", http.NoBody))
		kinds = append(kinds, w.Code)
	}
	return kinds
}

// TestDrawIsReproducible: the same seed gives each endpoint the same sequence, whatever other endpoints are asked.
func TestDrawIsReproducible(t *testing.T) {
	chances := fault.Evenly(0.5, fault.Before, fault.TooMany)
	drawn := func(seed uint64, others int) []int {
		board := fault.NewBoard()
		board.Draw(fault.Every, seed, chances...)
		draw(board, "other", others)
		return draw(board, "post", 100)
	}
	if a, b := drawn(7, 0), drawn(7, 13); !slices.Equal(a, b) {
		t.Errorf("the same seed: got %v and %v", a, b)
	}
	if a, b := drawn(7, 0), drawn(8, 0); slices.Equal(a, b) {
		t.Errorf("other seeds: got %v twice", a)
	}
	board := fault.NewBoard()
	board.Draw(fault.Every, 7, chances...)
	if a, b := draw(board, "post", 100), draw(board, "other", 100); slices.Equal(a, b) {
		t.Errorf("two endpoints: got %v for both", a)
	}
}

func TestDrawKeepsTheShares(t *testing.T) {
	board := fault.NewBoard()
	board.Draw("post", 3, fault.Chance{Kind: fault.Before, Share: 0.1}, fault.Chance{Kind: fault.TooMany, Share: 0.3})
	got := map[int]int{}
	for _, status := range draw(board, "post", 10_000) {
		got[status]++
	}
	for status, want := range map[int]int{500: 1000, 429: 3000, 404: 6000} {
		if got[status] < want-200 || got[status] > want+200 {
			t.Errorf("%d: got %d of 10,000, want about %d", status, got[status], want)
		}
	}
	board.Draw("post", 1, fault.Evenly(1, fault.All()...)...)
	board.Always("post", fault.None)
	if got := draw(board, "post", 10); slices.ContainsFunc(got, func(status int) bool { return status != 404 }) {
		t.Errorf("ended: got %v, want nothing but 404", got)
	}
}

// TestState shows what is set and what was met, and Repair ends all of it.
func TestState(t *testing.T) {
	board := fault.NewBoard()
	board.Script("post", fault.Before, fault.TooMany.With("soon"), fault.Late.In(time.Hour))
	board.Always("read", fault.TooMany)
	board.Draw(fault.Every, 7, fault.Evenly(0.5, fault.Before)...)
	draw(board, "post", 2)
	got := board.State()
	want := []fault.Setting{
		{Endpoint: "*", Seed: 7, Chances: []fault.Chance{{Kind: fault.Before, Share: 0.5}}},
		{Endpoint: "post", Next: []fault.Kind{"late:1h0m0s"}},
		{Endpoint: "read", Always: fault.TooMany},
	}
	if !slices.EqualFunc(got.Settings, want, func(a, b fault.Setting) bool {
		return a.Endpoint == b.Endpoint && a.Always == b.Always && a.Seed == b.Seed && slices.Equal(a.Next, b.Next) && slices.Equal(a.Chances, b.Chances)
	}) {
		t.Errorf("got %+v, want %+v", got.Settings, want)
	}
	if met := map[fault.Kind]int{fault.Before: 1, "429:soon": 1}; !maps.Equal(got.Met["post"], met) {
		t.Errorf("got met %v, want %v", got.Met, met)
	}
	if board.Met(fault.TooMany) != 1 || board.Met(fault.TooMany.With("1.5")) != 0 {
		t.Errorf("got %d of all 429, %d of one that was not met", board.Met(fault.TooMany), board.Met(fault.TooMany.With("1.5")))
	}
	draw(board, "post", 1)
	board.Repair()
	if got := board.State(); len(got.Settings) != 0 || got.Waiting != 1 || !slices.Equal(draw(board, "read", 1), []int{404}) {
		t.Errorf("repaired: got %+v, want nothing set, and one still on its way", got)
	}
	board.Close()
}
