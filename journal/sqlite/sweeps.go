package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	beginSweep = `INSERT INTO sweeps (mode, stage, began, since, until, progress) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	saveSweep  = `UPDATE sweeps SET stage = ?, progress = ? WHERE number = ? AND ended IS NULL`
	endSweep   = `UPDATE sweeps SET ended = ?, progress = ? WHERE number = ? AND ended IS NULL`
	closeGaps  = `UPDATE gaps INDEXED BY gaps_open SET closed = ?1, sweep = ?2
		WHERE closed IS NULL AND cause <> 'chain' AND until IS NOT NULL AND until <= (SELECT began FROM sweeps WHERE number = ?2)`
	knownSince = `SELECT min(at) FROM (SELECT * FROM (SELECT began AS at FROM sweeps ORDER BY number LIMIT 1)
		UNION ALL SELECT * FROM (SELECT received FROM events ORDER BY number LIMIT 1))`
	allSweeps = `SELECT number, mode, stage, began, ended, since, until, progress FROM sweeps ORDER BY number DESC LIMIT ?`

	uncover = `UPDATE sightings SET hidden = NULL WHERE key = ? AND hidden IS NOT NULL`
	sight   = `INSERT INTO sightings (key, sweep, number) VALUES (?1, ?2, 0) ON CONFLICT DO UPDATE SET sweep = ?2`
	// What is below a project that cannot be read is neither there nor absent.
	sightBelow = `INSERT INTO sightings (key, sweep, number) SELECT key, ?2, 0 FROM entities WHERE parent_id = ?1 COLLATE NOCASE
		ON CONFLICT DO UPDATE SET sweep = ?2`
	insertVisit   = `INSERT INTO visits (id, name, done) VALUES (?, ?, 0) ON CONFLICT DO NOTHING`
	visited       = `UPDATE visits SET done = 1 WHERE id = ?`
	nextVisit     = `SELECT name FROM visits INDEXED BY visits_open WHERE done = 0 ORDER BY id LIMIT 1`
	visitDoubtful = `INSERT INTO visits (id, name, done) SELECT lower(parent_id), parent_id, 0 FROM suspects
		WHERE agreed = 0 AND kind IN ('Task', 'KeyDate') AND true ON CONFLICT DO NOTHING`
	// In any order, so that one which cannot be read is not taken each time.
	anotherProject = `SELECT n.id FROM sightings g CROSS JOIN entities n ON n.key = g.key
		WHERE g.sweep = ? AND n.kind = 'Project' AND n.deleted = 0 AND g.key <> ? ORDER BY random() LIMIT 1`
	becomesUnread = `INSERT INTO meta VALUES ('unread ' || ?, '') ON CONFLICT DO NOTHING`
	isUnread      = `SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'unread ' || ?)`
	becomesRead   = `DELETE FROM meta WHERE name = 'unread ' || ?`
	// What is below a project without an id cannot be looked for.
	unseenEntities = `SELECT ` + stateColumns + ` FROM entities n LEFT JOIN sightings g ON g.key = n.key
		WHERE n.key > ? AND n.deleted = 0 AND coalesce(g.sweep, 0) < ?
			AND (n.kind IN ('Project', 'Idea') OR n.kind IN ('Task', 'KeyDate') AND n.parent_kind = 'Project' AND n.parent_id <> '')
			AND NOT (g.hidden IS NOT NULL AND g.number = n.number)
		ORDER BY n.key LIMIT ?`
	hiddenEntities = `SELECT ` + nameColumns + `, NULL AS attributes, NULL AS recovered, g.hidden FROM sightings g CROSS JOIN entities n ON n.key = g.key
		WHERE g.hidden IS NOT NULL AND g.number = n.number ORDER BY g.hidden DESC, g.key LIMIT ?`
)

// BeginSweep begins a sweep and returns it with its number. journal.ErrConflict when one is under way.
func (j *Journal) BeginSweep(ctx context.Context, sweep journal.Sweep) (journal.Sweep, error) {
	progress, err := json.Marshal(sweep.Progress)
	if err != nil {
		return sweep, j.fail(err)
	}
	err = j.write(ctx, func(ctx context.Context, c *connection) error {
		begun, err := c.exec(ctx, beginSweep, string(sweep.Mode), string(sweep.Stage), micros(sweep.Began), micros(sweep.Gap.Since),
			micros(sweep.Gap.Until), string(progress))
		if err != nil {
			return err
		}
		if begun == 0 {
			return fmt.Errorf("a sweep is under way: %w", journal.ErrConflict)
		}
		if err := c.forgetReadings(ctx); err != nil {
			return err
		}
		return c.row(ctx, `SELECT max(number) FROM sweeps`).Scan(&sweep.Number)
	})
	return sweep, err
}

// forgetReadings takes away what only a sweep under way needs.
func (c *connection) forgetReadings(ctx context.Context) error {
	for _, forget := range []string{`DELETE FROM suspects`, `DELETE FROM visits`} {
		if _, err := c.exec(ctx, forget); err != nil {
			return err
		}
	}
	return nil
}

// Sweeps returns the newest sweeps, newest first.
func (j *Journal) Sweeps(ctx context.Context, limit int) ([]journal.Sweep, error) {
	return readList(ctx, j, func(row scanner, s *journal.Sweep) error {
		var progress []byte
		err := row.Scan(&s.Number, &s.Mode, &s.Stage, timeColumn{&s.Began}, timeColumn{&s.Ended}, timeColumn{&s.Gap.Since},
			timeColumn{&s.Gap.Until}, &progress)
		if err != nil {
			return err
		}
		return json.Unmarshal(progress, &s.Progress)
	}, allSweeps, limit)
}

// KnownSince returns when the first sweep began, or the first event came, or journal.ErrNotFound.
func (j *Journal) KnownSince(ctx context.Context) (at time.Time, _ error) {
	err := j.read(ctx, func(q querier) error { return q.QueryRowContext(ctx, knownSince).Scan(timeColumn{&at}) })
	if err == nil && at.IsZero() {
		err = fmt.Errorf("anything that is known: %w", journal.ErrNotFound)
	}
	return at, err
}

// NextVisit returns the id of a project that is to be visited, or journal.ErrNotFound.
func (j *Journal) NextVisit(ctx context.Context) (id string, _ error) {
	err := j.read(ctx, func(q querier) error {
		return orNotFound(q.QueryRowContext(ctx, nextVisit).Scan(&id), "a project to visit")
	})
	return id, err
}

// AnotherProject returns the id of a project that a sweep has seen, any but one, or journal.ErrNotFound.
func (j *Journal) AnotherProject(ctx context.Context, sweep int64, but string) (id string, _ error) {
	err := j.read(ctx, func(q querier) error {
		return orNotFound(q.QueryRowContext(ctx, anotherProject, sweep, entityKey(but)).Scan(&id), "another project")
	})
	return id, err
}

// Unread reports whether what is below a project was never read: sweeps that tell nobody skipped it.
func (j *Journal) Unread(ctx context.Context, project string) (unread bool, _ error) {
	err := j.read(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, isUnread, entityKey(project)).Scan(&unread)
	})
	return unread, err
}

// VisitDoubtful makes the projects of tasks and key dates that were not read again the ones to visit.
func (j *Journal) VisitDoubtful(ctx context.Context) error {
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		if _, err := c.exec(ctx, `DELETE FROM visits`); err != nil {
			return err
		}
		_, err := c.exec(ctx, visitDoubtful)
		return err
	})
}

// Unseen returns entities that a sweep reads and has not seen, in the order of their keys: those behind a key.
func (j *Journal) Unseen(ctx context.Context, sweep int64, after string, limit int) ([]journal.EntityState, error) {
	return readList(ctx, j, scanState, unseenEntities, entityKey(after), sweep, limit)
}

// HiddenEntities returns entities that are no longer visible, newest first: which they are, without their attributes.
func (j *Journal) HiddenEntities(ctx context.Context, limit int) ([]journal.EntityState, error) {
	return readList(ctx, j, scanState, hiddenEntities, limit)
}

// EndSweep ends a sweep. One that compared, or adopted, everything closes the gaps that ended before it began.
func (j *Journal) EndSweep(ctx context.Context, sweep journal.Sweep, at time.Time) error {
	progress, err := json.Marshal(sweep.Progress)
	if err != nil {
		return j.fail(err)
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		ended, err := c.exec(ctx, endSweep, micros(at), string(progress), sweep.Number)
		if err != nil || ended == 0 {
			return err
		}
		if sweep.Mode == journal.Compare || sweep.Mode == journal.Adopt {
			if _, err := c.exec(ctx, closeGaps, micros(at), sweep.Number); err != nil {
				return err
			}
		}
		return c.forgetReadings(ctx)
	})
}
