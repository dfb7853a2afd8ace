package fault_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// letters is an endpoint without a network that remembers what it was sent.
type letters struct {
	board *fault.Board

	mu  sync.Mutex
	got []string
}

func newLetters() *letters { return &letters{board: fault.NewBoard()} }

func (l *letters) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Context().Err() != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, string(body))
	w.WriteHeader(http.StatusOK)
}

// post sends a letter, gives up after a time, and reports whether there was an answer.
func (l *letters) post(t *testing.T, text string, patience time.Duration) (answered bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	defer func() { answered = recover() == nil && answered }()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(text))
	l.board.Wrap("post", nil, l).ServeHTTP(httptest.NewRecorder(), r)
	return ctx.Err() == nil
}

func (l *letters) want(t *testing.T, want string) {
	t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := strings.Join(l.got, " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLateComesAfterTheCallerGaveUp: the time of a late effect begins where the caller's wait ends.
func TestLateComesAfterTheCallerGaveUp(t *testing.T) {
	tests := map[fault.Kind]time.Duration{ // when the effect is there, counted from the request
		fault.Late: 30 * time.Second, fault.LateReset.In(time.Minute): time.Minute,
		fault.LateHang.In(5 * time.Second): 15 * time.Second,
	}
	for kind, when := range tests {
		synctest.Test(t, func(t *testing.T) {
			l, began := newLetters(), time.Now()
			l.board.Script("post", kind)
			l.post(t, "late", 10*time.Second)
			l.post(t, "prompt", 10*time.Second)
			time.Sleep(time.Until(began.Add(when - time.Second)))
			l.want(t, "prompt")
			time.Sleep(time.Second)
			l.want(t, "prompt late")
			if state := l.board.State(); state.Waiting != 0 || state.Landed != 1 {
				t.Errorf("%s: got %+v, want one that has landed", kind, state)
			}
		})
	}
}

func TestLandKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLetters()
		l.board.Script("post", fault.Late.In(time.Hour), fault.Late.In(time.Minute), fault.Late.In(time.Second))
		for _, text := range []string{"a", "b", "c"} {
			l.post(t, text, time.Second)
		}
		if got := l.board.Land(); got != 3 {
			t.Errorf("got %d, want 3", got)
		}
		time.Sleep(2 * time.Hour)
		l.want(t, "a b c")
	})
}

// TestNothingLandsAfterClose: neither what is kept, nor what would be kept.
func TestNothingLandsAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLetters()
		l.board.Script("post", fault.Late, fault.Late)
		l.post(t, "a", time.Second)
		l.board.Close()
		l.post(t, "b", time.Second)
		time.Sleep(time.Hour)
		l.want(t, "")
		if got := l.board.State().Waiting + l.board.Land(); got != 0 {
			t.Errorf("got %d kept, want none", got)
		}
	})
}

// TestCloseWaitsForWhatIsLanding: after Close nothing of the board runs.
func TestCloseWaitsForWhatIsLanding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		board, done := fault.NewBoard(), false
		slowly := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			time.Sleep(time.Minute)
			done = true
		})
		board.Script("post", fault.Late.In(time.Second))
		board.Wrap("post", nil, slowly).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody))
		time.Sleep(2 * time.Second)
		board.Close()
		if !done {
			t.Error("got that it still runs, want that Close waits for it")
		}
	})
}

// TestLateMeetsABrokenConnection: an endpoint that closes the connection has nobody to close it to.
func TestLateMeetsABrokenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inner, outer := newLetters(), fault.NewBoard()
		inner.board.Script("post", fault.AfterReset)
		outer.Script("road", fault.Late)
		handler := outer.Wrap("road", nil, inner.board.Wrap("post", nil, inner))
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("a")))
		time.Sleep(time.Minute)
		inner.want(t, "a")
	})
}

// TestSlow: the effect is there long before the answer.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, began := newLetters(), time.Now()
		l.board.Script("post", fault.Slow.In(20*time.Second), fault.Slow)
		if l.post(t, "a", 10*time.Second) || time.Since(began) != 10*time.Second {
			t.Errorf("got an answer, or gave up after %v, want none for 10 s", time.Since(began))
		}
		if !l.post(t, "b", 10*time.Second) || time.Since(began) != 12*time.Second {
			t.Errorf("got no answer, or one after %v, want one after 2 s", time.Since(began)-10*time.Second)
		}
		l.want(t, "a b")
	})
}

// TestSlowUntilTakenBack: who waits for an answer gets it when what always slows them is taken back.
func TestSlowUntilTakenBack(t *testing.T) {
	for name, end := range map[string]func(*fault.Board){
		"taken back": func(b *fault.Board) { b.Always("post", fault.None) },
		"another":    func(b *fault.Board) { b.Always("post", fault.Before) },
		"repaired":   (*fault.Board).Repair,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, began := newLetters(), time.Now()
				l.board.Always("post", fault.Slow.In(time.Hour))
				time.AfterFunc(time.Minute, func() { end(l.board) })
				if !l.post(t, "a", 2*time.Hour) || time.Since(began) != time.Minute {
					t.Errorf("got no answer, or one after %v, want one after a minute", time.Since(began))
				}
				l.want(t, "a")
			})
		})
	}
}
