package sqlite

import (
	"context"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

const defaultLimit = 50

const (
	// Two counts that indexes answer, instead of one that reads the whole table.
	eventCounts = `SELECT (SELECT count(*) FROM events WHERE planned = 1),
		(SELECT count(*) FROM events WHERE planned = 0),
		(SELECT count(*) FROM events WHERE quarantine <> ''),
		(SELECT count(*) FROM effects WHERE outcome IS NULL)`
	stateCounts = `SELECT state, count(*) FROM deliveries GROUP BY state`
)

// Events lists the newest events that match, newest first.
func (j *Journal) Events(ctx context.Context, filter journal.Filter) ([]journal.Summary, error) {
	where, args := conditions(filter)
	var summaries []journal.Summary
	err := j.read(ctx, func(q querier) (err error) {
		summaries, err = list(ctx, q, func(row scanner, s *journal.Summary) error { return scanEntry(row, &s.Entry) },
			`SELECT `+entryColumns+` FROM events e`+where+` ORDER BY e.number DESC LIMIT ?`, args...)
		for i := 0; i < len(summaries) && err == nil; i++ {
			summaries[i].States, err = states(ctx, q, summaries[i].Entry.Number)
		}
		return err
	})
	return summaries, err
}

// conditions are the WHERE of a filter and the arguments of the whole query.
func conditions(filter journal.Filter) (where string, args []any) {
	var all []string
	add := func(condition string, values ...any) {
		all = append(all, condition)
		args = append(args, values...)
	}
	if filter.Type != "" {
		add(`e.type = ?`, string(filter.Type))
	}
	if filter.Entity != "" {
		add(`e.number IN (SELECT number FROM events WHERE entity_id = ? AND planned = 1
			UNION ALL SELECT number FROM events WHERE entity_id = ? AND planned = 0)`, filter.Entity, filter.Entity)
	}
	switch filter.State {
	case "":
	case journal.Pending:
		add(`e.number IN (SELECT event FROM deliveries WHERE state IN ('pending', 'claimed'))`)
	default:
		add(`e.number IN (SELECT event FROM deliveries WHERE state = ?)`, string(filter.State))
	}
	if filter.Quarantine {
		add(`e.quarantine <> ''`)
	}
	if filter.Before > 0 {
		add(`e.number < ?`, filter.Before)
	}
	limit := filter.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	args = append(args, limit)
	if len(all) == 0 {
		return "", args
	}
	return " WHERE " + strings.Join(all, " AND "), args
}

// stateCount is a line of a statistic by state.
type stateCount struct {
	state string
	count int64
}

func scanCount(row scanner, c *stateCount) error { return row.Scan(&c.state, &c.count) }

// states counts the deliveries of an event.
func states(ctx context.Context, q querier, number int64) (map[journal.State]int, error) {
	counts, err := list(ctx, q, scanCount, `SELECT state, count(*) FROM deliveries WHERE event = ? GROUP BY state`, number)
	states := make(map[journal.State]int, len(counts))
	for _, c := range counts {
		states[stateOf(c.state)] += int(c.count)
	}
	return states, err
}

// stateOf names a stored state as the contract does: a claimed delivery is pending still.
func stateOf(stored string) journal.State {
	if stored == "claimed" {
		return journal.Pending
	}
	return journal.State(stored)
}

// Count returns the journal in figures.
func (j *Journal) Count(ctx context.Context) (journal.Counts, error) {
	counts := journal.Counts{Deliveries: make(map[journal.State]int64)}
	err := j.read(ctx, func(q querier) error {
		var planned int64
		err := q.QueryRowContext(ctx, eventCounts).Scan(
			&planned, &counts.Unplanned, &counts.Quarantined, &counts.Open)
		if err != nil {
			return err
		}
		counts.Events = planned + counts.Unplanned
		lines, err := list(ctx, q, scanCount, stateCounts)
		for _, l := range lines {
			counts.Deliveries[stateOf(l.state)] += l.count
		}
		return err
	})
	return counts, err
}
