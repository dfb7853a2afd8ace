package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// What a person asks for: once more, out of quarantine, after a backup was restored.

const (
	// An event that is not planned yet, or cannot be read, has nothing to be told once more. Generations count for the
	// event: its first one is 1 even when nobody was told.
	nextGeneration = `SELECT e.planned = 1 AND e.quarantine = '',
		1 + max(1, coalesce((SELECT max(d.generation) FROM deliveries d WHERE d.event = e.number), 1))
		FROM events e WHERE e.number = ?`
	insertAgain = `INSERT INTO deliveries (event, target, route, urgent, changed, generation)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS
			(SELECT 1 FROM deliveries WHERE event = ?1 AND target = ?2 AND state IN ('pending', 'claimed', 'unsure'))`
)

// Replay makes the deliveries of the plans pending as a new generation, in one commit, and stores nothing else of the
// plans. What is pending or unsure is left as it is; so is an event that is not planned yet, or is in quarantine.
// journal.ErrNotFound when one of them is not in the journal.
func (j *Journal) Replay(ctx context.Context, plans []journal.Planned) ([]journal.NewDelivery, error) {
	var all []journal.NewDelivery
	err := j.write(ctx, func(ctx context.Context, c *connection) error {
		now := time.Now()
		for i := range plans {
			made, err := c.replay(ctx, &plans[i], now)
			if err != nil {
				return fmt.Errorf("replaying event %d: %w", plans[i].Number, err)
			}
			all = append(all, made...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

func (c *connection) replay(ctx context.Context, p *journal.Planned, now time.Time) ([]journal.NewDelivery, error) {
	var possible bool
	var generation int64
	err := c.row(ctx, nextGeneration, p.Number).Scan(&possible, &generation)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, journal.ErrNotFound
	}
	if err != nil || !possible {
		return nil, err
	}
	var made []journal.NewDelivery
	for _, d := range p.Deliveries {
		if err := c.knowTarget(ctx, d.Target); err != nil {
			return nil, err
		}
		isNew, err := c.exec(ctx, insertAgain, p.Number, d.Target, d.Route, bit(d.Urgent), micros(now), generation)
		if err != nil {
			return nil, fmt.Errorf("delivery to %s: %w", d.Target, err)
		}
		if isNew > 0 {
			made = append(made, d)
		}
	}
	return made, nil
}

// Release takes a body out of quarantine that can be read by now: the event keeps its number, its id, its body and the
// time when it came, and is to be planned. What its bytes stood for in the memory of fingerprints gives way to its
// fingerprint. When that is known the event stays, with the original named as the reason, and the answer says Duplicate.
// It is not TooOld, whatever its time stamp says: nobody was told what could not be read, a person asks that it be told,
// and bodies wait for longer than fingerprints are remembered, for a version that can read them.
// journal.ErrNotFound when no body of that number is in quarantine.
func (j *Journal) Release(ctx context.Context, number int64, in journal.Incoming) (journal.Appended, error) {
	if in.Quarantine != "" {
		return journal.Appended{}, j.fail(fmt.Errorf("releasing event %d: it still cannot be read: %s", number, in.Quarantine))
	}
	a, err := j.appending(in)
	if err != nil {
		return journal.Appended{}, j.fail(err)
	}
	err = j.write(ctx, func(ctx context.Context, c *connection) error {
		if err := c.release(ctx, number, a); err != nil {
			return fmt.Errorf("releasing event %d: %w", number, err)
		}
		return nil
	})
	if err != nil {
		return journal.Appended{}, err
	}
	return a.out, nil
}

const (
	quarantined  = `SELECT id, received FROM events WHERE number = ? AND quarantine <> ''`
	forgetBytes  = `DELETE FROM seen WHERE event = ?1 AND fingerprint = (SELECT fingerprint FROM memory WHERE event = ?1)`
	forgetEvent  = `DELETE FROM memory WHERE event = ?`
	keepInside   = `UPDATE events SET quarantine = ? WHERE number = ?`
	releaseEvent = `UPDATE events SET type = ?, message_id = ?, webhook_id = ?, entity_kind = ?, entity_id = ?, entity_name = ?,
		parent_kind = ?, parent_id = ?, parent_name = ?, initiator = ?, occurred = ?, reused = ?, quarantine = '', planned = 0
		WHERE number = ?`
)

func (c *connection) release(ctx context.Context, number int64, a *appending) error {
	a.out = journal.Appended{Number: number}
	var received time.Time
	err := c.row(ctx, quarantined, number).Scan(idColumn{&a.out.ID}, timeColumn{&received})
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("it is not in quarantine: %w", journal.ErrNotFound)
	}
	if err != nil {
		return err
	}
	if original, err := c.original(ctx, a.in.Fingerprint); err != nil {
		return err
	} else if original.Duplicate && original.Number != number {
		a.out = original
		_, err := c.exec(ctx, keepInside, fmt.Sprintf("it is event %d once more", original.Number), number)
		return err
	}
	for _, forget := range []string{forgetBytes, forgetEvent} {
		if _, err := c.exec(ctx, forget, number); err != nil {
			return err
		}
	}
	if len(a.in.Fingerprint) > 0 {
		if _, err := c.exec(ctx, insertSeen, a.in.Fingerprint[:keySize], number); err != nil {
			return err
		}
	}
	reused, err := c.remember(ctx, a, number, received)
	if err != nil {
		return err
	}
	in := &a.in
	_, err = c.exec(ctx, releaseEvent, string(in.Type), in.MessageID, in.WebhookID,
		in.Entity.Kind, in.Entity.ID, in.Entity.Name, in.Parent.Kind, in.Parent.ID, in.Parent.Name, in.Initiator,
		micros(in.Occurred), bit(reused), number)
	return err
}

// Restored notes that the journal is a backup made at that time. What has not ended is marked, and what is not planned
// yet will be; the oldest of several backups counts. It returns how many deliveries are marked. From then on the file is
// no backup any more, see Made.
func (j *Journal) Restored(ctx context.Context, made time.Time) (int64, error) {
	if made.IsZero() {
		return 0, j.fail(errors.New("a backup without the time when it was made"))
	}
	var marked int64
	err := j.write(ctx, func(ctx context.Context, c *connection) (err error) {
		if _, err := c.exec(ctx, `INSERT INTO restorations (last, made) VALUES (?, ?)`, c.last, micros(made)); err != nil {
			return err
		}
		if _, err := c.exec(ctx, `DELETE FROM meta WHERE name = 'backup'`); err != nil {
			return err
		}
		marked, err = c.exec(ctx, `UPDATE deliveries SET restored = min(coalesce(restored, ?1), ?1)
			WHERE state IN ('pending', 'claimed', 'unsure')`, micros(made))
		return err
	})
	return marked, err
}
