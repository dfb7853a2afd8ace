package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
)

// lookEvery is how often the live audit looks at most.
const lookEvery = 2 * time.Second

// liveStore is what the live audit reads of a journal.
type liveStore interface {
	journal.Reader
	OpenEffects(ctx context.Context) ([]journal.Effect, error)
}

// liveAudit compares as auditor does, while events are on their way. It is never wrong about them, because it looks in
// this order:
//
//	what was acknowledged
//	the journal    what it calls delivered stood in its place before: what is claimed and does not stand there is lost,
//	               and so is what was acknowledged and is not in the journal
//	the places
//	the journal    what stands in a place had an effect in the journal before: a message whose effect is neither open nor
//	               claimed by now is told twice
//
// What is pending, claimed or unsure waits, and is not lost. What looks wrong is looked at once more, without anything
// that was kept from earlier looks, before it is told.
type liveAudit struct {
	sandbox *sandbox.Sandbox
	store   liveStore
	record  *record
	own     string // see auditor

	mu     sync.Mutex
	looked time.Time
	world  string // what there was to compare then
	found  audit
	rows   map[string][]string // by target that is a table, the marks as they stood then
	sorted map[string]bool     // the tables that a person sorted
}

func newLiveAudit(s *sandbox.Sandbox, store liveStore, own string) *liveAudit {
	return &liveAudit{
		sandbox: s, store: store, record: newRecord(store), own: own, rows: map[string][]string{}, sorted: map[string]bool{},
	}
}

// look returns what is lost and what is told twice, at most lookEvery ago. It only looks when something has changed.
func (l *liveAudit) look(ctx context.Context) (audit, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.looked) < lookEvery {
		return l.found, nil
	}
	return l.again(ctx)
}

// lookNow is look, of this moment.
func (l *liveAudit) lookNow(ctx context.Context) (audit, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.again(ctx)
}

func (l *liveAudit) again(ctx context.Context) (audit, error) {
	world, err := l.outlook(ctx)
	if err != nil {
		return audit{}, err
	}
	if world != l.world || l.looked.IsZero() {
		found, err := l.compare(ctx)
		if err == nil && !found.clean() && !slices.Equal(found.Details, l.found.Details) {
			l.record.forget()
			found, err = l.compare(ctx)
		}
		if err != nil {
			return audit{}, err
		}
		l.found = found
	}
	l.looked, l.world = time.Now(), world
	return l.found, nil
}

// outlook says in short what there is to compare.
func (l *liveAudit) outlook(ctx context.Context) (string, error) {
	counts, err := l.store.Count(ctx)
	return fmt.Sprint(counts, l.sandbox.PPM.Version(), l.sandbox.Slack.Version(), l.sandbox.Google.Version()), err
}

// compare looks once, in the order that the type describes.
func (l *liveAudit) compare(ctx context.Context) (audit, error) {
	acknowledged := l.sandbox.PPM.Deliveries()
	before, err := l.gather(ctx)
	if err != nil {
		return audit{}, err
	}
	before.visit(l.sandbox)
	open, err := l.store.OpenEffects(ctx) // before what is claimed: an effect that has ended by now is
	if err != nil {
		return audit{}, err
	}
	after, err := l.gather(ctx)
	if err != nil {
		return audit{}, err
	}
	before.missing()
	before.unknown(acknowledged)
	known := after.claimed()
	for _, effect := range open {
		known[effect.ID] = true
	}
	after.places = before.places
	after.doubles(known)
	l.follow(before.places)
	found := before.audit
	found.Doubled, found.Appeared, found.Possible = after.Doubled, after.Appeared, after.Possible
	found.Details = slices.Sorted(slices.Values(append(before.Details, after.Details...)))
	return found, nil
}

// gather makes an auditor of what the journal says now.
func (l *liveAudit) gather(ctx context.Context) (*auditor, error) {
	if err := l.record.read(ctx); err != nil {
		return nil, err
	}
	counts, err := l.store.Count(ctx)
	if err != nil {
		return nil, err
	}
	a := newAuditor(l.sandbox)
	a.own, a.Possible = l.own, int(counts.Doubles)
	l.record.each(a.story)
	l.rename(a)
	return a, nil
}

// rename finds the tab where a person gave it another title. When it is not there at all nothing can be said of it.
func (l *liveAudit) rename(a *auditor) {
	tabs := l.sandbox.Google.Tabs(sandbox.Spreadsheet)
	if slices.Contains(tabs, sheetTab) {
		return
	}
	for _, title := range tabs {
		if len(keyCells(l.sandbox, sandbox.Spreadsheet, title)) > 0 {
			a.tabs[tabTarget] = title
			delete(a.places, "sheet:"+sandbox.Spreadsheet+"/"+title) // it is looked at once
			return
		}
	}
	a.claims = slices.DeleteFunc(a.claims, func(c claim) bool { return c.target == tabTarget })
}

// follow notices when a person sorts a table: the relay only adds rows at its end.
func (l *liveAudit) follow(places map[string]*place) {
	for target, p := range places {
		if p.chat || l.sorted[target] {
			continue
		}
		l.sorted[target] = reordered(l.rows[target], p.first)
		l.rows[target] = p.marks()
	}
}

// sortedNow returns the tables that a person has sorted by now.
func (l *liveAudit) sortedNow() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := newAuditor(l.sandbox)
	a.visit(l.sandbox)
	l.follow(a.places)
	return maps.Clone(l.sorted)
}

// reordered reports whether marks that stood one after the other do not any more.
func reordered(before []string, now map[string]int) bool {
	last := -1
	for _, mark := range before {
		at, stands := now[mark]
		if stands && at < last {
			return true
		}
		if stands {
			last = at
		}
	}
	return false
}
