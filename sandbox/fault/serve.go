package fault

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"
)

// maxBody is more than any request that the stand-ins take.
const maxBody = 64 << 20

// TooManyAnswer writes the status and the body of a 429 as the vendor does; the board has set Retry-After.
type TooManyAnswer func(w http.ResponseWriter, after time.Duration)

// Wrap makes an endpoint meet what the board has for it.
func (b *Board) Wrap(endpoint string, tooMany TooManyAnswer, serve http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, over := b.next(endpoint)
		if kind == None {
			serve.ServeHTTP(w, r)
			return
		}
		request, err := copied(r)
		if err != nil {
			panic(http.ErrAbortHandler) // the caller went away before it had said all
		}
		switch kind.Effect() {
		case AtOnce:
			recorded := httptest.NewRecorder()
			serve.ServeHTTP(recorded, request)
			afterwards(kind, over, recorded, w, r)
		case Later:
			// However the answer ends: with one, without one, or when the caller gives up.
			defer b.kept.keep(kind.delay(), func() { serve.ServeHTTP(httptest.NewRecorder(), request) })
			fail(kind, w, r)
		case Never:
			if kind.Name() == TooMany {
				refuse(kind, w, tooMany)
				return
			}
			fail(kind, w, r)
		}
	})
}

// copied reads a request to its end, which is also how a server learns that the caller goes away, and returns what can
// be served without the caller.
func copied(r *http.Request) (*http.Request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	request := r.Clone(context.WithoutCancel(r.Context()))
	request.Body = io.NopCloser(bytes.NewReader(body))
	return request, nil
}

// fail is how a request ends whose answer nobody has seen.
func fail(kind Kind, w http.ResponseWriter, r *http.Request) {
	switch kind.Name() {
	case Reset, AfterReset, LateReset:
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	case Hang, AfterHang, LateHang:
		<-r.Context().Done()
	default:
		http.Error(w, page("Internal Server Error"), http.StatusInternalServerError)
	}
}

// afterwards is how a request ends whose answer is known. What is slow ends when the fault is over.
func afterwards(kind Kind, over <-chan struct{}, recorded *httptest.ResponseRecorder, w http.ResponseWriter, r *http.Request) {
	body := recorded.Body.Bytes()
	switch kind.Name() {
	case AfterCut:
		copyHeader(w, recorded)
		// Less than was announced: net/http closes the connection.
		w.Header().Set("Content-Length", strconv.Itoa(max(len(body), 1)))
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(body[:len(body)/2]) // who went away does not read it
	case AfterEmpty:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, "{}")
	case AfterHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page("Sign in to the network"))
	case Slow:
		if wait(r.Context(), over, kind.delay()) {
			copyHeader(w, recorded)
			w.WriteHeader(recorded.Code)
			_, _ = w.Write(body)
		}
	default:
		fail(kind, w, r)
	}
}

func copyHeader(w http.ResponseWriter, recorded *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), recorded.Header())
}

func page(title string) string { return "<html><body><h1>" + title + "</h1></body></html>" }

// wait reports whether the time has passed, or nobody need wait any more; not when the caller went away before.
func wait(ctx context.Context, over <-chan struct{}, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-over:
		return true
	case <-timer.C:
		return true
	}
}

// refuse answers 429. Without an argument the vendor may say how long to wait in its own way.
func refuse(kind Kind, w http.ResponseWriter, tooMany TooManyAnswer) {
	const after = time.Second
	w.Header().Set("Retry-After", "1")
	if _, given := kind.cut(); given {
		w = &bound{ResponseWriter: w, retryAfter: kind.retryAfter(w.Header().Get("Date"))}
	}
	tooMany(w, after)
}

// bound is an answer whose Retry-After is what the kind says, whatever the vendor sets.
type bound struct {
	http.ResponseWriter

	retryAfter string // empty = no such header
}

// WriteHeader sets the header and writes the status.
func (b *bound) WriteHeader(status int) {
	b.Header().Del("Retry-After")
	if b.retryAfter != "" {
		b.Header().Set("Retry-After", b.retryAfter)
	}
	b.ResponseWriter.WriteHeader(status)
}
