package recovery

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const (
	chainsAtOnce = 50
	chainLength  = 500              // events of one entity since the state that was known
	chainPause   = 10 * time.Minute // until one is looked at again that could not be
)

// chains looks at the broken chains that are due. One that cannot be read or written waits.
func (r *Recovery) chains(ctx context.Context) {
	due, err := r.journal.DueChains(ctx, time.Now().Add(journal.ChainPatience-r.timing.Again), chainsAtOnce)
	if err != nil || len(due) == 0 {
		return
	}
	silent, err := r.silentFields(ctx)
	if err != nil {
		return
	}
	told, stuck := 0, error(nil)
	for i := range due {
		c := chain{gap: due[i], now: time.Now(), silent: silent}
		if err := r.mend(ctx, &c); err != nil {
			stuck = cmp.Or(stuck, r.postpone(ctx, &due[i], err))
			continue
		}
		told += len(c.told)
	}
	if stuck != nil && ctx.Err() == nil { // all of them are due again at once: one line tells it
		r.log.ErrorContext(ctx, "events that do not follow those before them cannot be looked at, nor put behind the others", "error", stuck)
	}
	if told > 0 {
		r.wake()
	}
}

// postpone puts a chain that cannot be looked at behind the others.
func (r *Recovery) postpone(ctx context.Context, gap *journal.Gap, why error) error {
	err := r.journal.PostponeChain(ctx, gap.Number, time.Now().Add(chainPause))
	if err == nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "an event that does not follow the one before it cannot be looked at, and waits", "event", gap.Event, "error", why)
	}
	return err
}

type field struct{ kind, name string }

// silentFields returns how often fields changed without an event, although nothing was missed.
func (r *Recovery) silentFields(ctx context.Context) (map[field]int, error) {
	all, err := r.journal.SilentFields(ctx)
	silent := map[field]int{}
	for _, s := range all {
		silent[field{s.Kind, s.Field}] = s.Times
	}
	return silent, err
}

// chain is a broken chain that is looked at again.
type chain struct {
	gap    journal.Gap
	now    time.Time
	silent map[field]int // times that a field changed without an event

	told   []journal.Recovery
	fields []string              // that are told
	counts []journal.SilentField // that changed though nothing was missed
}

// link is one event of a chain, or the state that it begins with.
type link struct {
	number        int64
	at            time.Time
	kind          event.Type
	parent        event.Ref
	entity        event.Ref
	before, after []byte
}

// mend sorts the events of the entity again. Where one still does not follow the one before it, what lies between is
// told as recovered.
func (r *Recovery) mend(ctx context.Context, c *chain) error {
	links, err := r.links(ctx, c)
	if err != nil {
		return err
	}
	for i := len(links) - 1; i > 0; i-- {
		last := &links[i]
		if last.before == nil || last.number < c.gap.Event { // those before were looked at in their turn
			break
		}
		if err := r.join(ctx, c, &links[i-1], last); err != nil {
			return err
		}
	}
	found := ""
	if len(c.told) > 0 {
		found = "told as recovered: " + strings.Join(c.fields, ", ")
	}
	if err := r.journal.CloseChain(ctx, c.gap.Number, c.now, found, c.told, c.counts); err != nil {
		return err
	}
	for _, s := range c.counts {
		f := field{s.Kind, s.Field}
		if c.silent[f]++; c.silent[f] == journal.SilentAfter {
			r.log.WarnContext(ctx, "a field changes without events, which alone is no gap any more", "kind", f.kind, "field", f.name, "times", c.silent[f])
		}
	}
	return nil
}

// links returns the state that was known and the events after it up to the one that did not follow, in the order of
// their time stamps, without those that say the same as the one before.
func (r *Recovery) links(ctx context.Context, c *chain) ([]link, error) {
	entries, err := r.journal.Between(ctx, c.gap, chainLength)
	if err != nil {
		return nil, err
	}
	links := []link{{at: c.gap.Since, after: c.gap.Known}}
	for _, entry := range entries {
		m, err := ppm.Parse(entry.Body)
		if err != nil || m.State() == nil {
			continue
		}
		links = append(links, link{
			number: entry.Number, at: when(entry), kind: entry.Type, entity: entry.Entity, parent: entry.Parent,
			before: m.StateBefore(), after: m.State(),
		})
	}
	slices.SortStableFunc(links[1:], func(a, b link) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.number, b.number)) })
	if end := slices.IndexFunc(links, func(l link) bool { return l.number == c.gap.Event }); end >= 0 {
		links = links[:end+1]
	} else {
		links = links[:1] // it was forgotten
	}
	return withoutTwins(links), nil
}

func when(entry journal.Entry) time.Time {
	if entry.Occurred.IsZero() {
		return entry.Received
	}
	return entry.Occurred
}

// withoutTwins leaves out what says the same as the event before it.
func withoutTwins(links []link) []link {
	kept := links[:1:1]
	for _, l := range links[1:] {
		last := &kept[len(kept)-1]
		if last.before != nil && l.before != nil && same(l.entity.Kind, last.before, l.before) && same(l.entity.Kind, last.after, l.after) {
			last.number = max(last.number, l.number)
			continue
		}
		kept = append(kept, l)
	}
	return kept
}

// same reports whether two states say the same, as far as both of them say it.
func same(kind string, a, b []byte) bool {
	differ, err := ppm.Difference(kind, a, b)
	return err == nil && len(differ) == 0
}

// join compares the end of one link with the begin of the next.
func (r *Recovery) join(ctx context.Context, c *chain, before, after *link) error {
	kind := after.entity.Kind
	differ, err := ppm.Difference(kind, before.after, after.before)
	if err != nil || len(differ) == 0 {
		return nil //nolint:nilerr // what cannot be compared does not differ
	}
	missed, err := r.journal.Explained(ctx, journal.Span{Since: before.at, Until: after.at})
	if err != nil {
		return err
	}
	if !missed {
		for _, name := range differ {
			c.counts = append(c.counts, journal.SilentField{Kind: kind, Field: name})
		}
		differ = slices.DeleteFunc(differ, func(name string) bool { return c.silent[field{kind, name}] >= journal.SilentAfter })
	}
	if len(differ) == 0 {
		return nil
	}
	state, err := ppm.Overlaid(after.before, before.after, differ)
	if err != nil {
		return err
	}
	found := ppm.Found{
		Type: event.TypeOf(kind, event.Updated), Entity: after.entity, Parent: after.parent, At: after.at.Add(-time.Microsecond),
		Before: state, After: after.before, Fields: differ,
	}
	told, err := recovered(found, c.now)
	if err != nil {
		return err
	}
	told.Missing = journal.Span{Since: before.at, Until: after.at}
	c.told, c.fields = append(c.told, told), append(c.fields, differ...)
	return nil
}

// recovered makes an event of what was found.
func recovered(found ppm.Found, now time.Time) (journal.Recovery, error) {
	body, err := found.Body()
	if err != nil {
		return journal.Recovery{}, err
	}
	e, err := ppm.Peek(body, found.Type)
	if err != nil {
		return journal.Recovery{}, err
	}
	return journal.Recovery{Incoming: journal.Incoming{
		Body: body, Received: now, Type: found.Type, Entity: e.Entity, Parent: e.Parent, Occurred: e.Occurred, Fingerprint: e.Fingerprint,
	}}, nil
}
