package sqlite

import (
	"context"
	"errors"
	"math"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Forgetting. What can go is looked for by a reader, and taken away by the writer in commits that are short enough for
// appends to wait behind: each asks once more whether it may, because a person may have replayed something meanwhile.
//
// The room that becomes free is used again, and the file keeps the length that it once had. SQLite can give room back
// only in a file that was made for it (auto_vacuum), or by writing all of it anew (VACUUM), during which nothing can be
// appended; a file that has reached its size stays there.

const (
	trimEvents = 250     // events, fingerprints or effects that one commit takes away
	trimBytes  = 4 << 20 // of stored bodies
	trimWeight = 400     // of such a commit, in the measure of checkpointAfter
)

const (
	// A running total of the bodies ends a list early.
	endedEvents = `SELECT e.number, e.received, length(e.body) FROM events e INDEXED BY events_received
		WHERE e.planned = 1 AND e.received >= ?1 AND (e.received > ?1 OR e.number > ?2) AND e.received < ?3 AND e.quarantine = ''
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = e.number AND d.state IN ('pending', 'claimed', 'unsure'))
		ORDER BY e.received, e.number LIMIT ?4`
	stillEnded = `SELECT e.number FROM json_each(?) v CROSS JOIN events e ON e.number = v.value
		WHERE e.planned = 1 AND e.quarantine = ''
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = e.number AND d.state IN ('pending', 'claimed', 'unsure'))`
	effectsOf   = `SELECT DISTINCT effect FROM deliveries WHERE event IN (SELECT value FROM json_each(?)) AND effect IS NOT NULL`
	dropEffects = `DELETE FROM effects WHERE number IN (SELECT value FROM json_each(?)) AND outcome IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.effect = effects.number)`
	superseded = `SELECT f.number FROM effects f INDEXED BY effects_void
		WHERE f.outcome IN ('refused', 'did-not') AND f.started < ?
		AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.effect = f.number) LIMIT ?`
	usedBytes = `SELECT (p.page_count - f.freelist_count) * s.page_size
		FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s`
)

// Trim forgets what the policy does not keep, in several short commits. When it fails, what it returns is forgotten
// nevertheless.
//
//	what                  goes when it
//	an event              is older than Events, or the oldest while the file is larger than Size; with its deliveries,
//	                      verdicts and marks
//	an effect             ended, and no delivery names it as its last one any more; one that a later attempt took the
//	                      place of goes when events that are younger than it have gone
//	a fingerprint and     is older than Memory and not among the newest Least, whether its event is still there or not; the
//	a message id          mark rises in the same commit
//	states of entities,   never
//	targets, quarantine
func (j *Journal) Trim(ctx context.Context, policy journal.Policy) (journal.Trimmed, error) {
	if policy.Now.IsZero() && (policy.Events > 0 || policy.Memory > 0) {
		return journal.Trimmed{}, j.fail(errors.New("an age to keep, without the time that it counts from"))
	}
	t := trimming{journal: j, policy: policy, newest: math.MinInt64}
	err := t.old(ctx)
	if err == nil {
		err = t.large(ctx)
	}
	if err == nil {
		err = t.effects(ctx)
	}
	if err == nil {
		err = t.fingerprints(ctx)
	}
	return t.done, err
}

// trimming is one run of Trim.
type trimming struct {
	journal *Journal
	policy  journal.Policy
	done    journal.Trimmed
	place         // of the last event that was looked at
	newest  int64 // when the youngest event came that was taken away
}

// place is where an event stands in the order of trimming.
type place struct{ received, number int64 }

// old takes away events by their age.
func (t *trimming) old(ctx context.Context) error {
	t.place = place{received: math.MinInt64}
	if t.policy.Events <= 0 {
		return nil
	}
	before := t.policy.Now.Add(-t.policy.Events).UnixMicro()
	for {
		if more, err := t.chunk(ctx, before, func(context.Context, querier) (int64, error) { return trimBytes, nil }); err != nil || !more {
			return err
		}
	}
}

// large takes away the oldest events until the file is small enough. What is pending stays, so it may remain too large.
func (t *trimming) large(ctx context.Context) error {
	if t.policy.Size <= 0 {
		return nil
	}
	excess := func(ctx context.Context, q querier) (int64, error) {
		var used int64
		err := q.QueryRowContext(ctx, usedBytes).Scan(&used)
		return min(used-t.policy.Size, trimBytes), err
	}
	for {
		if more, err := t.chunk(ctx, math.MaxInt64, excess); err != nil || !more {
			return err
		}
	}
}

// chunk takes away some events that came before a time, and reports whether there were any. Their bodies have about as
// many bytes as budget says.
func (t *trimming) chunk(ctx context.Context, before int64, budget func(context.Context, querier) (int64, error)) (more bool, err error) {
	var numbers []int64
	err = t.journal.read(ctx, func(q querier) error {
		room, err := budget(ctx, q)
		if err != nil || room <= 0 {
			return err
		}
		numbers, err = list(ctx, q, func(row scanner, number *int64) error {
			var bytes int64
			if err := row.Scan(number, &t.received, &bytes); err != nil {
				return err
			}
			t.number = *number
			if room -= bytes; room <= 0 {
				return errEnough
			}
			return nil
		}, endedEvents, t.received, t.number, before, trimEvents)
		return err
	})
	if err != nil || len(numbers) == 0 {
		return false, err
	}
	var gone int64
	err = t.journal.writeHeavy(ctx, trimWeight, func(ctx context.Context, c *connection) error {
		var err error
		gone, err = c.forgetEvents(ctx, numbers)
		return err
	})
	if err != nil {
		return false, err
	}
	t.done.Events += gone
	t.newest = max(t.newest, t.received)
	return true, nil
}

// forgetEvents takes away those of the events that have ended, with all that was decided about them.
func (c *connection) forgetEvents(ctx context.Context, numbers []int64) (int64, error) {
	ended, err := list(ctx, c.conn, scanNumber, stillEnded, jsonList(numbers))
	if err != nil {
		return 0, err
	}
	events := jsonList(ended)
	effects, err := list(ctx, c.conn, scanNumber, effectsOf, events)
	if err != nil {
		return 0, err
	}
	for _, table := range []string{"deliveries", "verdicts", "too_old", "recovered"} {
		if _, err := c.exec(ctx, `DELETE FROM `+table+` WHERE event IN (SELECT value FROM json_each(?))`, events); err != nil {
			return 0, err
		}
	}
	if _, err := c.exec(ctx, dropEffects, jsonList(effects)); err != nil {
		return 0, err
	}
	return c.exec(ctx, `DELETE FROM events WHERE number IN (SELECT value FROM json_each(?))`, events)
}

func scanNumber(row scanner, number *int64) error { return row.Scan(number) }

// effects takes away void effects that no delivery names, because a later attempt took their place.
func (t *trimming) effects(ctx context.Context) error {
	before := t.newest
	if t.policy.Events > 0 {
		before = max(before, t.policy.Now.Add(-t.policy.Events).UnixMicro())
	}
	for {
		numbers, err := readList(ctx, t.journal, scanNumber, superseded, before, trimEvents)
		if err != nil || len(numbers) == 0 {
			return err
		}
		var gone int64
		err = t.journal.writeHeavy(ctx, trimWeight, func(ctx context.Context, c *connection) (err error) {
			gone, err = c.exec(ctx, dropEffects, jsonList(numbers))
			return err
		})
		if err != nil || gone == 0 {
			return err
		}
	}
}
