package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// shownDemo is a demo that runs, and what it has said.
type shownDemo struct {
	t     *testing.T
	lines chan string
	said  strings.Builder
	ended chan error
	stop  context.CancelFunc
	url   string
}

// startDemo shows chapters, with a page on any free port.
func startDemo(t *testing.T, grace time.Duration, chapters ...chapter) *shownDemo {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	d := &shownDemo{t: t, lines: make(chan string, 1000), ended: make(chan error, 1), stop: cancel}
	a := &app{out: writer, err: io.Discard, env: func(string) (string, bool) { return "", false }}
	go func() {
		d.ended <- a.demo(ctx, demoOptions{page: "127.0.0.1:0", asked: true, chapters: chapters, grace: grace})
		_ = writer.Close()
	}()
	go func() {
		defer close(d.lines)
		for all := bufio.NewScanner(reader); all.Scan(); {
			d.lines <- all.Text()
		}
	}()
	t.Cleanup(cancel)
	d.until("in a browser:")
	d.url = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(d.said.String())
	return d
}

// until reads on until a line has the words.
func (d *shownDemo) until(words string) {
	d.t.Helper()
	for {
		select {
		case line, more := <-d.lines:
			d.said.WriteString(line + "\n")
			switch {
			case strings.Contains(line, words):
				return
			case !more:
				d.t.Fatalf("it ended without %q:\n%s", words, d.said.String())
			}
		case <-time.After(time.Minute):
			d.t.Fatalf("it does not say %q:\n%s", words, d.said.String())
		}
	}
}

// browser opens the page and listens for news, until close.
func (d *shownDemo) browser() (closed func()) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/live", http.NoBody)
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := (&http.Client{}).Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { answer.Body.Close() })
	return cancel
}

// get reads something of the page.
func (d *shownDemo) get(path string) string {
	d.t.Helper()
	_, text := curl(d.t, http.MethodGet, d.url+path, "")
	return text
}

// send sends a form of the page.
func (d *shownDemo) send(path string, form url.Values) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	answer, err := client().Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		d.t.Errorf("%s: got %d, %v: %s", path, answer.StatusCode, err, text)
	}
}

func portal() string {
	for _, e := range ppm.NewPortfolio().Entities {
		if e.Kind == event.Project && e.Attributes["Name"] == "Customer Portal" {
			return e.ID
		}
	}
	return ""
}

// TestDemoGoesOnWhileABrowserLooks: a person renames a project of the story and edits another after it; when the browser
// is closed the demo ends, and everything was told once.
func TestDemoGoesOnWhileABrowserLooks(t *testing.T) {
	renamed := make(chan struct{})
	d := startDemo(t, 50*time.Millisecond, chapter{"A scene", []step{
		{inPPM, "Somebody renames it on the page.", func(cast) error {
			<-renamed
			return nil
		}, atOnce},
		{inPPM, "Anna Doe edits.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{"OverallStatus": 1}), untilTold},
		{inPPM, "Anna Doe edits another.", edits("Anna Doe", event.Project, "Payment Gateway", map[string]any{"OverallStatus": 1}), untilTold},
	}})
	d.until("renames it on the page")
	closed := d.browser()
	d.send("/edit", url.Values{"kind": {event.Project}, "id": {portal()}, "Name": {"Renamed by hand"}, "was.Name": {"Customer Portal"}})
	close(renamed)
	d.until("That cannot be done any more: the tenant has no")
	d.until("Payment Gateway was updated")
	d.until("0 lost, 0 doubled")
	d.until("The page goes on as long as a browser")
	d.send("/edit", url.Values{"kind": {event.Project}, "id": {portal()}, "Budget": {"77000"}})
	d.until("Budget: 40,000 → 77,000")
	if text := d.get("/"); !strings.Contains(text, "Renamed by hand") || !strings.Contains(text, "40,000 → 77,000") {
		t.Errorf("got a page without what happened:\n%s", text)
	}
	closed()
	d.until("Every event was told")
	d.until("From here")
	for range d.lines { // until it has ended
	}
	if err := <-d.ended; err != nil {
		t.Errorf("got %v, want that everything was told once", err)
	}
	if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(d.url, "http://")); err == nil {
		t.Error("the page is still there")
	}
}

// TestDemoEndsWhereNobodyLooks: without a terminal and a browser, straight after the story; by Ctrl-C at any time.
func TestDemoEndsWhereNobodyLooks(t *testing.T) {
	scene := chapter{"A scene", []step{
		{inPPM, "Anna Doe edits.", edits("Anna Doe", event.Project, "Customer Portal", map[string]any{"OverallStatus": 1}), untilTold},
	}}
	for _, looked := range []bool{false, true} {
		d := startDemo(t, time.Hour, scene)
		if looked {
			d.get("/")
			d.until("The page goes on as long as a browser")
			d.stop()
		}
		d.until("Every event was told")
		for range d.lines { // until it has ended
		}
		if err := <-d.ended; err != nil || looked != strings.Contains(d.said.String(), "Stopped.") {
			t.Errorf("somebody looked: %t: got %v and\n%s", looked, err, d.said.String())
		}
	}
}

func TestPageAddress(t *testing.T) {
	taken, err := listenPage(t.Context(), "127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := taken.Addr().String()
	other, err := listenPage(t.Context(), busy, false)
	if err != nil {
		t.Fatalf("a busy port that nobody asked for: got %v, want another one", err)
	}
	defer other.Close()
	if got := other.Addr().String(); got == busy || !strings.HasPrefix(got, "127.0.0.1:") {
		t.Errorf("got %s, want another port of this machine", got)
	}
	if none, err := listenPage(t.Context(), "", true); none != nil || err != nil {
		t.Errorf("got %v, %v, want no page", none, err)
	}
	for _, tt := range []struct {
		args string
		code int
		say  string
	}{
		{"demo --page " + busy, exitFailed, "address already in use"},
		{"demo --page 0.0.0.0:8090", exitWrong, "is not of this machine alone: write it as 127.0.0.1:8090"},
		{"demo --page 8090", exitWrong, `--page "8090": write it as 127.0.0.1:8090`},
		{"demo --headless --page 127.0.0.1:0", exitWrong, "exclude each other"},
		{"demo --headless --story=false", exitWrong, "exclude each other"},
		{"demo --story=false --page=", exitWrong, "--story=false needs a page"},
	} {
		code, stdout, stderr := ppmrelay(t, strings.Fields(tt.args)...)
		if code != tt.code || !strings.Contains(stderr, tt.say) || stdout != "" {
			t.Errorf("%s: got exit code %d, %q and %q, want %d and %q", tt.args, code, stdout, stderr, tt.code, tt.say)
		}
	}
}

// TestSandboxShowsThePage, which it names, and describes the API to everybody.
func TestSandboxShowsThePage(t *testing.T) {
	said := startSandbox(t).said
	page := regexp.MustCompile(`(?m)^Page +(http://127\.0\.0\.1:\d+) `).FindStringSubmatch(said)
	described := regexp.MustCompile(`described at (http://127\.0\.0\.1:\d+/openapi\.json)`).FindStringSubmatch(said)
	if page == nil || described == nil {
		t.Fatalf("got\n%s\nwant the addresses of the page and of the description", said)
	}
	status, text := curl(t, http.MethodGet, page[1]+"/", "")
	if status != http.StatusOK || !strings.Contains(text, "Customer Portal") || !strings.Contains(text, "delivery-team") || strings.Contains(text, "journalled") {
		t.Errorf("got %d and a page that does not show the stand-ins alone:\n%s", status, text)
	}
	if status, text := curl(t, http.MethodGet, described[1], ""); status != http.StatusOK || !strings.Contains(text, `"openapi": "3.1.0"`) {
		t.Errorf("got %d and %.100s, want the description", status, text)
	}
	if said := startSandbox(t, "--page", "").said; strings.Contains(said, "Page ") {
		t.Errorf("got\n%s\nwant no page", said)
	}
}
