package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSalvage loses what the disk had confirmed, while nobody has the journal open:
//
//	post   kill -9   WAL emptied   look, verify, back up: refused   start: refused   restored --salvage   start
//
// It proves that whoever looks first does not take away what tells the loss, and that the salvage finds it.
func TestSalvage(t *testing.T) {
	dir := t.TempDir()
	file, config := filepath.Join(dir, "ppmrelay.db"), writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), goodConfig)
	at := " --config " + config
	lostWAL(t, config, file)

	const lost = "ppmrelay.db-wal is empty or gone"
	ran(t, exitFailed, lost, "events list"+at)
	ran(t, exitFailed, lost, "journal verify"+at)
	var found verifiedJSON
	if text := ran(t, exitFailed, "", "journal verify --json"+at); json.Unmarshal([]byte(text), &found) != nil || len(found.Findings) != 1 ||
		!strings.Contains(found.Findings[0], lost) {
		t.Errorf("got %s, want the loss as a finding", text)
	}
	ran(t, exitFailed, lost, "journal backup "+filepath.Join(dir, "copy.db")+at)
	ran(t, exitFailed, lost, "serve"+at)
	ran(t, exitFailed, lost, "journal restored"+at)
	ran(t, exitFine, "may have been told since", "journal restored --salvage"+at)
	ran(t, exitFine, "nothing is wrong", "journal verify"+at)
	startDaemon(t, config).stop()
}

// lostWAL kills a daemon when its WAL holds what the file does not, and empties the WAL.
func lostWAL(t *testing.T, config, file string) {
	t.Helper()
	for i := range 10 {
		p := startDaemon(t, config)
		if status := send(t, p.events+"/events/Project/Updated", string(eventBody(i+1))); status != http.StatusAccepted {
			t.Fatalf("got %d", status)
		}
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		if len(mustRead(t, file+"-wal")) > 0 { // a second later, without load, it is empty
			writeFile(t, file+"-wal", "")
			return
		}
	}
	t.Fatal("got the WAL empty each time")
}

// A copy that an older version made is brought up to date and marked in one go: serve would do the one and not the other.
func TestACopyOfAnOlderVersionCanBeMarked(t *testing.T) {
	dir := t.TempDir()
	file, at := filepath.Join(dir, "ppmrelay.db"), " --config "+writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), goodConfig)
	ran(t, exitFailed, "there is no file", "journal restored --made 2026-03-01"+at)
	if _, err := os.Stat(file); err == nil {
		t.Error("got a new journal, want none")
	}
	unpack(t, filepath.Join(versionOne, "ppmrelay.db.gz"), file)
	ran(t, exitFailed, "start ppmrelay serve once", "journal backup "+filepath.Join(dir, "copy.db")+at)
	ran(t, exitFine, "may have been told since", "journal restored --made 2026-03-01"+at)
	ran(t, exitFine, "nothing is wrong", "journal verify"+at)
}

// A journal that is named by a link has its socket where commands look, whatever name they use.
func TestCommandsReachADaemonByEveryNameOfItsJournal(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("data/journal.db", filepath.Join(dir, "ppmrelay.db")); err != nil {
		t.Fatal(err)
	}
	config := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), goodConfig)
	direct := writeFile(t, filepath.Join(dir, "direct.yaml"), goodConfig+"journal: { url: \"file:data/journal.db\" }\n")
	p := startDaemon(t, config)
	for i, at := range []string{config, direct} {
		ran(t, exitFailed, "stop it", "journal restored --config "+at)
		ran(t, exitFine, "bytes, as of", "journal backup "+filepath.Join(dir, []string{"a", "b"}[i])+" --config "+at)
	}
	p.stop()
}
