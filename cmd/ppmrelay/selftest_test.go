package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// TestSelftestSeesWhatIsWrong lets everything be told as it should, then does to the channels, tabs and files what a
// relay that loses, doubles or confuses would have done. Each of it must be found, and nothing else.
func TestSelftestSeesWhatIsWrong(t *testing.T) {
	wholeProgram(t)
	rack := told(t)
	before, err := rack.compare(t.Context())
	if err != nil || before.verdict() != nil {
		t.Fatalf("before anything is wrong: got %+v, %v", before, err)
	}
	lines := func(change func([]string) []string) func() {
		return func() { rack.rewrite(t, "changes.jsonl", change) }
	}
	for _, tt := range []struct {
		name string
		do   func()
		want [3]bool // more is lost, doubled, out of order
	}{
		{"a message once more", func() { rack.postAgain(t, rack.message(t, 0)) }, [3]bool{false, true, false}},
		{"a message away", func() { rack.remove(t, rack.message(t, 1)) }, [3]bool{true, false, false}},
		{"a message behind a later one", func() {
			m := rack.message(t, 2)
			rack.remove(t, m)
			rack.postAgain(t, m)
		}, [3]bool{false, false, true}},
		{"a message that nobody wrote down", func() {
			m := rack.message(t, 3)
			m.Metadata = &slack.Metadata{EventType: m.Metadata.EventType, EventPayload: map[string]any{"effect_id": "another"}}
			rack.postAgain(t, m)
		}, [3]bool{false, true, false}},
		{"a row away", func() { rack.Google.DeleteRow(sandbox.Spreadsheet, "Some", 3) }, [3]bool{true, false, false}},
		{"a row once more", func() {
			rows, key := rack.rows("Changes")
			rack.Google.TypeInto(sandbox.Spreadsheet, "Changes", len(rows), key, rows[1][key])
		}, [3]bool{false, true, false}},
		{"rows the other way round", func() {
			rows, key := rack.rows("Changes")
			rack.Google.TypeInto(sandbox.Spreadsheet, "Changes", 1, key, rows[len(rows)-2][key])
			rack.Google.TypeInto(sandbox.Spreadsheet, "Changes", len(rows)-2, key, rows[1][key])
		}, [3]bool{false, false, true}},
		{"a line away", lines(func(all []string) []string { return all[1:] }), [3]bool{true, false, false}},
		{"a line once more", lines(func(all []string) []string { return append(all, all[0]) }), [3]bool{false, true, false}},
		{"lines the other way round", lines(func(all []string) []string {
			slices.Reverse(all)
			return all
		}), [3]bool{false, false, true}},
	} {
		after := rack.found(t, tt.name)
		tt.do()
		now := rack.found(t, tt.name)
		got := [3]bool{now.Lost > after.Lost, now.Doubled > after.Doubled, now.OutOfOrder > after.OutOfOrder}
		if got != tt.want {
			t.Errorf("%s: got more lost, doubled, out of order %v, want %v: %q", tt.name, got, tt.want, now.Details)
		}
		if now.verdict() == nil {
			t.Errorf("%s: the verdict is good", tt.name)
		}
	}
}

// told is a torture without faults and kills, in which every channel has two messages.
func told(t *testing.T) *torture {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	rack, err := openTorture(t.Context(), program, t.TempDir(), 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rack.close() })
	for _, events := range []int{80, 160} {
		if err := rack.recover(t.Context(), events); err != nil {
			t.Fatal(err)
		}
	}
	return rack
}

func (t *torture) found(tb testing.TB, name string) selftestResult {
	tb.Helper()
	found, err := t.compare(tb.Context())
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return found
}

// placedMessage is a message and where it stands.
type placedMessage struct {
	slack.Message

	channel string
}

// message returns the first message of a channel, of which there must be more.
func (t *torture) message(tb testing.TB, channel int) placedMessage {
	tb.Helper()
	id := tortureChannels()[channel].ID
	all := t.Slack.Messages(id)
	if len(all) < 2 {
		tb.Fatalf("got %d messages in %s, want some", len(all), id)
	}
	return placedMessage{all[0], id}
}

func (t *torture) remove(tb testing.TB, m placedMessage) {
	tb.Helper()
	if !t.Slack.Delete(m.channel, m.TS) {
		tb.Fatalf("no message %s in %s", m.TS, m.channel)
	}
}

// postAgain posts what looks like a copy of a message.
func (t *torture) postAgain(tb testing.TB, m placedMessage) {
	tb.Helper()
	for _, block := range m.Blocks {
		delete(block, "block_id") // the metadata says enough
	}
	body, err := json.Marshal(map[string]any{"channel": m.channel, "text": m.Text, "metadata": m.Metadata})
	if err != nil {
		tb.Fatal(err)
	}
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, t.SlackURL+"chat.postMessage", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+slack.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	response, err := client().Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ OK bool }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || !answer.OK {
		tb.Fatalf("posting: %v, %+v", err, answer)
	}
}

// rows returns the rows of a tab, and in which column their keys are.
func (t *torture) rows(tab string) (rows [][]string, key int) {
	rows = t.Google.Rows(sandbox.Spreadsheet, tab)
	return rows, slices.Index(rows[0], sinks.KeyHeader)
}

// rewrite changes the lines of a file.
func (t *torture) rewrite(tb testing.TB, name string, change func([]string) []string) {
	tb.Helper()
	data, err := os.ReadFile(t.path(name))
	if err != nil {
		tb.Fatal(err)
	}
	lines := change(strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"))
	if err := os.WriteFile(t.path(name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// TestSelftestCommand runs the command of the real program, as a person would.
func TestSelftestCommand(t *testing.T) {
	dir := t.TempDir()
	code, out, text := selftestProcess(t, nil, "--dir", dir, "--rounds", "2", "--events", "40", "--seed", "5", "--json")
	var found selftestResult
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != exitFine {
		t.Fatalf("got %d, %v\n%s%s", code, err, out, text)
	}
	if found.Seed != 5 || found.Rounds != 2 || found.Posted != 40 || found.Acknowledged == 0 || found.Told == 0 || found.verdict() != nil {
		t.Errorf("got %+v", found)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("all is well, and these are left: %v, %v", left, err)
	}
	if !strings.Contains(text, "seed 5, in "+dir) {
		t.Errorf("got\n%s\nwant the seed and the folder", text)
	}
}

// TestSelftestInterrupted: whoever stops it gets no verdict, keeps the folder, and has no daemon left.
func TestSelftestInterrupted(t *testing.T) {
	for _, stop := range []os.Signal{os.Interrupt, os.Kill} {
		dir := t.TempDir()
		code, out, text := selftestProcess(t, stop, "--dir", dir, "--rounds", "1000")
		if code == exitFine || out != "" {
			t.Errorf("%v: got %d, %s", stop, code, out)
		}
		if stop == os.Interrupt && (code != exitFailed || !strings.Contains(text, "interrupted: nothing was shown") || !strings.Contains(text, "kept in "+dir)) {
			t.Errorf("got %d\n%s", code, text)
		}
		for deadline := time.Now().Add(10 * time.Second); len(daemonsOf(t, dir)) > 0; <-time.After(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%v: these live on: %q", stop, daemonsOf(t, dir))
			}
		}
	}
}

// selftestProcess runs the command, and sends a signal as soon as a daemon of it has written to its journal.
func selftestProcess(t *testing.T, signal os.Signal, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var out, text bytes.Buffer
	command := exec.CommandContext(t.Context(), program, append([]string{"selftest"}, args...)...)
	command.Stdout, command.Stderr = &out, &text
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if signal != nil {
		for deadline := time.Now().Add(30 * time.Second); ; <-time.After(10 * time.Millisecond) {
			if found, _ := filepath.Glob(filepath.Join(args[1], "*", "ppmrelay.db")); len(found) > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("no journal after 30 s:\n%s", text.String())
			}
		}
		if err := command.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	_ = command.Wait() // its exit code says the same
	return command.ProcessState.ExitCode(), out.String(), text.String()
}

// daemonsOf returns the command lines of processes with a configuration below a folder.
func daemonsOf(t *testing.T, dir string) (found []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		line, _ := os.ReadFile(file) // it may have ended meanwhile
		if text := strings.ReplaceAll(string(line), "\x00", " "); strings.Contains(text, " serve ") && strings.Contains(text, dir) {
			found = append(found, text)
		}
	}
	return found
}

func TestSelftestUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		say  string
	}{
		{nil, exitWrong, "--dir is missing"},
		{[]string{"--dir", ".", "--rounds", "0"}, exitWrong, "--rounds 0: write a number above zero"},
		{[]string{"--dir", ".", "--events", "-1"}, exitWrong, "--events -1: write a number from 1"},
		{[]string{"--dir", ".", "--events", "1000000"}, exitWrong, strconv.Itoa(selftestMost)},
		{[]string{"--dir", ".", "--seed", "x"}, exitWrong, "ppmrelay: --seed \"x\": write a whole number, not below zero\n"},
		{[]string{"--dir", ".", "--rounds", "1.5"}, exitWrong, "ppmrelay: --rounds \"1.5\": write a whole number\n"},
		{[]string{"now"}, exitWrong, "unknown command"},
		{[]string{"--dir", filepath.Join(t.TempDir(), "none")}, exitFailed, "making a folder for the test"},
		{[]string{"--help"}, exitFine, "Examples:"},
	} {
		code, out, err := ppmrelay(t, append([]string{"selftest"}, tt.args...)...)
		if code != tt.code || !strings.Contains(out+err, tt.say) {
			t.Errorf("%q: got %d, %s%s; want %d and %q", tt.args, code, out, err, tt.code, tt.say)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// What is told nowhere must be told already by an event that was recovered.
func TestSelftestKnowsWhatWasRecovered(t *testing.T) {
	told := journal.Story{Entry: journal.Entry{Number: 9, Recovered: true}, Deliveries: make([]journal.DeliveryStory, torturePlaces)}
	late := func(number int64, reason string) journal.Story {
		return journal.Story{Entry: journal.Entry{Number: number}, Verdicts: []journal.Verdict{{Reason: reason}}}
	}
	for _, tt := range []struct {
		name        string
		stories     []journal.Story
		known, lost int
	}{
		{"said before", []journal.Story{late(10, "told as recovered: event 9 says it already"), told}, 1, 0},
		{"by an event that was not recovered", []journal.Story{late(10, "told as recovered: event 8 says it already"), told}, 0, 1},
		{"for another reason", []journal.Story{late(10, "twin of event 9"), told}, 0, 1},
		{"for none", []journal.Story{{Entry: journal.Entry{Number: 10}}, told}, 0, 1},
	} {
		r := selftestResult{recovered: map[string]bool{}, silent: map[int64]string{}}
		for _, s := range tt.stories {
			r.story(s)
		}
		r.unsaid()
		if r.Known != tt.known || r.Lost != tt.lost {
			t.Errorf("%s: got %d known, %d lost, want %d and %d: %q", tt.name, r.Known, r.Lost, tt.known, tt.lost, r.Details)
		}
	}
}
