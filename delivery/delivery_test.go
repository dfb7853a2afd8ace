package delivery_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

func TestAHangingTargetHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		r := newRig(t, map[string]*target{"well": {}, "ill": {perform: hang}})
		d, stop := r.run()
		for n := range 20 {
			r.append(n, appendStep{})
			d.Wake()
		}
		time.Sleep(time.Second)
		if got := r.targets["well"].count(); got != 20 {
			t.Errorf("got %d events at the target that works, want 20", got)
		}
		stop()
	})
}

func TestStopLetsRunningAttemptsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(context.Context) error {
			time.Sleep(5 * time.Second)
			return nil
		}
		r := newRig(t, map[string]*target{"slow": {perform: slow}})
		number := r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		if got := time.Since(began); got != 4*time.Second {
			t.Errorf("stopping took %v, want the 4 s that the attempt still needed", got)
		}
		r.want(number, "slow delivered")
	})
}

func TestStopCancelsWhatOutlastsTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		hang := func(ctx context.Context) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return cause
		}
		ill := &target{perform: hang, recall: sinks.Recollection{Happened: sinks.Did, Receipt: "found"}}
		r := newRig(t, map[string]*target{"ill": ill})
		number := r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		if got := time.Since(began); got != 10*time.Second {
			t.Errorf("stopping took %v, want the grace of 10 s", got)
		}
		if !errors.Is(cause, delivery.ErrStop) {
			t.Errorf("the attempt ended with %v, want %v", cause, delivery.ErrStop)
		}
		if got := r.fates(number)[0]; !strings.HasPrefix(got, "ill unsure") {
			t.Errorf("got %q, want an unsure delivery", got)
		}
		_, stop = r.run() // the next start looks it up
		time.Sleep(time.Second)
		stop()
		r.want(number, "ill delivered")
	})
}

func TestATargetThatLeftTheConfigurationIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unsure := func(context.Context) error { return sinks.Fail(sinks.Unsure, sinks.ReasonNoAnswer, "no answer") }
		r := newRig(t, map[string]*target{"gone": {perform: unsure, recall: sinks.Recollection{Happened: sinks.CannotTell}}, "stays": {}})
		first := r.append(1, appendStep{})
		d, stop := r.run()
		time.Sleep(time.Second)
		second := r.append(2, appendStep{})
		d.Wake()
		time.Sleep(time.Second)
		stop()
		delete(r.targets, "gone")
		r.routes = slices.DeleteFunc(r.routes, func(route delivery.Route) bool { return route.Target == "gone" })
		var said notes
		r.log = slog.New(slog.NewTextHandler(&said, nil))
		d, stop = r.run()
		time.Sleep(time.Second)
		if got := d.Problems(); len(got) != 1 || got[0].Count != 1 || !strings.Contains(got[0].Why, "1 were buried since the start") {
			t.Errorf("got the problems %+v, want what was buried", got)
		}
		stop()
		if !strings.Contains(said.String(), "skipped=1 buried=1") {
			t.Errorf("got the log\n%s\nwant what became of both", said.String())
		}
		r.want(first, "gone buried unsure, target removed from the configuration", "stays delivered")
		r.want(second, "gone skipped target removed from the configuration", "stays delivered")
	})
}

func TestPlanningWritesEveryVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}, "b": {}})
		never := func(event.Event) (string, error) { return "is not a task", nil }
		always := func(event.Event) (string, error) { return "", nil }
		broken := func(event.Event) (string, error) { return "", errors.New("division by zero") }
		r.routes = []delivery.Route{
			{Name: "tasks", Target: "a", Match: never, Words: singly{}},
			{Name: "first", Target: "a", Match: always, Words: singly{}},
			{Name: "second", Target: "a", Match: always, Words: singly{}},
			{Name: "broken", Target: "b", Match: broken, Words: singly{}}, // must not cost the message
		}
		number := r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(time.Second)
		stop()
		r.want(number, "a delivered", "b delivered", "second: told by route first", "tasks: is not a task")
	})
}

func TestAnOlderEventIsLateAndChangesNoState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		_, stop := r.run()
		newer := r.append(9, appendStep{})
		time.Sleep(6 * time.Second)
		older := r.append(3, appendStep{})
		time.Sleep(6 * time.Second)
		stop()
		for number, want := range map[int64]bool{newer: false, older: true} {
			story, err := r.store.Story(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			if story.Entry.Late != want {
				t.Errorf("event %d: got late %v, want %v", number, story.Entry.Late, want)
			}
		}
		state, err := r.store.Entity(t.Context(), "ENTITY-0")
		if err != nil {
			t.Fatal(err)
		}
		if state.Number != newer || !strings.Contains(string(state.Attributes), `"Number":9`) {
			t.Errorf("got the state of event %d (%s), want that of event %d", state.Number, state.Attributes, newer)
		}
	})
}

func TestATimeStampFromTheFutureFreezesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		_, stop := r.run()
		far := incoming(1, appendStep{})
		far.Body = []byte(strings.Replace(string(far.Body), "1999-", "9999-", 1))
		if _, err := r.store.Append(t.Context(), far); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		next := incoming(2, appendStep{})
		now := time.Now().UTC()
		next.Body = []byte(strings.Replace(string(next.Body), "1999-01-02T03:04:02Z", now.Format(time.RFC3339), 1))
		got, err := r.store.Append(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		stop()
		state, err := r.store.Entity(t.Context(), "entity-0")
		if err != nil || state.Number != got.Number {
			t.Errorf("got the state of event %d (%v), want that of event %d", state.Number, err, got.Number)
		}
	})
}

func TestNewRefusesARouteWithoutTarget(t *testing.T) {
	_, err := delivery.New(delivery.Config{Routes: []delivery.Route{{Name: "r", Target: "nowhere"}}})
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("got %v, want an error that names the target", err)
	}
}
