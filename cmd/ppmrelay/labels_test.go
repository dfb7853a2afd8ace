package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/fields"
	"github.com/ppmrelay/ppmrelay/ppm"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/templates"
)

// regions are choices of a field that only the tenant knows: as a number it says nothing.
func regions(names ...string) map[string][]standin.Choice {
	var all []standin.Choice
	for i, name := range names {
		all = append(all, standin.Choice{Value: i + 1, Label: name})
	}
	return map[string][]standin.Choice{"Project.Region": all}
}

// regional is a tenant with a project in region 2.
func regional(switches standin.Switches, names ...string) standin.Options {
	project := standin.Entity{Kind: event.Project, Attributes: map[string]any{"Name": "Portal", "Region": 2, "Idea’s sponsor": "Anna"}}
	return standin.Options{Entities: []standin.Entity{project}, Switches: switches, Choices: regions(names...)}
}

// regionMoved is an update of the region and the priority.
func regionMoved(before, after int) string {
	return fmt.Sprintf(`{"WebhookId":"w","MessageId":"m-%d","Data":{"Id":"p","Attributes":{"Name":"Portal","Region":%[1]d,"Priority":7,"OverallStatus":1},
		"BeforeAttributes":{"Region":%[2]d,"Priority":3,"OverallStatus":0},"TimeStamp":"2026-03-01T08:00:0%[1]d.1234567Z"}}`, after, before)
}

func decodedUpdate(t *testing.T, body string) event.Event {
	t.Helper()
	e, err := ppm.Decode([]byte(body), "Project:Updated")
	if err != nil {
		t.Fatal(err)
	}
	e.ID, e.Received = "e", time.Now()
	return e
}

// fakeTenant is a tenant whose answer a test decides, and that counts who asks.
type fakeTenant struct {
	mu     sync.Mutex
	answer string // of projects; others have no fields
	err    error
	asked  []time.Duration // since begun, once for each time of asking
	begun  time.Time
}

func (f *fakeTenant) Fields(_ context.Context, entity string) (json.RawMessage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if entity != event.Project {
		return json.RawMessage(`[]`), f.err
	}
	f.asked = append(f.asked, time.Since(f.begun))
	return json.RawMessage(f.answer), f.err
}

func (f *fakeTenant) set(answer string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer, f.err = answer, err
}

func (f *fakeTenant) times() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fmt.Sprint(f.asked)
}

const regionNorth = `[{"key":"Region","label":"Region","settings":{"options":[{"id":1,"name":"North"}]}}]`

// newTestBook makes the words of a configuration without labels.
func newTestBook(t *testing.T) *labelBook {
	t.Helper()
	words, err := templates.New(templates.Display{})
	if err != nil {
		t.Fatal(err)
	}
	book := &labelBook{words: words}
	book.put(nil, nil)
	return book
}

// TestKeeperAsksNowAndThen: at the start, once a day, an hour after a failure, and at most once an hour for values that
// nobody has a label for, each of which is a reason once.
func TestKeeperAsksNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		tenant := &fakeTenant{begun: time.Now(), err: errors.New("the line is dead")}
		book := newTestBook(t)
		k := newFieldKeeper(slog.New(slog.NewTextHandler(&log, nil)))
		k.from, k.book = fieldSource{client: tenant, tenant: "contoso", asking: "x", file: filepath.Join(t.TempDir(), "fields.json")}, book
		book.put(nil, k.miss)
		ctx, stop := context.WithCancel(t.Context())
		go k.run(ctx)
		at := func(when time.Duration, want string) {
			t.Helper()
			time.Sleep(when - time.Since(tenant.begun))
			synctest.Wait()
			if got := tenant.times(); got != want {
				t.Errorf("after %v: asked at %s, want %s", when, got, want)
			}
		}
		at(2*time.Hour+time.Minute, "[0s 1h0m0s 2h0m0s]") // it fails
		tenant.set(regionNorth, nil)
		at(5*time.Hour, "[0s 1h0m0s 2h0m0s 3h0m0s]")
		k.miss("Project", "Region", "5")
		at(5*time.Hour+time.Second, "[0s 1h0m0s 2h0m0s 3h0m0s 5h0m0s]")
		k.miss("Project", "Region", "5") // still there, and nobody knows it
		k.miss("Project", "Region", "6")
		k.miss("Project", "Region", "7")
		at(12*time.Hour, "[0s 1h0m0s 2h0m0s 3h0m0s 5h0m0s 6h0m0s]")
		at(31*time.Hour, "[0s 1h0m0s 2h0m0s 3h0m0s 5h0m0s 6h0m0s 30h0m0s]")
		stop()
		synctest.Wait()
		if said := log.String(); strings.Count(said, "cannot be fetched") != 1 || strings.Count(said, "fetched again") != 1 || strings.Count(said, "are known") != 1 {
			t.Errorf("got the log\n%s\nwant each once", said)
		}
	})
}

// A feed that cannot be had, or is worse, costs nothing that is known.
func TestKeeperKeepsWhatItKnows(t *testing.T) {
	tenant, book := &fakeTenant{answer: regionNorth}, newTestBook(t)
	k := newFieldKeeper(slog.New(slog.DiscardHandler))
	file := filepath.Join(t.TempDir(), "none", "fields.json") // where nothing can be written
	k.from, k.book = fieldSource{client: tenant, tenant: "contoso", file: file}, book
	labelled := func() bool { return book.newest.Load().words.Labelled("Project", "Region", "1") }
	if labelled() {
		t.Fatal("got a label before anybody asked")
	}
	k.once(t.Context())
	if !labelled() || k.unkept == "" {
		t.Errorf("got a label: %v, unkept %q; want it used though it cannot be kept", labelled(), k.unkept)
	}
	tenant.set("", errors.New("gone"))
	k.once(t.Context())
	if !labelled() {
		t.Error("the label was lost with the line")
	}
	tenant.set(`[{"key":"Region","settings":{}}]`, nil)
	k.once(t.Context())
	if labelled() {
		t.Error("a label stayed that the tenant took away")
	}
}

func TestKeeperFollowsTheConfiguration(t *testing.T) {
	o := newOffice(t, regional(standin.Switches{FieldChoices: standin.ChoicesIDName}, "North", "South"))
	cfg, err := config.Load(o.config, os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	k, first, second := newFieldKeeper(slog.New(slog.DiscardHandler)), newTestBook(t), newTestBook(t)
	k.follow(cfg, first)
	k.once(t.Context())
	asked := o.tenant.Calls("fields")
	k.follow(cfg, second) // a reload that changes nothing of this
	if !second.newest.Load().words.Labelled("Project", "Region", "2") || k.due() < 23*time.Hour || o.tenant.Calls("fields") != asked {
		t.Errorf("got due in %v and %d calls, want the same labels at once and nobody asked", k.due(), o.tenant.Calls("fields"))
	}
	cfg.PPMExpress.Tenant = "fabrikam"
	third := newTestBook(t)
	k.follow(cfg, third)
	if third.newest.Load().words.Labelled("Project", "Region", "2") || k.due() > 0 {
		t.Error("got the labels of another tenant")
	}
	cfg.PPMExpress = nil
	k.follow(cfg, third)
	k.once(t.Context()) // nobody to ask
	if third.newest.Load().feed != nil {
		t.Error("got fields without a tenant")
	}
}

// A file that cannot be read is told once, however often the configuration changes, and again after it was well.
func TestKeeperTellsOfAFileThatCannotBeRead(t *testing.T) {
	var log bytes.Buffer
	k := newFieldKeeper(slog.New(slog.NewTextHandler(&log, nil)))
	damaged, well := newTestBook(t), newTestBook(t)
	damaged.unread = errors.New("reading ppmrelay.fields.json: it ends too early")
	for i, c := range []struct {
		book *labelBook
		want int
	}{{well, 0}, {damaged, 1}, {damaged, 1}, {well, 1}, {damaged, 2}} {
		k.follow(&config.Config{}, c.book)
		if got := strings.Count(log.String(), "level=WARN"); got != c.want || got > 0 && !strings.Contains(log.String(), "it ends too early") {
			t.Errorf("%d: got the log\n%s\nwant %d warnings that say why", i, log.String(), c.want)
		}
	}
}

// says are words that change the labels between two events of one effect.
type says struct {
	words *templates.Words
	swap  func()
}

func (s says) Say(events []event.Event) []delivery.Said {
	var all []delivery.Said
	for _, e := range events {
		message := s.words.Message(event.NetOf([]event.Event{e}, s.words.Ignored))
		all = append(all, delivery.Said{})
		all[len(all)-1].Message = message
		s.swap()
	}
	return all
}

// TestOneEffectHasOneSetOfLabels, whatever the keeper learns meanwhile; the next one has the new ones.
func TestOneEffectHasOneSetOfLabels(t *testing.T) {
	book := newTestBook(t)
	feed := func(label string) *fields.Feed {
		k := newFieldKeeper(slog.New(slog.DiscardHandler))
		k.from = fieldSource{client: &fakeTenant{answer: strings.Replace(regionNorth, "North", label, 1)}, file: filepath.Join(t.TempDir(), "f.json")}
		k.book = newTestBook(t)
		k.once(t.Context())
		return k.feed
	}
	book.put(feed("North"), nil)
	words := book.labelled(func(words *templates.Words) delivery.Words {
		return says{words, func() { book.put(feed("South"), nil) }}
	})
	e := decodedUpdate(t, regionMoved(2, 1))
	for i, want := range []string{"North", "South"} {
		for _, said := range words.Say([]event.Event{e, e}) {
			if text := strings.Join(said.Message.Lines, "\n"); !strings.Contains(text, "Region: 2 → "+want) {
				t.Errorf("effect %d: got %q, want %s", i, text, want)
			}
		}
	}
	when, err := book.newest.Load().words.When(`after("Region") == "West"`)
	if err != nil {
		t.Fatal(err)
	}
	now := book.condition(when)
	before, _ := now().Holds(e)
	book.put(feed("West"), nil)
	if after, _ := now().Holds(e); before || !after {
		t.Errorf("got %v before and %v after, want the condition to follow", before, after)
	}
}

// The real daemon takes the labels at its start, and after the next start from the file, when nobody answers.
func TestServeSaysTheTenantsLabels(t *testing.T) {
	o := newOffice(t, regional(standin.Switches{FieldChoices: standin.ChoicesNested, FieldKeys: standin.KeysIDs}, "North", "South", "West"))
	dir := filepath.Dir(o.config)
	text := strings.Replace(string(mustRead(t, o.config)), "server: { ", `server: { listen: "127.0.0.1:0", `, 1)
	writeFile(t, o.config, strings.Replace(text, webhookSecret, secret, 1)+"console: { listen: \"127.0.0.1:0\" }\n")
	for i, want := range []string{"Region,North,South", "Region,South,West"} {
		p := startDaemon(t, o.config)
		eventually(t, "the fields are in their file", func() bool {
			_, err := fields.Load(filepath.Join(dir, "ppmrelay.db.fields.json"))
			return err == nil
		})
		if status := send(t, p.events+"/events/Project/Updated", regionMoved(i+1, i+2)); status != http.StatusAccepted {
			t.Fatalf("got %d", status)
		}
		eventually(t, want, func() bool {
			rows, err := os.ReadFile(filepath.Join(dir, "changes.csv"))
			return err == nil && strings.Contains(string(rows), want)
		})
		p.stop()
		o.tenant.Revoke(true)
	}
}
