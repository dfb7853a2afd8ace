package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// ran is one command line and what must come of it.
func ran(t *testing.T, code int, say, line string) string {
	t.Helper()
	got, stdout, stderr := ppmrelay(t, strings.Fields(line)...)
	if got != code || !strings.Contains(stdout+stderr, say) {
		t.Errorf("ppmrelay %s: got %d\n%s%swant %d and %q", line, got, stdout, stderr, code, say)
	}
	return stdout
}

// eventually waits for something that the daemon does by itself.
func eventually(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !there(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after 20 s", what)
		}
	}
}

// TestOperatorsTools uses each command beside the real daemon, and then without it:
//
//	quarantine from before   start   post   replay   release   backup   verify   stop   backup   put back   start
//
// It proves that rows are not written twice by a replay, that a body is told once it can be read, and that a backup says
// by itself that it was restored.
func TestOperatorsTools(t *testing.T) {
	dir := t.TempDir()
	file, at := filepath.Join(dir, "ppmrelay.db"), " --config "+writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), goodConfig)
	keepUnread(t, file)
	p := startDaemon(t, strings.TrimPrefix(at, " --config "))
	if status := send(t, p.events+"/events/Project/Updated", string(eventBody(2))); status != http.StatusAccepted {
		t.Fatalf("got %d", status)
	}
	told := func(rows int) func() bool {
		return func() bool {
			_, err := os.Stat(filepath.Join(dir, "changes.csv"))
			return err == nil && len(column(t, filepath.Join(dir, "changes.csv"), "Event id")) == rows && settled(count(t, file))
		}
	}
	eventually(t, "the event is told", told(1))

	ran(t, exitFine, "all routes: its body cannot be read", "events why 1"+at)
	ran(t, exitFine, "told to file:changes.csv: delivered", "events why 2"+at)
	var why reasonsJSON
	if err := json.Unmarshal([]byte(ran(t, exitFine, "", "events why 2 --json"+at)), &why); err != nil || len(why.Routes) != 1 ||
		why.Routes[0].Line != 5 || !why.Routes[0].Told || !why.Routes[0].Taken {
		t.Errorf("got %+v, %v", why, err)
	}
	ran(t, exitFailed, "there is no event 9", "events why 9"+at)
	ran(t, exitFine, "would send 1 to 1 file", "events replay --type Project:Updated --dry-run"+at)
	ran(t, exitFine, "did you mean Project:Updated?", "events replay --type project:updated"+at)
	ran(t, exitWrong, `no target "file:change.csv": it has file:changes.csv`, "events replay 2 --to file:change.csv"+at)
	var sent control.Replayed
	if err := json.Unmarshal([]byte(ran(t, exitFine, "", "events replay 2 --json"+at)), &sent); err != nil || len(sent.Targets) != 1 {
		t.Errorf("got %+v, %v", sent, err)
	}
	eventually(t, "the replay is found to be there", func() bool {
		_, story, _ := ppmrelay(t, append([]string{"events", "show", "2"}, strings.Fields(at)...)...)
		return strings.Contains(story, "(replay 1): it is there already")
	})
	if rows := column(t, filepath.Join(dir, "changes.csv"), "Event id"); len(rows) != 1 {
		t.Errorf("got rows %q after a replay, want one", rows)
	}
	ran(t, exitFine, "1 body can be read by now and would be told: 1", "events replay --quarantine --dry-run"+at)
	ran(t, exitFine, "1 body can be read by now and is told: 1", "events replay --quarantine 1"+at)
	eventually(t, "the body is told", told(2))

	backup := filepath.Join(dir, "copy.db")
	ran(t, exitFine, "bytes, as of", "journal backup "+backup+at)
	ran(t, exitFailed, "it is there already", "journal backup "+backup+at)
	ran(t, exitFine, "nothing is wrong: 2 events, a backup as of", "journal verify "+backup)
	ran(t, exitFine, "nothing is wrong: 2 events", "journal verify"+at)
	ran(t, exitFailed, "stop it", "journal restored"+at)
	p.stop()
	restore(t, at, file, backup)
}

// What is no journal is called so, whatever it is, and programs read it as a finding.
func TestVerifyOfWhatIsNoJournal(t *testing.T) {
	dir := t.TempDir()
	other := make([]byte, 4096) // a database without tables, see https://sqlite.org/fileformat2.html
	copy(other, "SQLite format 3\x00\x10\x00\x01\x01\x00\x40\x20\x20\x00\x00\x00\x01\x00\x00\x00\x01")
	other[47], other[59], other[95], other[100], other[105] = 4, 1, 1, 13, 16
	for file, want := range map[string]string{
		writeFile(t, filepath.Join(dir, "text"), "Dear colleagues, as you all know"): "is no journal of ppmrelay, or its beginning is damaged",
		writeFile(t, filepath.Join(dir, "empty"), ""):                                "is no journal of ppmrelay",
		writeFile(t, filepath.Join(dir, "other.db"), string(other)):                  "is no journal of ppmrelay: it is a database of something else",
		dir:                        "is no journal of ppmrelay: it is no file",
		filepath.Join(dir, "none"): "there is no file",
	} {
		ran(t, exitFailed, want, "journal verify "+file)
		var found verifiedJSON
		text := ran(t, exitFailed, "", "journal verify --json "+file)
		if err := json.Unmarshal([]byte(text), &found); err != nil || len(found.Findings) != 1 || !strings.Contains(found.Findings[0], want) {
			t.Errorf("%s: got %s (%v), want the finding %q", file, text, err, want)
		}
	}
}

// A journal whose path leaves no room for a socket is served all the same; only commands cannot reach the daemon.
func TestNoRoomForASocket(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	config := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), goodConfig)
	p := startDaemon(t, config)
	if status := send(t, p.events+"/events/Project/Updated", string(eventBody(1))); status != http.StatusAccepted {
		t.Errorf("got %d, want %d", status, http.StatusAccepted)
	}
	ran(t, exitFailed, "too long for a socket", "events replay 1 --config "+config)
	ran(t, exitFailed, "in use", "journal backup "+filepath.Join(dir, "copy.db")+" --config "+config)
	p.stop()
	if !strings.Contains(p.log.String(), "commands cannot reach this process") {
		t.Errorf("got the log\n%s\nwant that commands cannot reach it", p.log)
	}
	ran(t, exitFine, "bytes, as of", "journal backup "+filepath.Join(dir, "copy.db")+" --config "+config)
}

// keepUnread makes a journal with a body that an older version could not read.
func keepUnread(t *testing.T, file string) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	_, err = store.Append(t.Context(), journal.Incoming{
		Body: eventBody(1), Received: time.Now(), Type: "Project:Updated", Quarantine: "an older version could not read it",
	})
	if err != nil {
		t.Fatal(err)
	}
}

// restore puts a backup back, in both ways.
func restore(t *testing.T, at, file, backup string) {
	t.Helper()
	ran(t, exitFine, "bytes, as of", "journal backup "+backup+"2"+at)
	ran(t, exitWrong, "say with --made when", "journal restored"+at)
	ran(t, exitFine, "nothing is lost, and nothing was changed", "journal restored --salvage"+at)
	ran(t, exitFine, `"sound": true`, "journal restored --salvage --json"+at)
	ran(t, exitWrong, "say with --made when", "journal restored"+at) // it has not become a copy
	ran(t, exitWrong, "in the future", "journal restored --made 2999-01-01"+at)
	ran(t, exitFine, "0 deliveries may have been told since", "journal restored --made 1h"+at)
	writeFile(t, file, string(mustRead(t, backup)))
	p := startDaemon(t, strings.Fields(at)[1])
	p.stop()
	if !strings.Contains(p.log.String(), "the journal is a backup that was restored") {
		t.Errorf("got the log\n%s\nwant that a backup was restored", p.log)
	}
	writeFile(t, file, string(mustRead(t, backup)))
	if stdout := ran(t, exitFine, `"deliveries": 0`, "journal restored --json"+at); !strings.Contains(stdout, `"made": "20`) {
		t.Errorf("got %s, want when the backup was made", stdout)
	}
	garbled := mustRead(t, backup)
	copy(garbled[4096:], strings.Repeat("x", 4096))
	writeFile(t, backup+"3", string(garbled))
	ran(t, exitFailed, "", "journal verify "+backup+"3")
}
