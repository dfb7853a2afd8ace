package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

// maxIncidents is how many incidents are kept that are over.
const maxIncidents = 10_000

const (
	storeIncident = `INSERT INTO incidents (id, key, part, title, why, since, until, told, event, notes)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET key = ?2, part = ?3, title = ?4, why = ?5,
		since = ?6, until = ?7, told = ?8, event = ?9, notes = ?10`
	dropIncidents = `DELETE FROM incidents WHERE until IS NOT NULL
		AND id <= (SELECT id FROM incidents ORDER BY id DESC LIMIT 1 OFFSET ?)`
	incidentColumns = `SELECT id, key, part, title, why, since, until, told, event, notes FROM incidents`
)

// SetIncident stores an incident, in place of the one with its id. The oldest that are over make room.
func (j *Journal) SetIncident(ctx context.Context, in journal.Incident) error {
	id, err := packIDs(in.ID)
	if err != nil {
		return j.fail(err)
	}
	if in.Since.IsZero() {
		return j.fail(fmt.Errorf("incident %s began at no time", in.ID))
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		_, err := c.exec(ctx, storeIncident, id, in.Key, in.Part, in.Title, in.Why,
			micros(in.Since), micros(in.Until), micros(in.Told), in.Event, in.Notes)
		if err == nil && !in.Until.IsZero() {
			_, err = c.exec(ctx, dropIncidents, maxIncidents)
		}
		return err
	})
}

func scanIncident(row scanner, in *journal.Incident) error {
	return row.Scan(idColumn{&in.ID}, &in.Key, &in.Part, &in.Title, &in.Why,
		timeColumn{&in.Since}, timeColumn{&in.Until}, timeColumn{&in.Told}, &in.Event, &in.Notes)
}

// Incidents lists the newest incidents that match, newest first.
func (j *Journal) Incidents(ctx context.Context, filter journal.IncidentFilter) ([]journal.Incident, error) {
	var where []string
	var args []any
	if filter.Open {
		where = append(where, `until IS NULL`)
	}
	if filter.Key != "" {
		where, args = append(where, `key = ?`), append(args, filter.Key)
	}
	if !filter.Since.IsZero() {
		where, args = append(where, `since >= ?`), append(args, filter.Since.UnixMicro())
	}
	query := incidentColumns
	if len(where) > 0 {
		query += ` WHERE ` + strings.Join(where, ` AND `)
	}
	limit := filter.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	return readList(ctx, j, scanIncident, query+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
}

// backlogs counts what waits in its index, and what few open effects have claimed.
const backlogs = `SELECT w.target, sum(w.waiting), min(e.received) FROM (
		SELECT target, count(*) AS waiting, min(event) AS oldest FROM deliveries INDEXED BY deliveries_waiting WHERE state = 'pending' GROUP BY target
		UNION ALL
		SELECT target, count(*), min(event) FROM deliveries WHERE state IN ('claimed', 'unsure') GROUP BY target
	) w JOIN events e ON e.number = w.oldest GROUP BY w.target ORDER BY w.target`

// Backlogs returns what waits for each target.
func (j *Journal) Backlogs(ctx context.Context) ([]journal.Backlog, error) {
	return readList(ctx, j, func(row scanner, b *journal.Backlog) error {
		return row.Scan(&b.Target, &b.Waiting, timeColumn{&b.Oldest})
	}, backlogs)
}
