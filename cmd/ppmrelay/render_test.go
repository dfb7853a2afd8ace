package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

const renderConfig = "testdata/render/ppmrelay.yaml"

// drawn is a renderer with what it writes, at a fixed time, where no secret is set.
func drawn(t *testing.T, r renderer) (out, errs string, err error) {
	t.Helper()
	var written, said bytes.Buffer
	r.app = &app{out: &written, err: &said, env: func(string) (string, bool) { return "", false }}
	r.now = func() time.Time { return time.Date(2022, 3, 1, 9, 30, 0, 0, time.UTC) }
	if r.file == "" {
		r.file = renderConfig
	}
	err = r.once(t.Context())
	return written.String(), said.String(), err
}

// What people read is kept word by word, in all three forms.
func TestRenderedSamples(t *testing.T) {
	variable := regexp.MustCompile(`(?s)<style>.*</style>|sha256-[A-Za-z0-9+/=&#;]*`) // the stylesheet is no matter of this test
	for name, r := range map[string]renderer{
		"project-updated.txt":    {sample: "Project-Updated"},
		"project-updated.json":   {sample: "Project-Updated", asJSON: true},
		"project-updated.html":   {sample: "Project-Updated", page: "-"},
		"keydate-created.txt":    {sample: "KeyDate-Created"},
		"keydate-created.json":   {sample: "KeyDate-Created", asJSON: true, route: "archive"},
		"task-deleted.txt":       {sample: "../../samples/Task-Deleted.json"},
		"nothing-told.txt":       {sample: "Project-Updated-Nothing"},
		"one-route.txt":          {sample: "Project-Updated", route: "steering"},
		"one-template.txt":       {sample: "Task-Updated", template: "status"},
		"built-in-template.txt":  {sample: "Project:Updated", template: "project:updated"},
		"one-template.json":      {sample: "Task-Updated", template: "status", asJSON: true},
		"hostile-names.txt":      {sample: "../../samples/hostile/control-characters.json"},
		"hostile-attributes.txt": {sample: "../../samples/hostile/many-attributes.json"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := drawn(t, r)
			if err != nil {
				t.Fatal(err)
			}
			got = variable.ReplaceAllString(got, "")
			file := filepath.Join("testdata", "render", name)
			if *update {
				writeFile(t, file, got)
			}
			if want := string(mustRead(t, file)); got != want {
				t.Errorf("differs from %s: look at what this writes and run the test with -update\n%s", file, difference(want, got))
			}
		})
	}
}

// A render leaves nothing behind, and asks nobody: no journal, no file of a route.
func TestRenderWritesNothing(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), string(mustRead(t, renderConfig)))
	if _, _, err := drawn(t, renderer{file: file, sample: "KeyDate-Updated"}); err != nil {
		t.Fatal(err)
	}
	if found, err := os.ReadDir(dir); err != nil || len(found) != 1 {
		t.Errorf("got %v, %v, want the configuration alone", found, err)
	}
}

// The page that is written can be read by whoever opens it, in one piece, with the policy that a file can have.
func TestRenderedPage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "preview.html")
	writeFile(t, file, "an old page")
	out, _, err := drawn(t, renderer{sample: "Project-Updated", page: file})
	if err != nil || out != file+": sample Project-Updated: Project:Updated, Customer Portal\n" {
		t.Errorf("got %q, %v", out, err)
	}
	page := string(mustRead(t, file))
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
	if len(style) != 2 || !strings.Contains(style[1], ".sl-msg") || strings.Contains(style[1], "url(") {
		t.Fatal("the stylesheet is not in the page, or loads something")
	}
	policy := "default-src &#39;none&#39;; style-src &#39;" + strings.ReplaceAll(hashOf(style[1]), "+", "&#43;") + "&#39;;"
	if !strings.Contains(page, policy) {
		t.Errorf("got %s, want the policy %s", page[:min(len(page), 400)], policy)
	}
	if found, err := os.ReadDir(filepath.Dir(file)); err != nil || len(found) != 1 {
		t.Errorf("got %v, %v, want the page alone", found, err)
	}
	if _, _, err := drawn(t, renderer{sample: "Project-Updated", page: filepath.Join(file, "nowhere.html")}); err == nil {
		t.Error("got no error of a page that cannot be written")
	}
}

// The names of targets are those of the queues.
func TestTargetsAreNamedAsQueues(t *testing.T) {
	tried := newRehearsal(t)
	text := whole(regexp.MustCompile(`(?s)^.*\ntemplates:`).ReplaceAllString(readText(t, "config.example.yaml"), "templates:"))
	assembled, err := tried.assemble(t, text)
	if err != nil {
		t.Fatal(err)
	}
	w, err := (&app{env: tried.lookup}).readWords(filepath.Join(tried.folder, "ppmrelay.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(w.cfg.Routes) != len(assembled.routes) || len(w.cfg.Routes) < 5 {
		t.Fatalf("got %d routes, want %d", len(w.cfg.Routes), len(assembled.routes))
	}
	for i, route := range w.cfg.Routes {
		if got, want := targetOf(route), assembled.routes[i].Target; got != want {
			t.Errorf("%s: got %s, want %s", route.Name, got, want)
		}
	}
}

func TestTypeOfAnEvent(t *testing.T) {
	dir := t.TempDir()
	created := string(mustRead(t, "../../samples/Task-Created.json"))
	updated := string(mustRead(t, "../../samples/Task-Updated.json"))
	for _, tt := range []struct{ name, file, body, kind, want string }{
		{"by the flag", "Project-Updated.json", created, "Task:Created", "Task:Created"},
		{"by the flag, of the future", "x.json", created, "Risk:Escalated", "Risk:Escalated"},
		{"by the file", "Task-Created.json", created, "", "Task:Created"},
		{"by the file with more behind it", "Task-Created-first-try.json", created, "", "Task:Created"},
		{"by the shape", "body.json", updated, "", "Task:Updated"},
		{"by the shape, as the name says nothing", "Task-Done.json", updated, "", "Task:Updated"},
		{"by nothing", "body.json", created, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, err := drawn(t, renderer{sample: writeFile(t, filepath.Join(dir, tt.file), tt.body), kind: tt.kind, asJSON: true})
			var got renderedJSON
			if err != nil || json.Unmarshal([]byte(out), &got) != nil || string(got.Type) != tt.want {
				t.Errorf("got %q, %v, %s, want %q", got.Type, err, errs, tt.want)
			}
		})
	}
}

func TestStandardInput(t *testing.T) {
	body := mustRead(t, "../../samples/Idea-Created.json")
	out, _, err := drawn(t, renderer{sample: "-", kind: "Idea:Created", in: bytes.NewReader(body), route: "everybody"})
	if err != nil || !strings.HasPrefix(out, "the standard input: Idea:Created, Dog Shelter Charity\n") {
		t.Errorf("got %q, %v", out, err)
	}
	if _, _, err := drawn(t, renderer{sample: "-", in: strings.NewReader("")}); err == nil || !strings.Contains(err.Error(), "the body is empty") {
		t.Errorf("got %v of nothing", err)
	}
}

// An event of the journal is told as it would be by the daemon: late ones as late, with the name of the parent.
func TestEventOfTheJournal(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, filepath.Join(dir, "ppmrelay.yaml"), string(mustRead(t, renderConfig)))
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "ppmrelay.db"), sqlite.Options{Tenant: "contoso"})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []struct{ sample, kind string }{{"Project-Created", "Project:Created"}, {"Task-Updated", "Task:Updated"}, {"hostile/truncated", "Task:Updated"}, {"Project-Created", "relay.ops:Stopped"}} {
		incoming := journal.Incoming{Body: mustRead(t, "../../samples/"+in.sample+".json"), Received: time.Now()}
		incoming.Type = event.Type(in.kind)
		if strings.HasPrefix(in.sample, "hostile") {
			incoming.Quarantine = "cut off"
		}
		if _, err := store.Append(t.Context(), incoming); err != nil {
			t.Fatal(err)
		}
	}
	parent := journal.EntityState{Occurred: time.Now(), Number: 1}
	parent.Entity.Kind, parent.Entity.ID, parent.Entity.Name = "Project", "28e92b4c-3b0c-4100-83c8-80231b62efcb", "The parent's name"
	plans := []journal.Planned{{Number: 1, Entity: &parent}, {Number: 2, Late: true}}
	if err := store.Plan(t.Context(), plans); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	out, _, err := drawn(t, renderer{file: file, number: 2})
	for _, want := range []string{"event 2 of the journal: Task:Updated", "The parent's name", "all routes: arrived late", "Late   boolean  TRUE"} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("got %v\n%s\nwant %q", err, out, want)
		}
	}
	for number, want := range map[int64]string{3: "cannot be read as an event", 4: "is what ppmrelay says of itself", 9: "there is no event 9"} {
		if _, _, err := drawn(t, renderer{file: file, number: number}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("event %d: got %v, want %q", number, err, want)
		}
	}
}

func TestWrongUsageOfRender(t *testing.T) {
	for _, tt := range []struct{ flags, want string }{
		{"", "write --event Project-Updated"},
		{"--event Project-Updatd", "did you mean Project-Updated?"},
		{"--event nowhere/at/all.json", "no such file, and no sample of this name; the samples are Idea-Created,"},
		{"--event .", "is a directory"},
		{"--event Project-Updated --number 4", "choose one"},
		{"--number 0", "write the number of an event"},
		{"--number x", "write a whole number"},
		{"--event Project-Updated --type Project", `write it as Project:Updated`},
		{"--event Project-Updated --type Projct:Updated", "did you mean Project:Updated?"},
		{"--event Project-Updated --route a --template b", "choose one"},
		{"--event Project-Updated --route sterring", "did you mean steering?"},
		{"--event Project-Updated --template stattus", "did you mean status?"},
		{"--event Project-Updated --template line", "is a part of other templates"},
		{"--event Project-Updated --template x", "there are line, status, Project-Created,"},
		{"--event Project-Updated --html a.html --json", "choose one"},
		{"--event Project-Updated --html - --watch", "name a file"},
		{"--event ../../samples/hostile/utf16le.json", "the body is UTF-16"},
		{"--event Project-Updated another.yaml more", "is too much"},
	} {
		code, out, errs := ppmrelay(t, append([]string{"render", "--config", renderConfig}, strings.Fields(tt.flags)...)...)
		if code != exitWrong || out != "" || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: got %d, %q, %q, want %d and %q", tt.flags, code, out, errs, exitWrong, tt.want)
		}
	}
	code, out, errs := ppmrelay(t, "render", renderConfig, "--event", "Project-Updated")
	if code != exitFine || errs != "" || !slices.Contains(strings.Split(out, "\n"), "steering, slack:C0123456789") {
		t.Errorf("got %d, %s, %s", code, out, errs)
	}
}
