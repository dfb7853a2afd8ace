package incident

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Nobody is told: the log and the rows are there all the same. From when somebody is, what still lasts is told.
func TestWithoutAChannel(t *testing.T) {
	play(t, func(r *rig) {
		r.deaf = true
		for _, key := range []string{"google", "other"} {
			r.wrong(Problem{Key: key, Part: key, Why: "quota"})
		}
		r.pass(time.Minute)
		r.right("other")
		r.pass(time.Minute)
		r.want()
		if rows := r.rows(); len(rows) != 2 || strings.Count(r.log.String(), "something is wrong") != 2 {
			r.Errorf("got %+v and the log\n%s\nwant two", rows, r.log.String())
		}
		r.deaf = false
		r.pass(time.Minute)
		r.want(stopped)
	})
}

// Another channel is told what still lasts, once, also after a start: what waited for the one before is told to nobody.
func TestAnotherChannelIsToldWhatLasts(t *testing.T) {
	play(t, func(r *rig) {
		move := func(channel string) {
			r.Helper()
			r.channel = channel
			r.pass(time.Minute)
		}
		r.wrong(google())
		move("C1")
		r.want(stopped)
		move("C2")
		r.want(stopped, stopped)
		r.end()
		r.start()
		r.pass(time.Minute)
		r.want(stopped, stopped)
		r.end()
		r.channel = "C1"
		r.start()
		r.pass(time.Minute)
		r.want(stopped, stopped, stopped)
		r.deaf = true
		r.pass(time.Minute)
		r.deaf = false // the same channel, but what waited for it was skipped meanwhile
		r.pass(time.Minute)
		r.want(stopped, stopped, stopped, stopped)
		r.right("google")
		r.pass(time.Minute)
		r.want(stopped, stopped, stopped, stopped, over)
		if rows := r.rows(); len(rows) != 1 || rows[0].Event != 4 {
			r.Errorf("got %+v, want one incident, with what was told last", rows)
		}
	})
}

// The end tells another channel why it was there: its beginning was told elsewhere.
func TestAnotherChannelIsToldTheEnd(t *testing.T) {
	play(t, func(r *rig) {
		r.channel = "C1"
		r.wrong(google())
		r.pass(time.Minute)
		r.right("google")
		r.channel = "C2"
		r.pass(time.Minute)
		r.want(stopped, "Over google goes on | Why: quota | Means: 0 waited, 0 wait")
	})
}

// While nobody can see whether something is over, it is not.
func TestBlind(t *testing.T) {
	play(t, func(r *rig) {
		r.wrong(google())
		r.pass(time.Minute)
		r.right("google")
		r.blind = []string{"goo"}
		r.pass(time.Hour)
		r.want(stopped)
		r.blind = nil
		r.pass(time.Minute)
		r.want(stopped, over)
	})
}

// What cannot be written down is told when it can: where it is over by then, in one message that says why it was.
func TestAJournalThatRefuses(t *testing.T) {
	play(t, func(r *rig) {
		full := errors.New("disk is full")
		r.broken.sets, r.broken.appends = full, full
		r.wrong(google())
		r.pass(10 * time.Minute)
		r.right("google")
		r.pass(10 * time.Minute)
		if open := r.watcher.Open(); len(open) != 1 {
			r.Errorf("got %+v open, want that it lasts until it can be written down", open)
		}
		r.broken.sets, r.broken.appends = nil, nil
		r.pass(10 * time.Second)
		r.want("Over google goes on | Why: quota | Means: 0 waited, 0 wait")
		if n := strings.Count(r.log.String(), "cannot be told"); n != 1 {
			r.Errorf("got the log\n%s\nwant once that it cannot be told", r.log.String())
		}
	})
}

func TestWhatWaitsIsCounted(t *testing.T) {
	play(t, func(r *rig) {
		for n := range 5 {
			appended, err := r.store.Append(r.Context(), journal.Incoming{Body: []byte("{}"), Received: time.Now(), MessageID: strconv.Itoa(n)})
			if err != nil {
				r.Fatal(err)
			}
			plan := journal.Planned{Number: appended.Number, Deliveries: []journal.NewDelivery{{Target: "sheet:1/A", Route: "log"}, {Target: "slack:C1", Route: "team"}}}
			if err := r.store.Plan(r.Context(), []journal.Planned{plan}); err != nil {
				r.Fatal(err)
			}
		}
		r.wrong(google())
		r.pass(time.Minute)
		if m := r.message(6); m.Lines[1].Text != "5 wait" {
			r.Errorf("got %+v, want that 5 wait", m)
		}
		r.settleAll("sheet:1/A")
		r.right("google")
		r.pass(time.Minute)
		if m := r.message(7); m.Lines[0].Text != "5 waited, 0 wait" {
			r.Errorf("got %+v, want that 5 waited", m)
		}
	})
}

// settleAll tells a target what waits for it.
func (r *rig) settleAll(target string) {
	r.Helper()
	waiting, err := r.store.Queue(r.Context(), target, 100)
	if err != nil {
		r.Fatal(err)
	}
	effect := journal.Effect{ID: uuid.Must(uuid.NewV7()).String(), Target: target, Started: time.Now()}
	for _, w := range waiting {
		effect.Deliveries = append(effect.Deliveries, w.Delivery)
	}
	if err := r.store.Begin(r.Context(), effect); err != nil {
		r.Fatal(err)
	}
	settlement := journal.Settlement{Effect: effect.ID, Outcome: journal.Told, At: time.Now(), Target: journal.TargetState{Target: target}}
	if err := r.store.Settle(r.Context(), settlement); err != nil {
		r.Fatal(err)
	}
}

// News that Slack refuses, which come through as Slack takes messages again, say so themselves: no second message does.
func TestNewsThatSilenceTheirListener(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration // from when it is handed over until it comes through
		lasts time.Duration // from then on
		want  []string
	}{
		{"at once", 0, time.Hour, []string{"Stopped", "Over"}},
		{"late", 10 * time.Minute, 30 * time.Second, []string{"Stopped"}},
		{"late, and then it goes on", 10 * time.Minute, 10 * time.Minute, []string{"Stopped", "Over"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, func(r *rig) {
				r.wrong(Problem{Key: "slack", Part: "slack:C1", Why: "no answer"})
				r.pass(36 * time.Second)
				plan := journal.Planned{Number: 1, Deliveries: []journal.NewDelivery{{Target: "slack:OPS", Route: "ops"}}}
				if err := r.store.Plan(r.Context(), []journal.Planned{plan}); err != nil {
					r.Fatal(err)
				}
				r.pass(c.after)
				r.settleAll("slack:OPS")
				r.pass(c.lasts)
				r.right("slack")
				r.pass(time.Minute)
				var phases []string
				for _, line := range r.told() {
					phase, _, _ := strings.Cut(line, " ")
					phases = append(phases, phase)
				}
				if !slices.Equal(phases, c.want) {
					r.Errorf("got %q, want %q", phases, c.want)
				}
				if rows := r.rows(); len(rows) != 1 || rows[0].Until.IsZero() {
					r.Errorf("got %+v, want one that is over", rows)
				}
			})
		})
	}
}
