package sheets

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestLateCopy: a copy of a write that comes late, after Recall said that it did not happen, changes nothing:
//
//	send E1 …lost on its way…  Recall: burn, DidNot  the late copy: 400  told again as E2
//
// It fails (the row stands there twice) when Recall looks for the keys without burning the fence.
func TestLateCopy(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	s.landing = time.Hour // the fence alone must say it
	first, second := item(1, "first"), item(2, "second")
	tell(t, s, first)
	deliver := w.proxy.keep()
	effect := compose(t, s, second)
	failing(t, s, effect, sinks.Unsure)
	if answer, err := s.Recall(t.Context(), effect); err != nil || answer.Happened != sinks.DidNot {
		t.Fatalf("recalling what is still on its way: got %+v and %v, want DidNot", answer, err)
	}
	w.wantKeys(t, first)
	if status := deliver(); status != http.StatusBadRequest {
		t.Errorf("the late copy: got %d, want 400", status)
	}
	w.wantKeys(t, first)
	tell(t, s, second)
	w.wantKeys(t, first, second)
	if got := recall(t, s, effect); got != sinks.Did { // its keys are there, though another effect wrote them
		t.Errorf("recalling once more: got %d, want Did", got)
	}
}

// TestLateCopyIntoNewTab: the fence holds although the tab was deleted and made anew under the same id.
func TestLateCopyIntoNewTab(t *testing.T) {
	w := newWorld(t, unlimited())
	s := w.sink(t)
	tell(t, s, item(1, "first"))
	deliver := w.proxy.keep()
	second := item(1, "second")
	effect := compose(t, s, second)
	failing(t, s, effect, sinks.Unsure)
	w.DeleteTab(book, tab)
	if got := recall(t, s, effect); got != sinks.DidNot {
		t.Fatalf("recalling: got %d, want DidNot", got)
	}
	tell(t, s, second)
	if status := deliver(); status != http.StatusBadRequest {
		t.Errorf("the late copy: got %d, want 400", status)
	}
	w.wantKeys(t, second)
}

// TestAnsweredByTheSecondCopy: the network doubles a write, and the answer is the refusal of the second copy, a 400. It is
// no refusal of the rows: the fence says that they are there. Where that cannot be seen nobody knows, and nothing is told
// anew before Recall has looked; both fail (the rows stand there twice) when such a 400 counts as a refusal.
func TestAnsweredByTheSecondCopy(t *testing.T) {
	for _, seen := range []bool{true, false} {
		w := newWorld(t, unlimited())
		s := w.sink(t)
		tell(t, s, item(1, "first"))
		second := item(2, "second")
		effect := compose(t, s, second)
		deliver := w.proxy.copy()
		first := w.proxy.answer
		w.proxy.onAppend(func(rw http.ResponseWriter, r *http.Request) {
			first(httptest.NewRecorder(), r)
			rw.WriteHeader(deliver())
		})
		if seen {
			perform(t, s, effect)
		} else {
			w.Board.Script("developerMetadata.search", fault.Before)
			failure := failing(t, s, effect, sinks.Unsure)
			retell(t, s, effect, failure, second)
		}
		if got := len(w.keys(tab)); got != 3 {
			t.Errorf("the fence seen: %t: got %d rows, want 3", seen, got)
		}
	}
}

// TestCopyAfterCleanUp: fences are kept for as long as a copy of their batch can be on its way, and longer:
//
//	0 min                          1, 2, 3 …  13         14                            35
//	send E1, its copy is held up   other rows, sweeps    the copy arrives: refused     fences are gone
//
// In the first case E1 was answered; in the second it was lost, burnt by Recall, and told again as E2. Both fail (rows
// stand there twice) when fences are swept after a minute.
func TestCopyAfterCleanUp(t *testing.T) {
	t.Parallel()
	for name, burnt := range map[string]bool{"of what was told": false, "of what Recall burnt": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hours(t, google.Options{}, func(t *testing.T, w *world) {
				t.Helper()
				s := w.sink(t)
				first := item(2, "first")
				all, effect := []sinks.Item{first}, compose(t, s, first)
				var deliver func() int
				if burnt {
					deliver = w.proxy.keep()
					failure := failing(t, s, effect, sinks.Unsure)
					retell(t, s, effect, failure, first)
				} else {
					deliver = w.proxy.copy()
					perform(t, s, effect)
				}
				for begin := time.Now(); time.Since(begin) < 14*time.Minute; time.Sleep(time.Minute) {
					more := item(1, "more")
					tell(t, s, more)
					all = append(all, more)
				}
				if status := deliver(); status != http.StatusBadRequest {
					t.Errorf("the copy after 14 minutes: got %d, want 400", status)
				}
				w.wantKeys(t, all...)
				time.Sleep(fenceAge)
				tell(t, s, item(1, "the fences are old now"))
				time.Sleep(2 * sweepEvery)
				tell(t, s, item(1, "and go"))
				if got := len(w.Metadata(book)); got != 2 {
					t.Errorf("in the end: got %d fences, want the last 2", got)
				}
			})
		})
	}
}

// TestTwoModes: Recall finds out by itself whether ids of metadata are unique, with the effect's own. Where they are it
// answers at once, and a late copy is refused. Where they are not it waits until no copy can come any more, and trusts the
// key column; a restart begins the wait anew, as the process before may have sent the copy a moment ago.
func TestTwoModes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		duplicates bool
		arrives    time.Duration // the copy, after it was sent; 0 = never
		restart    time.Duration // a process dies, after it was sent
		want       sinks.Happened
		least      time.Duration // until the answer
	}{
		"unique":                           {arrives: 100 * time.Second, want: sinks.DidNot},
		"unique, restart":                  {arrives: 100 * time.Second, restart: 10 * time.Second, want: sinks.DidNot, least: 10 * time.Second},
		"not unique, never comes":          {duplicates: true, want: sinks.DidNot, least: lateLanding},
		"not unique, comes":                {duplicates: true, arrives: 100 * time.Second, want: sinks.Did, least: 100 * time.Second},
		"not unique, comes late":           {duplicates: true, arrives: 189 * time.Second, want: sinks.Did, least: 189 * time.Second},
		"not unique, restart, never comes": {duplicates: true, restart: time.Minute, want: sinks.DidNot, least: time.Minute + lateLanding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hours(t, google.Options{DuplicateMetadata: test.duplicates}, func(t *testing.T, w *world) {
				t.Helper()
				s := w.sink(t)
				s.landing = lateLanding
				first, second := item(1, "first"), item(2, "second")
				tell(t, s, first)
				deliver := w.proxy.keep()
				effect := compose(t, s, second)
				failing(t, s, effect, sinks.Unsure)
				begin := time.Now()
				if test.arrives > 0 {
					time.AfterFunc(test.arrives, func() { deliver() })
				}
				if test.restart > 0 {
					time.Sleep(test.restart)
					w.restart(t)
					s = w.sink(t)
					s.landing = lateLanding
				}
				got := recallPatiently(t, s, effect)
				if took := time.Since(begin); got != test.want || took < test.least || took > test.least+15*time.Second {
					t.Errorf("got %d after %v, want %d after %v", got, took, test.want, test.least)
				}
				if got == sinks.DidNot {
					tell(t, s, second)
				}
				time.Sleep(time.Hour) // for what comes late
				w.wantKeys(t, first, second)
			})
		})
	}
}

// recallPatiently asks again as long as delivery would.
func recallPatiently(t *testing.T, s *Sink, effect sinks.Effect) sinks.Happened {
	t.Helper()
	for {
		answer, err := s.Recall(t.Context(), effect)
		if err == nil {
			if answer.Late {
				t.Error("got an answer that is not proven, want one that is")
			}
			return answer.Happened
		}
		failure := sinks.Classify(err)
		if failure.Class != sinks.Wait {
			t.Fatalf("recalling: %v", err)
		}
		time.Sleep(min(failure.After, 5*time.Second))
	}
}
