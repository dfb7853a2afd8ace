package selftest

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Kept is an event as the journal has it.
type Kept struct {
	Number   int64
	ID       string
	Occurred time.Time // its TimeStamp
}

// Findings are broken promises. Each is in words in Details.
type Findings struct {
	Lost       int // acknowledged, and not in the journal under the id that was answered
	Doubled    int // in the journal twice, or acknowledged as two events
	OutOfOrder int // behind a change of the same entity that was not sent before this one was acknowledged

	Unanswered int // in the journal, and never acknowledged: no promise, hence not broken
	Details    []string
}

// Check compares what the clients were promised with everything that the journal has, in any order.
func (l *Load) Check(journal []Kept) Findings {
	l.mu.Lock()
	defer l.mu.Unlock()
	var f Findings
	kept := map[int][]Kept{} // by change
	for _, k := range journal {
		n := numberOf(k.Occurred)
		if n < 1 || n > len(l.posts) {
			f.doubled("event %d (%s) is none that was posted", k.Number, k.ID)
			continue
		}
		kept[n] = append(kept[n], k)
	}
	inOrder := map[*entity][]placed{}
	for _, p := range l.posts {
		there := kept[p.n]
		slices.SortFunc(there, func(a, b Kept) int { return cmp.Compare(a.Number, b.Number) })
		f.promise(p, there)
		if len(there) > 0 {
			inOrder[p.entity] = append(inOrder[p.entity], placed{there[0].Number, p})
		}
	}
	for _, all := range inOrder {
		f.order(all)
	}
	return f
}

// promise checks one change.
func (f *Findings) promise(p *post, there []Kept) {
	if len(there) > 1 {
		f.doubled("change %d is %d events, the first two %d and %d", p.n, len(there), there[0].Number, there[1].Number)
	}
	for _, other := range p.others {
		f.doubled("change %d was acknowledged as %s, and as %s", p.n, p.id, other)
	}
	switch {
	case p.answer == 0 && len(there) > 0:
		f.Unanswered++
	case p.answer > 0 && !slices.ContainsFunc(there, func(k Kept) bool { return k.ID == p.id }):
		f.lost("change %d was acknowledged as %s, which is not in the journal", p.n, p.id)
	}
}

// placed is where a change stands among those of its entity.
type placed struct {
	number int64
	*post
}

// order checks the changes of one entity: what was acknowledged before another was sent stands before it. Two that were
// on their way at the same time may stand either way.
func (f *Findings) order(all []placed) {
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(a.number, b.number) })
	latest := placed{post: &post{}} // of those before, the one that was sent last
	for _, p := range all {
		if p.answer > 0 && p.answer < latest.sent {
			f.OutOfOrder++
			f.detail("out of order: change %d stands behind change %d, which was sent after it was acknowledged", p.n, latest.n)
		}
		if p.sent > latest.sent {
			latest = p
		}
	}
}

func (f *Findings) lost(format string, args ...any) {
	f.Lost++
	f.detail("lost: "+format, args...)
}

func (f *Findings) doubled(format string, args ...any) {
	f.Doubled++
	f.detail("doubled: "+format, args...)
}

func (f *Findings) detail(format string, args ...any) {
	f.Details = append(f.Details, fmt.Sprintf(format, args...))
}
