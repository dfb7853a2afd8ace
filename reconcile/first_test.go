package reconcile

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// TestWhatCouldBeMissedBeforeTheFirstWebhook: events of a type that never had a webhook were missed since anything is known
// that they could have changed, and not before.
func TestWhatCouldBeMissedBeforeTheFirstWebhook(t *testing.T) {
	const never = -1
	for name, test := range map[string]struct {
		known  time.Duration // after the start
		denied time.Duration // how long nothing can be registered
		broken time.Duration // how long nobody can say what is known
		want   []time.Duration
	}{
		"nothing is known":          {known: never, denied: time.Hour},
		"known while none was":      {known: time.Minute, denied: time.Hour, want: []time.Duration{time.Minute}},
		"known from the start":      {known: time.Millisecond, denied: time.Hour, want: []time.Duration{time.Millisecond}},
		"known afterwards":          {known: 2 * time.Hour, denied: time.Hour},
		"registered at once":        {known: time.Minute},
		"who knows cannot be asked": {known: time.Minute, denied: time.Hour, broken: 2 * time.Hour, want: []time.Duration{time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gaps, start := &gathered{}, time.Now()
				r := newRelay("@every 5m", standin.Options{})
				r.config.Gap = gaps.take
				r.config.Known = func(context.Context) (time.Time, error) {
					switch {
					case time.Since(start) < test.broken:
						return time.Time{}, errors.New("the disk is full")
					case test.known == never || time.Since(start) < test.known:
						return time.Time{}, nil
					}
					return start.Add(test.known), nil
				}
				r.condition("permission-gone", test.denied > 0)
				r.again(func(*Config) {})
				r.during(t, func() {
					time.Sleep(test.denied)
					r.condition("permission-gone", false)
					time.Sleep(3 * time.Hour)
				})
				var since []time.Duration
				for _, gap := range gaps.all() {
					since = append(since, gap.Since.Sub(start))
					if gap.Cause != causeNotYet || len(gap.Types) != 12 || gap.Until.Before(start.Add(test.denied)) || gap.Until.After(start.Add(test.denied+10*time.Minute)) {
						t.Errorf("got %+v, want all types until they were registered", gap)
					}
				}
				if !slices.Equal(since, test.want) {
					t.Errorf("got gaps since %v after the start, want %v:\n%s", since, test.want, &r.log.text)
				}
			})
		})
	}
}

// TestTheTypesWithoutAPlaceMissEvents: where the tenant is full, those that got no webhook are a gap once they have one.
func TestTheTypesWithoutAPlaceMissEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaps, start := &gathered{}, time.Now()
		r := newRelay("@every 5m", standin.Options{Webhooks: filled(40)})
		r.config.Gap = gaps.take
		r.config.Known = func(context.Context) (time.Time, error) { return start.Add(time.Second), nil }
		r.again(func(*Config) {})
		r.during(t, func() {
			time.Sleep(time.Hour)
			r.tenant.RemoveWebhook("f1")
			r.tenant.RemoveWebhook("f2")
			time.Sleep(10 * time.Minute)
		})
		got := gaps.all()
		if len(got) != 1 || len(got[0].Types) != 2 || got[0].Until.Sub(start) < time.Hour || !got[0].Since.Equal(start.Add(time.Second)) {
			t.Errorf("got %+v, want the two that waited an hour for a place", got)
		}
	})
}
