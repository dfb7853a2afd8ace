package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Targets returns the state of every target that has, or had, deliveries, by name.
func (j *Journal) Targets(ctx context.Context) ([]journal.TargetState, error) {
	return readList(ctx, j, func(row scanner, t *journal.TargetState) error {
		return row.Scan(&t.Target, &t.Take, &t.Plain, &t.Failures, &t.Hold, timeColumn{&t.Until}, &t.Reason)
	}, `SELECT name, take, plain, failures, hold, until, reason FROM targets ORDER BY name`)
}

// SetTarget stores the state of a target's queue on its own.
func (j *Journal) SetTarget(ctx context.Context, state journal.TargetState) error {
	return j.write(ctx, func(ctx context.Context, c *connection) error { return c.storeTarget(ctx, state) })
}

func (c *connection) storeTarget(ctx context.Context, t journal.TargetState) error {
	_, err := c.exec(ctx, `INSERT INTO targets (name, take, plain, failures, hold, until, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET take = excluded.take, plain = excluded.plain, failures = excluded.failures,
			hold = excluded.hold, until = excluded.until, reason = excluded.reason`,
		t.Target, t.Take, bit(t.Plain), t.Failures, string(t.Hold), micros(t.Until), t.Reason)
	return err
}

const queueQuery = `SELECT ` + entryColumns + `, e.dict, e.body, d.id, d.route
		FROM deliveries d INDEXED BY deliveries_waiting CROSS JOIN events e ON e.number = d.event
		WHERE d.target = ? AND d.state = 'pending' ORDER BY d.event, d.id LIMIT ?`

// Queue returns the target's oldest waiting deliveries, in the order of their events' numbers.
func (j *Journal) Queue(ctx context.Context, target string, limit int) ([]journal.Waiting, error) {
	scan := j.scanBounded()
	return readList(ctx, j, func(row scanner, w *journal.Waiting) error {
		return scan(row, &w.Entry, &w.Delivery, &w.Route)
	}, queueQuery, target, limit)
}

// End settles deliveries that no open effect has claimed. journal.ErrConflict when one of them is not waiting.
func (j *Journal) End(ctx context.Context, at time.Time, endings []journal.Ending) error {
	if err := checkEndings(endings); err != nil {
		return j.fail(err)
	}
	if len(endings) == 0 {
		return nil
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		for _, e := range endings {
			const end = `UPDATE deliveries SET state = ?, reason = ?, changed = coalesce(?, changed)
				WHERE id = ? AND state = 'pending'`
			ended, err := c.exec(ctx, end, string(e.State), e.Reason, micros(at), e.Delivery)
			if err != nil {
				return err
			}
			if ended == 0 {
				return fmt.Errorf("ending delivery %d: it is not waiting: %w", e.Delivery, journal.ErrConflict)
			}
		}
		return nil
	})
}

// checkEndings refuses states that are no ends without a write.
func checkEndings(endings []journal.Ending) error {
	for _, e := range endings {
		if e.State != journal.Skipped && e.State != journal.Buried {
			return fmt.Errorf("ending delivery %d as %q: only skipped and buried end without a write", e.Delivery, e.State)
		}
	}
	return nil
}
