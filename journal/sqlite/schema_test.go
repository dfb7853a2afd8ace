package sqlite

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// planOf returns how SQLite goes about a statement.
func planOf(t *testing.T, j *Journal, statement string) string {
	t.Helper()
	var steps []string
	err := j.write(t.Context(), func(ctx context.Context, c *connection) error {
		rows, err := c.conn.QueryContext(ctx, "EXPLAIN QUERY PLAN "+strings.ReplaceAll(statement, "?", "NULL"))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				return err
			}
			steps = append(steps, step)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return strings.Join(steps, "; ")
}

func TestStatementsUseTheirIndexes(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	for _, c := range []struct{ statement, want string }{
		{`SELECT number, body FROM events WHERE planned = 0 ORDER BY number LIMIT 10`, "INDEX events_unplanned"},
		{queueQuery, "INDEX deliveries_waiting (target=?)"},
		{moveClaimed, "INDEX deliveries_claimed (effect=?)"},
		{endClaimed, "INTEGER PRIMARY KEY"},
		{claimDeliveries, "INTEGER PRIMARY KEY"},
		{openEffects, "INDEX effects_open"},
		{eventCounts, "COVERING INDEX events_of_entity"},
		{eventCounts, "COVERING INDEX events_unplanned"},
		{eventCounts, "INDEX events_quarantined"},
		{stateCounts, "COVERING INDEX deliveries_by_state"},
		{`SELECT number FROM events WHERE entity_id = ? AND planned = 1`, "INDEX events_of_entity (entity_id=?)"},
		{`SELECT number FROM events WHERE entity_id = ? AND planned = 0`, "INDEX events_unplanned"},
		{`SELECT event FROM deliveries WHERE state = ?`, "INDEX deliveries_by_state (state=?)"},
		{`SELECT number FROM events WHERE quarantine <> '' ORDER BY number DESC LIMIT 10`, "INDEX events_quarantined"},
	} {
		got := planOf(t, j, c.statement)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", c.statement, got, c.want)
		}
		if strings.Contains(got, "TEMP B-TREE") && c.statement != openEffects {
			t.Errorf("%s\ngot  %s\nwant no sorting", c.statement, got)
		}
	}
}

func TestEveryColumnIsExplained(t *testing.T) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	table, column := regexp.MustCompile(`^CREATE TABLE`), regexp.MustCompile(`^  [a-z_]+ +(TEXT|INTEGER|BLOB)`)
	columns := 0
	for _, file := range files {
		text, err := migrations.ReadFile("migrations/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			switch {
			case table.MatchString(line) && !strings.HasPrefix(lines[i-1], "--"):
				t.Errorf("%s:%d: got a table without a comment", file.Name(), i+1)
			case column.MatchString(line):
				columns++
				if !strings.Contains(line, " -- ") && !strings.Contains(lines[i+1], "CHECK") {
					t.Errorf("%s:%d: got a column without a comment: %s", file.Name(), i+1, line)
				}
			}
		}
	}
	if columns < 50 {
		t.Errorf("got %d columns, want all of them", columns)
	}
}
