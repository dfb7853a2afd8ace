package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/selftest"
)

// binary builds the real program once for all tests, as the image does: by the Dockerfile's own line.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ppmrelay-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "ppmrelay")
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		command, ok := strings.CutPrefix(line, "RUN ")
		if !ok || !strings.Contains(command, "go build") {
			continue
		}
		command = strings.Replace(command, "-o /ppmrelay", "-o "+path, 1)
		command = strings.Replace(command, "${VERSION}", "v0-test", 1)
		build := exec.Command("sh", "-c", command)
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", command, err, out)
		}
		return path, nil
	}
	return "", errors.New("the Dockerfile builds nothing")
})

// TestMain removes the built program. With hastyKey it is the program itself, see hasty.
func TestMain(m *testing.M) {
	if lasting := os.Getenv(hastyKey); lasting != "" {
		os.Exit(beHasty(lasting))
	}
	if err := os.Setenv(hastyKey, "1s"); err != nil {
		panic(err)
	}
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

const secret = "a-secret-for-tests-only"

// daemon is the real program in a process of its own.
type daemon struct {
	*selftest.Daemon

	t       *testing.T
	log     *bytes.Buffer // complete when the process has ended
	events  string        // base URL of the public listener
	console string
}

// startDaemon starts serve and waits until it listens.
func startDaemon(t *testing.T, config string) *daemon {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p := &daemon{t: t, log: &bytes.Buffer{}}
	if p.Daemon, err = selftest.Start(t.Context(), path, config, p.log); err != nil {
		t.Fatal(err)
	}
	if err := p.Listening(t.Context()); err != nil {
		_ = p.Kill() // it may have ended by itself
		t.Fatalf("%v:\n%s", err, p.log)
	}
	p.events, p.console = p.Events, p.Console
	return p
}

// stop asks the process to end, and demands that it does so well.
func (p *daemon) stop() {
	p.t.Helper()
	if err := p.Stop(); err != nil {
		p.t.Errorf("the daemon ended with %v\n%s", err, p.log)
	}
}

// count looks into a journal from outside, as the CLI does.
func count(t *testing.T, file string) journal.Counts {
	t.Helper()
	j, err := sqlite.Open(t.Context(), file, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	counts, err := j.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// client gives up after a while, unlike the default one.
func client() *http.Client { return &http.Client{Timeout: 20 * time.Second} }

// newest returns the story of the newest event, and whether it has ended.
func newest(t *testing.T, file string) (journal.Story, bool) {
	t.Helper()
	j, err := sqlite.Open(t.Context(), file, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	found, err := j.Events(t.Context(), journal.Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 || !found[0].Entry.Planned || found[0].States[journal.Pending]+found[0].States[journal.Uncertain] > 0 {
		return journal.Story{}, false
	}
	story, err := j.Story(t.Context(), found[0].Entry.Number)
	if err != nil {
		t.Fatal(err)
	}
	return story, true
}

func settled(c journal.Counts) bool {
	return c.Unplanned == 0 && c.Open == 0 && c.Deliveries[journal.Pending] == 0 && c.Deliveries[journal.Uncertain] == 0
}

// eventBody is the n-th change of one of 37 projects.
func eventBody(n int) []byte {
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Millisecond)
	return fmt.Appendf(nil, `{"WebhookId":"7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13","MessageId":"00000000-0000-4000-8000-%012d",
"Data":{"Id":"28e92b4c-3b0c-4100-83c8-%012d","Attributes":{"Name":"Project %d","Budget":%d},"BeforeAttributes":{"Name":"Project %d","Budget":%d},
"Initiator":{"UserId":"u","FullName":"Anna Doe","LogonAccount":"anna.doe@company.com"},"TimeStamp":%q}}`,
		n, n%37, n%37, n/37+1, n%37, n/37, at.Format(time.RFC3339Nano))
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
	if len(rows) == 0 {
		return nil // its header is written with the first row
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

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wholeProgram begins a test that plays for minutes with the released program. The race detector would look at the
// stand-ins only, and take as long again for it.
func wholeProgram(t *testing.T) {
	t.Helper()
	raced.Calculates(t)
	t.Parallel()
}
