package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// touching is how far apart two gaps of one cause may be and still be one.
const touching = time.Minute

const (
	gapColumns = `g.number, g.cause, g.types, g.kind, g.entity, g.detail, g.since, g.until, g.due, g.event, g.base, g.known,
		g.closed, g.sweep, g.found`
	insertGap = `INSERT INTO gaps (cause, types, kind, entity, detail, since, until, due, event, base, known, sweep, found)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')`
	lengthenGap = `UPDATE gaps SET since = min(since, ?1), until = CASE WHEN ?2 IS NULL THEN until ELSE max(coalesce(until, ?2), ?2) END,
			detail = ?3
		WHERE number = (SELECT max(number) FROM gaps WHERE closed IS NULL AND due IS NULL AND cause = ?4 AND types = ?5
			AND (until IS NULL OR until >= ?1 - ?6))`
	openGaps = `SELECT ` + gapColumns + ` FROM gaps g INDEXED BY gaps_open WHERE g.closed IS NULL ORDER BY g.number DESC LIMIT ?`
	allGaps  = `SELECT ` + gapColumns + ` FROM gaps g ORDER BY g.number DESC LIMIT ?`
	dueGaps  = `SELECT ` + gapColumns + ` FROM gaps g INDEXED BY gaps_due
		WHERE g.closed IS NULL AND g.due IS NOT NULL AND g.due <= ? ORDER BY g.due LIMIT ?`
	explained = `SELECT EXISTS (SELECT 1 FROM gaps WHERE cause <> 'chain' AND since <= ? AND (until IS NULL OR until >= ?))`
	// A broken chain is kept unless each of its fields is known to change silently, and nothing was missed meanwhile.
	countSilent = `SELECT count(*), count(s.field) FROM json_each(CAST(?1 AS TEXT)) f
		LEFT JOIN silent s ON s.kind = ?2 AND s.field = f.key AND s.times >= ?3`
	addSilent = `INSERT INTO silent (kind, field, times) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1`
)

// Beat notes that the program runs.
func (j *Journal) Beat(ctx context.Context, at time.Time) error {
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		const beat = `INSERT INTO meta VALUES ('heartbeat', ?1) ON CONFLICT DO UPDATE SET value = ?1`
		_, err := c.exec(ctx, beat, at.UTC().Format(time.RFC3339Nano))
		return err
	})
}

// LastBeat returns when the program last ran, or journal.ErrNotFound.
func (j *Journal) LastBeat(ctx context.Context) (at time.Time, _ error) {
	err := j.read(ctx, func(q querier) error {
		var text string
		err := q.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'heartbeat'`).Scan(&text)
		if err != nil {
			return orNotFound(err, "the heartbeat")
		}
		at, err = time.Parse(time.RFC3339Nano, text)
		return err
	})
	return at, err
}

// RecordGap keeps a gap, or makes an open one of the same cause and types longer that goes on or ended just before.
func (j *Journal) RecordGap(ctx context.Context, gap journal.Gap) error {
	if gap.Since.IsZero() {
		return j.fail(errors.New("a gap without a begin"))
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		types, err := packTypes(gap.Types)
		if err != nil {
			return err
		}
		if gap.Cause != journal.CauseChain {
			longer, err := c.exec(ctx, lengthenGap, micros(gap.Since), micros(gap.Until), gap.Detail, string(gap.Cause), types, touching.Microseconds())
			if err != nil || longer > 0 {
				return err
			}
		}
		return c.insertGap(ctx, &gap, types)
	})
}

func (c *connection) insertGap(ctx context.Context, gap *journal.Gap, types string) error {
	_, err := c.exec(ctx, insertGap, string(gap.Cause), types, gap.Entity.Kind, entityKey(gap.Entity.ID), gap.Detail,
		micros(gap.Since), micros(gap.Until), micros(gap.Due), gap.Event, gap.Base, gap.Known)
	return err
}

// SetBack makes what is open and lies in the future end now.
func (j *Journal) SetBack(ctx context.Context, now, due time.Time) error {
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		for _, set := range []string{
			`UPDATE gaps INDEXED BY gaps_open SET since = min(since, ?1), until = ?1 WHERE closed IS NULL AND cause <> 'chain' AND until > ?1`,
			`UPDATE gaps INDEXED BY gaps_due SET due = ?2 WHERE closed IS NULL AND due IS NOT NULL AND due > ?2`,
			`UPDATE sweeps SET began = ?1 - 1 WHERE began >= ?1`, // it closes no gap that ends now
		} {
			if _, err := c.exec(ctx, set, micros(now), micros(due)); err != nil {
				return err
			}
		}
		return nil
	})
}

// noteChain keeps a broken chain that a plan has met, unless it is no gap.
func (c *connection) noteChain(ctx context.Context, gap *journal.Gap) error {
	var fields, silent int
	if err := c.row(ctx, countSilent, gap.Known, gap.Entity.Kind, journal.SilentAfter).Scan(&fields, &silent); err != nil {
		return err
	}
	if fields == silent {
		var known bool
		if err := c.row(ctx, explained, micros(gap.Until), micros(gap.Since)).Scan(&known); err != nil || !known {
			return err
		}
	}
	return c.insertGap(ctx, gap, "[]")
}

func packTypes(types []event.Type) (string, error) {
	if types == nil {
		types = []event.Type{}
	}
	packed, err := json.Marshal(types)
	return string(packed), err
}

func scanGap(row scanner, g *journal.Gap) error {
	var types []byte
	err := row.Scan(&g.Number, &g.Cause, &types, &g.Entity.Kind, &g.Entity.ID, &g.Detail, timeColumn{&g.Since}, timeColumn{&g.Until},
		timeColumn{&g.Due}, &g.Event, &g.Base, &g.Known, timeColumn{&g.Closed}, &g.Sweep, &g.Found)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(types, &g.Types); err != nil {
		return fmt.Errorf("gap %d: %w", g.Number, err)
	}
	if len(g.Types) == 0 {
		g.Types = nil
	}
	return nil
}

// Gaps returns the newest gaps, newest first: the open ones alone, or all.
func (j *Journal) Gaps(ctx context.Context, open bool, limit int) ([]journal.Gap, error) {
	query := allGaps
	if open {
		query = openGaps
	}
	return readList(ctx, j, scanGap, query, limit)
}

// Explained reports whether a gap about the whole tenant touches that time.
func (j *Journal) Explained(ctx context.Context, when journal.Span) (known bool, _ error) {
	err := j.read(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, explained, micros(when.Until), micros(when.Since)).Scan(&known)
	})
	return known, err
}

// DueChains returns broken chains that are due, oldest first.
func (j *Journal) DueChains(ctx context.Context, now time.Time, limit int) ([]journal.Gap, error) {
	return readList(ctx, j, scanGap, dueGaps, micros(now), limit)
}

// CloseChain ends a broken chain. Where nothing was found the gap is forgotten: there was none.
func (j *Journal) CloseChain(
	ctx context.Context, number int64, at time.Time, found string, told []journal.Recovery, silent []journal.SilentField,
) error {
	all, err := j.recovering(told)
	if err != nil {
		return j.fail(err)
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		const forget, end = `DELETE FROM gaps WHERE number = ? AND closed IS NULL`,
			`UPDATE gaps SET closed = ?, found = ? WHERE number = ? AND closed IS NULL`
		var open int64
		var err error
		if found == "" {
			open, err = c.exec(ctx, forget, number)
		} else {
			open, err = c.exec(ctx, end, micros(at), found, number)
		}
		if err != nil || open == 0 {
			return err
		}
		for i, a := range all {
			if err := c.appendRecovered(ctx, a, &told[i]); err != nil {
				return err
			}
		}
		for _, s := range silent {
			if _, err := c.exec(ctx, addSilent, s.Kind, s.Field); err != nil {
				return err
			}
		}
		return nil
	})
}

// PostponeChain makes a broken chain due at another time.
func (j *Journal) PostponeChain(ctx context.Context, number int64, due time.Time) error {
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		const postpone = `UPDATE gaps SET due = ? WHERE number = ? AND closed IS NULL AND due IS NOT NULL`
		_, err := c.exec(ctx, postpone, micros(due), number)
		return err
	})
}

// SilentFields returns all fields that were ever seen to change silently.
func (j *Journal) SilentFields(ctx context.Context) ([]journal.SilentField, error) {
	return readList(ctx, j, func(row scanner, s *journal.SilentField) error { return row.Scan(&s.Kind, &s.Field, &s.Times) },
		`SELECT kind, field, times FROM silent ORDER BY kind, field`)
}

const (
	eventsBetween = `SELECT ` + entryColumns + `, e.dict, e.body FROM events e INDEXED BY events_of_entity
		WHERE e.entity_id = ? AND e.planned = 1 AND e.number > ? AND e.quarantine = ''
			AND (e.number = ? OR coalesce(e.occurred, e.received) > ?) ORDER BY e.number LIMIT ?`
	recoveredOf = `SELECT ` + entryColumns + `, e.dict, e.body FROM recovered o CROSS JOIN events e ON e.number = o.event
		WHERE o.entity = ? ORDER BY o.occurred DESC LIMIT ?`
)

// Between returns the planned events of a broken chain's entity since the state that was known, oldest number first. A
// state that was read has no number: then its time alone tells. One that an event made known has, and two events may be
// of one moment.
func (j *Journal) Between(ctx context.Context, chain journal.Gap, limit int) ([]journal.Entry, error) {
	if chain.Base != 0 {
		chain.Since = chain.Since.Add(-time.Microsecond)
	}
	scan := j.scanBounded()
	return readList(ctx, j, func(row scanner, e *journal.Entry) error { return scan(row, e) }, eventsBetween,
		chain.Entity.ID, chain.Base, chain.Event, micros(chain.Since), limit)
}

// Recovered returns the newest recovered events of an entity, newest first.
func (j *Journal) Recovered(ctx context.Context, entity string, limit int) ([]journal.Entry, error) {
	scan := j.scanBounded()
	return readList(ctx, j, func(row scanner, e *journal.Entry) error { return scan(row, e) }, recoveredOf, entityKey(entity), limit)
}

// recovering prepares recovered events in the caller's goroutine.
func (j *Journal) recovering(told []journal.Recovery) ([]*appending, error) {
	all := make([]*appending, len(told))
	for i := range told {
		a, err := j.appending(told[i].Incoming)
		if err != nil {
			return nil, err
		}
		all[i] = a
	}
	return all, nil
}

// appendRecovered writes an event that nobody sent. One that is there already is left as it is.
func (c *connection) appendRecovered(ctx context.Context, a *appending, r *journal.Recovery) error {
	if err := c.appendOne(ctx, a); err != nil || a.out.Duplicate {
		return err
	}
	const mark = `INSERT INTO recovered (event, entity, occurred, since, until) VALUES (?, ?, ?, ?, ?)`
	_, err := c.exec(ctx, mark, a.out.Number, entityKey(r.Entity.ID), r.Occurred.UnixMicro(), orZero(r.Missing.Since), orZero(r.Missing.Until))
	return err
}
