package sqlite

import (
	"context"
	"math"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

const defaultLimit = 50

// receivedBetween is answered by the indexes, whatever the clock did meanwhile.
const receivedBetween = `SELECT number FROM events WHERE planned = 1 AND received >= ? AND received < ?
			UNION ALL SELECT number FROM events WHERE planned = 0 AND received >= ? AND received < ?`

const (
	// Two counts that indexes answer, instead of one that reads the whole table.
	eventCounts = `SELECT (SELECT count(*) FROM events WHERE planned = 1),
		(SELECT count(*) FROM events WHERE planned = 0),
		(SELECT count(*) FROM events WHERE quarantine <> ''),
		(SELECT count(*) FROM effects WHERE outcome IS NULL),
		(SELECT count(*) FROM effects WHERE double = 1)`
	statesOf    = `SELECT event, state, count(*) FROM deliveries WHERE event IN (SELECT value FROM json_each(?)) GROUP BY event, state`
	stateCounts = `SELECT state, count(*) FROM deliveries GROUP BY state`
)

// Events lists the newest events that match, newest first.
func (j *Journal) Events(ctx context.Context, filter journal.Filter) ([]journal.Summary, error) {
	where, args := conditions(filter)
	var summaries []journal.Summary
	err := j.read(ctx, func(q querier) (err error) {
		summaries, err = list(ctx, q, func(row scanner, s *journal.Summary) error { return scanEntry(row, &s.Entry) },
			`SELECT `+entryColumns+` FROM events e`+where+` ORDER BY e.number DESC LIMIT ?`, args...)
		if err != nil {
			return err
		}
		return addStates(ctx, q, summaries)
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
	if !filter.Since.IsZero() || !filter.Until.IsZero() {
		since, until := int64(math.MinInt64), int64(math.MaxInt64)
		if !filter.Since.IsZero() {
			since = filter.Since.UnixMicro()
		}
		if !filter.Until.IsZero() {
			until = filter.Until.UnixMicro()
		}
		add(`e.number IN (`+receivedBetween+`)`, since, until, since, until)
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

// addStates counts the deliveries of all events of a list at once.
func addStates(ctx context.Context, q querier, summaries []journal.Summary) error {
	byNumber := make(map[int64]map[journal.State]int, len(summaries))
	numbers := make([]int64, len(summaries))
	for i := range summaries {
		numbers[i] = summaries[i].Entry.Number
		summaries[i].States = make(map[journal.State]int)
		byNumber[numbers[i]] = summaries[i].States
	}
	type line struct {
		event int64
		stateCount
	}
	lines, err := list(ctx, q, func(row scanner, l *line) error { return row.Scan(&l.event, &l.state, &l.count) },
		statesOf, jsonList(numbers))
	for _, l := range lines {
		byNumber[l.event][stateOf(l.state)] += int(l.count)
	}
	return err
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
			&planned, &counts.Unplanned, &counts.Quarantined, &counts.Open, &counts.Doubles)
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
