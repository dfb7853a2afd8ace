package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// running is a sandbox that was started by its command.
type running struct {
	said string // until it stood
	stop func() int
}

// startSandbox runs the command with free addresses until it says that Ctrl-C ends it.
func startSandbox(t *testing.T, args ...string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		args := append([]string{"sandbox", "--ppm", "127.0.0.1:0", "--slack", "127.0.0.1:0", "--google", "127.0.0.1:0", "--control", "127.0.0.1:0", "--page", "127.0.0.1:0"}, args...)
		ended <- run(ctx, args, writer, writer)
		_ = writer.Close()
	}()
	stop := func() int {
		cancel()
		code := <-ended
		ended <- code
		return code
	}
	t.Cleanup(func() { stop() })
	var said strings.Builder
	for lines := bufio.NewScanner(reader); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "Ctrl-C ends") {
			go func() { _, _ = io.Copy(io.Discard, reader) }()
			return running{said.String(), stop}
		}
	}
	t.Fatalf("the sandbox does not stand:\n%s", said.String())
	return running{}
}

func TestSandboxStartsAnswersStops(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.yaml")
	s := startSandbox(t, "--write-config", file, "--switch", "ppm.created-empty", "--edits", "100ms")
	for _, want := range []string{"PPM Express", "xoxb-sandbox", sandbox.Channel, sandbox.Spreadsheet, "Switched: ppm.created-empty", file} {
		if !strings.Contains(s.said, want) {
			t.Errorf("got\n%s\nwant %q in it", s.said, want)
		}
	}
	if code, out, err := ppmrelay(t, "check", file); code != exitFine {
		t.Errorf("the configuration: got %d, %s%s", code, out, err)
	}
	cfg, err := config.Load(file, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	if code, out, err := ppmrelay(t, "webhooks", "create", "Project:Updated", "--config", file); code != exitFine || !strings.Contains(out, "Project:Updated") {
		t.Errorf("webhooks create: got %d, %s%s", code, out, err)
	}
	wantEdits(t, string(cfg.PPMExpress.URL))
	if code := s.stop(); code != exitFine {
		t.Errorf("got exit code %d after the end, want 0", code)
	}
	if code, _, _ := ppmrelay(t, "webhooks", "list", "--config", file); code != exitFailed {
		t.Errorf("got %d from stand-ins that have ended, want 1", code)
	}
	again := startSandbox(t, "--write-config", file)
	if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), string(cfg.PPMExpress.URL)) {
		t.Errorf("a configuration of its own is not written over: %v", err)
	}
	again.stop()
}

// wantEdits waits until somebody has edited something.
func wantEdits(t *testing.T, url string) {
	t.Helper()
	client, first := &http.Client{Timeout: 10 * time.Second}, ""
	for range 100 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/@contoso/v1.0/Projects", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+ppm.DefaultToken)
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("got %d, %v", answer.StatusCode, err)
		}
		if first != "" && string(body) != first {
			return
		}
		first = string(body)
		<-time.After(50 * time.Millisecond)
	}
	t.Error("nobody edits")
}

func TestSandboxShowsItsConfiguration(t *testing.T) {
	s := startSandbox(t)
	_, text, found := strings.Cut(s.said, sandboxMark)
	if !found {
		t.Fatalf("got\n%s\nwant a configuration", s.said)
	}
	text, _, _ = strings.Cut(text, "Ctrl-C")
	file := writeFile(t, filepath.Join(t.TempDir(), "shown.yaml"), text)
	if code, out, err := ppmrelay(t, "webhooks", "list", "--config", file); code != exitFine || !strings.Contains(out, "no webhooks") {
		t.Errorf("with the configuration that was shown: got %d, %s%s", code, out, err)
	}
}

func TestSandboxUsage(t *testing.T) {
	mine := writeFile(t, filepath.Join(t.TempDir(), "mine.yaml"), "server: {}\n")
	free := []string{"--ppm", "127.0.0.1:0", "--slack", "127.0.0.1:0", "--google", "127.0.0.1:0", "--control", "127.0.0.1:0", "--page", "127.0.0.1:0"}
	tests := []struct {
		args []string
		code int
		say  string
	}{
		{[]string{"--switch", "slack.metadata-droped"}, exitWrong, "did you mean slack.metadata-dropped?"},
		{[]string{"--switch", "shuffled"}, exitWrong, "did you mean ppm.shuffled?"},
		{[]string{"--switch", "gogle.localized"}, exitWrong, "google.localised"},
		{[]string{"--switch", "nothing-like-it-at-all"}, exitWrong, "see ppmrelay sandbox --list-switches"},
		{[]string{"--json"}, exitWrong, "--json needs --list-switches"},
		{[]string{"--edits", "1ms"}, exitWrong, "at least 100ms"},
		{[]string{"now"}, exitWrong, "unknown command"},
		{[]string{"--control", "0.0.0.0:9004"}, exitWrong, "is not of this machine alone: write it as 127.0.0.1:9004"},
		{[]string{"--control", "9004"}, exitWrong, "write it as 127.0.0.1:9004"},
		{[]string{"--page", "0.0.0.0:9005"}, exitWrong, "--page \"0.0.0.0:9005\" is not of this machine alone"},
		{[]string{"--page", "9005"}, exitWrong, "--page \"9005\": write it as 127.0.0.1:"},
		{[]string{"--edits", "often"}, exitWrong, "--edits \"often\": write a time as 30s"},
		{[]string{"--list-switches=maybe"}, exitWrong, "--list-switches \"maybe\": write true or false"},
		{[]string{"--slack", "nowhere"}, exitFailed, "serving Slack"},
		{append([]string{"--write-config", mine}, free...), exitFailed, "choose another file"},
		{[]string{"--help"}, exitFine, "Examples:"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			code, out, err := ppmrelay(t, append([]string{"sandbox"}, tt.args...)...)
			if code != tt.code || !strings.Contains(out+err, tt.say) {
				t.Errorf("got %d, %s%s; want %d and %q", code, out, err, tt.code, tt.say)
			}
		})
	}
	if text, err := os.ReadFile(mine); err != nil || string(text) != "server: {}\n" {
		t.Errorf("a file of the person's own was written over: %q, %v", text, err)
	}
}

func TestSandboxListsSwitches(t *testing.T) {
	var names []string
	for _, s := range sandbox.Switches() {
		names = append(names, s.Name)
	}
	code, out, _ := ppmrelay(t, "sandbox", "--list-switches")
	shown := regexp.MustCompile(`(?m)^(ppm|slack|google)\.\S+`).FindAllString(out, -1)
	if code != exitFine || !slices.Equal(shown, names) {
		t.Errorf("got %d, %q, want %q", code, shown, names)
	}
	for line := range strings.Lines(out) {
		if len([]rune(line)) > 140 {
			t.Errorf("too wide to read: %s", line)
		}
	}
	_, out, _ = ppmrelay(t, "sandbox", "--list-switches", "--json")
	var listed []map[string]string
	if err := json.Unmarshal([]byte(out), &listed); err != nil || len(listed) != len(names) || listed[0]["name"] != names[0] || listed[0]["fact"] == "" {
		t.Errorf("got %v, %s", err, out)
	}
}
