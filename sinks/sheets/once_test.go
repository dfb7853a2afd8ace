package sheets

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// retell does what delivery does with a failure: it recalls what is unsure, and tells what did not happen anew.
func retell(t *testing.T, s *Sink, effect sinks.Effect, failure sinks.Error, items ...sinks.Item) {
	t.Helper()
	if failure.Class == sinks.Unsure {
		effect.Ended = time.Now()
		if got := recall(t, s, effect); got == sinks.Did {
			return
		} else if got != sinks.DidNot {
			t.Fatalf("recalling: got %d, want Did or DidNot", got)
		}
	}
	tell(t, s, items...)
}

func TestOnceUnderEveryFault(t *testing.T) {
	t.Parallel()
	classes := map[fault.Kind]sinks.Class{ // of the append itself
		fault.Before: sinks.Unsure, fault.Reset: sinks.Unsure, fault.Hang: sinks.Unsure, fault.TooMany: sinks.Wait,
		fault.After: sinks.Unsure, fault.AfterReset: sinks.Unsure, fault.AfterHang: sinks.Unsure,
	}
	for name, options := range some("as believed", "a second metadata of an id is accepted", "texts are Spanish", "get lists all tabs") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, class := range classes {
				t.Run(string(kind), func(t *testing.T) {
					w := newWorld(t, options)
					s := w.sink(t)
					first, second, third := item(1, "first"), item(2, "second"), item(1, "third")
					tell(t, s, first)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					w.proxy.strike(kind)
					if kind == fault.Hang || kind == fault.AfterHang {
						w.proxy.hang(kind.Happens(), cancel) // the caller gives up
					}
					effect := compose(t, s, second)
					failure := failingUnder(ctx, t, s, effect, class)
					if kind.Happens() {
						w.wantKeys(t, first, second)
					}
					s = w.sink(t) // the process died and knows nothing any more
					retell(t, s, effect, failure, second)
					tell(t, s, third)
					w.wantKeys(t, first, second, third)
				})
			}
		})
	}
}

// TestFaultsBeforeAndAround: faults of the calls that come before the rows, or after them, cost nothing.
func TestFaultsBeforeAndAround(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"token", "spreadsheets.get", "values.get", "batchUpdate", "developerMetadata.search"} {
		for _, kind := range []fault.Kind{fault.Before, fault.Reset, fault.TooMany, fault.After, fault.AfterReset} {
			t.Run(endpoint+" "+string(kind), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, unlimited())
				w.Board.Script(endpoint, kind)
				s := w.sink(t)
				first := item(2, "first")
				effect := compose(t, s, first)
				for range 3 {
					_, err := s.Perform(t.Context(), effect)
					if err == nil {
						break
					}
					switch class := sinks.Classify(err).Class; class {
					case sinks.Retry, sinks.Wait:
					case sinks.Stop, sinks.Unsure: // the token server's 429 and broken answers
						retell(t, s, effect, *sinks.Classify(err))
						effect = compose(t, s, first)
						continue
					default:
						t.Fatalf("got class %v (%v)", class, err)
					}
				}
				w.wantKeys(t, first)
			})
		}
	}
}

func TestAnswersThatSayNothing(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"empty":             "",
		"no replies":        "{}",
		"a reply too few":   `{"replies":[{}]}`,
		"a page":            "<html><body>Sign in</body></html>",
		"a list":            "[]",
		"broken off":        `{"replies":[{`,
		"wrong type inside": `{"replies":"many"}`,
	}
	for name, text := range answers {
		for _, happens := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, unlimited())
				s := w.sink(t)
				first := item(1, "first")
				effect := compose(t, s, first)
				w.proxy.onAppend(func(rw http.ResponseWriter, r *http.Request) {
					if happens {
						w.ServeHTTP(httptest.NewRecorder(), r)
					}
					_, _ = io.WriteString(rw, text)
				})
				failure := failing(t, s, effect, sinks.Unsure)
				want := map[bool]sinks.Happened{false: sinks.DidNot, true: sinks.Did}[happens]
				if got := recall(t, s, effect); got != want {
					t.Errorf("recalling: got %d, want %d", got, want)
				}
				retell(t, s, effect, failure, first)
				w.wantKeys(t, first)
			})
		}
	}
}

// TestRecallAnswerLost: the answer to the burn is lost, once or twice; the look is repeated and says the same.
func TestRecallAnswerLost(t *testing.T) {
	for _, happened := range []bool{false, true} {
		w := newWorld(t, unlimited())
		s := w.sink(t)
		first := item(1, "first")
		effect := compose(t, s, first)
		w.proxy.strike(map[bool]fault.Kind{false: fault.Reset, true: fault.AfterReset}[happened])
		failing(t, s, effect, sinks.Unsure)
		w.Board.Script("batchUpdate", fault.After, fault.None, fault.AfterReset)
		w.Board.Script("developerMetadata.search", fault.Before)
		if _, err := s.Recall(t.Context(), effect); sinks.Classify(err).Class != sinks.Retry {
			t.Errorf("a look whose answer is lost: got %v, want an error of class retry", err)
		}
		want := map[bool]sinks.Happened{false: sinks.DidNot, true: sinks.Did}[happened]
		if got := recall(t, w.sink(t), effect); got != want {
			t.Errorf("recalling in the end: got %d, want %d", got, want)
		}
	}
}

// TestRowsThatAPersonDeleted: a fence says that rows were written even when nobody can see them any more.
func TestRowsThatAPersonDeleted(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	effect := compose(t, s, item(1, "first"))
	w.proxy.strike(fault.AfterReset)
	failing(t, s, effect, sinks.Unsure)
	w.DeleteRow(book, tab, 1)
	if got := recall(t, s, effect); got != sinks.Did {
		t.Errorf("got %d, want Did", got)
	}
}

// TestFenceTaken: somebody else's metadata has the number of our fence.
func TestFenceTaken(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	first := item(1, "first")
	tell(t, s, first)
	second := item(1, "second")
	effect := compose(t, s, second)
	mark := fenceOf(effect.ID)
	strange := mark.create(tabID(tab))
	strange.CreateDeveloperMetadata.DeveloperMetadata.MetadataValue = "somebody else's"
	if err := w.client.update(t.Context(), book, requests(strange)); err != nil {
		t.Fatal(err)
	}
	failing(t, s, effect, sinks.Retry)
	w.wantKeys(t, first)
	tell(t, s, second) // as another effect
	w.wantKeys(t, first, second)
	effect = compose(t, s, item(1, "third"))
	mark = fenceOf(effect.ID)
	strange.CreateDeveloperMetadata.DeveloperMetadata.MetadataId = mark.id
	if err := w.client.update(t.Context(), book, requests(strange)); err != nil {
		t.Fatal(err)
	}
	if got := recall(t, s, effect); got != sinks.DidNot {
		t.Errorf("recalling what was never sent: got %d, want DidNot", got)
	}
}

// TestFencesAreSwept: a fence stays for 15 minutes after its effect, also one that an earlier process left, and goes then.
func TestFencesAreSwept(t *testing.T) {
	for _, options := range []google.Options{unlimited(), worlds()["deleting what is not there is refused"]} {
		w := newWorld(t, options)
		tell(t, w.sink(t), item(1, "of an earlier process"))
		s := w.sink(t)
		tell(t, s, item(1, "first"))
		w.proxy.strike(fault.Reset)
		lost := compose(t, s, item(1, "lost"))
		failing(t, s, lost, sinks.Unsure)
		recall(t, s, lost)
		sweepNow := func(age time.Duration) {
			s.fences.swept = time.Time{}
			for id := range s.fences.ended {
				s.fences.ended[id] = s.fences.ended[id].Add(-age)
			}
			tell(t, s, item(1, "more"))
		}
		sweepNow(fenceAge - time.Minute)
		if got := len(w.Metadata(book)); got != 4 {
			t.Errorf("fences after 14 minutes: got %d, want all 4", got)
		}
		sweepNow(2 * time.Minute)
		if got := len(w.Metadata(book)); got != 2 {
			t.Errorf("fences after 16 minutes: got %d, want the last 2", got)
		}
		if len(s.fences.ended) != 2 {
			t.Errorf("fences remembered: got %d, want 2", len(s.fences.ended))
		}
	}
}
