package selftest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/selftest"
)

// relay takes events as the daemon does, and keeps them in memory. It can be made to lie.
type relay struct {
	mu     sync.Mutex
	random *rand.Rand
	byKey  map[string]selftest.Kept // by fingerprint
	paths  map[string]bool
	bodies map[string]int    // how often each body came
	values map[string]string // what each entity became, one digit after the other

	silent float64 // share of requests that are taken and not answered
	twice  bool    // what comes again is another event
}

func newRelay() *relay {
	return &relay{
		random: rand.New(rand.NewPCG(1, 1)), byKey: map[string]selftest.Kept{},
		paths: map[string]bool{}, bodies: map[string]int{}, values: map[string]string{},
	}
}

func (r *relay) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil || request.Header.Get("Authorization") != "Bearer the-secret" {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	message, err := ppm.Parse(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id, status := r.take(request.URL.Path, body, message)
	if id == "" {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id})
}

// take keeps an event and returns its id, or nothing when no answer is given.
func (r *relay) take(path string, body []byte, message *ppm.Message) (string, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths[path] = true
	r.bodies[string(body)]++
	silent := r.random.Float64() < r.silent
	key := string(message.Fingerprint())
	if r.twice {
		key += strconv.Itoa(len(r.byKey))
	}
	known, ok := r.byKey[key]
	status := http.StatusOK
	if !ok {
		status = http.StatusAccepted
		number, e := len(r.byKey)+1, message.Event("")
		known = selftest.Kept{Number: int64(number), ID: fmt.Sprint("id", number), Occurred: e.Occurred}
		_, priority, _ := strings.Cut(string(body), `"Priority":`)
		r.values[e.Entity.ID] += priority[:1]
		r.byKey[key] = known
	}
	if silent {
		return "", 0
	}
	return known.ID, status
}

// run lets clients post to the relay in rounds of that length, until so many changes are made.
func run(t *testing.T, r *relay, changes int, round time.Duration) *selftest.Load {
	t.Helper()
	server := httptest.NewServer(r)
	defer server.Close()
	load := selftest.NewLoad(5, "the-secret")
	for deadline := time.Now().Add(10 * time.Second); load.Sums().Posted < changes && time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(t.Context(), round)
		go func() {
			for ctx.Err() == nil && load.Sums().Posted < changes {
				<-time.After(time.Millisecond)
			}
			cancel()
		}()
		load.Run(ctx, server.URL, changes)
		cancel()
	}
	if got := load.Sums().Posted; got != changes {
		t.Fatalf("got %d changes, want %d", got, changes)
	}
	return load
}

func TestLoadPostsAsPPMExpressMight(t *testing.T) {
	r := newRelay()
	r.silent = 0.05
	load := run(t, r, 600, 20*time.Millisecond)
	sums := load.Sums()
	if sums.Acknowledged == 0 || sums.Acknowledged > sums.Posted || sums.Redelivered == 0 || sums.Resent == 0 {
		t.Errorf("got %+v, want some of each", sums)
	}
	if len(r.byKey) > 600 || len(r.bodies) <= len(r.byKey) {
		t.Errorf("got %d events by %d bodies, want at most one event for each change, and other message ids", len(r.byKey), len(r.bodies))
	}
	if got := slices.Sorted(maps.Keys(r.paths)); len(got) != 4 || got[0] != "/events/Idea/Updated" {
		t.Errorf("got %q, want four kinds of entities", got)
	}
	if got := load.Check(slices.Collect(maps.Values(r.byKey))); got.Lost+got.Doubled+got.OutOfOrder != 0 {
		t.Errorf("got %+v, want no broken promise", got)
	}
}

func TestLoadSeesLies(t *testing.T) {
	t.Run("forgotten", func(t *testing.T) {
		r := newRelay()
		load := run(t, r, 200, time.Second)
		for key := range r.byKey {
			delete(r.byKey, key)
			break
		}
		if got := load.Check(slices.Collect(maps.Values(r.byKey))); got.Lost != 1 {
			t.Errorf("got %+v, want one lost", got)
		}
	})
	t.Run("taken twice", func(t *testing.T) {
		r := newRelay()
		r.twice = true
		load := run(t, r, 200, time.Second)
		if got := load.Check(slices.Collect(maps.Values(r.byKey))); got.Doubled == 0 {
			t.Errorf("got %+v, want some doubled", got)
		}
	})
}

// The same seed makes the same changes of an entity, as long as the daemon answers. How many there are depends on time.
func TestSameSeedSameChoices(t *testing.T) {
	first, second := newRelay(), newRelay()
	run(t, first, 800, time.Minute)
	run(t, second, 800, time.Minute) // a round that is cut leaves changes without an answer
	compared := 0
	for entity, values := range first.values {
		length := min(len(values), len(second.values[entity]))
		if values[:length] != second.values[entity][:length] {
			t.Errorf("%s: got %s, want as before %s", entity, second.values[entity], values)
		}
		compared += length
	}
	if compared < 100 {
		t.Errorf("only %d changes were compared", compared)
	}
}
