package reconcile

import (
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// What counts as a rhythm, and as a silence against it. Silence of a type is counted in hours of work, by what else comes:
// an hour with as many events as usual is one, with half of them half of one, and with a thousand no more than one. So
// nights, weekends and holidays count little, and a bulk edit is an hour. Silence of everything can only be counted in
// time, and must be longer than any holiday.
const (
	week        = 7 * day
	rhythmWeeks = 8 // what is older is forgotten

	learning  = 4 * week // nothing is called silent before
	eventsMin = 40       // in these weeks: fewer are no rhythm
	times     = 3        // the longest silence of these weeks
	means     = 12       // the mean time between two events: of random events, one in 160,000 pauses is longer

	hoursMore   = 32       // hours of work on top
	settling    = 400      // hours with events, after which what is usual for an hour follows what is
	holidays    = 17 * day // on top, for a tenant that has days without events
	holidayless = 4 * day  // on top, for one that has none, such as where statuses are recalculated every night
)

// rhythm is what a tenant's silences are usually like.
type rhythm struct {
	Cursor time.Time             `json:"cursor,omitzero"` // time is accounted for until then
	Began  time.Time             `json:"began,omitzero"`  // the first event
	Time   time.Duration         `json:"time"`            // that was watched
	Hour   int64                 `json:"hour"`            // the last one with events, since 1970
	Count  float64               `json:"count"`           // of events in it
	Usual  float64               `json:"usual"`           // events in an hour that has some
	Work   float64               `json:"work"`            // hours of it, before the last one
	Days   []int64               `json:"days,omitempty"`  // with events, since 1970, of the last weeks
	All    track                 `json:"all"`             // positions are hours
	Types  map[event.Type]*track `json:"types,omitempty"` // positions are hours of work
}

// track is a row of events, at positions that only grow.
type track struct {
	Last  float64   `json:"last"` // the position of the last event
	At    time.Time `json:"at,omitzero"`
	Weeks []period  `json:"weeks,omitempty"`
}

// period is a week of a track.
type period struct {
	Week    int64   `json:"week"` // since 1970
	Events  float64 `json:"events"`
	Longest float64 `json:"longest"` // the longest silence that ended in it
}

// skip leaves a time out of account.
func (r *rhythm) skip(until time.Time) {
	if until.After(r.Cursor) {
		r.Cursor = until
	}
}

// pass lets time pass.
func (r *rhythm) pass(until time.Time) {
	if until.After(r.Cursor) {
		if !r.Cursor.IsZero() {
			r.Time += until.Sub(r.Cursor)
		}
		r.Cursor = until
	}
}

// hear takes in an event.
func (r *rhythm) hear(t event.Type, at time.Time) {
	r.pass(at)
	if r.Began.IsZero() {
		r.Began = at
	}
	r.All.hear(r.Time.Hours(), at)
	today := at.Unix() / int64(day/time.Second)
	if n := len(r.Days); n == 0 || r.Days[n-1] != today {
		r.Days = append(r.Days, today)
		if n >= rhythmWeeks*7 {
			r.Days = r.Days[1:]
		}
	}
	if r.Types == nil {
		r.Types = map[event.Type]*track{}
	}
	if r.Types[t] == nil {
		r.Types[t] = &track{Last: r.work()}
	}
	r.Types[t].hear(r.work(), at)
	r.count(at.Unix() / int64(time.Hour/time.Second))
	r.Types[t].Last = r.work()
}

// count counts an event in an hour, and learns from the hour before.
func (r *rhythm) count(hour int64) {
	if hour != r.Hour {
		r.Work = r.work()
		if r.Usual == 0 {
			r.Usual = 1
		} else {
			r.Usual += (min(r.Count, 3*r.Usual) - r.Usual) / settling
		}
		r.Hour, r.Count = hour, 0
	}
	r.Count++
}

// work is how many hours of work there were.
func (r *rhythm) work() float64 {
	if r.Usual == 0 {
		return 0
	}
	return r.Work + min(1, r.Count/r.Usual)
}

func (k *track) hear(position float64, at time.Time) {
	silence := position - k.Last
	if k.At.IsZero() {
		silence = 0
	}
	k.Last, k.At = position, at
	number := at.Unix() / int64(week/time.Second)
	if n := len(k.Weeks); n == 0 || k.Weeks[n-1].Week != number {
		k.Weeks = append(k.Weeks, period{Week: number})
		for len(k.Weeks) > 0 && number-k.Weeks[0].Week > rhythmWeeks {
			k.Weeks = k.Weeks[1:]
		}
	}
	now := &k.Weeks[len(k.Weeks)-1]
	now.Events++
	now.Longest = max(now.Longest, silence)
}

// usual is what the weeks before the last event were like: how many had events, how many there were, the longest silence,
// and the longest but for one week: a holiday does not make holidays usual.
func (k *track) usual() (weeks, events, longest, second float64) {
	for _, p := range k.Weeks {
		weeks, events = weeks+1, events+p.Events
		if p.Longest > longest {
			longest, second = p.Longest, longest
		} else {
			second = max(second, p.Longest)
		}
	}
	return weeks, events, longest, second
}

// silent tells since when nothing came at all, and how unusual that is; empty = it is not.
func (r *rhythm) silent() (last time.Time, why string) {
	_, events, _, longest := r.All.usual()
	if r.Began.IsZero() || r.Cursor.Sub(r.Began) < learning || events < eventsMin {
		return last, ""
	}
	allowed := holidays.Hours()
	if n := len(r.Days); n >= rhythmWeeks*7 && r.Days[n-1]-r.Days[0] < rhythmWeeks*7 {
		allowed = holidayless.Hours()
	}
	mean := min(r.All.At.Sub(r.Began), rhythmWeeks*week).Hours() / events
	if r.Time.Hours()-r.All.Last <= allowed+max(times*longest, means*mean) {
		return last, ""
	}
	return r.All.At, fmt.Sprintf("a silence of %s was usual before", inWords(longest))
}

// silentType tells the same of a type, while others came.
func (r *rhythm) silentType(t event.Type) (last time.Time, why string) {
	k := r.Types[t]
	if k == nil || r.Cursor.Sub(r.Began) < learning {
		return last, ""
	}
	weeks, events, longest, _ := k.usual()
	age := k.At.Sub(r.Began).Hours()
	if events < eventsMin || weeks < max(3, min(rhythmWeeks, age/week.Hours())*3/4) {
		return last, ""
	}
	mean := k.Last * min(1, (rhythmWeeks*week).Hours()/max(age, 1)) / events
	silence := r.work() - k.Last
	if silence <= max(times*longest, means*mean)+hoursMore {
		return last, ""
	}
	return k.At, fmt.Sprintf("for %.0f hours of work as usual; before, %.0f at most in %d weeks", silence, longest, rhythmWeeks)
}

func inWords(hours float64) string {
	if hours < 48 {
		return fmt.Sprintf("%.0f hours", hours)
	}
	return fmt.Sprintf("%.0f days", hours/24)
}
