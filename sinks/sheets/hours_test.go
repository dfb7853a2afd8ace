package sheets

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
)

// direct serves requests without a network, so that the time of a test can be made up.
type direct struct {
	to            http.Handler
	authorization string
	refused       *atomic.Int32 // answers 429
}

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", d.authorization)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	func() {
		defer func() {
			if recover() != nil {
				answer = nil // the handler closes the connection
			}
		}()
		d.to.ServeHTTP(answer, r)
	}()
	if answer == nil {
		return nil, io.ErrUnexpectedEOF
	}
	if answer.Code == http.StatusTooManyRequests {
		d.refused.Add(1)
	}
	return answer.Result(), nil
}

// hours runs a test with a clock of its own. The client has the pace that it has in production, and the stand-in Google's
// limits. What waits on the way is made by the proxy, as elsewhere.
func hours(t *testing.T, options google.Options, run func(*testing.T, *world)) {
	t.Helper()
	hoursAt(t, options, 0, run)
}

func hoursAt(t *testing.T, options google.Options, perMinute int, run func(*testing.T, *world)) {
	t.Helper()
	w := newWorld(t, options)
	d := direct{to: w.proxy, refused: &w.refused}
	w.proxy.to = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		d.authorization = orElse(r.Header.Get("Authorization"), d.authorization)
		w.ServeHTTP(rw, r)
	})
	if _, err := w.sink(t).look(t.Context()); err != nil { // for a token; it expires long after the bubble's year 2000
		t.Fatal(err)
	}
	w.proxy.to = w.Server
	synctest.Test(t, func(t *testing.T) {
		w.restart = func(t *testing.T) {
			t.Helper()
			client, err := NewClient(t.Context(), ClientConfig{Credentials: w.Credentials(w.url), PerMinute: perMinute})
			if err != nil {
				t.Fatal(err)
			}
			client.service, err = sheets.NewService(t.Context(), option.WithHTTPClient(&http.Client{Transport: d}))
			if err != nil {
				t.Fatal(err)
			}
			w.client = client
		}
		w.restart(t)
		run(t, w)
	})
}
