package fault_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// serve starts an endpoint that counts how often it had its effect.
func serve(t *testing.T, board *fault.Board) (url string, effects *atomic.Int32) {
	t.Helper()
	effects = new(atomic.Int32)
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		effects.Add(1)
		_, _ = io.WriteString(w, "done")
	})
	tooMany := func(w http.ResponseWriter, _ time.Duration) { http.Error(w, "slow down", http.StatusTooManyRequests) }
	server := httptest.NewServer(board.Wrap("post", tooMany, endpoint))
	t.Cleanup(server.Close)
	return server.URL, effects
}

// call returns the status and body of a request, 0 when there is no answer.
func call(t *testing.T, url string) (status int, body string, header http.Header) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		return 0, "", nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", nil
	}
	return response.StatusCode, string(text), response.Header
}

func TestEachKindFailsInItsWay(t *testing.T) {
	tests := map[fault.Kind]int{ // status; 0 = no answer
		fault.None: 200, fault.Before: 500, fault.Reset: 0, fault.Hang: 0, fault.TooMany: 429,
		fault.After: 500, fault.AfterReset: 0, fault.AfterHang: 0,
	}
	for kind, want := range tests {
		t.Run(string(kind), func(t *testing.T) {
			board := fault.NewBoard()
			url, effects := serve(t, board)
			board.Script("post", kind)
			status, _, header := call(t, url)
			if status != want {
				t.Errorf("got status %d, want %d", status, want)
			}
			if got := effects.Load() == 1; got != kind.Happens() {
				t.Errorf("got happened %v, want %v", got, kind.Happens())
			}
			if after := header.Get("Retry-After"); (after != "") != (kind == fault.TooMany) {
				t.Errorf("got Retry-After %q", after)
			}
			if status, body, _ := call(t, url); status != http.StatusOK || body != "done" {
				t.Errorf("after the script: got %d %q, want that it works again", status, body)
			}
			if got := board.Met(kind); got == 0 {
				t.Error("the board did not count the fault")
			}
		})
	}
}

func TestAScriptComesBeforeARuleAndARuleBeforeTheStar(t *testing.T) {
	board := fault.NewBoard()
	url, _ := serve(t, board)
	board.Always("*", fault.TooMany)
	board.Always("post", fault.Before)
	board.Script("post", fault.None)
	for i, want := range []int{200, 500, 500} {
		if got, _, _ := call(t, url); got != want {
			t.Errorf("request %d: got %d, want %d", i+1, got, want)
		}
	}
	board.Always("post", fault.None)
	if got, _, _ := call(t, url); got != 429 {
		t.Errorf("without its own rule: got %d, want the star's 429", got)
	}
	board.Always("*", fault.None)
	if got, _, _ := call(t, url); got != 200 {
		t.Errorf("without rules: got %d, want 200", got)
	}
}
