// Package fault makes an HTTP endpoint fail on demand, in the ways that matter to whoever calls it: before anything
// happened, or after it happened but without an answer that says so.
//
// A Board holds a script per endpoint: the faults that its next requests meet, in order. A request without a fault in
// the script is served as usual. Nothing is random here; whoever wants chance draws the script.
package fault

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Kind is a way to fail.
type Kind string

// The kinds. Those named After serve the request first: the effect is there, only the answer is not.
const (
	None       Kind = ""            // served as usual: leaves a request out of the script
	Before     Kind = "before"      // 500, nothing happened
	Reset      Kind = "reset"       // the connection is closed, nothing happened
	Hang       Kind = "hang"        // no answer until the caller gives up, nothing happened
	TooMany    Kind = "429"         // 429 with Retry-After, nothing happened
	After      Kind = "after"       // it happened, then 500
	AfterReset Kind = "after-reset" // it happened, then the connection is closed
	AfterHang  Kind = "after-hang"  // it happened, then no answer until the caller gives up
)

// Kinds returns every kind that is a fault.
func Kinds() []Kind {
	return []Kind{Before, Reset, Hang, TooMany, After, AfterReset, AfterHang}
}

// Happens reports whether a request that meets the fault has its effect all the same.
func (k Kind) Happens() bool { return slices.Contains([]Kind{None, After, AfterReset, AfterHang}, k) }

// Board holds the scripts of a server's endpoints. Its methods may be called at any time from anywhere.
type Board struct {
	mu      sync.Mutex
	scripts map[string][]Kind
	always  map[string]Kind
	met     map[Kind]int
}

// NewBoard returns a board on which everything works.
func NewBoard() *Board {
	return &Board{scripts: map[string][]Kind{}, always: map[string]Kind{}, met: map[Kind]int{}}
}

// Script appends faults for the next requests to an endpoint.
func (b *Board) Script(endpoint string, kinds ...Kind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scripts[endpoint] = append(b.scripts[endpoint], kinds...)
}

// Always makes every request to an endpoint fail that way from now on, once its script is at its end; None ends it. The
// endpoint "*" stands for all that have no rule of their own.
func (b *Board) Always(endpoint string, kind Kind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if kind == None {
		delete(b.always, endpoint)
		return
	}
	b.always[endpoint] = kind
}

// Met returns how many requests have met the kind.
func (b *Board) Met(kind Kind) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.met[kind]
}

func (b *Board) next(endpoint string) (kind Kind) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() { b.met[kind]++ }()
	if script := b.scripts[endpoint]; len(script) > 0 {
		b.scripts[endpoint] = script[1:]
		return script[0]
	}
	if kind, ok := b.always[endpoint]; ok {
		return kind
	}
	return b.always["*"]
}

// TooManyAnswer writes the status and the body of a 429 as the vendor does; the board has set Retry-After.
type TooManyAnswer func(w http.ResponseWriter, after time.Duration)

// Wrap makes an endpoint meet what the board has for it.
func (b *Board) Wrap(endpoint string, tooMany TooManyAnswer, serve http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := b.next(endpoint)
		if kind.Happens() && kind != None {
			// The effect must not depend on whether the caller still listens.
			serve.ServeHTTP(httptest.NewRecorder(), r)
		}
		switch kind {
		case None:
			serve.ServeHTTP(w, r)
		case Before, After:
			http.Error(w, "<html><body><h1>Internal Server Error</h1></body></html>", http.StatusInternalServerError)
		case TooMany:
			const after = time.Second
			w.Header().Set("Retry-After", strconv.Itoa(int(after.Seconds())))
			tooMany(w, after)
		case Reset, AfterReset:
			panic(http.ErrAbortHandler) // net/http closes the connection without an answer
		case Hang, AfterHang:
			<-r.Context().Done()
		default:
			panic(fmt.Sprintf("fault: no kind %q", kind)) // unreachable unless a script is misspelt
		}
	})
}
