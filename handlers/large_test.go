package handlers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

func TestPlacesFor(t *testing.T) {
	t.Parallel()
	for maxBody, want := range map[int64]int{1 << 10: 16 << 10, DefaultMaxBody: 4, 16 << 20: 2, 64 << 20: 2} {
		if got := placesFor(maxBody); got != want {
			t.Errorf("%d: got %d places, want %d", maxBody, got, want)
		}
	}
}

// roomy is a setup whose limit lets large bodies in, so many at the same time.
func roomy(t *testing.T, places int, into Appender) *setup {
	t.Helper()
	s := newSetup(t, into)
	s.door.Store(&door{secrets: s.door.Load().secrets, maxBody: 8 * smallBody, large: make(chan struct{}, places)})
	return s
}

// Bodies of every size come byte for byte as they were sent, in one piece or in chunks.
func TestBodiesOfEverySize(t *testing.T) {
	t.Parallel()
	var got []byte
	s := roomy(t, 1, appendFunc(func(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
		got = in.Body
		return accept(ctx, in)
	}))
	for _, size := range []int{0, 2, smallBody - 1, smallBody, smallBody + 1, 3*smallBody + 7, 8 * smallBody} {
		for _, chunked := range []bool{false, true} {
			body := strings.Repeat("abcdefg ", size/8+1)[:size]
			r := request(t, "/events/Project/Updated", body)
			if chunked {
				r.ContentLength = -1
			}
			w := serve(s.Public(), r)
			if w.Code != http.StatusAccepted || !bytes.Equal(got, []byte(body)) {
				t.Errorf("%d bytes, chunked %v: got %d and %d bytes", size, chunked, w.Code, len(got))
			}
			if len(s.door.Load().large) != 0 {
				t.Errorf("%d bytes, chunked %v: a place was not given back", size, chunked)
			}
		}
	}
	for _, chunked := range []bool{false, true} {
		r := request(t, "/events", strings.Repeat(" ", 8*smallBody+1))
		if chunked {
			r.ContentLength = -1
		}
		if w := serve(s.Public(), r); w.Code != http.StatusRequestEntityTooLarge || len(s.door.Load().large) != 0 {
			t.Errorf("too large, chunked %v: got %d and %d places taken, want 413 and none", chunked, w.Code, len(s.door.Load().large))
		}
	}
}

// Large bodies that stop coming fill all places: small events are taken all the same, another large one is refused with
// 503 after the patience, and taken once the slow ones have been given up.
func TestCrowdOfLargeBodies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const places = 2
		s := roomy(t, places, appendFunc(accept))
		open := dial(t, s)
		part := strings.Repeat(" ", smallBody+1)
		for range places {
			if _, err := io.WriteString(open(), head+fmt.Sprintf("Content-Length: %d\r\n\r\n%s", 2*smallBody, part)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if len(s.door.Load().large) != places {
			t.Fatalf("got %d places taken, want %d", len(s.door.Load().large), places)
		}
		if got := ask(t, open(), askEvent); got != http.StatusAccepted {
			t.Errorf("a small event: got %d, want 202", got)
		}
		large := head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(part), part)
		start := time.Now()
		if got := ask(t, open(), large); got != http.StatusServiceUnavailable || time.Since(start) != DefaultPatience {
			t.Errorf("a large event: got %d after %v, want 503 after %v", got, time.Since(start), DefaultPatience)
		}
		time.Sleep(time.Minute)
		if got := ask(t, open(), large); got != http.StatusAccepted || len(s.door.Load().large) != 0 {
			t.Errorf("later: got %d and %d places taken, want 202 and none", got, len(s.door.Load().large))
		}
	})
}
