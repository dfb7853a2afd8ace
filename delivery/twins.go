package delivery

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	twinsWithin = 5 * time.Minute // how far the time stamps of twins can be apart
	runPage     = 10              // events of an entity that are read at once
	runMost     = 200             // a longer run is not searched: what may be a twin is told
)

// batch is what one commit of plans has decided so far, and the journal does not know yet.
type batch struct {
	states  map[string]journal.EntityState // what it makes of entities, by lower-case id
	entries map[string][]journal.Entry     // its events of an entity, oldest first, by lower-case id
}

func newBatch() *batch {
	return &batch{states: map[string]journal.EntityState{}, entries: map[string][]journal.Entry{}}
}

func (b *batch) add(entry journal.Entry) {
	id := strings.ToLower(entry.Entity.ID)
	b.entries[id] = append(b.entries[id], entry)
}

// earlier yields the events of an entity before the given one, newest first: those of the batch, then the journal's.
func (d *Delivery) earlier(ctx context.Context, entry journal.Entry, b *batch) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		before := entry.Number
		for _, other := range slices.Backward(b.entries[strings.ToLower(entry.Entity.ID)]) {
			if before = other.Number; !yield(other, nil) {
				return
			}
		}
		for limit := 1; ; limit = runPage { // mostly the first one differs
			page, err := d.journal.Previous(ctx, entry.Entity.ID, before, limit)
			if err != nil {
				yield(journal.Entry{}, err)
				return
			}
			for _, other := range page {
				if before = other.Number; !yield(other, nil) {
					return
				}
			}
			if len(page) == 0 {
				return
			}
		}
	}
}

// twin returns the number of the event that an event is a twin of, or 0.
func (d *Delivery) twin(ctx context.Context, entry journal.Entry, e event.Event, b *batch) (int64, error) {
	if entry.WebhookID == "" || e.Entity.ID == "" {
		return 0, nil
	}
	run := []sighting{{entry.Number, entry.WebhookID, e.When()}} // newest first
	for other, err := range d.earlier(ctx, entry, b) {
		if err != nil {
			return 0, err
		}
		if other.TooOld {
			continue // it was not told
		}
		before, _, err := decode(other)
		if err != nil || !sameChange(e, before) {
			break
		}
		if len(run) == runMost {
			return 0, nil
		}
		run = append(run, sighting{other.Number, other.WebhookID, before.When()})
	}
	slices.Reverse(run)
	return twinOf(run), nil
}

// sighting is one event of a run, as far as it matters to which it is a twin of.
type sighting struct {
	number  int64
	webhook string
	at      time.Time
}

// twinOf returns the number of the event that the last of a run, oldest first, is a twin of, or 0. Each original has at
// most one twin by each webhook.
func twinOf(run []sighting) (original int64) {
	type twin struct {
		original int64
		webhook  string
	}
	var originals []sighting
	taken := map[twin]bool{}
	for _, s := range run {
		original = 0
		for _, o := range originals {
			if areTwins(o, s) && !taken[twin{o.number, s.webhook}] {
				original = o.number
				taken[twin{original, s.webhook}] = true
				break
			}
		}
		if original == 0 {
			originals = append(originals, s)
		}
	}
	return original
}

// areTwins does not ask whether both webhooks were registered then. Only who carries our secret is let in, and what is
// recorded of webhooks is forgotten when they are gone, and never known of those that a person made. Nor has it to be asked:
// nobody can change the same from the same twice without an event in between, unless that one was lost; then the second
// change is taken for a twin.
func areTwins(a, b sighting) bool {
	return a.webhook != "" && b.webhook != "" && a.webhook != b.webhook && b.at.Sub(a.at).Abs() < twinsWithin
}

// sameChange reports whether two events of one entity say the same.
func sameChange(a, b event.Event) bool {
	return a.Type == b.Type && sameAttributes(a.Attributes, b.Attributes) && sameAttributes(a.Before, b.Before)
}

// sameAttributes compares by meaning, whatever the order. What was not sent is not the same as what is empty.
func sameAttributes(a, b event.Attributes) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if other, ok := b.Get(a[i].Name); !ok || !other.Value.Equal(a[i].Value) {
			return false
		}
	}
	return true
}
