package incident

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const (
	stopped = "Stopped google stopped | Why: quota | Means: 0 wait"
	over    = "Over google goes on | Means: 0 waited, 0 wait"
)

func google() Problem { return Problem{Key: "google", Part: "sheet:1/A", Why: "quota"} }

func TestWhatLastsIsToldOnceAndItsEndOnce(t *testing.T) {
	play(t, func(r *rig) {
		r.wrong(google())
		r.pass(25 * time.Second)
		r.want()
		r.pass(15 * time.Second)
		r.want(stopped)
		p := google()
		p.Why = "quota, next try 14:28" // other words, the same problem
		r.wrong(p)
		r.pass(time.Hour)
		r.want(stopped)
		if open := r.watcher.Open(); len(open) != 1 || open[0].Key != "google" || open[0].Why != p.Why {
			r.Errorf("got %+v open, want the one", open)
		}
		r.right("google")
		r.pass(20 * time.Second)
		r.want(stopped)
		r.pass(20 * time.Second)
		r.want(stopped, over)
		r.pass(time.Hour)
		r.want(stopped, over)
		rows := r.rows()
		if len(rows) != 1 || rows[0].Until.IsZero() || rows[0].Told.IsZero() || rows[0].Event != 1 || len(r.watcher.Open()) != 0 {
			r.Errorf("got %+v, want one that is over", rows)
		}
		if took := rows[0].Until.Sub(rows[0].Since); took < time.Hour || took > time.Hour+time.Minute {
			r.Errorf("it took %v, want an hour", took)
		}
		for _, line := range []string{"something is wrong", "something is over"} {
			if strings.Count(r.log.String(), line) != 1 {
				r.Errorf("got the log\n%s\nwant %q once", r.log.String(), line)
			}
		}
	})
}

// A gap shorter than 30 s is none.
func TestAShortGapIsNone(t *testing.T) {
	play(t, func(r *rig) {
		for range 10 {
			r.wrong(google())
			r.pass(time.Minute)
			r.right("google")
			r.pass(15 * time.Second)
		}
		r.want(stopped)
	})
}

func TestWhatIsShortIsNotTold(t *testing.T) {
	play(t, func(r *rig) {
		for range 10 {
			r.wrong(google())
			r.pass(20 * time.Second)
			r.right("google")
			r.pass(time.Minute)
		}
		r.want()
		if len(r.rows()) != 0 {
			r.Errorf("got %+v, want no incident", r.rows())
		}
	})
}

// What has been wrong for long when it is first seen is told at once.
func TestWhatBeganLongAgoIsToldAtOnce(t *testing.T) {
	play(t, func(r *rig) {
		p := google()
		p.Since = time.Now().Add(-time.Hour)
		r.wrong(p)
		r.pass(6 * time.Second)
		r.want(stopped)
		if since := r.rows()[0].Since; !since.Equal(p.Since) {
			r.Errorf("got since %v, want %v", since, p.Since)
		}
	})
}

func TestARestartTellsNothingTwice(t *testing.T) {
	play(t, func(r *rig) {
		r.wrong(google())
		r.pass(time.Minute)
		for range 5 {
			r.end()
			r.start()
			r.pass(time.Minute)
		}
		r.want(stopped)
		r.end()
		r.right("google") // over while nothing runs
		r.pass(time.Hour)
		r.start()
		r.want(stopped)
		r.pass(time.Minute)
		r.want(stopped, over)
		r.end()
		r.start()
		r.pass(time.Minute)
		r.want(stopped, over)
	})
}

// The process dies after each write: what is written again makes no second event.
func TestACrashBetweenTwoWritesTellsNothingTwice(t *testing.T) {
	play(t, func(r *rig) {
		crash := errors.New("the process died")
		r.wrong(google())
		r.pass(30 * time.Second)
		r.broken.appends = crash // the row is there, the event is not
		r.pass(10 * time.Second)
		r.want()
		r.end()
		r.start()
		r.pass(5 * time.Second)
		r.want(stopped)

		row := r.rows()[0]
		row.Told, row.Event = time.Time{}, 0 // the event was there, and the row did not know
		if err := r.store.SetIncident(r.Context(), row); err != nil {
			r.Fatal(err)
		}
		r.end()
		r.start()
		r.pass(10 * time.Second)
		r.want(stopped)
		if got := r.rows()[0]; got.Event != 1 || got.Told.IsZero() {
			r.Errorf("got %+v, want that it knows its event", got)
		}

		r.right("google")
		r.broken.sets = crash // the end is told, and the row lasts
		r.pass(time.Minute)
		r.want(stopped, over)
		r.end()
		r.start()
		r.pass(time.Minute)
		r.want(stopped, over)
		if rows := r.rows(); len(rows) != 1 || rows[0].Until.IsZero() {
			r.Errorf("got %+v, want one that is over", rows)
		}
	})
}
