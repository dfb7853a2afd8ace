package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
)

// logLines is a log that can be read while it is written.
type logLines struct {
	mu   sync.Mutex
	text bytes.Buffer
	read int
}

func (l *logLines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// news returns what was written since the last call that took it.
func (l *logLines) news(take bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := string(l.text.Bytes()[l.read:])
	if take {
		l.read = l.text.Len()
	}
	return text
}

// reloading is a relay in this process, whose configuration a test saves in different ways.
type reloading struct {
	t               *testing.T
	dir, file       string
	log             logLines
	events, console string
	stop            func()
}

// startReloading starts a relay that looks at its files every 20 ms, with a configuration in a folder of its own.
func startReloading(t *testing.T, text string) *reloading {
	t.Helper()
	r := &reloading{t: t, dir: t.TempDir()}
	r.file = writeFile(t, filepath.Join(r.dir, "ppmrelay.yaml"), text)
	a := &app{
		out: io.Discard, err: &r.log, env: os.LookupEnv, configFile: r.file, logFormat: "json", logLevel: "debug",
		watchEvery: 20 * time.Millisecond,
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.serve(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the relay ended with %v", err)
		}
	})
	t.Cleanup(r.stop)
	r.await("it listens", func() bool {
		for line := range strings.Lines(r.log.news(false)) {
			var said struct{ Msg, Events, Console string }
			if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "listening" {
				r.events, r.console = said.Events, said.Console
			}
		}
		return r.events != ""
	})
	return r
}

func (r *reloading) await(what string, there func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !there(); {
		if time.Now().After(deadline) {
			r.t.Fatalf("still not: %s; the log:\n%s", what, r.log.news(false))
		}
		<-time.After(5 * time.Millisecond)
	}
}

// said waits until the log says all of this, takes what it said so far, and returns it.
func (r *reloading) said(wants ...string) string {
	r.t.Helper()
	for _, want := range wants {
		r.await("the log says "+want, func() bool { return strings.Contains(r.log.news(false), want) })
	}
	return r.log.news(true)
}

// readyz returns what /readyz says.
func (r *reloading) readyz() string {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "http://"+r.console+"/readyz", http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// save replaces the file by another one, as most editors do.
func (r *reloading) save(text string) {
	r.t.Helper()
	if err := os.Rename(writeFile(r.t, filepath.Join(r.dir, ".ppmrelay.yaml.new"), text), r.file); err != nil {
		r.t.Fatal(err)
	}
}

// post sends the n-th event with a secret, and returns the status.
func (r *reloading) post(n int, with string) int {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, "http://"+r.events+"/events/Project/Updated", bytes.NewReader(eventBody(n)))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+with)
	answer, err := client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// rows waits until a file of the folder has that many rows, and returns it.
func (r *reloading) rows(name string, n int) string {
	r.t.Helper()
	var text []byte
	r.await(name+" has its rows", func() bool {
		text, _ = os.ReadFile(filepath.Join(r.dir, name))
		return bytes.Count(text, []byte("\n")) >= n
	})
	return string(text)
}

const reloadHead = `
server: { listen: "127.0.0.1:0", secrets: [` + secret + `] }
console: { listen: "127.0.0.1:0" }
`

const reloadRoutes = `
routes:
  - name: first
    events: ["*"]
    file: { path: first.jsonl, rows: event, columns: [{ header: Said, value: "one {{ .Entity.Name }}" }] }
`

const secondRoute = `
  - { name: second, events: ["*"], file: { path: second.jsonl, rows: event } }
`

// A person saves one configuration after the other, and reads what the log and /readyz say.
func TestWhatAReloadSays(t *testing.T) {
	t.Parallel()
	r := startReloading(t, reloadHead+reloadRoutes)
	r.post(1, secret)
	r.rows("first.jsonl", 1)

	r.save(reloadHead + reloadRoutes + secondRoute)
	r.said(`"changes":"route added: second; target added: file:second.jsonl"`)
	r.post(2, secret)
	r.rows("second.jsonl", 1)

	r.save(reloadHead + strings.Replace(reloadRoutes, "one {{", "two {{", 1) + secondRoute)
	r.said(`"changes":"route changed: first"`)
	r.post(3, secret)
	if got := r.rows("first.jsonl", 3); !strings.Contains(got, "one Project 1") || !strings.Contains(got, "two Project 3") {
		t.Errorf("got %s, want the new words from the reload on", got)
	}

	bad := reloadHead + strings.Replace(reloadRoutes, "one {{ .Entity.Name", "three {{ .Entity.Nam", 1)
	r.save(bad)
	said := r.said("does not count, the configuration before it does", "a fault in the configuration")
	if !strings.Contains(said, "ppmrelay.yaml:8:") || !strings.Contains(said, "did you mean .Name?") || strings.Contains(said, "level\":\"INFO") {
		t.Errorf("got the log\n%s\nwant the fault with its place, and nothing else", said)
	}
	if got := r.readyz(); !strings.Contains(got, "- configuration: what was saved has faults and does not count") || !strings.Contains(got, "ppmrelay.yaml:8:") || !strings.Contains(got, "(since ") {
		t.Errorf("got /readyz\n%s\nwant the fault, its place, and since when", got)
	}
	r.save(bad + "# and more\n")
	r.said("has the same faults")
	r.save(strings.Replace(bad, "Entity.Nam", "Entiti", 1))
	r.said("a fault in the configuration")
	r.post(4, secret)
	r.rows("first.jsonl", 4)
	r.save(reloadHead + strings.Replace(reloadRoutes, "one {{", "two {{", 1) + secondRoute)
	r.said("the configuration is as it was before the faults")
	if got := r.readyz(); strings.Contains(got, "configuration") {
		t.Errorf("got /readyz\n%s\nwant nothing about the configuration", got)
	}

	r.save(strings.Replace(reloadHead, secret, "the-new-secret, "+secret, 1) + reloadRoutes)
	said = r.said("another configuration counts", "a target left the configuration")
	for _, want := range []string{"route removed: second", "route changed: first", "target removed: file:second.jsonl", "2 secrets, the first is new"} {
		if !strings.Contains(said, want) {
			t.Errorf("got the log\n%s\nwant %q", said, want)
		}
	}
	if strings.Contains(said, "the-new-secret") {
		t.Errorf("the log shows a secret:\n%s", said)
	}
	if got := [3]int{r.post(5, "the-new-secret"), r.post(6, secret), r.post(7, "another")}; got != [3]int{202, 202, 401} {
		t.Errorf("got %v, want that the new secret and the old one are accepted", got)
	}
	if got := r.readyz(); !strings.Contains(got, "secret 1: last used ") || !strings.Contains(got, "secret 2: last used ") {
		t.Errorf("got /readyz\n%s\nwant both secrets", got)
	}

	r.log.news(true)
	r.save("# only a comment\n" + strings.Replace(reloadHead, secret, "the-new-secret, "+secret, 1) + reloadRoutes)
	if said := r.said("the configuration was read, and nothing changed"); strings.Contains(said, `"INFO"`) {
		t.Errorf("got the log\n%s\nwant nothing that anybody must read", said)
	}
}

// What a start alone can change is said, and waits; everything else of the same file counts.
func TestWhatWaitsForTheNextStart(t *testing.T) {
	t.Parallel()
	r := startReloading(t, reloadHead+reloadRoutes)
	moved := strings.Replace(reloadHead, "127.0.0.1:0", "127.0.0.1:1", 1) + "journal: { url: \"file:other.db\", keep: 30d }\n" + reloadRoutes
	r.save(moved + secondRoute)
	said := r.said("changed settings take effect at the next start")
	for _, want := range []string{`"settings":"server.listen, journal.url"`, "route added: second", "changed: journal.keep"} {
		if !strings.Contains(said, want) {
			t.Errorf("got the log\n%s\nwant %q", said, want)
		}
	}
	if got := r.readyz(); !strings.Contains(got, "- configuration: server.listen, journal.url: takes effect at the next start (since ") {
		t.Errorf("got /readyz\n%s\nwant what waits", got)
	}
	r.post(1, secret)
	r.rows("second.jsonl", 1)
	r.save(moved)
	if said := r.said("route removed: second"); strings.Contains(said, "at the next start") {
		t.Errorf("got the log\n%s\nwant what waits said once", said)
	}
	r.save(reloadHead + "journal: { keep: 30d }\n" + reloadRoutes)
	r.await("nothing waits any more", func() bool { return !strings.Contains(r.readyz(), "next start") })
	if _, err := os.Stat(filepath.Join(r.dir, "other.db")); err == nil {
		t.Error("another journal was made")
	}
}

// However it is saved, it is read once it is whole; and at once when a person asks.
func TestKindsOfSaving(t *testing.T) {
	t.Parallel()
	r := startReloading(t, reloadHead+reloadRoutes)
	text := func(word string) string { return reloadHead + strings.Replace(reloadRoutes, "one {{", word+" {{", 1) }
	for _, name := range []string{"ppmrelay.yaml~", ".ppmrelay.yaml.swp", "4913", "#ppmrelay.yaml#", "ppmrelay.yaml.bak"} {
		writeFile(t, filepath.Join(r.dir, name), "no configuration")
	}
	whole := text("halves")
	writeFile(t, r.file, whole[:len(whole)/2])
	writeFile(t, r.file, whole)
	// A writer that rests longer than the watcher does between its halves is told of a fault; no half counts all the same.
	if said := r.said("route changed: first"); strings.Count(said, "another configuration counts") != 1 {
		t.Errorf("got the log\n%s\nwant no half of a file", said)
	}

	writeFile(t, filepath.Join(r.dir, "secret"), secret)
	r.save(strings.Replace(text("a secret in a file"), secret, "file:secret, file:later", 1))
	r.said("later is not there")
	writeFile(t, filepath.Join(r.dir, "later"), "a-second-secret")
	r.said("2 secrets, the second is new")
	writeFile(t, filepath.Join(r.dir, "later"), "another-secret")
	r.said("2 secrets, the second is new")

	// A volume of Kubernetes: the file is a link through a link to a folder, and that one is replaced.
	for i, word := range []string{"mounted", "mounted again"} {
		folder := filepath.Join(r.dir, "..data_"+string(rune('0'+i)))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(folder, "ppmrelay.yaml"), text(word))
		fresh := filepath.Join(r.dir, "..data_tmp")
		if err := os.Symlink(filepath.Base(folder), fresh); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(fresh, filepath.Join(r.dir, "..data")); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := os.Remove(r.file); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join("..data", "ppmrelay.yaml"), r.file); err != nil {
				t.Fatal(err)
			}
		}
		r.said("route changed: first")
	}

	if err := os.Remove(r.file); err != nil {
		t.Fatal(err)
	}
	r.said("the file cannot be read")
	r.post(1, secret)
	if got := r.rows("first.jsonl", 1); !strings.Contains(got, "mounted again Project 1") {
		t.Errorf("got %s, want the words of the last good configuration", got)
	}
}

// A signal asks all relays of this process, so nothing runs beside.
func TestReloadBySignal(t *testing.T) {
	r := startReloading(t, reloadHead+reloadRoutes)
	for range 2 {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if said := r.said("the configuration was read, and nothing changed"); !strings.Contains(said, `"INFO"`) {
			t.Errorf("got the log\n%s\nwant an answer for whoever asks", said)
		}
	}
	r.save(reloadHead + strings.Replace(reloadRoutes, "one {{", "{{ nothing", 1))
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if said := r.said("a fault in the configuration"); strings.Count(said, "a fault in the configuration") != 1 {
		t.Errorf("got the log\n%s\nwant the fault once, though it was saved and asked for", said)
	}
}

// A file that takes another one's place is another one, also where a tool makes all files as old as each other.
func TestAFileOfTheSameSizeAndTimeIsSeen(t *testing.T) {
	t.Parallel()
	dir, when := t.TempDir(), time.Unix(1, 0)
	file, other := writeFile(t, filepath.Join(dir, "a"), "one"), writeFile(t, filepath.Join(dir, "b"), "two")
	for _, path := range []string{file, other} {
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	w := newWatcher(func() looks { return lookAt([]string{file}) })
	w.saved()
	if got := w.saved(); got != nil {
		t.Errorf("got %q saved, want nothing", got)
	}
	if err := os.Rename(other, file); err != nil {
		t.Fatal(err)
	}
	w.saved()
	if got := strings.Join(w.saved(), ", "); got != "a" {
		t.Errorf("got %q saved, want the file that was replaced", got)
	}
}

func TestChangesInWords(t *testing.T) {
	t.Parallel()
	const text = `
server: { listen: ":1", public_url: https://relay.example.com, secrets: [env:ONE] }
ppm_express: { url: https://api-eu.ppm.express, tenant: contoso, token: env:TOKEN }
slack: { token: env:TOKEN }
templates: { status: "{{ .Entity }}", other: "x" }
routes:
  - { name: team, events: ["*"], slack: { channel: C0123456789, template: status } }
  - { name: log, events: ["*"], file: { path: x.csv } }
`
	env := map[string]string{"ONE": "one-secret", "TWO": "two-secret", "THREE": "three-secret", "TOKEN": "xoxb-1", "OTHER": "xoxb-2"}
	read := func(text string) *config.Config {
		t.Helper()
		cfg, err := config.Parse("ppmrelay.yaml", []byte(text), func(name string) (string, bool) { return env[name], true })
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	swap := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
	tests := []struct{ after, want string }{
		{text + "# the end", ""},
		{swap("[env:ONE]", "[env:TWO, env:ONE]"), "2 secrets, the first is new"},
		{swap("[env:ONE]", "[env:TWO]"), "1 secret, which is new"},
		{swap("[env:ONE]", "[env:TWO, env:THREE]"), "2 secrets, the first, second are new"},
		{swap("slack: { token: env:TOKEN", "slack: { token: env:OTHER, burst: 9"), "changed: slack.burst, slack.token"},
		{swap(", other: \"x\"", ", fresh: \"x\""), "template added: fresh; template removed: other"},
		{swap("{{ .Entity }}", "{{ .Entity.Name }}"), "template changed: status"},
		{swap("name: log", "name: journal"), "route added: journal; route removed: log"},
		{swap("C0123456789", "C0123456780"), "route changed: team; target added: slack:C0123456780; target removed: slack:C0123456789"},
		{swap("routes:\n", "routes:\n  - { name: log, events: [\"*\"], file: { path: x.csv } }\n", "  - { name: log, events: [\"*\"], file: { path: x.csv } }\n", ""), "the order of routes changed"},
		{swap("slack: { token", "display: { time_zone: Europe/Berlin }\nslack: { token"), "changed: display.time_zone"},
		{swap("slack: { token", "google: { credentials: '{\"type\":\"service_account\"}' }\nslack: { token"), "added: google"},
		{swap("name: team,", "name: team, when: deleted(),"), "route changed: team"},
	}
	for _, test := range tests {
		if got := strings.Join(changesOf(read(text), read(test.after)), "; "); got != test.want {
			t.Errorf("got %q, want %q, after\n%s", got, test.want, test.after)
		}
	}

	counts, later := asStarted(read(swap(`":1"`, `":2"`, "contoso", "fabrikam", "env:TOKEN", "env:OTHER")), read(text), read(text))
	if got := strings.Join(later, ", "); got != "server.listen, ppm_express.tenant" {
		t.Errorf("got %q, want the address and the tenant", got)
	}
	if got := strings.Join(changesOf(read(text), counts), "; "); got != "changed: slack.token" {
		t.Errorf("got %q, want the tenant's section as a whole to wait", got)
	}
	now := read(swap("contoso, token: env:TOKEN", "contoso, token: env:OTHER")) // taken since the start
	counts, _ = asStarted(read(swap("contoso", "fabrikam")), read(text), now)
	if got := strings.Join(changesOf(now, counts), "; "); got != "" {
		t.Errorf("got %q, want the token that counts to go on, not the one of the start", got)
	}
}
