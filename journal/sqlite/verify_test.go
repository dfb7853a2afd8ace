package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Every kind of damage that no commit can leave behind is found, and told in a sentence.
func TestVerifyFindsWhatMustNotBe(t *testing.T) {
	for name, c := range map[string]struct{ damage, want string }{
		"a claim without an effect":     {`UPDATE deliveries SET state = 'claimed' WHERE target = 'waiting'`, "delivery 4 of event 2 is claimed, and no open effect has claimed it"},
		"an effect that ended too soon": {`UPDATE effects SET outcome = 'refused' WHERE target = 'open'`, "delivery 5 of event 3 is claimed, and no open effect"},
		"a claim that was let go":       {`UPDATE deliveries SET state = 'pending' WHERE target = 'open'`, "delivery 5 of event 3 is pending, and effect 2 that has claimed it is open"},
		"an unsure effect forgotten":    {`UPDATE deliveries SET state = 'claimed' WHERE target = 'unsure'`, "delivery 6 of event 4 is claimed, and effect 3 that has claimed it is unsure"},
		"told, and pending":             {`UPDATE deliveries SET state = 'pending' WHERE target = 'told'`, "delivery 1 of event 1 is pending, and effect 1 that has claimed it is told"},
		"a list that claims too much":   {`UPDATE effects SET deliveries = '[5,1]' WHERE target = 'open'`, "effect 2 is open, and has not claimed delivery 1 of its list"},
		"two open effects": {`DROP INDEX effects_open; UPDATE effects SET outcome = NULL WHERE target = 'refused';
			UPDATE effects SET target = 'open' WHERE target = 'refused'`, "open has 2 open effects"},
		"another target":            {`UPDATE deliveries SET target = 'told' WHERE target = 'open'`, "delivery 5 is for told, and effect 2 that has claimed it for open"},
		"an unknown state":          {`PRAGMA ignore_check_constraints = 1; UPDATE deliveries SET state = 'lost' WHERE id = 4`, "delivery 4 of event 2 is in the unknown state lost"},
		"told before it is planned": {`UPDATE events SET planned = 0 WHERE number = 2`, "event 2 is not planned, and has deliveries"},
		"quarantine to be told":     {`UPDATE events SET planned = 0 WHERE number = 6`, "event 6 is in quarantine, and is to be told"},
		"quarantine that was told":  {`UPDATE events SET quarantine = 'x' WHERE number = 2`, "event 2 is in quarantine, and is to be told"},
		"an endless memory":         {`DELETE FROM memory WHERE event = 3`, "the fingerprint of event 3 would never be forgotten"},
		"no memory":                 {`DELETE FROM seen WHERE event = 3`, "event 3 would not be known if it came again"},
		"numbers given twice":       {`UPDATE sqlite_sequence SET seq = 2 WHERE name = 'events'`, "event 8 is newer than the last number that was given"},
		"a row that points nowhere": {`DELETE FROM events WHERE number = 7`, "a row of verdicts points to nothing in events"},
	} {
		t.Run(name, func(t *testing.T) {
			path := unpackFixture(t, "version-1")
			open(t, path, Options{}).Close()
			execute(t, path, c.damage)
			j := open(t, path, Options{ReadOnly: true})
			findings, err := j.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(findings, "\n"), c.want) {
				t.Errorf("got %q, want one that says %q", findings, c.want)
			}
			for _, f := range findings {
				if strings.ContainsAny(f, "!%") || f == "" {
					t.Errorf("got %q, want a plain sentence", f)
				}
			}
		})
	}
}

// What is told of a large damage is bounded.
func TestVerifyDoesNotTellEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, Options{})
	for i := range 100 {
		appendText(t, j, strings.Repeat("x", i+1))
	}
	j.Close()
	execute(t, path, `DELETE FROM seen`)
	findings, err := open(t, path, Options{}).Verify(t.Context())
	if err != nil || len(findings) != maxFindings {
		t.Errorf("got %d findings (%v), want %d", len(findings), err, maxFindings)
	}
}

func TestVerifySeesADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path, Options{})
	appendText(t, j, "one")
	j.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(whole[len(whole)-pageSize:], strings.Repeat("garbage ", pageSize/8)) // of the last page: some index
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := open(t, path, Options{ReadOnly: true}).Verify(t.Context())
	if err != nil || len(findings) == 0 || !strings.HasPrefix(findings[0], "the file is damaged: ") {
		t.Errorf("got %q (%v), want the damage", findings, err)
	}
}

// The worst that a busy journal goes through leaves nothing to find.
func TestVerifyFindsNothingInASoundJournal(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"), Options{})
	for i := range 30 {
		appendText(t, j, strings.Repeat("x", i+1))
	}
	planAll(t, j, "a")
	deliverAll(t, j)
	if _, err := j.Replay(t.Context(), []journal.Planned{{Number: 1, Deliveries: []journal.NewDelivery{{Target: "a"}}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Trim(t.Context(), journal.Policy{Now: time.Now().Add(time.Hour), Events: time.Minute, Memory: time.Minute, Least: 5}); err != nil {
		t.Fatal(err)
	}
	if findings, err := j.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("got findings %q (%v), want none", findings, err)
	}
}
