package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// goldenGround is a folder with a configuration, to which the working directory is changed.
func goldenGround(t *testing.T, config string) {
	t.Helper()
	t.Chdir(t.TempDir())
	writeFile(t, "ppmrelay.yaml", config)
}

const goldenConfig = `server: { secrets: [` + secret + `] }
slack: { token: env:GOLDEN_TEST_TOKEN }
display: { time_zone: Asia/Tokyo }
templates: { short: "*{{ .Entity }}* {{ .Action }}, at {{ .Occurred }}" }
routes:
  - { name: team, events: ["*"], slack: { channel: C0123456789, template: short } }
  - { name: log, events: ["*:Updated"], file: { path: log.csv } }
`

func golden(t *testing.T, flags ...string) (code int, out string) {
	t.Helper()
	code, out, errs := triedWith(t, append([]string{"--golden", "told"}, flags...)...)
	return code, out + errs
}

// The way of a folder: written, the same, other words, another event, no event.
func TestGolden(t *testing.T) {
	goldenGround(t, goldenConfig)
	if code, out := golden(t, "--update"); code != exitFine || !strings.Contains(out, "told/Idea-Created.txt: added\n") || !strings.HasSuffix(out, "14 files, 14 added, 0 changed, 0 removed, 1 ms\n") {
		t.Fatalf("got %d, %s", code, out)
	}
	writeFile(t, "told/README.md", "ours")
	writeFile(t, "told/notes.txt", "ours as well")
	if code, out := golden(t); code != exitFine || out != "ppmrelay.yaml: 14 files, 0 differ, 1 ms\n" {
		t.Errorf("of the same: got %d, %s", code, out)
	}
	writeFile(t, "ppmrelay.yaml", strings.Replace(goldenConfig, "{{ .Action }}, at", "was {{ .Action }}, at", 1))
	code, out := golden(t)
	for _, want := range []string{
		"told/Task-Deleted.txt: differs\n", "    expected  *Create a test environment*", "\n    came      *", "^\n", "14 files, 13 differ", "is written with --update",
	} {
		if code != exitFailed || !strings.Contains(out, want) {
			t.Fatalf("of other words: got %d, %s\nwant %q", code, out, want)
		}
	}
	writeFile(t, "bodies.json", string(mustReadSample(t, "Task-Created")))
	writeFile(t, "ppmrelay.yaml", goldenConfig+"tests: [ { name: a, event: bodies.json, type: Task:Created, expect: { team: told } } ]\n")
	if code, out := golden(t); code != exitFailed || !strings.Contains(out, "told/bodies-Task-Created.txt: there is no such file\n") || !strings.Contains(out, "15 files, 1 differ") {
		t.Errorf("of another event: got %d, %s", code, out)
	}
	if code, out := golden(t, "--update"); code != exitFine || !strings.HasPrefix(out, "told/bodies-Task-Created.txt: added\n") {
		t.Errorf("of another event: got %d, %s", code, out)
	}
	writeFile(t, "ppmrelay.yaml", goldenConfig)
	if code, out := golden(t); code != exitFailed || !strings.Contains(out, "told/bodies-Task-Created.txt: no event is told in it any more\n") {
		t.Errorf("of an event less: got %d, %s", code, out)
	}
	if code, out := golden(t, "--update"); code != exitFine || !strings.HasPrefix(out, "told/bodies-Task-Created.txt: removed\n") {
		t.Errorf("of an event less: got %d, %s", code, out)
	}
	if code, out := golden(t); code != exitFine {
		t.Errorf("at the end: got %d, %s", code, out)
	}
	if string(mustRead(t, "told/README.md"))+string(mustRead(t, "told/notes.txt")) != "oursours as well" {
		t.Error("files of others were written")
	}
}

func mustReadSample(t *testing.T, name string) []byte {
	t.Helper()
	body, _, err := bodyOf("there/is/no/such/file", name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// The files are the same wherever and whenever they are written.
func TestGoldenIsStable(t *testing.T) {
	timeless := string(mustRead(t, "../../samples/hostile/no-initiator-no-timestamp.json"))
	var last map[string]string
	for _, environment := range []map[string]string{{"TZ": "America/New_York", "LANG": "de_DE.UTF-8"}, {"TZ": "Asia/Kolkata", "LANG": "C", "GOLDEN_TEST_TOKEN": "xoxb-another"}} {
		for name, value := range environment {
			t.Setenv(name, value)
		}
		goldenGround(t, strings.Replace(goldenConfig, "templates:", "# moved by a line\ntemplates:", len(environment)-2)+
			"tests: [ { name: a, event: timeless.json, type: Task:Updated, expect: { log: told } } ]\n")
		writeFile(t, "timeless.json", timeless)
		if code, out := golden(t, "--update"); code != exitFine {
			t.Fatalf("got %d, %s", code, out)
		}
		now, err := readGolden("told")
		if err != nil || len(now) != 15 {
			t.Fatalf("got %d files, %v", len(now), err)
		}
		for name, text := range last {
			if now[name] != text {
				t.Errorf("%s: %s", name, difference(text, now[name]))
			}
		}
		last = now
	}
	if text := last["Project-Updated.txt"]; !strings.Contains(text, "2022-02-15 22:20 (datetime)") || !strings.Contains(text, "250,000 (number)") ||
		!strings.Contains(text, "*Customer Portal* Updated, at <!date^1644931244^") {
		t.Errorf("got %s", text)
	}
	if text := last["Task-Deleted.txt"]; !strings.Contains(text, "--- log: not told: takes *:Updated only\n") {
		t.Errorf("got %s", text)
	}
}

// Git writes other ends of lines on Windows.
func TestGoldenKnowsWindows(t *testing.T) {
	goldenGround(t, goldenConfig)
	golden(t, "--update")
	for name, text := range mustReadGolden(t) {
		writeFile(t, "told/"+name, strings.ReplaceAll(text, "\n", "\r\n"))
	}
	if code, out := golden(t); code != exitFine {
		t.Errorf("got %d, %s", code, out)
	}
}

func mustReadGolden(t *testing.T) map[string]string {
	t.Helper()
	files, err := readGolden("told")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	return files
}

// What fails is not kept, and nothing else is written then.
func TestGoldenOfWhatFails(t *testing.T) {
	goldenGround(t, strings.Replace(goldenConfig, "{{ .Action }}", "{{ if eq .Entity.Name \\\"Release 1.0\\\" }}{{ index .Changes 40 }}{{ end }}", 1))
	code, out := golden(t, "--update")
	if code != exitFailed || !strings.Contains(out, "sample KeyDate-Updated: KeyDate:Updated, Release 1.0: failed\n") || !strings.Contains(out, "ppmrelay.yaml:4:") {
		t.Errorf("got %d, %s", code, out)
	}
	if _, err := os.Stat("told"); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
	var made goldenJSON
	if code, out := golden(t, "--update", "--json"); code != exitFailed || json.Unmarshal([]byte(out), &made) != nil || len(made.Faults) == 0 || made.Files == nil {
		t.Errorf("got %d, %s", code, out)
	}
}

// A file of somebody else is not written over.
func TestGoldenSparesOthers(t *testing.T) {
	goldenGround(t, goldenConfig)
	if err := os.Mkdir("told", 0o750); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "told/Task-Created.txt", "somebody's")
	if code, out := golden(t, "--update"); code != exitFailed || !strings.Contains(out, "told/Task-Created.txt is there, and was not written by this program") {
		t.Errorf("got %d, %s", code, out)
	}
	if files, err := os.ReadDir("told"); err != nil || len(files) != 1 || string(mustRead(t, "told/Task-Created.txt")) != "somebody's" {
		t.Errorf("got %v, %v", files, err)
	}
}

func TestGoldenAsJSON(t *testing.T) {
	goldenGround(t, goldenConfig)
	golden(t, "--update")
	writeFile(t, "told/Idea-Created.txt", goldenHead+"something else\n")
	if err := os.Remove("told/Idea-Deleted.txt"); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "told/Zebra.txt", goldenHead)
	var made goldenJSON
	code, out := golden(t, "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != exitFailed || made.Folder != "told" || len(made.Files) != 15 {
		t.Fatalf("got %d, %v, %s", code, err, out)
	}
	states := map[string]goldenState{}
	for _, file := range made.Files {
		states[file.Name] = file.State
	}
	for name, want := range map[string]goldenState{
		"Idea-Created.txt": goldenChanged, "Idea-Deleted.txt": goldenAdded, "Zebra.txt": goldenRemoved, "Task-Created.txt": goldenSame,
	} {
		if states[name] != want {
			t.Errorf("%s: got %s, want %s", name, states[name], want)
		}
	}
}

// Each event has a file of its own, whatever its name is, and none of them leads out of the folder.
func TestGoldenNames(t *testing.T) {
	goldenGround(t, "")
	body := string(mustReadSample(t, "Project-Updated"))
	for _, folder := range []string{"a", "samples", "../" + filepath.Base(t.TempDir()) + "-beside"} {
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}
		writeFile(t, folder+"/b.json", body)
	}
	writeFile(t, "a-b.json", body)
	writeFile(t, "A-B.json", strings.ReplaceAll(body, "Customer Portal", "Another Portal"))
	writeFile(t, "samples/Task-Updated.json", strings.ReplaceAll(body, "Customer Portal", "A Task"))
	beside, err := filepath.Glob("../*-beside/b.json")
	if err != nil || len(beside) != 1 {
		t.Fatalf("got %v, %v", beside, err)
	}
	var tests strings.Builder
	tests.WriteString("tests:\n")
	for i, event := range []string{"a/b.json", "a-b.json", "A-B.json", "Project-Updated", "Project:Updated", "samples/Task-Updated.json", beside[0], "a/b.json"} {
		fmt.Fprintf(&tests, "  - { name: t%d, event: %q, expect: { log: told } }\n", i, event)
	}
	writeFile(t, "ppmrelay.yaml", goldenConfig+tests.String()+"  - { name: typed, event: Project-Updated, type: Task:Updated, expect: { log: told } }\n")
	if code, out := golden(t, "--update"); code != exitFine {
		t.Fatalf("got %d, %s", code, out)
	}
	files := mustReadGolden(t)
	for name, want := range map[string]string{
		"a-b.txt": "a/b.json: Project:Updated", "a-b-2.txt": "a-b.json: Project:Updated", "A-B-3.txt": "Another Portal", "Task-Updated.txt": "samples/Task-Updated.json: Task:Updated, A Task",
		"Project-Updated-Task-Updated.txt": "Task:Updated", "Project-Updated.txt": "sample Project-Updated",
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s: got %q, want %q in it", name, files[name], want)
		}
	}
	if len(files) != 14+5 {
		t.Errorf("got %d files, want one for each event", len(files))
	}
}
