package delivery_test

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// 200 rows wait, some are poisonous: whatever holds one of them is refused as a whole. Exactly those are buried, and
// finding them takes few attempts. (All ways to be poisonous are played without a journal in TestNarrowingFindsExactlyWhatIsBad.)
func TestOnlyPoisonousRowsAreBuried(t *testing.T) {
	tests := []struct {
		class  sinks.Class
		poison []int
	}{
		{sinks.Bury, []int{98, 99}},
		{sinks.Unknown, []int{150}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.class, len(tt.poison), tt.poison[0]), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { poisoned(t, tt.class, tt.poison) })
		})
	}
}

func poisoned(t *testing.T, class sinks.Class, poison []int) {
	t.Helper()
	const rows = 200
	bad := map[string]bool{}
	a := &target{act: func(effect sinks.Effect) error {
		if slices.ContainsFunc(effect.Events, func(id string) bool { return bad[id] }) {
			return sinks.Fail(class, sinks.ReasonUnknown, "a bad value")
		}
		return nil
	}}
	r := newRig(t, map[string]*target{"a": a})
	r.most, r.whole = rows, true
	numbers := make([]int64, rows)
	var appends sync.WaitGroup
	var mu sync.Mutex
	for n := range numbers {
		appends.Go(func() { // side by side, to share commits
			got, err := r.store.Append(t.Context(), incoming(n, appendStep{Entity: n % 7}))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			numbers[n], bad[got.ID] = got.Number, slices.Contains(poison, n)
		})
	}
	appends.Wait()
	_, stop := r.run()
	time.Sleep(2 * time.Hour)
	stop()
	for n, number := range numbers {
		if got := r.fates(number)[0]; strings.HasPrefix(got, "a buried") != slices.Contains(poison, n) {
			t.Errorf("row %d: got %q", n, got)
		}
	}
	// Halving goes down to a bad row in log2 attempts; as success doubles what is taken, each level is met up to four
	// times. A bad row is tried once more in plain form, or three times for an unknown cause.
	most := len(poison)*4*bits.Len(rows) + 3
	t.Logf("%v: %d of %d rows poisonous: %d attempts, at most %d", class, len(poison), rows, len(a.attempts), most)
	if len(a.attempts) > most {
		t.Errorf("got %d attempts, want at most %d", len(a.attempts), most)
	}
}
