package page

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox"
)

// listener is a browser that listens for news.
type listener struct {
	mu     sync.Mutex
	text   strings.Builder
	header http.Header
	stuck  chan struct{} // closed = it reads again; nil = it always does
}

func (l *listener) Header() http.Header { return l.header }
func (l *listener) WriteHeader(int)     {}
func (l *listener) Flush()              {}

func (l *listener) Write(text []byte) (int, error) {
	if l.stuck != nil {
		<-l.stuck
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *listener) got() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// listen has somebody listen until the context ends.
func listen(ctx context.Context, n *news, stuck chan struct{}) *listener {
	l := &listener{header: http.Header{}, stuck: stuck}
	r := httptest.NewRequest(http.MethodGet, "/live", http.NoBody).WithContext(ctx)
	go n.serve(l, r)
	return l
}

// counted is something that changes, and counts who looks.
func counted() (n *news, value, looks *atomic.Int64) {
	value, looks = &atomic.Int64{}, &atomic.Int64{}
	return newNews(func(context.Context) map[string]any {
		looks.Add(1)
		return map[string]any{"channel": value.Load(), "sheet": "still"}
	}), value, looks
}

func TestNewsAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, value, _ := counted()
		ctx, stop := context.WithCancel(t.Context())
		l := listen(ctx, n, nil)
		time.Sleep(time.Second)
		if got := l.got(); strings.Count(got, "event: part") != 2 || !strings.Contains(got, `{"part":"sheet","version":1}`) {
			t.Errorf("got %q, want each part once", got)
		}
		for range 1000 { // as in a bulk edit
			value.Add(1)
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		if got := strings.Count(l.got(), `"part":"channel"`); got < 4 || got > 8 {
			t.Errorf("got %d reports of a second full of changes, want about 5", got)
		}
		last := fmt.Sprintf(`"version":%d`, n.newer(nil)["channel"])
		if got := l.got(); !strings.HasSuffix(strings.TrimSpace(got), last+"}") {
			t.Errorf("got %q, want that it ends with the newest, %s", got[len(got)-60:], last)
		}
		if got := strings.Count(l.got(), `"part":"sheet"`); got != 1 {
			t.Errorf("got %d reports of what did not change", got)
		}
		stop()
		synctest.Wait()
	})
}

// TestSlowListenerMissesNothing: it gets the newest version when it reads again, and holds nobody up.
func TestSlowListenerMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, value, _ := counted()
		ctx, stop := context.WithCancel(t.Context())
		again := make(chan struct{})
		slow, quick := listen(ctx, n, again), listen(ctx, n, nil)
		for range 20 {
			value.Add(1)
			time.Sleep(time.Second)
		}
		if got := strings.Count(quick.got(), `"part":"channel"`); got < 20 {
			t.Errorf("got %d reports, want that the slow one holds nobody up", got)
		}
		close(again)
		time.Sleep(time.Second)
		if got := slow.got(); !strings.Contains(got, fmt.Sprintf(`"version":%d}`, n.newer(nil)["channel"])) || strings.Count(got, `"part":"channel"`) > 2 {
			t.Errorf("got %q, want the newest alone", got)
		}
		stop()
		synctest.Wait()
	})
}

func TestNobodyLooksWhenNobodyListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, value, looks := counted()
		time.Sleep(time.Minute)
		if got := looks.Load(); got != 0 || n.listeners() != 0 {
			t.Errorf("looked %d times for %d listeners", got, n.listeners())
		}
		for round := range 3 { // a browser that comes again hears what it missed
			value.Add(1)
			ctx, stop := context.WithCancel(t.Context())
			one, two := listen(ctx, n, nil), listen(ctx, n, nil)
			time.Sleep(10 * time.Second)
			if got := n.listeners(); got != 2 || !strings.Contains(one.got(), fmt.Sprintf(`{"part":"channel","version":%d}`, round+1)) || one.got() != two.got() {
				t.Errorf("got %d listeners, who heard %q and %q", got, one.got(), two.got())
			}
			before := looks.Load()
			time.Sleep(time.Second)
			if got := looks.Load() - before; got < 9 || got > 11 {
				t.Errorf("looked %d times a second for two, want 10", got)
			}
			stop()
			synctest.Wait()
			before = looks.Load()
			time.Sleep(time.Minute)
			if got := looks.Load(); n.listeners() != 0 || got != before {
				t.Errorf("looked %d times when nobody listened", got-before)
			}
		}
	})
}

func TestNewsStayAliveAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, _ := counted()
		l := listen(t.Context(), n, nil)
		time.Sleep(46 * time.Second)
		if got := strings.Count(l.got(), ": alive\n\n"); got != 3 {
			t.Errorf("got %d signs of life in 46 s, want 3", got)
		}
		n.close()
		n.close()
		synctest.Wait()
		if got := l.got(); !strings.HasSuffix(got, "event: end\ndata: {}\n\n") || n.listeners() != 0 {
			t.Errorf("got %q and %d listeners, want the end", got[max(0, len(got)-60):], n.listeners())
		}
	})
}

// TestLive: over a real connection, each change of a stand-in is news.
func TestLive(t *testing.T) {
	v := open(t, fixed{})
	server := httptest.NewServer(v.page)
	t.Cleanup(server.Close)
	answer, err := server.Client().Get(server.URL + "/live")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("got %q", got)
	}
	lines := bufio.NewScanner(answer.Body)
	wait := func(part string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), `"part":"`+part+`"`) {
				return
			}
		}
		t.Fatalf("the news end before %s is new: %v", part, lines.Err())
	}
	wait("way") // the last one of the first report
	if got := v.page.Watched(); got != 1 {
		t.Errorf("got %d who watch, want 1", got)
	}
	v.Slack.Say(sandbox.Channel, "Hello")
	wait("channel")
	v.Google.TypeInto(sandbox.Spreadsheet, "Sheet1", 0, 0, "x")
	wait("sheet")
	v.page.bulk(form{})
	wait("tenant")
	v.page.slackDown(form{map[string][]string{"on": {"yes"}}})
	wait("trouble")
	v.page.Close()
	for lines.Scan() {
		if lines.Text() == "event: end" {
			return
		}
	}
	t.Error("got no end")
}
