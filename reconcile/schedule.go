package reconcile

import (
	"math/rand/v2"
	"time"

	"github.com/robfig/cron/v3"
)

// spreadMost is how late a pass may be so that not all relays of the world come in the same second.
const spreadMost = 30 * time.Second

// EveryDay returns a schedule that loses nothing on the day on which clocks go forward: what is due in the hour that they
// leave out is due when they do so. The library passes such a time over until the next day.
func EveryDay(schedule cron.Schedule) cron.Schedule {
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return schedule // a pause, which knows no clocks
	}
	return everyDay{spec}
}

type everyDay struct{ *cron.SpecSchedule }

// Next returns the first time after t.
func (s everyDay) Next(t time.Time) time.Time {
	next := s.SpecSchedule.Next(t)
	zone := s.Location
	if zone == time.Local {
		zone = t.Location()
	}
	_, offset := t.In(zone).Zone()
	unchanged := *s.SpecSchedule
	unchanged.Location = time.FixedZone("", offset)
	due := unchanged.Next(t)
	if due.IsZero() || !next.IsZero() && !due.Before(next) || exists(due.In(unchanged.Location), zone) {
		return next
	}
	return due.In(t.Location())
}

// exists reports whether clocks of the zone ever show what a clock shows.
func exists(clock time.Time, zone *time.Location) bool {
	shown := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
	return shown.Hour() == clock.Hour() && shown.Minute() == clock.Minute() && shown.Day() == clock.Day()
}

// Spread returns a schedule that is late by the same time always: at random, at most 30 s, and at most a tenth of the
// time from one to the next. A schedule that counts from the start needs that not.
func Spread(schedule cron.Schedule) cron.Schedule {
	if _, pause := schedule.(cron.ConstantDelaySchedule); pause {
		return schedule
	}
	first := schedule.Next(time.Now())
	second := schedule.Next(first)
	if first.IsZero() || second.IsZero() {
		return schedule
	}
	most := min(spreadMost, second.Sub(first)/10)
	return late{schedule, rand.N(most + 1)} //nolint:gosec // nobody gains anything by guessing it
}

type late struct {
	cron.Schedule

	by time.Duration
}

// Next returns the first time after t. It is counted from t, by the clock that nobody puts back: who waits for it by that of
// the wall would wait as much longer as that is put back.
func (l late) Next(t time.Time) time.Time {
	due := l.Schedule.Next(t.Add(-l.by))
	if due.IsZero() {
		return due
	}
	return t.Add(due.Add(l.by).Sub(t))
}
