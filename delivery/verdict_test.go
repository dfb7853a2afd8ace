package delivery

import (
	"cmp"
	"errors"
	"math/bits"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func TestBackoffGrowsToAMinute(t *testing.T) {
	var got []int
	for failures := range 10 {
		got = append(got, int(backoff(failures)/time.Second))
	}
	want := []int{1, 1, 2, 4, 8, 16, 32, 60, 60, 60}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := backoff(1 << 40); got != time.Minute {
		t.Errorf("got %v after very many failures, want a minute", got)
	}
}

// The table of failures: class x number of deliveries x state -> outcome, next state, buried.
func TestFailDecides(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	fresh := journal.TargetState{Target: "t", Take: 8}
	plain := journal.TargetState{Target: "t", Take: 1, Plain: true}
	tired := journal.TargetState{Target: "t", Failures: 3}
	held := journal.TargetState{Target: "t", Failures: 3, Hold: journal.Parked, Until: now.Add(-time.Second), Reason: "gone"}
	puzzled := journal.TargetState{Target: "t", Reason: "unknown-response: no"}
	narrow := journal.TargetState{Target: "t", Take: 1, Reason: "unknown-response: no"}
	hiccup := journal.TargetState{Target: "t", Failures: 2, Reason: "unreachable: no"}
	tests := []struct {
		name    string
		state   journal.TargetState
		unknown int
		n       int
		class   sinks.Class
		after   time.Duration
		outcome journal.Outcome
		hold    journal.Hold
		pause   time.Duration
		take    int
		plain   bool
		bury    bool
	}{
		{name: "unsure stays open and is looked up at once", state: fresh, n: 5, class: sinks.Unsure, outcome: journal.BecameUnsure, take: 8},
		{name: "a passing fault pauses", state: fresh, n: 5, class: sinks.Retry, outcome: journal.Refused, hold: journal.Paused, pause: time.Second, take: 8},
		{name: "the fourth passing fault pauses longer", state: tired, n: 5, class: sinks.Retry, outcome: journal.Refused, hold: journal.Paused, pause: 8 * time.Second},
		{name: "a wait is obeyed", state: fresh, n: 5, class: sinks.Wait, after: 17 * time.Second, outcome: journal.Refused, hold: journal.Paused, pause: 17 * time.Second, take: 8},
		{name: "a wait without a time backs off", state: tired, n: 5, class: sinks.Wait, outcome: journal.Refused, hold: journal.Paused, pause: 8 * time.Second},
		{name: "refused content is halved", state: fresh, n: 5, class: sinks.Void, outcome: journal.Refused, take: 2},
		{name: "refused content of two is told alone", state: fresh, n: 2, class: sinks.Void, outcome: journal.Refused, take: 1},
		{name: "refused content of one is tried plain", state: fresh, n: 1, class: sinks.Void, outcome: journal.Refused, take: 8, plain: true},
		{name: "refused plain content is buried", state: plain, n: 1, class: sinks.Void, outcome: journal.Refused, take: 1, bury: true},
		{name: "what plainness does not help is halved", state: fresh, n: 5, class: sinks.Bury, outcome: journal.Refused, take: 2},
		{name: "what plainness does not help is buried alone", state: fresh, n: 1, class: sinks.Bury, outcome: journal.Refused, take: 8, bury: true},
		{name: "a refusing target is parked", state: fresh, n: 5, class: sinks.Park, outcome: journal.Refused, hold: journal.Parked, pause: probe, take: 8},
		{name: "an unknown cause is tried again after 3 minutes", state: journal.TargetState{Target: "t"}, n: 5, class: sinks.Unknown, outcome: journal.Refused, hold: journal.Paused, pause: 3 * time.Minute},
		{name: "an unknown cause is tried again after 6 more", state: puzzled, unknown: 1, n: 5, class: sinks.Unknown, outcome: journal.Refused, hold: journal.Paused, pause: 6 * time.Minute},
		{name: "an unknown cause is halved the third time", state: puzzled, unknown: 2, n: 5, class: sinks.Unknown, outcome: journal.Refused, take: 2},
		{name: "the third time counts, whatever else was in between", state: hiccup, unknown: 2, n: 5, class: sinks.Unknown, outcome: journal.Refused, take: 2},
		{name: "an unknown cause is halved on", state: puzzled, unknown: 3, n: 2, class: sinks.Unknown, outcome: journal.Refused, take: 1},
		{name: "an unknown cause of one is buried", state: narrow, unknown: 3, n: 1, class: sinks.Unknown, outcome: journal.Refused, take: 1, bury: true},
		{name: "the next one alone waits", state: narrow, unknown: 4, n: 1, class: sinks.Unknown, outcome: journal.Refused, hold: journal.Parked, pause: probe, take: 1},
		{name: "it waits on, whatever else was in between", state: hiccup, unknown: 4, n: 1, class: sinks.Unknown, outcome: journal.Refused, hold: journal.Parked, pause: probe},
		{name: "the next ones are halved until one is alone", state: puzzled, unknown: 4, n: 4, class: sinks.Unknown, outcome: journal.Refused, take: 2},
		{name: "where others were told since, it is the content", state: journal.TargetState{Target: "t", Take: 4}, n: 4, class: sinks.Unknown, outcome: journal.Refused, take: 2},
		{name: "other failures do not count as tries", state: tired, n: 5, class: sinks.Unknown, outcome: journal.Refused, hold: journal.Paused, pause: 3 * time.Minute},
		{name: "refused content ends a hold", state: held, n: 4, class: sinks.Void, outcome: journal.Refused, take: 2},
		{name: "refused credentials stop", state: fresh, n: 5, class: sinks.Stop, outcome: journal.Refused, hold: journal.Stopped, pause: probe, take: 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			failure := &sinks.Error{Class: tt.class, Reason: sinks.ReasonUnknown, After: tt.after, Err: errors.New("no")}
			outcome, next, bury := fail(tt.state, tt.unknown, tt.n, failure, now)
			if outcome != tt.outcome || bury != tt.bury {
				t.Errorf("got outcome %v, buried %v, want %v, %v", outcome, bury, tt.outcome, tt.bury)
			}
			if next.Hold != tt.hold || next.Take != tt.take || next.Plain != tt.plain {
				t.Errorf("got hold %q, take %v, plain %v, want %q, %v, %v", next.Hold, next.Take, next.Plain, tt.hold, tt.take, tt.plain)
			}
			if got := max(0, next.Until.Sub(now)); got != tt.pause {
				t.Errorf("got a pause of %v, want %v", got, tt.pause)
			}
		})
	}
}

// Every class has its row, and the package comment shows the same table.
func TestClassesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(strings.Fields(string(text)), " ")
	known := map[sinks.Class]bool{}
	for _, rule := range Classes() {
		known[rule.Class] = true
		row := strings.Join([]string{"//", rule.Class.String(), rule.Target, string(rule.Outcome), rule.Deliveries}, " ")
		if !strings.Contains(shown, row) {
			t.Errorf("the package comment does not say %q", row)
		}
		outcome, _, _ := fail(journal.TargetState{}, 0, 1, sinks.Fail(rule.Class, sinks.ReasonContent, "no"), time.Now())
		if outcome != rule.Outcome {
			t.Errorf("%v: got outcome %v, want %v as the table says", rule.Class, outcome, rule.Outcome)
		}
	}
	for class := sinks.Unsure; class <= sinks.Unknown; class++ {
		if !known[class] {
			t.Errorf("%v has no row", class)
		}
	}
}

// Whatever is refused again and again ends: no batch is refused for ever.
func TestRefusedContentIsBuriedInTheEnd(t *testing.T) {
	for _, class := range []sinks.Class{sinks.Void, sinks.Bury, sinks.Unknown} {
		state, n, rounds := journal.TargetState{}, 500, 0
		for ; ; rounds++ {
			_, next, bury := fail(state, state.Failures, n, sinks.Fail(class, sinks.ReasonUnknown, "no"), time.Now())
			if bury {
				break
			}
			state, n = next, max(1, min(n, next.Take))
		}
		if rounds > 12 {
			t.Errorf("%v: got %d rounds until one of 500 is buried, want at most 12", class, rounds)
		}
	}
}

// 200 rows wait, and whatever holds a bad one is refused as a whole. Exactly the bad ones are buried, in a number of
// attempts that grows with the logarithm of the rows.
func TestNarrowingFindsExactlyWhatIsBad(t *testing.T) {
	const rows = 200
	var cases [][]int
	for bad := range rows {
		cases = append(cases, []int{bad})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		cases = append(cases, random.Perm(rows)[:2], random.Perm(rows)[:5])
	}
	for _, class := range []sinks.Class{sinks.Void, sinks.Bury, sinks.Unknown} {
		worst := map[int]int{} // attempts, by how many are bad
		for _, bad := range cases {
			slices.Sort(bad)
			if class == sinks.Unknown && neighbours(bad) {
				continue // the second one waits
			}
			attempts, buried := narrow(class, rows, bad)
			worst[len(bad)] = max(worst[len(bad)], attempts)
			if most := len(bad)*4*bits.Len(rows) + tries*len(bad); !slices.Equal(buried, bad) || attempts > most {
				t.Fatalf("%v: got %v buried after %d attempts, want %v after at most %d", class, buried, attempts, bad, most)
			}
		}
		t.Logf("%v: attempts for %d rows at the most, by how many are bad: %v", class, rows, worst)
	}
}

// narrow tells rows until none waits, and returns what was buried after how many attempts.
func narrow(class sinks.Class, rows int, bad []int) (attempts int, buried []int) {
	q := &queue{Target: Target{ID: "t", Most: rows}, state: journal.TargetState{Target: "t"}}
	for next := 0; next < rows; attempts++ {
		n := min(rows-next, cmp.Or(q.state.Take, rows))
		at, _ := slices.BinarySearch(bad, next)
		if at == len(bad) || bad[at] >= next+n {
			next, q.state, q.unknown = next+n, succeed(q), 0
			continue
		}
		_, state, bury := fail(q.state, q.unknown, n, sinks.Fail(class, sinks.ReasonUnknown, "no"), time.Now())
		if class == sinks.Unknown {
			q.unknown = state.Failures
		}
		if q.state = state; bury {
			buried = append(buried, next)
			next++
		}
	}
	return attempts, buried
}

// neighbours reports whether one of the sorted numbers follows another.
func neighbours(all []int) bool {
	for i := range len(all) - 1 {
		if all[i]+1 == all[i+1] {
			return true
		}
	}
	return false
}

// A look that is refused holds its target; only refused credentials stop the service.
func TestARefusedLookHolds(t *testing.T) {
	for _, tt := range []struct {
		class  sinks.Class
		reason sinks.Reason
		want   journal.Hold
	}{
		{sinks.Stop, sinks.ReasonCredentials, journal.Stopped},
		{sinks.Stop, sinks.ReasonPermission, journal.Parked},
		{sinks.Stop, sinks.ReasonUnknown, journal.Parked},
		{sinks.Park, sinks.ReasonTargetRefuses, journal.Parked},
		{sinks.Retry, sinks.ReasonUnreachable, journal.Paused},
		{sinks.Unknown, sinks.ReasonUnknown, journal.Paused},
	} {
		if got := unseen(journal.TargetState{}, sinks.Fail(tt.class, tt.reason, "no"), time.Now()); got.Hold != tt.want {
			t.Errorf("%v because of %v: got %q, want %q", tt.class, tt.reason, got.Hold, tt.want)
		}
	}
}

func TestSucceedDoublesTheTake(t *testing.T) {
	for _, tt := range []struct{ take, want int }{{1, 2}, {2, 4}, {49, 98}, {50, 0}, {0, 0}} {
		q := &queue{Target: Target{ID: "t", Most: 100}, state: journal.TargetState{Take: tt.take, Plain: true, Failures: 4, Hold: journal.Paused}}
		want := journal.TargetState{Target: "t", Take: tt.want}
		if got := succeed(q); got != want {
			t.Errorf("take %d: got %+v, want %+v", tt.take, got, want)
		}
	}
}

func TestTogetherNeverOvertakesWithinAnEntity(t *testing.T) {
	tests := []struct{ name, waiting, want string }{
		{"one route", "a1 a2 a1", "a1 a2 a1"},
		{"other routes' entities are passed by", "a1 b2 a3 b2 a1", "a1 a3 a1"},
		{"an entity that waits for another route waits", "a1 b2 a2 a1", "a1 a1"},
		{"ids differ in case only", "a1 bX ax", "a1"},
		{"the first decides the route", "b1 a1 b2", "b1 b2"},
		{"its own earlier delivery may go along", "a1 b1 a1", "a1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var all []string
			for _, w := range together(parse(tt.waiting)) {
				all = append(all, w.Route+w.Entry.Entity.ID)
			}
			if got := strings.Join(all, " "); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// parse reads "a1 b2" as a delivery of entity 1 by route a, and one of entity 2 by route b.
func parse(s string) (all []journal.Waiting) {
	for i := 0; i < len(s); i += 3 {
		w := journal.Waiting{Delivery: int64(i), Route: s[i : i+1]}
		w.Entry.Entity = event.Ref{ID: s[i+1 : i+2]}
		all = append(all, w)
	}
	return all
}

func TestAStartTriesWhatWaitsForAPerson(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name  string
		state journal.TargetState
		want  time.Time
	}{
		{"parked is tried", journal.TargetState{Hold: journal.Parked, Until: now.Add(4 * time.Minute)}, time.Time{}},
		{"stopped is tried", journal.TargetState{Hold: journal.Stopped, Until: now.Add(4 * time.Minute)}, time.Time{}},
		{"a pause is obeyed", journal.TargetState{Hold: journal.Paused, Until: now.Add(time.Minute)}, now.Add(time.Minute)},
		{"a pause from before the clock was set back is not", journal.TargetState{Hold: journal.Paused, Until: now.Add(48 * time.Hour)}, time.Time{}},
	}
	for _, tt := range tests {
		if got := started(tt.state, now); !got.Until.Equal(tt.want) || got.Hold != tt.state.Hold {
			t.Errorf("%s: got %v until %v, want until %v", tt.name, got.Hold, got.Until, tt.want)
		}
	}
}

func TestNobodyMayAskForMoreThanAnHour(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	failure := &sinks.Error{Class: sinks.Wait, Reason: sinks.ReasonRateLimited, After: 1000 * time.Hour, Err: errors.New("patience")}
	if _, next, _ := fail(journal.TargetState{}, 0, 1, failure, now); !next.Until.Equal(now.Add(time.Hour)) {
		t.Errorf("got a pause until %v, want an hour", next.Until)
	}
}
