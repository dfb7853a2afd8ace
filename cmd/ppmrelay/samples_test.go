package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	sandboxslack "github.com/ppmrelay/ppmrelay/sandbox/slack"
)

var update = flag.Bool("update", false, "write the table of samples anew")

// samplesTable is the page that TestEverySampleEndsWell keeps true.
const samplesTable = "../../docs/samples.md"

// TestEverySampleEndsWell posts every file of samples/ and samples/hostile to the real daemon, by the path of its type
// (hostile files, whose names tell none, as an updated project) and to the bare path, and follows it to the message and
// the rows. What it sees is one table for people; a file without a line in it, a refusal, a loss or a mention that rings
// fails the test.
func TestEverySampleEndsWell(t *testing.T) {
	files, err := filepath.Glob("../../samples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	hostile, err := filepath.Glob("../../samples/hostile/*")
	if err != nil || len(files) < 12 || len(hostile) < 30 {
		t.Fatalf("got %d samples and %d hostile ones, %v", len(files), len(hostile), err)
	}
	bare := func(file string) string { return strings.TrimSuffix(file, ".json") }
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(bare(a), bare(b)) }) // what follows up comes after
	files = append(files, hostile...)
	lines := make(map[string]string, 2*len(files))
	for name, path := range map[string]func(string) string{"by type": typedPath, "bare": func(string) string { return "/events" }} {
		for file, line := range postAll(t, files, path) {
			lines[file+" "+name] = line
		}
	}
	var page strings.Builder
	page.WriteString("# What becomes of every sample\n\nEach file of `samples/` is posted to the real daemon, followed by Slack and a sheet that are " +
		"stand-ins, by the\npath of its type and to the bare path. This table is written and checked by `TestEverySampleEndsWell`.\n\n" +
		"| file | path | answer | what became of it | notification | rows |\n|---|---|---|---|---|---|\n")
	for _, file := range files {
		for _, name := range []string{"by type", "bare"} {
			line := lines[file+" "+name]
			if line == "" {
				t.Errorf("%s (%s) has no line", file, name)
			}
			page.WriteString(line + "\n")
		}
	}
	if *update {
		writeFile(t, samplesTable, page.String())
	}
	want, err := os.ReadFile(samplesTable)
	if err != nil {
		t.Fatal(err)
	}
	if page.String() != string(want) {
		t.Errorf("the table differs from %s: look at what this writes and run the test with -update\n%s", samplesTable, difference(string(want), page.String()))
	}
}

// typedPath is where a webhook of the sample's type would post it.
func typedPath(file string) string {
	entity, action, ok := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
	if !ok || strings.Contains(file, "hostile") {
		return "/events/Project/Updated"
	}
	action, _, _ = strings.Cut(action, "-")
	return "/events/" + entity + "/" + action
}

// postAll posts the files one after the other to a fresh daemon, each when the one before has ended, and returns a line
// for each.
func postAll(t *testing.T, files []string, path func(string) string) map[string]string {
	t.Helper()
	s, err := hurriedSandbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir := t.TempDir()
	p := startDaemon(t, writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), hurriedConfig(s, "20s")+`
routes:
  - { name: team, events: ["*"], slack: { channel: `+sandbox.Channel+` } }
  - { name: log, events: ["*"], sheet: { spreadsheet: `+sandbox.Spreadsheet+` } }
`))
	lines := map[string]string{}
	for _, file := range files {
		messages, rows := len(s.Slack.Messages(sandbox.Channel)), max(1, len(s.Google.Rows(sandbox.Spreadsheet, "Changes")))
		status := post(t, p.events+path(file), file)
		if status != http.StatusAccepted {
			t.Errorf("%s to %s: got %d, want 202: %s", file, path(file), status, p.log)
			continue
		}
		story := ended(t, filepath.Join(dir, "ppmrelay.db"))
		told := s.Slack.Messages(sandbox.Channel)[messages:]
		written := s.Google.Rows(sandbox.Spreadsheet, "Changes")
		lines[file] = tableLine(file, path(file), status, story, told, written[min(rows, len(written)):])
	}
	p.stop()
	if alive := s.Slack.Alive(); len(alive) > 0 {
		t.Errorf("these ring in Slack: %q", alive)
	}
	for _, row := range s.Google.Cells(sandbox.Spreadsheet, "Changes") {
		for _, cell := range row {
			if cell != nil && cell.UserEnteredValue != nil && cell.UserEnteredValue.FormulaValue != nil {
				t.Errorf("a formula is in the sheet: %s", *cell.UserEnteredValue.FormulaValue)
			}
		}
	}
	return lines
}

func post(t *testing.T, url, file string) int {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+sandboxSecret)
	response, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.ID == "" {
		t.Errorf("%s: got the answer %v, %v, want an id", file, answer, err)
	}
	return response.StatusCode
}

// ended waits until the newest event has ended, and returns what became of it.
func ended(t *testing.T, file string) journal.Story {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; <-time.After(5 * time.Millisecond) {
		if story, ok := newest(t, file); ok {
			return story
		}
		if time.Now().After(deadline) {
			t.Fatalf("still not ended: %+v", count(t, file))
		}
	}
}

// tableLine is a line of the table. What differs with each run is left out.
func tableLine(file, path string, status int, s journal.Story, told []sandboxslack.Message, rows [][]string) string {
	slices.SortFunc(s.Deliveries, func(a, b journal.DeliveryStory) int { return cmp.Compare(b.Target, a.Target) })
	var fates []string
	if s.Entry.Quarantine != "" {
		fates = append(fates, "kept, cannot be read: "+s.Entry.Quarantine)
	}
	if s.Entry.Late {
		fates = append(fates, "late")
	}
	for _, d := range s.Deliveries {
		kind, _, _ := strings.Cut(d.Target, ":")
		fates = append(fates, strings.TrimSuffix(fmt.Sprintf("%s %s: %s", kind, d.State, d.Reason), ": "))
	}
	var notes, cells []string
	for _, m := range told {
		notes = append(notes, m.Text)
	}
	for _, row := range rows {
		cells = append(cells, strings.Join(row[1:min(len(row), 9)], " · "))
	}
	shown := strconv.Itoa(len(rows))
	if len(cells) > 0 {
		shown += ": " + brief(cells[0])
	}
	return fmt.Sprintf("| %#q | %#q | %d | %s | %s | %s |", strings.TrimPrefix(filepath.ToSlash(file), "../../samples/"), path, status,
		brief(strings.Join(fates, "; ")), brief(strings.Join(notes, " ¶ ")), brief(shown))
}

// brief makes text fit into a cell of a Markdown table, and shows what does not print.
func brief(s string) string {
	s = strings.NewReplacer("|", "¦", "`", "ˋ", "<", "‹", "\n", " ⏎ ").Replace(s)
	runes := []rune(printable(strings.Join(strings.Fields(s), " ")))
	if len(runes) > 220 {
		return string(runes[:219]) + "…"
	}
	return string(runes)
}

// difference shows the first lines that differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out []string
	for i := range max(len(w), len(g)) {
		a, b := "", ""
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b && len(out) < 20 {
			out = append(out, "- "+a, "+ "+b)
		}
	}
	return strings.Join(out, "\n")
}
