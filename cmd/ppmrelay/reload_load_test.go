package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// The load: so many events of 8 entities of each of four kinds, so that a channel, which takes one kind, is never told in
// bulk: that has words of its own.
const (
	reloads     = 100
	loadEvents  = 5000
	loadOfKind  = 8
	loadClients = 8
)

func loadKinds() []string { return []string{"Project", "Idea", "Task", "KeyDate"} }

// loadBody is the n-th change. Half of the entities change one field, half another, which are told by routes of their own.
func loadBody(n int) (kind string, body []byte) {
	kind = loadKinds()[n%4]
	entity, change := n/4%loadOfKind, n/4/loadOfKind
	field := [2]string{"Budget", "Manager"}[entity%2]
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Millisecond)
	return kind, fmt.Appendf(nil, `{"WebhookId":"7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13","MessageId":"00000000-0000-4000-8000-%012d",
"Data":{"Id":"28e92b4c-3b0c-4100-83c8-%06d%06d","Attributes":{"Name":"%s %d","%[6]s":%[7]d},"BeforeAttributes":{"Name":"%[4]s %[5]d","%[6]s":%[8]d},
"Initiator":{"UserId":"u%[1]d","FullName":"Anna Doe"},"TimeStamp":%[9]q}}`,
		n, n%4, entity, kind, entity, field, change+1, change, at.Format(time.RFC3339Nano))
}

// loadConfig is a configuration whose every word says its version. Each third one lacks a channel and a tab.
func loadConfig(s *sandbox.Sandbox, version int) string {
	credentials, _ := json.Marshal(string(s.Google.Credentials(s.GoogleURL)))
	var text strings.Builder
	fmt.Fprintf(&text, `
server: { listen: "127.0.0.1:0", secrets: [%s, "secret-of-version-%d"] }
console: { listen: "127.0.0.1:0" }
slack: { token: %s, api_url: %q, burst: 30, late: 2s }
google: { credentials: %s, endpoint: %q, per_minute: 6000 }
templates:
  money: "money by v%[2]d: {{ .Entity }}{{ range .Changes }} {{ .After }} v%[2]d{{ end }}"
  other: "{{ template \"head\" . }}{{ range .Changes }} {{ .Label }} v%[2]d{{ end }}"
  head: "other by v%[2]d: {{ .Entity }}"
routes:
`, secret, version, slack.DefaultToken, s.SlackURL, credentials, s.GoogleURL)
	for i, kind := range loadKinds() {
		if i == 3 && version%3 == 0 {
			continue
		}
		fmt.Fprintf(&text, `
  - { name: %[1]s-money, events: ["%[1]s:*"], when: changed("Budget"), slack: { channel: %[2]s, template: money } }
  - { name: %[1]s, events: ["%[1]s:*"], slack: { channel: %[2]s, template: other } }
`, kind, loadChannel(i))
	}
	for i, tab := range []string{"Changes", "Money", "Away"} {
		if i == 2 && version%3 == 0 {
			continue
		}
		when := ""
		if i == 1 {
			when = `, when: changed("Budget")`
		}
		fmt.Fprintf(&text, `
  - name: sheet-%[1]s
    events: ["*"]%[4]s
    sheet: { spreadsheet: %[2]s, tab: %[1]s, columns: [{ header: Before, value: "v%[3]d" }, { header: Name, value: "{{ .Entity.Name }}" }, { header: After, value: "v%[3]d" }] }
`, tab, sandbox.Spreadsheet, version, strings.Replace(when, ", ", "\n    ", 1))
	}
	return text.String()
}

func loadChannel(i int) string { return fmt.Sprintf("C0RELOAD%02d", i) }

// ways are the ways in which a configuration is saved, one after the other.
func (r *reloading) ways() []func(text string) {
	mounted := 0
	return []func(string){
		r.save,
		func(text string) { // a volume of Kubernetes
			mounted++
			folder := fmt.Sprintf("..2026_%d", mounted)
			must(r.t, os.Mkdir(filepath.Join(r.dir, folder), 0o700))
			writeFile(r.t, filepath.Join(r.dir, folder, "ppmrelay.yaml"), text)
			must(r.t, os.Symlink(folder, filepath.Join(r.dir, "..data_tmp")))
			must(r.t, os.Rename(filepath.Join(r.dir, "..data_tmp"), filepath.Join(r.dir, "..data")))
			must(r.t, os.Symlink(filepath.Join("..data", "ppmrelay.yaml"), filepath.Join(r.dir, "link")))
			must(r.t, os.Rename(filepath.Join(r.dir, "link"), r.file))
		},
		func(text string) { // in two halves
			must(r.t, os.Remove(r.file))
			writeFile(r.t, r.file, text[:len(text)/2])
			<-time.After(5 * time.Millisecond)
			writeFile(r.t, r.file, text)
		},
		func(text string) { // as it is, and then a signal
			r.save(text)
			must(r.t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
		},
		func(text string) { // with what an editor leaves behind
			for _, name := range []string{"4913", ".ppmrelay.yaml.swp", "ppmrelay.yaml~"} {
				writeFile(r.t, filepath.Join(r.dir, name), text[:len(text)/3])
			}
			r.save(text)
			must(r.t, os.Remove(filepath.Join(r.dir, "4913")))
		},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A hundred configurations are saved while five thousand events come in, each tenth with a fault. Nothing is lost, doubled
// or out of order, and nothing that is told is made of two of them.
func TestReloadUnderLoad(t *testing.T) {
	wholeProgram(t)
	var options sandbox.Options
	options.Slack.Unlimited = true
	options.Google.ReadsPerMinute, options.Google.WritesPerMinute = -1, -1
	for i := range loadKinds() {
		options.Slack.Channels = append(options.Slack.Channels, slack.Channel{ID: loadChannel(i), Name: fmt.Sprintf("channel-%d", i)})
	}
	s, err := sandbox.Start(t.Context(), options)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	r := startReloading(t, loadConfig(s, 0))
	began := time.Now()

	var sent, refused atomic.Int64
	goal := make(chan int, reloads)
	var posting sync.WaitGroup
	posting.Go(func() {
		for upTo := range goal {
			r.postAll(&sent, &refused, upTo)
		}
	})
	ways := r.ways()
	for version := 1; version <= reloads; version++ {
		goal <- loadEvents * version / reloads
		text, want := loadConfig(s, version), `"changes":`
		if version%10 == 0 {
			text, want = strings.Replace(text, "{{ .Entity }}", "{{ .Entity.Nam }}", 1), "a fault in the configuration"
		}
		ways[version%len(ways)](text)
		r.said(want)
	}
	close(goal)
	posting.Wait()
	if sent.Load() != loadEvents || refused.Load() != 0 {
		t.Errorf("%d events were sent, and %d not accepted; want %d and none", sent.Load(), refused.Load(), loadEvents)
	}
	file := filepath.Join(r.dir, "ppmrelay.db")
	r.await("everything is told", func() bool { return settled(count(t, file)) })
	r.stop()
	t.Logf("%d reloads and %d events took %v", reloads, loadEvents, time.Since(began).Round(time.Millisecond))

	store, err := sqlite.Open(t.Context(), file, sqlite.Options{ReadOnly: true})
	must(t, err)
	defer store.Close()
	found, err := newAuditor(s).all(t.Context(), store, s)
	if err != nil || !found.clean() || found.Events != loadEvents || found.Possible != 0 {
		t.Errorf("got %+v, %v, want everything told once and in order", found, err)
	}
	judgeVersions(t, s, store)
}

// postAll posts events until so many were sent, as different senders for different entities do: each entity's in order.
func (r *reloading) postAll(sent, refused *atomic.Int64, upTo int) {
	from, loader := int(sent.Load()), client()
	var clients sync.WaitGroup
	for c := range loadClients {
		clients.Go(func() {
			for n := from; n < upTo; n++ {
				if n%(4*loadOfKind)%loadClients != c {
					continue
				}
				if r.postLoad(loader, n) != nil {
					refused.Add(1)
				}
				sent.Add(1)
			}
		})
	}
	clients.Wait()
}

func (r *reloading) postLoad(loader *http.Client, n int) error {
	kind, body := loadBody(n)
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, "http://"+r.events+"/events/"+kind+"/Updated", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	answer, err := loader.Do(request)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		return errors.New(answer.Status)
	}
	return nil
}

// judgeVersions looks for effects that were made of several configurations, or in the built-in wording though each has
// words for what it takes.
func judgeVersions(t *testing.T, s *sandbox.Sandbox, store journal.Reader) {
	t.Helper()
	versions := map[string]map[string]bool{} // by effect
	note := func(effect, text string) {
		found := regexp.MustCompile(`\bv\d+\b`).FindAllString(text, -1)
		if versions[effect] == nil {
			versions[effect] = map[string]bool{}
		}
		for _, version := range found {
			versions[effect][version] = true
		}
	}
	messages := 0
	for i := range loadKinds() {
		for _, m := range s.Slack.Messages(loadChannel(i)) {
			messages++
			note(effectOf(m), fmt.Sprint(m.Text, m.Blocks))
		}
	}
	rows := map[string]string{} // target and key -> the row
	for _, tab := range s.Google.Tabs(sandbox.Spreadsheet) {
		cells := s.Google.Rows(sandbox.Spreadsheet, tab)
		if len(cells) == 0 {
			continue
		}
		key := slices.Index(cells[0], sinks.KeyHeader)
		for _, row := range cells[1:] {
			if key >= 0 && key < len(row) {
				rows["sheet:"+sandbox.Spreadsheet+"/"+tab+" "+row[key]] = strings.Join(row, " ")
			}
		}
	}
	skipped := 0
	must(t, eachStory(t.Context(), store, func(story journal.Story) {
		for _, d := range story.Deliveries {
			if d.State == journal.Skipped {
				skipped++
			}
			if row, ok := rows[d.Target+" "+story.Entry.ID+"/1"]; ok && d.Effect != nil {
				note(d.Effect.ID, row)
			}
		}
	}))
	all := map[string]bool{}
	for effect, made := range versions {
		if len(made) != 1 {
			t.Errorf("effect %s is made of %v, want one version", effect, made)
		}
		for version := range made {
			all[version] = true
		}
	}
	if len(all) < reloads/2 || messages < 20 || len(rows) < loadEvents || skipped == 0 {
		t.Errorf("got %d versions, %d messages, %d rows and %d skips: too few to say anything", len(all), messages, len(rows), skipped)
	}
	t.Logf("%d versions were told in %d effects: %d messages, %d rows; %d tellings were skipped", len(all), len(versions), messages, len(rows), skipped)
}
