package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"
)

const (
	// The event from which on fingerprints are kept for their number.
	firstKept = `SELECT event FROM memory WHERE fingerprint IS NOT NULL ORDER BY event DESC LIMIT 1 OFFSET ?`
	oldMemory = `SELECT event FROM memory WHERE event > ? AND event < ? AND received < ? ORDER BY event LIMIT ?`

	highestTold    = `SELECT max(occurred), count(*) FROM memory WHERE fingerprint IS NOT NULL AND event IN (SELECT value FROM json_each(?))`
	forgetSeen     = `DELETE FROM seen WHERE fingerprint IN (SELECT fingerprint FROM memory WHERE event IN (SELECT value FROM json_each(?)))`
	forgetMessages = `DELETE FROM messages WHERE hash IN (SELECT message FROM memory WHERE event IN (SELECT value FROM json_each(?)))`
	forgetMemory   = `DELETE FROM memory WHERE event IN (SELECT value FROM json_each(?))`
	storeMark      = `INSERT INTO meta VALUES ('mark', ?1) ON CONFLICT DO UPDATE SET value = ?1`
)

// noMark is older than every time stamp.
const noMark = math.MinInt64

// readMark returns the low-water mark.
func readMark(ctx context.Context, q querier) (int64, error) {
	var text string
	err := q.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'mark'`).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return noMark, nil
	}
	if err != nil {
		return 0, err
	}
	mark, err := time.Parse(time.RFC3339Nano, text)
	return mark.UnixMicro(), err
}

// fingerprints forgets what is older than the memory. Message ids go with them.
func (t *trimming) fingerprints(ctx context.Context) error {
	if t.policy.Memory <= 0 {
		return nil
	}
	kept := int64(math.MaxInt64)
	if t.policy.Least > 0 {
		first, err := readList(ctx, t.journal, scanNumber, firstKept, t.policy.Least-1)
		if err != nil || len(first) == 0 {
			return err
		}
		kept = first[0]
	}
	before := t.policy.Now.Add(-t.policy.Memory).UnixMicro()
	last := int64(math.MinInt64)
	for {
		events, err := readList(ctx, t.journal, scanNumber, oldMemory, last, kept, before, trimEvents)
		if err != nil || len(events) == 0 {
			return err
		}
		last = events[len(events)-1]
		var gone int64
		err = t.journal.writeHeavy(ctx, trimWeight, func(ctx context.Context, c *connection) error {
			var err error
			gone, err = c.forgetFingerprints(ctx, jsonList(events))
			return err
		})
		if err != nil {
			return err
		}
		t.done.Fingerprints += gone
	}
}

// forgetFingerprints raises the mark to the newest time stamp of what it forgets. A fingerprint without a time stamp
// says nothing about events that have one, and leaves no mark. A time stamp in the future counts as the time when it
// came, so that one wrong clock does not make everything too old.
func (c *connection) forgetFingerprints(ctx context.Context, events string) (int64, error) {
	var newest sql.NullInt64
	var gone int64
	if err := c.row(ctx, highestTold, events).Scan(&newest, &gone); err != nil {
		return 0, err
	}
	for _, forget := range []string{forgetSeen, forgetMessages, forgetMemory} {
		if _, err := c.exec(ctx, forget, events); err != nil {
			return 0, err
		}
	}
	if !newest.Valid || newest.Int64 <= c.mark {
		return gone, nil
	}
	c.mark = newest.Int64
	_, err := c.exec(ctx, storeMark, time.UnixMicro(c.mark).UTC().Format(time.RFC3339Nano))
	return gone, err
}
