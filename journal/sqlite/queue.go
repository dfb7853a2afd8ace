package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
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

const (
	waitingColumns = entryColumns + `, e.dict, e.body, d.id, d.route, d.urgent, d.generation > 1, d.restored`
	queueQuery     = `SELECT ` + waitingColumns + `
		FROM deliveries d INDEXED BY deliveries_waiting CROSS JOIN events e ON e.number = d.event
		WHERE d.target = ? AND d.state = 'pending' ORDER BY d.event, d.id LIMIT ?`
	oldestUrgent = `SELECT d.id, d.event, e.entity_id
		FROM deliveries d INDEXED BY deliveries_urgent CROSS JOIN events e ON e.number = d.event
		WHERE d.target = ? AND d.state = 'pending' AND d.urgent = 1 ORDER BY d.event, d.id LIMIT 1`
	// An event without an entity has nothing before it, and is found by the delivery.
	urgentQuery = `SELECT ` + waitingColumns + `
		FROM events e INDEXED BY events_of_entity CROSS JOIN deliveries d ON d.event = e.number
		WHERE e.planned = 1 AND e.entity_id = ?3 AND e.number <= ?2 AND (e.entity_id <> '' OR d.id = ?4)
			AND d.target = ?1 AND d.state = 'pending' AND (d.event < ?2 OR d.id <= ?4)
		ORDER BY e.number, d.id LIMIT ?5`
)

// Queue returns the target's oldest waiting deliveries, in the order of their events' numbers. While an urgent one waits
// it returns the oldest of these, behind what waits of its entity before it.
func (j *Journal) Queue(ctx context.Context, target string, limit int) (all []journal.Waiting, err error) {
	bounded := j.scanBounded()
	scan := func(row scanner, w *journal.Waiting) error {
		return bounded(row, &w.Entry, &w.Delivery, &w.Route, &w.Urgent, &w.Again, timeColumn{&w.Restored})
	}
	err = j.read(ctx, func(q querier) error {
		var delivery, event int64
		var entity string
		err := q.QueryRowContext(ctx, oldestUrgent, target).Scan(&delivery, &event, &entity)
		switch {
		case err == nil:
			all, err = list(ctx, q, scan, urgentQuery, target, event, entity, delivery, limit)
		case errors.Is(err, sql.ErrNoRows):
			all, err = list(ctx, q, scan, queueQuery, target, limit)
		}
		return err
	})
	return all, err
}

// End settles deliveries that no open effect has claimed. journal.ErrConflict when one of them is not waiting.
func (j *Journal) End(ctx context.Context, at time.Time, endings []journal.Ending) error {
	if err := checkEndings(endings, journal.Skipped, journal.Buried, journal.Delivered); err != nil {
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

// checkEndings refuses states that are no ends without a write. An effect that told nothing cannot end its deliveries as
// delivered: what the target has anyway is found out before it is composed.
func checkEndings(endings []journal.Ending, allowed ...journal.State) error {
	for _, e := range endings {
		if !slices.Contains(allowed, e.State) {
			return fmt.Errorf("ending delivery %d as %q: only %v end without a write here", e.Delivery, e.State, allowed)
		}
	}
	return nil
}
