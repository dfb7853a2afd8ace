package sqlite

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

// killPath names the file that the process to be killed writes.
const killPath = "PPMRELAY_TEST_KILL_PATH"

// TestKilledWriterLosesNothing kills a process that writes at a random moment, as often as it takes to meet every kind
// of moment, and looks for everything that was acknowledged. kill -9 leaves the kernel's memory alone: it proves the
// order of commit and answer, not that the disk was synced.
func TestKilledWriterLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	acknowledged := make(map[string]string) // what was printed, by the text of the event
	for range 10 {
		maps.Copy(acknowledged, killedWriter(t, path))
		j, err := Open(t.Context(), path, Options{Tenant: "contoso"})
		if err != nil {
			t.Fatal(err)
		}
		checkAcknowledged(t, j, acknowledged)
		checkIntact(t, j)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acknowledged) == 0 {
		t.Error("got nothing acknowledged, want a writer that lived long enough")
	}
}

// killedWriter runs the writer for some milliseconds after its first answer, and returns its answers.
func killedWriter(t *testing.T, path string) map[string]string {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriterToBeKilled$")
	command.Env = append(os.Environ(), killPath+"="+path)
	command.Stderr = os.Stderr
	pipe, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	first, err := out.ReadString('\n')
	if err != nil {
		t.Fatalf("got %q (%v), want an answer", first, err)
	}
	time.AfterFunc(time.Duration(rand.IntN(60))*time.Millisecond, func() {
		if err := command.Process.Kill(); err != nil {
			t.Error(err)
		}
	})
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("got %v, want it killed", err)
	}
	answers := make(map[string]string)
	lines := bytes.SplitAfter(append([]byte(first), rest...), []byte("\n"))
	for _, line := range lines {
		if text, answer, ok := strings.Cut(string(line), " "); ok && strings.HasSuffix(answer, "\n") {
			answers[text] = strings.TrimSpace(answer)
		}
	}
	return answers
}

// checkAcknowledged looks for every event under the number and id that were answered, and asks for it once more.
func checkAcknowledged(t *testing.T, j *Journal, acknowledged map[string]string) {
	t.Helper()
	for text, answer := range acknowledged {
		var number int64
		var id, state string
		if _, err := fmt.Sscan(answer, &number, &id, &state); err != nil {
			t.Fatalf("%q: %v", answer, err)
		}
		story, err := j.Story(t.Context(), number)
		if err != nil || string(story.Entry.Body) != text || story.Entry.ID != id {
			t.Fatalf("event %d: got %s %q (%v), want %s %q", number, story.Entry.ID, story.Entry.Body, err, id, text)
		}
		if state == "told" && (len(story.Deliveries) != 1 || story.Deliveries[0].State != journal.Delivered) {
			t.Fatalf("event %d: got %+v, want it delivered", number, story.Deliveries)
		}
		if again := appendText(t, j, text); !again.Duplicate || again.Number != number || again.ID != id {
			t.Fatalf("event %d: got %+v when it came again, want a duplicate", number, again)
		}
	}
}

// checkIntact looks for what must hold after any crash.
func checkIntact(t *testing.T, j *Journal) {
	t.Helper()
	checkIntegrity(t, j)
	var odd int
	err := j.readers.QueryRowContext(t.Context(), `SELECT
		(SELECT count(*) FROM deliveries d LEFT JOIN effects f ON f.number = d.effect AND f.outcome IS NULL
			WHERE (d.state IN ('claimed', 'unsure')) <> (f.number IS NOT NULL)) +
		(SELECT count(*) FROM events WHERE planned <> (number IN (SELECT event FROM deliveries))) +
		(SELECT count(*) FROM events WHERE number NOT IN (SELECT event FROM seen))`).Scan(&odd)
	if err != nil || odd != 0 {
		t.Errorf("got %d rows of halves (%v), want none", odd, err)
	}
}

// TestWriterToBeKilled is the process that TestKilledWriterLosesNothing kills: 16 goroutines that append and one that
// delivers, each printing what was acknowledged.
func TestWriterToBeKilled(t *testing.T) {
	path := os.Getenv(killPath)
	if path == "" {
		t.Skip("only for TestKilledWriterLosesNothing")
	}
	j := open(t, path, Options{Tenant: "contoso"})
	for range 16 {
		go func() {
			for {
				text := uuid.NewString() + strings.Repeat("-word", rand.IntN(500))
				appended := appendText(t, j, text)
				say(t, text, appended.Number, appended.ID, "new")
			}
		}()
	}
	for {
		deliver(t, j)
	}
}

// say prints one line that the other process reads.
func say(t *testing.T, text string, number int64, id, state string) {
	t.Helper()
	if _, err := fmt.Fprintf(os.Stdout, "%s %d %s %s\n", text, number, id, state); err != nil {
		t.Error(err)
	}
}

// deliver plans what is new, claims what waits, and settles it as told.
func deliver(t *testing.T, j *Journal) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	entries, err := j.Unplanned(ctx, 20)
	must(err)
	var plans []journal.Planned
	for _, e := range entries {
		plans = append(plans, journal.Planned{Number: e.Number, Deliveries: []journal.NewDelivery{{Target: "a", Route: "r"}}})
	}
	must(j.Plan(ctx, plans))
	open, err := j.OpenEffects(ctx)
	must(err)
	for _, f := range open { // of the process before
		settlement := journal.Settlement{Effect: f.ID, At: time.Now(), Target: journal.TargetState{Target: "a"}}
		settlement.Outcome = journal.BecameUnsure
		must(j.Settle(ctx, settlement))
		settlement.Outcome = journal.DidNot
		must(j.Settle(ctx, settlement))
	}
	waiting, err := j.Queue(ctx, "a", 20)
	must(err)
	effect := journal.Effect{ID: uuid.Must(uuid.NewV7()).String(), Target: "a", Started: time.Now()}
	for _, w := range waiting {
		effect.Deliveries = append(effect.Deliveries, w.Delivery)
	}
	must(j.Begin(ctx, effect))
	must(j.Settle(ctx, journal.Settlement{
		Effect: effect.ID, Outcome: journal.Told, At: time.Now(), Target: journal.TargetState{Target: "a"},
	}))
	for _, w := range waiting {
		say(t, string(w.Entry.Body), w.Entry.Number, w.Entry.ID, "told")
	}
}
