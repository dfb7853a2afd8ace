package incident

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What flaps is told three times in an hour. The rest is counted in what is told next.
func TestWhatFlapsIsCounted(t *testing.T) {
	play(t, func(r *rig) {
		for range 20 { // 20 times in 40 minutes
			r.wrong(google())
			r.pass(time.Minute)
			r.right("google")
			r.pass(time.Minute)
		}
		r.want(stopped, over, stopped, over, stopped, over)
		r.pass(time.Hour)
		r.wrong(google())
		r.pass(time.Minute)
		told := r.told()
		if last := told[len(told)-1]; len(told) != 7 || !strings.HasPrefix(last, stopped+" | Before: the same 17 times more since 00:") {
			r.Errorf("got %q, want one more, which counts 17", told[6:])
		}
		if rows := r.rows(); len(rows) != 21 {
			r.Errorf("got %d incidents, want all 21", len(rows))
		}
	})
}

// What was not told, and stays, is told as soon as the hour allows.
func TestWhatWasNotToldAndStaysIsTold(t *testing.T) {
	play(t, func(r *rig) {
		for range 3 {
			r.wrong(google())
			r.pass(time.Minute)
			r.right("google")
			r.pass(time.Minute)
		}
		r.wrong(google())
		r.pass(30 * time.Minute)
		r.want(stopped, over, stopped, over, stopped, over)
		r.pass(time.Hour)
		r.want(stopped, over, stopped, over, stopped, over, stopped)
	})
}

func TestWhatHappensIsToldAtOnceAndHasNoEnd(t *testing.T) {
	play(t, func(r *rig) {
		r.wrong(Problem{Key: "template", Part: "template status", Why: "no field", Once: true})
		r.pass(6 * time.Second)
		const noticed = "Noticed template stopped | Why: no field | Means: 0 wait"
		r.want(noticed)
		for range 3 { // a start forgets it, and it fails again
			r.end()
			r.right("template")
			r.start()
			r.pass(time.Minute)
			r.wrong(Problem{Key: "template", Part: "template status", Why: "no field", Once: true})
			r.pass(time.Minute)
		}
		r.want(noticed)
		r.pass(24 * time.Hour)
		r.want(noticed, noticed+" | Before: the same 2 times more since 00:01 UTC, not told each time")
	})
}

// What is counted is told again when it has become more, an hour later at the soonest.
func TestWhatIsCountedIsToldAgain(t *testing.T) {
	play(t, func(r *rig) {
		buried := func(n int) Problem {
			return Problem{Key: "buried", Part: "deliveries", Why: fmt.Sprintf("%d were buried", n), Once: true, Count: n}
		}
		r.wrong(buried(1))
		r.pass(30 * time.Minute)
		r.wrong(buried(7))
		r.pass(20 * time.Minute)
		const first = "Noticed buried stopped | Why: 1 were buried | Means: 0 wait"
		r.want(first)
		r.pass(20 * time.Minute)
		const second = "Noticed buried stopped | Why: 7 were buried | Means: 0 wait"
		r.want(first, second)
		r.pass(5 * time.Hour)
		r.want(first, second)
	})
}

func TestHappened(t *testing.T) {
	play(t, func(r *rig) {
		for range 2 {
			r.watcher.Happened(Problem{
				Key: "webhook missing Project:Updated", Part: "webhooks", Count: 1,
				Words: Words{Title: "The webhook for Project:Updated was missing", Rest: "and is registered again", Lines: []Line{{"Gap", "13:00 to 13:05"}}},
			})
			r.pass(time.Minute)
		}
		r.want("Noticed The webhook for Project:Updated was missing | Gap: 13:00 to 13:05")
		if m := r.message(1); m.Rest != "and is registered again" {
			r.Errorf("got %+v, want the rest of its headline", m)
		}
		if rows := r.rows(); len(rows) != 2 || rows[0].Until.IsZero() || !rows[0].Told.IsZero() {
			r.Errorf("got %+v, want two that are over, of which one is told", rows)
		}
	})
}
