package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	sandboxslack "github.com/ppmrelay/ppmrelay/sandbox/slack"
)

const secret = "a-secret-for-tests-only"

// TestKillWithFile kills the real daemon with -9 while 16 clients post, at a random moment of 5 to 500 ms, again and
// again on the same journal:
//
//	start   post post post …  kill -9   start   post …  kill -9   …   start, drain, stop
//	        |  an effect is open: begun, perhaps written, not settled  ^
//
// It proves that what was acknowledged is in the file exactly once, and that nothing at all is in it twice.
func TestKillWithFile(t *testing.T) {
	dir := t.TempDir()
	csvFile, jsonFile := filepath.Join(dir, "changes.csv"), filepath.Join(dir, "changes.jsonl")
	config := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), `
server: { listen: "127.0.0.1:0", secrets: [`+secret+`] }
console: { listen: "127.0.0.1:0" }
journal: { url: "file:`+filepath.Join(dir, "journal.db")+`" }
routes:
  - { name: csv, events: ["*"], file: { path: changes.csv, rows: event } }
  - { name: json, events: ["*"], file: { path: changes.jsonl, rows: event } }
`)
	load := &load{acked: map[string]bool{}}
	opened := killRounds(t, config, filepath.Join(dir, "journal.db"), load)
	for name, keys := range map[string][]string{"CSV": column(t, csvFile, "Event id"), "JSON lines": field(t, jsonFile, "Event id")} {
		told := map[string]int{}
		for _, key := range keys {
			id, _, _ := strings.Cut(key, "/")
			told[id]++
		}
		lost, doubled := compare(load.acked, told)
		t.Logf("%s: acknowledged %d, told %d, lost %d, doubled %d", name, len(load.acked), len(told), lost, doubled)
		if lost > 0 || doubled > 0 {
			t.Errorf("%s: got %d lost and %d doubled, want 0 and 0", name, lost, doubled)
		}
	}
	enough(t, opened)
}

// TestKillWithSlackAndSheet is the same with Slack and a sheet, whose stand-ins live on while the daemon dies:
//
//	post  plan  begin  POST chat.postMessage | batchUpdate …  kill -9   start  recall: history | burn the fence   …
//	                   it arrives, or not          ^
func TestKillWithSlackAndSheet(t *testing.T) {
	s, err := sandbox.Start(t.Context(), sandbox.Options{
		Slack:  sandboxslack.Options{Unlimited: true},
		Google: google.Options{ReadsPerMinute: -1, WritesPerMinute: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "account.json"), string(s.Google.Credentials(s.GoogleURL)))
	config := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), `
server: { listen: "127.0.0.1:0", secrets: [`+secret+`] }
console: { listen: "127.0.0.1:0" }
slack: { token: `+sandboxslack.DefaultToken+`, api_url: "`+s.SlackURL+`", late: 400ms }
google: { credentials: file:account.json, endpoint: "`+s.GoogleURL+`", per_minute: 100000 }
routes:
  - { name: team, events: ["*"], slack: { channel: `+sandbox.Channel+` } }
  - { name: log, events: ["*"], sheet: { spreadsheet: `+sandbox.Spreadsheet+`, rows: event } }
`)
	load := &load{acked: map[string]bool{}}
	journalFile := filepath.Join(dir, "ppmrelay.db")
	opened := killRounds(t, config, journalFile, load)
	store, err := sqlite.Open(t.Context(), journalFile, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	found, err := auditSandbox(t.Context(), store, s)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	rows := s.Google.Rows(sandbox.Spreadsheet, "Changes")
	key := slices.Index(rows[0], "Event id")
	for _, row := range rows[1:] {
		id, _, _ := strings.Cut(row[key], "/")
		told[id]++
	}
	lost, doubled := compare(load.acked, told)
	t.Logf("acknowledged %d; %d events, %d messages, %d rows; lost %d and %d, doubled %d and %d", len(load.acked),
		found.Events, found.Messages, found.Rows, lost, found.Lost, doubled, found.Doubled)
	if lost+doubled+found.Lost+found.Doubled > 0 {
		t.Errorf("something is lost or doubled: %v", found.Details[:min(20, len(found.Details))])
	}
	enough(t, opened)
}

// enough demands that the crashes met what they are about.
func enough(t *testing.T, opened int) {
	t.Helper()
	t.Logf("rounds that ended with an effect open: %d", opened)
	if opened < 10 {
		t.Errorf("only %d rounds ended with an effect open, want at least 10: the test proves too little", opened)
	}
}

// killRounds runs the daemon and kills it, as often as $PPMRELAY_KILL_ROUNDS says, then lets it drain. It returns how
// many rounds left an effect open.
func killRounds(t *testing.T, config, journalFile string, load *load) (opened int) {
	t.Helper()
	rounds := 50
	if n, err := strconv.Atoi(os.Getenv("PPMRELAY_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	for range rounds {
		p := startDaemon(t, config)
		life := time.Duration(5+rand.IntN(496)) * time.Millisecond
		load.post(t, p.events, 16, time.After(life), p.kill)
		if counts := count(t, journalFile); counts.Open > 0 {
			opened++
		}
	}
	p := startDaemon(t, config)
	deadline := time.Now().Add(3 * time.Minute)
	for counts := count(t, journalFile); !settled(counts); counts = count(t, journalFile) {
		if time.Now().After(deadline) {
			t.Fatalf("not drained after 3 minutes: %+v", counts)
		}
		<-time.After(20 * time.Millisecond)
	}
	p.stop()
	return opened
}

func settled(c journal.Counts) bool {
	return c.Unplanned == 0 && c.Open == 0 && c.Deliveries[journal.Pending] == 0 && c.Deliveries[journal.Uncertain] == 0
}

// load posts events of many entities and remembers what was acknowledged.
type load struct {
	mu     sync.Mutex
	posted int
	acked  map[string]bool
}

// post lets clients post until the end comes, then calls it an end while they still do.
func (l *load) post(t *testing.T, url string, clients int, end <-chan time.Time, kill func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var posting sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for range clients {
		posting.Go(func() {
			for ctx.Err() == nil && l.postOne(ctx, client, url) {
			}
		})
	}
	<-end
	kill()
	cancel()
	posting.Wait()
}

// postOne posts one event, and reports whether the daemon still answers.
func (l *load) postOne(ctx context.Context, client *http.Client, url string) bool {
	l.mu.Lock()
	l.posted++
	n := l.posted
	l.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/events/Project/Updated", bytes.NewReader(eventBody(n)))
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	var answer struct{ ID string }
	if json.NewDecoder(response.Body).Decode(&answer) != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, response.Body)
	if response.StatusCode == http.StatusAccepted {
		l.mu.Lock()
		l.acked[answer.ID] = true
		l.mu.Unlock()
	}
	return response.StatusCode < 500
}

// eventBody is the n-th change of one of 37 projects.
func eventBody(n int) []byte {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Millisecond)
	return fmt.Appendf(nil, `{"WebhookId":"7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13","MessageId":"00000000-0000-4000-8000-%012d",
"Data":{"Id":"28e92b4c-3b0c-4100-83c8-%012d","Attributes":{"Name":"Project %d","Budget":%d},"BeforeAttributes":{"Name":"Project %d","Budget":%d},
"Initiator":{"UserId":"u","FullName":"Anna Doe","LogonAccount":"anna.doe@company.com"},"TimeStamp":%q}}`,
		n, n%37, n%37, n/37+1, n%37, n/37, at.Format(time.RFC3339Nano))
}

// compare returns how many acknowledged events are not told, and how many are told more than once.
func compare(acked map[string]bool, told map[string]int) (lost, doubled int) {
	for id := range acked {
		if told[id] == 0 {
			lost++
		}
	}
	for _, times := range told {
		if times > 1 {
			doubled++
		}
	}
	return lost, doubled
}

// column reads the cells of a CSV file's column.
func column(t *testing.T, file, header string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for i, name := range rows[0] {
		if name == header {
			for _, row := range rows[1:] {
				cells = append(cells, row[i])
			}
			return cells
		}
	}
	t.Fatalf("%s has no column %q but %q", file, header, rows[0])
	return nil
}

// field reads a field of every line of a JSON lines file.
func field(t *testing.T, file, name string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range bytes.Lines(data) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatalf("%s: %v in %q", file, err, line)
		}
		text, _ := row[name].(string)
		all = append(all, text)
	}
	return all
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
