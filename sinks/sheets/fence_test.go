package sheets

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// direct serves requests without a network, so that the time of a test can be made up.
type direct struct {
	to            http.Handler
	authorization string
}

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", d.authorization)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	d.to.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// hours runs a test with a clock of its own. The client has the pace that it has in production, and the stand-in Google's
// limits.
func hours(t *testing.T, options google.Options, run func(*testing.T, *world)) {
	t.Helper()
	w := newWorld(t, options)
	d := direct{to: w.Server}
	w.proxy.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		d.authorization = orElse(r.Header.Get("Authorization"), d.authorization)
		w.ServeHTTP(rw, r)
	})
	if _, err := w.sink(t).look(t.Context()); err != nil { // for a token; it expires long after the bubble's year 2000
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		client, err := NewClient(t.Context(), ClientConfig{Credentials: w.Credentials(w.url)})
		if err != nil {
			t.Fatal(err)
		}
		client.service, err = sheets.NewService(t.Context(), option.WithHTTPClient(&http.Client{Transport: d}))
		if err != nil {
			t.Fatal(err)
		}
		w.client = client
		run(t, w)
	})
}

// characters is how much of the developer metadata is used.
func (w *world) characters() int {
	n := 0
	for _, m := range w.Metadata(book) {
		n += len(m.MetadataKey) + len(m.MetadataValue)
	}
	return n
}

// TestFencesAtFullPace: 25 minutes of writing as fast as is allowed leave room for fences: old ones go as new ones come.
func TestFencesAtFullPace(t *testing.T) {
	t.Parallel()
	hours(t, google.Options{}, func(t *testing.T, w *world) {
		t.Helper()
		s := w.sink(t)
		effects, most := 0, 0
		for begin := time.Now(); time.Since(begin) < 25*time.Minute; effects++ {
			if err := w.client.Pace(t.Context()); err != nil {
				t.Fatal(err)
			}
			tell(t, s, item(1, "x"))
			most = max(most, w.characters())
			w.DeleteRow(book, tab, 1) // rows are not what this is about
		}
		if effects < 1200 {
			t.Errorf("got %d effects in 25 minutes, want about 50 in a minute", effects)
		}
		if most > 25_000 || most < 50*14*15 {
			t.Errorf("got up to %d characters of metadata, want those of 15 to 25 minutes, below 30,000", most)
		}
	})
}

// TestNoRoomEnds: the refusal itself makes room, where fences are old enough, and the next probe is taken.
func TestNoRoomEnds(t *testing.T) {
	hours(t, google.Options{MaxMetadata: 10 * 14}, func(t *testing.T, w *world) {
		t.Helper()
		s := w.sink(t)
		for range 10 {
			tell(t, s, item(1, "x"))
		}
		failing(t, s, compose(t, s, item(1, "too early")), sinks.Park)
		if got := w.characters(); got != 10*14 {
			t.Errorf("got %d characters, want all fences kept", got)
		}
		time.Sleep(fenceAge + time.Minute)
		s.fences.swept = time.Now() // however lately that was
		failing(t, s, compose(t, s, item(1, "no room")), sinks.Park)
		tell(t, s, item(1, "the next probe"))
		if got := len(w.Metadata(book)); got != 1 {
			t.Errorf("got %d fences, want that of the probe", got)
		}
	})
}

// TestFencesOfAnEarlierProcess: what a process left behind goes 15 minutes after another one has found it.
func TestFencesOfAnEarlierProcess(t *testing.T) {
	hours(t, google.Options{}, func(t *testing.T, w *world) {
		t.Helper()
		for range 8 {
			tell(t, w.sink(t), item(1, "of an earlier process"))
		}
		time.Sleep(time.Hour)
		s := w.sink(t)
		left := func() int {
			tell(t, s, item(1, "x"))
			return len(w.Metadata(book))
		}
		if got := left(); got != 9 {
			t.Errorf("at the start: got %d fences, want all 8 and a new one", got)
		}
		time.Sleep(fenceAge - time.Minute)
		if got := left(); got != 10 {
			t.Errorf("14 minutes later: got %d fences, want all", got)
		}
		time.Sleep(sweepEvery)
		if got := left(); got != 2 {
			t.Errorf("19 minutes later: got %d fences, want those of the last two writes", got)
		}
	})
}

// TestPaceTakesNothing runs in real time: a clock that moves between two steps is what an allowance is lost by.
func TestPaceTakesNothing(t *testing.T) {
	credentials := google.New(google.Options{}).Credentials("http://127.0.0.1:1")
	client, err := NewClient(t.Context(), ClientConfig{Credentials: credentials})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if err := client.Pace(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := client.writes.Tokens(); got < burst {
			t.Fatalf("asked %d times without a write: got %.3f writes left, want all %d", i+1, got, burst)
		}
	}
}
