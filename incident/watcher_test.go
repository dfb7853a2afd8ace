package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// rig is a watcher over a real journal, and a world in which things are wrong.
type rig struct {
	t        *testing.T
	file     string
	store    *sqlite.Journal
	problems map[string]Problem // by key
	blind    []string
	deaf     bool // nobody is to be told
	broken   *broken
	log      bytes.Buffer
	watcher  *Watcher
	stop     func()
}

// broken is a journal of which some calls fail.
type broken struct {
	*sqlite.Journal

	appends, sets error
}

func (b *broken) Append(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
	if b.appends != nil {
		return journal.Appended{}, b.appends
	}
	return b.Journal.Append(ctx, in)
}

func (b *broken) SetIncident(ctx context.Context, in journal.Incident) error {
	if b.sets != nil {
		return b.sets
	}
	return b.Journal.SetIncident(ctx, in)
}

// play runs a test in a bubble of time, with a watcher that has looked once.
func play(t *testing.T, test func(*testing.T, *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, file: filepath.Join(t.TempDir(), "journal.db"), problems: map[string]Problem{}}
		r.start()
		defer r.end()
		test(t, r)
	})
}

// start begins as a new process does.
func (r *rig) start() {
	r.t.Helper()
	store, err := sqlite.Open(r.t.Context(), r.file, sqlite.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.store, r.broken = store, &broken{Journal: store}
	r.watcher = New(Config{
		Journal: r.broken, Logger: slog.New(slog.NewTextHandler(&r.log, nil)), Audible: func() bool { return !r.deaf },
		Look: func(context.Context) Sight {
			seen := Sight{Blind: r.blind}
			for _, p := range r.problems {
				seen.Problems = append(seen.Problems, p)
			}
			return seen
		},
		Begins: func(p Problem, waiting int64) Words {
			words := Words{Title: p.Key + " stopped", Over: p.Key + " goes on", Lines: []Line{{"Why", p.Why}, {"Means", fmt.Sprintf("%d wait", waiting)}}}
			if strings.HasPrefix(p.Key, "slack") {
				words.Silences = "slack:"
			}
			return words
		},
		Ends: func(_ string, _ []string, peak, waiting int64) []Line {
			return []Line{{"Means", fmt.Sprintf("%d waited, %d wait", peak, waiting)}}
		},
	})
	ctx, cancel := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.watcher.Run(ctx)
	}()
	r.stop = func() {
		cancel()
		<-done
	}
	time.Sleep(time.Second)
}

// end ends as a process that is told to.
func (r *rig) end() {
	r.t.Helper()
	r.stop()
	if err := r.store.Close(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) wrong(p Problem)      { r.problems[p.Key] = p }
func (r *rig) right(key string)     { delete(r.problems, key) }
func (r *rig) pass(d time.Duration) { time.Sleep(d) }

// told returns what the events say, oldest first: "Stopped google stopped | Why: quota | Means: 0 wait".
func (r *rig) told() []string {
	r.t.Helper()
	found, err := r.store.Events(r.t.Context(), journal.Filter{Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, s := range slices.Backward(found) {
		m := r.message(s.Entry.Number)
		text := string(m.Phase) + " " + m.Title
		for _, l := range m.Lines {
			text += " | " + l.Label + ": " + l.Text
		}
		all = append(all, text)
	}
	return all
}

// message reads the message of an event, as delivery does.
func (r *rig) message(number int64) Message {
	r.t.Helper()
	story, err := r.store.Story(r.t.Context(), number)
	if err != nil {
		r.t.Fatal(err)
	}
	e, err := ppm.Decode(story.Entry.Body, story.Entry.Type)
	if err != nil {
		r.t.Fatal(err)
	}
	m, ok := Read(e)
	if !ok || !e.Type.Own() || e.Entity.ID != "" || e.Entity.Name != m.Title {
		r.t.Errorf("got %+v, want an event of our own that names no entity", e)
	}
	return m
}

func (r *rig) want(lines ...string) {
	r.t.Helper()
	if got := r.told(); !slices.Equal(got, lines) {
		r.t.Errorf("got told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

func (r *rig) rows() []journal.Incident {
	r.t.Helper()
	rows, err := r.store.Incidents(r.t.Context(), journal.IncidentFilter{Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	return rows
}

const (
	stopped = "Stopped google stopped | Why: quota | Means: 0 wait"
	over    = "Over google goes on | Means: 0 waited, 0 wait"
)

func google() Problem { return Problem{Key: "google", Part: "sheet:1/A", Why: "quota"} }

func TestWhatLastsIsToldOnceAndItsEndOnce(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
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
			t.Errorf("got %+v open, want the one", open)
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
			t.Errorf("got %+v, want one that is over", rows)
		}
		if took := rows[0].Until.Sub(rows[0].Since); took < time.Hour || took > time.Hour+time.Minute {
			t.Errorf("it took %v, want an hour", took)
		}
		for _, line := range []string{"something is wrong", "something is over"} {
			if strings.Count(r.log.String(), line) != 1 {
				t.Errorf("got the log\n%s\nwant %q once", r.log.String(), line)
			}
		}
	})
}

// A gap shorter than 30 s is none.
func TestAShortGapIsNone(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
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
	play(t, func(t *testing.T, r *rig) {
		for range 10 {
			r.wrong(google())
			r.pass(20 * time.Second)
			r.right("google")
			r.pass(time.Minute)
		}
		r.want()
		if len(r.rows()) != 0 {
			t.Errorf("got %+v, want no incident", r.rows())
		}
	})
}

// What has been wrong for long when it is first seen is told at once.
func TestWhatBeganLongAgoIsToldAtOnce(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		p := google()
		p.Since = time.Now().Add(-time.Hour)
		r.wrong(p)
		r.pass(6 * time.Second)
		r.want(stopped)
		if since := r.rows()[0].Since; !since.Equal(p.Since) {
			t.Errorf("got since %v, want %v", since, p.Since)
		}
	})
}

func TestARestartTellsNothingTwice(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
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
	play(t, func(t *testing.T, r *rig) {
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
		if err := r.store.SetIncident(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		r.end()
		r.start()
		r.pass(10 * time.Second)
		r.want(stopped)
		if got := r.rows()[0]; got.Event != 1 || got.Told.IsZero() {
			t.Errorf("got %+v, want that it knows its event", got)
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
			t.Errorf("got %+v, want one that is over", rows)
		}
	})
}

// What flaps is told three times in an hour. The rest is counted in what is told next.
func TestWhatFlapsIsCounted(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
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
			t.Errorf("got %q, want one more, which counts 17", told[6:])
		}
		if rows := r.rows(); len(rows) != 21 {
			t.Errorf("got %d incidents, want all 21", len(rows))
		}
	})
}

// What was not told, and stays, is told as soon as the hour allows.
func TestWhatWasNotToldAndStaysIsTold(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
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
	play(t, func(t *testing.T, r *rig) {
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
	play(t, func(t *testing.T, r *rig) {
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
	play(t, func(t *testing.T, r *rig) {
		for range 2 {
			r.watcher.Happened(Problem{
				Key: "webhook missing Project:Updated", Part: "webhooks", Count: 1,
				Words: Words{Title: "The webhook for Project:Updated was missing", Rest: "and is registered again", Lines: []Line{{"Gap", "13:00 to 13:05"}}},
			})
			r.pass(time.Minute)
		}
		r.want("Noticed The webhook for Project:Updated was missing | Gap: 13:00 to 13:05")
		if m := r.message(1); m.Rest != "and is registered again" {
			t.Errorf("got %+v, want the rest of its headline", m)
		}
		if rows := r.rows(); len(rows) != 2 || rows[0].Until.IsZero() || !rows[0].Told.IsZero() {
			t.Errorf("got %+v, want two that are over, of which one is told", rows)
		}
	})
}

// Nobody is told: the log and the rows are there all the same. From when somebody is, what still lasts is told.
func TestWithoutAChannel(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		r.deaf = true
		for _, key := range []string{"google", "other"} {
			r.wrong(Problem{Key: key, Part: key, Why: "quota"})
		}
		r.pass(time.Minute)
		r.right("other")
		r.pass(time.Minute)
		r.want()
		if rows := r.rows(); len(rows) != 2 || strings.Count(r.log.String(), "something is wrong") != 2 {
			t.Errorf("got %+v and the log\n%s\nwant two", rows, r.log.String())
		}
		r.deaf = false
		r.pass(time.Minute)
		r.want(stopped)
	})
}

// While nobody can see whether something is over, it is not.
func TestBlind(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
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
	play(t, func(t *testing.T, r *rig) {
		full := errors.New("disk is full")
		r.broken.sets, r.broken.appends = full, full
		r.wrong(google())
		r.pass(10 * time.Minute)
		r.right("google")
		r.pass(10 * time.Minute)
		if open := r.watcher.Open(); len(open) != 1 {
			t.Errorf("got %+v open, want that it lasts until it can be written down", open)
		}
		r.broken.sets, r.broken.appends = nil, nil
		r.pass(10 * time.Second)
		r.want("Over google goes on | Why: quota | Means: 0 waited, 0 wait")
		if n := strings.Count(r.log.String(), "cannot be told"); n != 1 {
			t.Errorf("got the log\n%s\nwant once that it cannot be told", r.log.String())
		}
	})
}

func TestWhatWaitsIsCounted(t *testing.T) {
	play(t, func(t *testing.T, r *rig) {
		for n := range 5 {
			appended, err := r.store.Append(t.Context(), journal.Incoming{Body: []byte("{}"), Received: time.Now(), MessageID: fmt.Sprint(n)})
			if err != nil {
				t.Fatal(err)
			}
			plan := journal.Planned{Number: appended.Number, Deliveries: []journal.NewDelivery{{Target: "sheet:1/A", Route: "log"}, {Target: "slack:C1", Route: "team"}}}
			if err := r.store.Plan(t.Context(), []journal.Planned{plan}); err != nil {
				t.Fatal(err)
			}
		}
		r.wrong(google())
		r.pass(time.Minute)
		if m := r.message(6); m.Lines[1].Text != "5 wait" {
			t.Errorf("got %+v, want that 5 wait", m)
		}
		r.settleAll("sheet:1/A")
		r.right("google")
		r.pass(time.Minute)
		if m := r.message(7); m.Lines[0].Text != "5 waited, 0 wait" {
			t.Errorf("got %+v, want that 5 waited", m)
		}
	})
}

// settleAll tells a target what waits for it.
func (r *rig) settleAll(target string) {
	r.t.Helper()
	waiting, err := r.store.Queue(r.t.Context(), target, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	effect := journal.Effect{ID: uuid.Must(uuid.NewV7()).String(), Target: target, Started: time.Now()}
	for _, w := range waiting {
		effect.Deliveries = append(effect.Deliveries, w.Delivery)
	}
	if err := r.store.Begin(r.t.Context(), effect); err != nil {
		r.t.Fatal(err)
	}
	settlement := journal.Settlement{Effect: effect.ID, Outcome: journal.Told, At: time.Now(), Target: journal.TargetState{Target: target}}
	if err := r.store.Settle(r.t.Context(), settlement); err != nil {
		r.t.Fatal(err)
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
			play(t, func(t *testing.T, r *rig) {
				r.wrong(Problem{Key: "slack", Part: "slack:C1", Why: "no answer"})
				r.pass(36 * time.Second)
				plan := journal.Planned{Number: 1, Deliveries: []journal.NewDelivery{{Target: "slack:OPS", Route: "ops"}}}
				if err := r.store.Plan(t.Context(), []journal.Planned{plan}); err != nil {
					t.Fatal(err)
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
					t.Errorf("got %q, want %q", phases, c.want)
				}
				if rows := r.rows(); len(rows) != 1 || rows[0].Until.IsZero() {
					t.Errorf("got %+v, want one that is over", rows)
				}
			})
		})
	}
}

func TestMessageIsReadAsItWasWritten(t *testing.T) {
	since := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) // as a text it would be read as a day
	for _, want := range []Message{
		{Incident: "i", Phase: Stopped, Since: since, Stale: since.Add(20 * time.Second), Words: Words{
			Title: "Google \"Sheets\" refuses\nwrites", Over: "it goes on", Lines: []Line{{"Why", "<!channel> 2026"}, {"To do", "é ∞"}, {"Means", "none"}},
		}},
		{Incident: "i", Phase: Over, Since: since, Until: since.Add(time.Hour), Words: Words{Title: "T"}},
		{Incident: "i", Phase: Noticed, Since: since, Words: Words{Title: "T", Rest: "again"}},
	} {
		in, err := want.incoming(since)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ppm.Decode(in.Body, in.Type)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := Read(e)
		if !ok || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if len(in.Fingerprint) != 32 || e.MessageID != in.MessageID || in.Entity.ID != "" {
			t.Errorf("got %+v, want a fingerprint, a message id, and no entity", in)
		}
	}
	if _, ok := Read(event.Event{Type: "Project:Updated"}); ok {
		t.Error("an event of PPM Express is read as one of ours")
	}
}
