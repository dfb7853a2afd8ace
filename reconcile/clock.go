package reconcile

import (
	"slices"
	"time"
)

// All of this is about a clock that was put back: what was written down before is in the future then, and would count as
// recent until that comes. Now is a time of the wall's clock, without what Go measures beside it.

// notAfter moves the times that are in the future to now. When the token was asked for last is not known then.
func (s *state) notAfter(now time.Time) {
	move := func(all ...*time.Time) {
		for _, at := range all {
			if at.After(now) {
				*at = now
			}
		}
	}
	for _, records := range [][]Record{s.Records, s.Unseen} {
		for i := range records {
			r := &records[i]
			move(&r.Created, &r.Seen, &r.Good, &r.Deleted)
		}
	}
	for t, open := range s.Open {
		move(&open.Since)
		s.Open[t] = open
	}
	for i := range s.Gaps {
		move(&s.Gaps[i].Since, &s.Gaps[i].Until)
	}
	for _, times := range s.Replaced {
		for i := range times {
			move(&times[i])
		}
	}
	if s.Token.Asked.After(now) {
		s.Token.Asked = time.Time{}
	}
}

// notAfter takes away what was heard in the future, so that time passes, and is counted, from now on.
func (h *heard) notAfter(now time.Time) {
	if h.Looked.After(now) {
		h.Looked = now.Add(-unwatched) // what came since the clock was put back
	}
	for id, first := range h.Firsts {
		if first.After(now) {
			h.Firsts[id] = now
		}
	}
	r := &h.Rhythm
	if r.Cursor.After(now) {
		r.Cursor = now
	}
	if r.Began.After(now) {
		r.Began = now
	}
	r.Days = slices.DeleteFunc(r.Days, func(number int64) bool { return number > now.Unix()/int64(day/time.Second) })
	r.All.notAfter(now)
	for _, k := range r.Types {
		k.notAfter(now)
	}
}

func (k *track) notAfter(now time.Time) {
	if k.At.After(now) {
		k.At = now
	}
	k.Weeks = slices.DeleteFunc(k.Weeks, func(p period) bool { return p.Week > now.Unix()/int64(week/time.Second) })
}
