package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// entryColumns are what scanEntry reads, of events as e. The body is apart: lists do not need it.
const entryColumns = `e.number, e.id, e.type, e.message_id, e.webhook_id, e.entity_kind, e.entity_id, e.entity_name,
	e.parent_kind, e.parent_id, e.parent_name, e.initiator, e.occurred, e.received, e.quarantine, e.planned, e.reused, e.late,
	EXISTS (SELECT 1 FROM too_old o WHERE o.event = e.number),
	(SELECT r.since FROM recovered r WHERE r.event = e.number), (SELECT r.until FROM recovered r WHERE r.event = e.number)`

// scanEntry reads entryColumns and what else is selected.
func scanEntry(row scanner, e *journal.Entry, more ...any) error {
	var since sql.NullInt64
	err := row.Scan(append([]any{
		&e.Number,
		idColumn{&e.ID},
		&e.Type, &e.MessageID, &e.WebhookID, &e.Entity.Kind, &e.Entity.ID, &e.Entity.Name,
		&e.Parent.Kind, &e.Parent.ID, &e.Parent.Name, &e.Initiator,
		timeColumn{&e.Occurred},
		timeColumn{&e.Received},
		&e.Quarantine, &e.Planned, &e.ReusedID, &e.Late, &e.TooOld,
		&since,
		spanColumn{&e.Missing.Until},
	}, more...)...)
	if e.Recovered = since.Valid; since.Int64 != 0 {
		e.Missing.Since = time.UnixMicro(since.Int64).UTC()
	}
	return err
}

// scanWithBody reads entryColumns, dict, body and what else is selected.
func (j *Journal) scanWithBody(row scanner, e *journal.Entry, more ...any) error {
	var dict int64
	var stored []byte
	if err := scanEntry(row, e, append([]any{&dict, &stored}, more...)...); err != nil {
		return err
	}
	var err error
	if e.Body, err = j.bodies.unpack(dict, stored); err != nil {
		return fmt.Errorf("event %d: %w", e.Number, err)
	}
	return nil
}

// errEnough says that a row was read well, and that no more are wanted.
var errEnough = errors.New("enough was read")

// maxBodies is how many bytes of bodies one list holds, apart from those of its first event.
const maxBodies = 16 << 20

// scanBounded is scanWithBody for one list whose bodies must fit into memory.
func (j *Journal) scanBounded() func(row scanner, e *journal.Entry, more ...any) error {
	total := 0
	return func(row scanner, e *journal.Entry, more ...any) error {
		if err := j.scanWithBody(row, e, more...); err != nil {
			return err
		}
		if total += len(e.Body); total >= maxBodies {
			return errEnough
		}
		return nil
	}
}

// Unplanned returns the oldest events that are not planned yet.
func (j *Journal) Unplanned(ctx context.Context, limit int) ([]journal.Entry, error) {
	scan := j.scanBounded()
	return readList(ctx, j, func(row scanner, e *journal.Entry) error { return scan(row, e) },
		`SELECT `+entryColumns+`, e.dict, e.body FROM events e WHERE e.planned = 0 ORDER BY e.number LIMIT ?`, limit)
}

// Plan commits the plans of several events. An event that is planned already is left as it is. journal.ErrNotFound
// when one of them is not in the journal.
func (j *Journal) Plan(ctx context.Context, plans []journal.Planned) error {
	if len(plans) == 0 {
		return nil
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		now := time.Now()
		for i := range plans {
			if err := c.plan(ctx, &plans[i], now); err != nil {
				return fmt.Errorf("planning event %d: %w", plans[i].Number, err)
			}
		}
		return nil
	})
}

func (c *connection) plan(ctx context.Context, p *journal.Planned, now time.Time) error {
	open, err := c.exec(ctx, `UPDATE events SET planned = 1, late = ? WHERE number = ? AND planned = 0`, bit(p.Late), p.Number)
	if err != nil {
		return err
	}
	if open == 0 {
		return c.mustExist(ctx, p.Number)
	}
	for _, d := range p.Deliveries {
		if err := c.knowTarget(ctx, d.Target); err != nil {
			return err
		}
		const insert = `INSERT INTO deliveries (event, target, route, urgent, changed, restored)
			VALUES (?1, ?2, ?3, ?4, ?5, (SELECT min(made) FROM restorations WHERE last >= ?1))`
		if _, err := c.exec(ctx, insert, p.Number, d.Target, d.Route, bit(d.Urgent), micros(now)); err != nil {
			return fmt.Errorf("delivery to %s: %w", d.Target, err)
		}
	}
	for place, v := range p.Verdicts {
		const insert = `INSERT INTO verdicts (event, place, route, reason) VALUES (?, ?, ?, ?)`
		if _, err := c.exec(ctx, insert, p.Number, place, v.Route, v.Reason); err != nil {
			return err
		}
	}
	if p.Gap != nil {
		if err := c.noteChain(ctx, p.Gap); err != nil {
			return err
		}
	}
	if p.Entity == nil {
		return nil
	}
	return c.storeEntity(ctx, p.Entity)
}

func (c *connection) mustExist(ctx context.Context, number int64) error {
	err := c.row(ctx, `SELECT number FROM events WHERE number = ?`, number).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return journal.ErrNotFound
	}
	return err
}

func (c *connection) knowTarget(ctx context.Context, target string) error {
	_, err := c.exec(ctx, `INSERT INTO targets (name) VALUES (?) ON CONFLICT DO NOTHING`, target)
	return err
}

// storeEntity keeps the newer of two states, whatever the order in which they come.
func (c *connection) storeEntity(ctx context.Context, s *journal.EntityState) error {
	_, err := c.exec(ctx, `INSERT INTO entities
		(key, kind, id, name, parent_kind, parent_id, parent_name, occurred, number, deleted, attributes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET kind = excluded.kind, id = excluded.id, name = excluded.name,
			parent_kind = excluded.parent_kind, parent_id = excluded.parent_id, parent_name = excluded.parent_name,
			occurred = excluded.occurred, number = excluded.number, deleted = excluded.deleted, attributes = excluded.attributes
		WHERE (excluded.occurred, excluded.number) >= (entities.occurred, entities.number)`,
		entityKey(s.Entity.ID), s.Entity.Kind, s.Entity.ID, s.Entity.Name, s.Parent.Kind, s.Parent.ID, s.Parent.Name,
		s.Occurred.UnixMicro(), s.Number, bit(s.Deleted), s.Attributes)
	return err
}

func entityKey(id string) string { return strings.ToLower(id) }

// stateColumns are what scanState reads, of entities as n; nameColumns are those before the attributes.
const (
	nameColumns  = `n.kind, n.id, n.name, n.parent_kind, n.parent_id, n.parent_name, n.occurred, n.number, n.deleted`
	stateColumns = nameColumns + `, n.attributes,
	(SELECT max(r.occurred) FROM recovered r WHERE r.entity = n.key),
	(SELECT s.hidden FROM sightings s WHERE s.key = n.key AND s.number = n.number)`
)

func scanState(row scanner, s *journal.EntityState) error {
	return row.Scan(&s.Entity.Kind, &s.Entity.ID, &s.Entity.Name, &s.Parent.Kind, &s.Parent.ID, &s.Parent.Name,
		timeColumn{&s.Occurred}, &s.Number, &s.Deleted, &s.Attributes, timeColumn{&s.Recovered}, timeColumn{&s.Hidden})
}

// Entity returns the newest known state of an entity, or journal.ErrNotFound.
func (j *Journal) Entity(ctx context.Context, id string) (journal.EntityState, error) {
	var s journal.EntityState
	err := j.read(ctx, func(q querier) error {
		err := scanState(q.QueryRowContext(ctx, `SELECT `+stateColumns+` FROM entities n WHERE n.key = ?`, entityKey(id)), &s)
		return orNotFound(err, "entity %q", id)
	})
	return s, err
}

const previousEvents = `SELECT ` + entryColumns + `, e.dict, e.body FROM events e INDEXED BY events_of_entity
	WHERE e.entity_id = ? AND e.planned = 1 AND e.number < ? AND e.quarantine = '' ORDER BY e.number DESC LIMIT ?`

// Previous returns the newest planned events of an entity with smaller numbers, newest first.
func (j *Journal) Previous(ctx context.Context, entity string, before int64, limit int) ([]journal.Entry, error) {
	scan := j.scanBounded()
	return readList(ctx, j, func(row scanner, e *journal.Entry) error { return scan(row, e) },
		previousEvents, entity, before, limit)
}

// orNotFound names what a query for one row did not find.
func orNotFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf(format+": %w", append(args, journal.ErrNotFound)...)
	}
	return err
}
