package main

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/ppmrelay/ppmrelay/journal"
)

// record is what the journal knows of every event, kept from one look to the next: a look costs what has changed since,
// and what has not ended. What ended may begin again, as a person can ask for a repetition; such an event is read again
// while it waits, and whoever sees a contradiction to it calls forget and looks once more.
type record struct {
	store journal.Reader

	mu      sync.Mutex
	stories map[int64]journal.Story // by number, without bodies
	waiting map[int64]bool          // numbers of those that have not ended
	newest  int64                   // number
	settled int64                   // every event up to this number had ended
}

func newRecord(store journal.Reader) *record {
	r := &record{store: store}
	r.forget()
	return r
}

// forget makes the next look read everything.
func (r *record) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stories, r.waiting, r.newest, r.settled = map[int64]journal.Story{}, map[int64]bool{}, 0, 0
}

// read brings the record up to date: whatever was committed before the call is in it after.
func (r *record) read(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.settled > 0 { // what began again
		for _, state := range []journal.State{journal.Pending, journal.Uncertain} {
			if err := r.pages(ctx, journal.Filter{State: state, Before: r.settled + 1}, 0); err != nil {
				return err
			}
		}
	}
	if err := r.pages(ctx, journal.Filter{}, r.settled); err != nil {
		return err
	}
	r.settled = r.newest
	for number := range r.waiting {
		r.settled = min(r.settled, number-1)
	}
	return nil
}

// pages reads the events that match, newest first, down to a number, which is not read. The lock is held.
func (r *record) pages(ctx context.Context, filter journal.Filter, down int64) error {
	filter.Limit = 100
	for {
		page, err := r.store.Events(ctx, filter)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, summary := range page {
			if filter.Before = summary.Entry.Number; filter.Before <= down {
				return nil
			}
			if err := r.event(ctx, summary); err != nil {
				return err
			}
		}
	}
}

// event reads one event unless it is as it was. The lock is held.
func (r *record) event(ctx context.Context, summary journal.Summary) error {
	number := summary.Entry.Number
	known, there := r.stories[number]
	if there && known.Entry.Planned == summary.Entry.Planned && maps.Equal(statesOf(known), summary.States) {
		return nil
	}
	story, err := r.store.Story(ctx, number)
	if err != nil {
		return err
	}
	if !unreadable(story) {
		story.Entry.Body = nil
	}
	r.stories[number] = story
	r.newest = max(r.newest, number)
	delete(r.waiting, number)
	if now := statesOf(story); !story.Entry.Planned || now[journal.Pending]+now[journal.Uncertain] > 0 {
		r.waiting[number] = true
	}
	return nil
}

// each shows every story, oldest first.
func (r *record) each(use func(journal.Story)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, number := range slices.Sorted(maps.Keys(r.stories)) {
		use(r.stories[number])
	}
}

// open shows the stories that have not ended, in no order.
func (r *record) open(use func(journal.Story)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for number := range r.waiting {
		use(r.stories[number])
	}
}

// last returns the newest story, and whether there is one.
func (r *record) last() (journal.Story, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	story, there := r.stories[r.newest]
	return story, there
}

// statesOf counts the deliveries of an event by state.
func statesOf(s journal.Story) map[journal.State]int {
	counts := map[journal.State]int{}
	for _, d := range s.Deliveries {
		counts[d.State]++
	}
	return counts
}
