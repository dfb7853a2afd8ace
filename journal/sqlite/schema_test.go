package sqlite

import (
	"context"
	"crypto/sha256"
	"fmt"
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
		rows, err := c.conn.QueryContext(ctx, "EXPLAIN QUERY PLAN "+regexp.MustCompile(`\?\d*`).ReplaceAllString(statement, "NULL"))
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
		{oldestUrgent, "INDEX deliveries_urgent (target=?)"},
		{urgentQuery, "INDEX events_of_entity (entity_id=? AND number<?)"},
		{moveClaimed, "INDEX deliveries_of_effect (effect=?)"},
		{endClaimed, "INTEGER PRIMARY KEY"},
		{claimDeliveries, "INTEGER PRIMARY KEY"},
		{openEffects, "INDEX effects_open"},
		{eventCounts, "COVERING INDEX events_received"},
		{eventCounts, "COVERING INDEX effects_double"},
		{eventCounts, "COVERING INDEX events_unplanned"},
		{eventCounts, "INDEX events_quarantined"},
		{stateCounts, "COVERING INDEX deliveries_by_state"},
		{`SELECT number FROM events WHERE entity_id = ? AND planned = 1`, "INDEX events_of_entity (entity_id=?)"},
		{`SELECT number FROM events WHERE entity_id = ? AND planned = 0`, "INDEX events_unplanned"},
		{previousEvents, "INDEX events_of_entity (entity_id=? AND number<?)"},
		{statesOf, "deliveries USING INDEX sqlite_autoindex_deliveries_1 (event=?)"},
		{receivedBetween, "COVERING INDEX events_received (received>? AND received<?)"},
		{receivedBetween, "INDEX events_unplanned"},
		{endedEvents, "INDEX events_received (received>? AND received<?)"},
		{endedEvents, "COVERING INDEX deliveries_by_state (state=? AND event=?)"},
		{superseded, "INDEX effects_void (started<?)"},
		{superseded, "INDEX deliveries_of_effect (effect=?)"},
		{effectsOf, "sqlite_autoindex_deliveries_1 (event=?)"},
		{dropEffects, "deliveries_of_effect (effect=?)"},
		{nextGeneration, "sqlite_autoindex_deliveries_1 (event=?)"},
		{insertAgain, "sqlite_autoindex_deliveries_1 (event=? AND target=?)"},
		{firstKept, "SCAN memory"},
		{oldMemory, "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		{forgetSeen, "PRIMARY KEY (fingerprint=?)"},
		{forgetMessages, "INTEGER PRIMARY KEY"},
		{openGaps, "INDEX gaps_open"},
		{dueGaps, "INDEX gaps_due (due>? AND due<?)"},
		{nextVisit, "INDEX visits_open"},
		{someBelow, "COVERING INDEX suspects_of_project (parent_id=? AND key>?)"},
		{absentAgain, "INDEX suspects_of_project (parent_id=? AND key>? AND key<?)"},
		{hide, "SEARCH s USING PRIMARY KEY (key>? AND key<?)"},
		{recoveredOf, "INDEX recovered_of_entity (entity=?)"},
		{eventsBetween, "INDEX events_of_entity (entity_id=? AND number>?)"},
		{unplanned, "INDEX events_unplanned"},
		{`SELECT event FROM deliveries WHERE state = ?`, "INDEX deliveries_by_state (state=?)"},
		{`SELECT number FROM events WHERE quarantine <> '' ORDER BY number DESC LIMIT 10`, "INDEX events_quarantined"},
		{backlogs, "COVERING INDEX deliveries_waiting"},
		{backlogs, "INDEX deliveries_by_state (state=?)"},
		{incidentColumns + ` WHERE until IS NULL ORDER BY id DESC LIMIT 10`, "INDEX incidents_open"},
		{incidentColumns + ` WHERE key = ? ORDER BY id DESC LIMIT 10`, "INDEX incidents_of_key (key=?)"},
	} {
		got := planOf(t, j, c.statement)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", c.statement, got, c.want)
		}
		if strings.Contains(got, "TEMP B-TREE") && !sorts(c.statement) {
			t.Errorf("%s\ngot  %s\nwant no sorting", c.statement, got)
		}
	}
}

// sorts reports whether a statement puts a handful of rows in order, or drops what is twice among them.
func sorts(statement string) bool {
	return statement == openEffects || statement == statesOf || statement == effectsOf || statement == backlogs
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

// What was released is in the files of others: a change of the tables is another file.
func TestReleasedTablesStayAsTheyAre(t *testing.T) {
	for name, want := range map[string]string{
		"0001_journal.sql": "17e4146fde8cd2eb89d149b068ed1ab414abc637872bb572f8cbaee76bf0d8c6",
	} {
		text, err := migrations.ReadFile("migrations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(text)); got != want {
			t.Errorf("%s: got the SHA-256 %s, want %s", name, got, want)
		}
	}
}
