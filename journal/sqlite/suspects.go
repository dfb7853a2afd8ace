package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	suspectColumns = `s.sort, s.kind, s.id, s.name, s.parent_kind, s.parent_id, s.attributes, s.read, s.seen, s.occurred, s.number, s.agreed`
	storeSuspect   = `INSERT INTO suspects (key, sort, kind, id, name, parent_kind, parent_id, attributes, read, seen, occurred, number, agreed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET sort = excluded.sort, kind = excluded.kind, id = excluded.id, name = excluded.name,
			parent_kind = excluded.parent_kind, parent_id = excluded.parent_id, attributes = excluded.attributes, read = excluded.read,
			seen = excluded.seen, occurred = excluded.occurred, number = excluded.number, agreed = excluded.agreed`
	oneSuspect   = `SELECT ` + suspectColumns + ` FROM suspects s WHERE s.key = ?`
	someSuspects = `SELECT ` + suspectColumns + ` FROM suspects s WHERE s.key > ? AND s.agreed = ? ORDER BY s.key LIMIT ?`
	doubtful     = `SELECT kind, count(*), max(seen) FROM suspects WHERE agreed = 0 GROUP BY kind`

	// A portion of suspects, by key: those below one project, or below none; and what becomes of them.
	someBelow = `SELECT max(key) FROM (SELECT key FROM suspects INDEXED BY suspects_of_project
		WHERE parent_id = ? COLLATE NOCASE AND key > ? ORDER BY key LIMIT ?)`
	absentAgain = `UPDATE suspects INDEXED BY suspects_of_project SET agreed = 1 WHERE kind = ? AND parent_id = ? COLLATE NOCASE
		AND sort = 'absent' AND agreed = 0 AND seen < ? AND key > ? AND key <= ?`
	sameAgain = `DELETE FROM suspects INDEXED BY suspects_of_project WHERE kind = ? AND parent_id = ? COLLATE NOCASE
		AND sort <> 'absent' AND agreed = 0 AND seen < ? AND key > ? AND key <= ?`
	doubtAgain = `UPDATE suspects SET agreed = 0 WHERE key = ?`

	versionOf  = `SELECT occurred, number FROM entities WHERE key = ?`
	unplanned  = `SELECT EXISTS (SELECT 1 FROM events INDEXED BY events_unplanned WHERE entity_id = ? AND planned = 0)`
	someAbsent = `SELECT max(key) FROM (SELECT key FROM suspects WHERE sort = 'absent' AND agreed = 1 AND key > ? ORDER BY key LIMIT ?)`
	hide       = `INSERT INTO sightings (key, sweep, hidden, number)
		SELECT n.key, ?1, ?2, n.number FROM suspects s CROSS JOIN entities n ON n.key = s.key
		WHERE s.sort = 'absent' AND s.agreed = 1 AND s.key > ?3 AND s.key <= ?4
			AND n.occurred = s.occurred AND n.number = s.number AND n.deleted = 0
		ON CONFLICT DO UPDATE SET hidden = excluded.hidden, number = excluded.number`
	hiddenNow = `DELETE FROM suspects WHERE sort = 'absent' AND agreed = 1 AND key > ? AND key <= ?`
)

func (c *connection) keepSuspects(ctx context.Context, reading *journal.Reading) error {
	for i := range reading.Suspects {
		s := &reading.Suspects[i]
		_, err := c.exec(ctx, storeSuspect, entityKey(s.Entity.ID), string(s.Sort), s.Entity.Kind, s.Entity.ID, s.Entity.Name,
			s.Parent.Kind, s.Parent.ID, s.Attributes, s.Read.UnixMicro(), s.Seen.UnixMicro(), micros(s.Occurred), s.Number, bit(s.Agreed))
		if err != nil {
			return err
		}
	}
	for _, id := range reading.Drop {
		if _, err := c.exec(ctx, `DELETE FROM suspects WHERE key = ?`, entityKey(id)); err != nil {
			return err
		}
	}
	return nil
}

func scanSuspect(row scanner, s *journal.Suspect) error {
	return row.Scan(&s.Sort, &s.Entity.Kind, &s.Entity.ID, &s.Entity.Name, &s.Parent.Kind, &s.Parent.ID, &s.Attributes,
		timeColumn{&s.Read}, timeColumn{&s.Seen}, timeColumn{&s.Occurred}, &s.Number, &s.Agreed)
}

// Suspect returns what is suspected of an entity, or journal.ErrNotFound.
func (j *Journal) Suspect(ctx context.Context, id string) (s journal.Suspect, _ error) {
	err := j.read(ctx, func(q querier) error {
		return orNotFound(scanSuspect(q.QueryRowContext(ctx, oneSuspect, entityKey(id)), &s), "a suspect %q", id)
	})
	return s, err
}

// Suspects returns some suspects, in the order of their keys: those behind a key.
func (j *Journal) Suspects(ctx context.Context, agreed bool, after string, limit int) ([]journal.Suspect, error) {
	return readList(ctx, j, scanSuspect, someSuspects, entityKey(after), bit(agreed), limit)
}

// Doubtful returns how many suspects were not read again yet, by kind, and when the newest of them was seen.
func (j *Journal) Doubtful(ctx context.Context) (map[string]int, time.Time, error) {
	type line struct {
		kind  string
		count int
		seen  time.Time
	}
	lines, err := readList(ctx, j, func(row scanner, l *line) error { return row.Scan(&l.kind, &l.count, timeColumn{&l.seen}) }, doubtful)
	counts, newest := map[string]int{}, time.Time{}
	for _, l := range lines {
		counts[l.kind] = l.count
		if l.seen.After(newest) {
			newest = l.seen
		}
	}
	return counts, newest, err
}

// settledAtOnce is how many suspects one commit settles that no second reading has met. What arrives meanwhile waits for
// that commit, and a project that disappears can leave tens of thousands.
const settledAtOnce = 200

// portions settles suspects, a portion in one commit: those with keys above after and up to last. some is the query for the
// last key of a portion, and args are its values before its own two.
func (j *Journal) portions(ctx context.Context, sweep *journal.Sweep, settle func(ctx context.Context, c *connection, sweep *journal.Sweep, after, last string) error,
	some string, args ...any,
) error {
	for after := ""; ; {
		kept, last := *sweep, sql.NullString{}
		err := j.write(ctx, func(ctx context.Context, c *connection) error {
			kept = *sweep
			if err := c.row(ctx, some, append(slices.Clone(args), after, settledAtOnce)...).Scan(&last); err != nil || !last.Valid {
				return err
			}
			if err := settle(ctx, c, &kept, after, last.String); err != nil {
				return err
			}
			return c.saveSweep(ctx, kept)
		})
		if err != nil || !last.Valid {
			return err
		}
		*sweep, after = kept, last.String
	}
}

// ListedAgain ends a second reading of all entities of a kind, or of those below one project.
func (j *Journal) ListedAgain(ctx context.Context, sweep journal.Sweep, kind, parent string, before time.Time) error {
	return j.portions(ctx, &sweep, func(ctx context.Context, c *connection, _ *journal.Sweep, after, last string) error {
		for _, change := range []string{absentAgain, sameAgain} {
			if _, err := c.exec(ctx, change, kind, parent, micros(before), after, last); err != nil {
				return err
			}
		}
		return nil
	}, someBelow, parent)
}

// Recover turns agreed suspects into events, or says why not, and counts them in the sweep's progress.
func (j *Journal) Recover(ctx context.Context, sweep *journal.Sweep, told []journal.Recovery) ([]journal.Settled, error) {
	all, err := j.recovering(told)
	if err != nil {
		return nil, j.fail(err)
	}
	settled := make([]journal.Settled, len(told))
	kept := *sweep
	err = j.write(ctx, func(ctx context.Context, c *connection) error {
		kept = *sweep
		for i := range told {
			var err error
			if settled[i], err = c.recover(ctx, all[i], &told[i], &kept); err != nil {
				return err
			}
		}
		return c.saveSweep(ctx, kept)
	})
	if err != nil {
		return nil, err
	}
	*sweep = kept
	return settled, nil
}

func (c *connection) recover(ctx context.Context, a *appending, r *journal.Recovery, sweep *journal.Sweep) (journal.Settled, error) {
	key := entityKey(r.Suspect)
	var at time.Time
	var number int64
	err := c.row(ctx, versionOf, key).Scan(timeColumn{&at}, &number)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	if !at.Equal(r.At) || number != r.Number {
		_, err := c.exec(ctx, doubtAgain, key)
		return journal.SettledMoved, err
	}
	var waiting bool
	if err := c.row(ctx, unplanned, r.Suspect).Scan(&waiting); err != nil || waiting {
		return journal.SettledWaiting, err
	}
	if err := c.appendRecovered(ctx, a, r); err != nil {
		return "", err
	}
	if r.Type.Action() == event.Created {
		sweep.Progress.Created++
	} else {
		sweep.Progress.Updated++
	}
	_, err = c.exec(ctx, `DELETE FROM suspects WHERE key = ?`, key)
	return journal.SettledTold, err
}

// Hide marks the agreed absent entities as no longer visible, and counts them in the sweep's progress. One whose version
// changed meanwhile is there.
func (j *Journal) Hide(ctx context.Context, sweep *journal.Sweep, at time.Time) error {
	return j.portions(ctx, sweep, func(ctx context.Context, c *connection, sweep *journal.Sweep, after, last string) error {
		hidden, err := c.exec(ctx, hide, sweep.Number, micros(at), after, last)
		if err != nil {
			return err
		}
		sweep.Progress.Hidden += int(hidden)
		_, err = c.exec(ctx, hiddenNow, after, last)
		return err
	}, someAbsent)
}
