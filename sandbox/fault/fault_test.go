package fault_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// serve starts an endpoint that counts how often it had its effect.
func serve(t *testing.T, board *fault.Board) (url string, effects *atomic.Int32) {
	t.Helper()
	effects = new(atomic.Int32)
	endpoint := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil && string(body) == "text" {
			effects.Add(1)
		}
		_, _ = io.WriteString(w, "done")
	})
	tooMany := func(w http.ResponseWriter, _ time.Duration) { http.Error(w, "slow down", http.StatusTooManyRequests) }
	server := httptest.NewServer(board.Wrap("post", tooMany, endpoint))
	t.Cleanup(server.Close)
	return server.URL, effects
}

// untilMet is the context of a caller that gives up as soon as the fault has met it, where there will be no answer.
func untilMet(t *testing.T, board *fault.Board, kind fault.Kind) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	if slices.Contains([]fault.Kind{fault.Hang, fault.AfterHang, fault.LateHang}, kind) {
		go func() {
			soon(func() bool { return board.Met(kind) == 1 })
			cancel()
		}()
	}
	return ctx
}

func call(ctx context.Context, t *testing.T, url string) seen {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("text"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		return seen{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return seen{}
	}
	return seen{response.StatusCode, string(body), response.Header.Get("Retry-After")}
}

// seen is what a caller gets: status 0 is no answer.
type seen struct {
	status     int
	body       string
	retryAfter string
}

// expected is what a caller sees of each kind.
func expected() map[fault.Kind]seen {
	const failed = "<html><body><h1>Internal Server Error</h1></body></html>\n"
	refused := func(after string) seen { return seen{429, "slow down\n", after} }
	return map[fault.Kind]seen{
		fault.Before: {500, failed, ""}, fault.Reset: {}, fault.Hang: {},
		fault.After: {500, failed, ""}, fault.AfterReset: {}, fault.AfterHang: {}, fault.AfterCut: {},
		fault.AfterEmpty: {200, "{}", ""},
		fault.AfterHTML:  {200, "<html><body><h1>Sign in to the network</h1></body></html>", ""},
		fault.Slow:       {200, "done", ""},
		fault.Late:       {500, failed, ""}, fault.LateReset: {}, fault.LateHang: {},
		fault.TooMany: refused("1"), fault.TooMany.With("none"): refused(""), fault.TooMany.With("1.5"): refused("1.5"),
		fault.TooMany.With("soon"): refused("soon"), fault.TooMany.With("-1"): refused("-1"),
		fault.TooMany.With("99999999999"): refused("99999999999"), fault.TooMany.With("date"): refused("a date"),
	}
}

// TestTheTable: every kind shows its caller what is expected, and has its effect when the table says so.
func TestTheTable(t *testing.T) {
	for _, kind := range fault.All() {
		t.Run(string(kind), func(t *testing.T) {
			want, ok := expected()[kind]
			if !ok {
				t.Fatal("nobody says what its caller sees")
			}
			board := fault.NewBoard()
			defer board.Close()
			url, effects := serve(t, board)
			if kind == fault.Slow {
				kind = kind.In(time.Millisecond)
			}
			board.Script("post", kind)
			got := call(untilMet(t, board, kind), t, url)
			if _, err := http.ParseTime(got.retryAfter); err == nil {
				got.retryAfter = "a date"
			}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			wantEffect(t, board, kind, effects)
			if got := call(t.Context(), t, url); got.body != "done" || board.Met(kind) != 1 {
				t.Errorf("after the script: got %+v, met %d times, want that it works again", got, board.Met(kind))
			}
		})
	}
}

// wantEffect checks that a request had its effect at once, or has it as soon as what is kept lands, or never.
func wantEffect(t *testing.T, board *fault.Board, kind fault.Kind, effects *atomic.Int32) {
	t.Helper()
	soon(func() bool { return board.Met(kind) == 1 }) // a caller that gave up may be ahead of the server
	if kind.Happens() {
		soon(func() bool { return effects.Load() == 1 })
	}
	if got := effects.Load() == 1; got != kind.Happens() || got != (kind.Effect() == fault.AtOnce) {
		t.Errorf("got happened %v, want %v", got, kind.Happens())
	}
	late := 0
	if kind.Effect() == fault.Later {
		late = 1
		soon(func() bool { return board.State().Waiting == 1 })
	}
	if got := board.Land(); got != late {
		t.Errorf("got %d that landed late, want %d", got, late)
	}
	if got := effects.Load() == 1; got != (kind.Effect() != fault.Never) {
		t.Errorf("in the end: got happened %v, want %s", got, kind.Effect())
	}
}

// soon waits until something is so, but not for ever.
func soon(so func() bool) {
	for over := time.Now().Add(5 * time.Second); !so() && time.Now().Before(over); {
		<-time.After(time.Millisecond)
	}
}

func TestEveryRuleSaysWhatHappens(t *testing.T) {
	for _, rule := range fault.Rules() {
		if rule.Sees == "" || rule.Kind.Effect() != rule.Effect {
			t.Errorf("got %+v and the effect %q", rule, rule.Kind.Effect())
		}
	}
	for _, kind := range fault.Kinds() {
		if _, argument, _ := strings.Cut(string(kind), ":"); argument != "" || kind.Effect() == fault.Later || kind.Effect() == "" {
			t.Errorf("%s leaves something for later", kind)
		}
	}
}

func TestAScriptComesBeforeARuleAndARuleBeforeTheStar(t *testing.T) {
	board := fault.NewBoard()
	url, _ := serve(t, board)
	board.Always("*", fault.TooMany)
	board.Always("post", fault.Before)
	board.Script("post", fault.None)
	for i, want := range []int{200, 500, 500} {
		if got := call(t.Context(), t, url); got.status != want {
			t.Errorf("request %d: got %+v, want %d", i+1, got, want)
		}
	}
	board.Always("post", fault.None)
	if got := call(t.Context(), t, url); got.status != 429 {
		t.Errorf("without its own rule: got %+v, want the star's 429", got)
	}
	board.Always("*", fault.None)
	if got := call(t.Context(), t, url); got.status != 200 {
		t.Errorf("without rules: got %+v, want 200", got)
	}
}
