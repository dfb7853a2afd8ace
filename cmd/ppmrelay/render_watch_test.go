package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// watched is a render --watch in a folder of its own, in a bubble whose clock the test moves.
type watched struct {
	t      *testing.T
	folder string
	stop   context.CancelFunc
	done   chan error

	mu  sync.Mutex
	out strings.Builder
}

// Write takes what is printed.
func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

// file is the path of a file in the folder.
func (w *watched) file(name string) string { return filepath.Join(w.folder, name) }

// news returns what was printed since the last call, when all has been looked at a few times.
func (w *watched) news() string {
	w.t.Helper()
	time.Sleep(4 * watchEvery)
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	text := w.out.String()
	w.out.Reset()
	return text
}

// expect demands that something was printed once, or nothing at all.
func (w *watched) expect(what string, wants ...string) {
	w.t.Helper()
	got := w.news()
	if len(wants) == 0 && got != "" {
		w.t.Errorf("%s: got %q, want nothing", what, got)
	}
	for _, want := range wants {
		if strings.Count(got, want) != 1 {
			w.t.Errorf("%s: got\n%s\nwant %q once", what, got, want)
		}
	}
}

func watch(t *testing.T, change func(*renderer)) *watched {
	t.Helper()
	w := &watched{t: t, folder: t.TempDir(), done: make(chan error, 1)}
	writeFile(t, w.file("ppmrelay.yaml"), string(mustRead(t, renderConfig)))
	writeFile(t, w.file("Project-Updated.json"), string(mustRead(t, "../../samples/Project-Updated.json")))
	r := &renderer{app: &app{out: w, err: w, env: func(string) (string, bool) { return "", false }}, now: time.Now}
	r.file, r.sample, r.template, r.watch = w.file("ppmrelay.yaml"), w.file("Project-Updated.json"), "status", true
	if change != nil {
		change(r)
	}
	ctx, stop := context.WithCancel(t.Context())
	w.stop = stop
	go func() { w.done <- r.watching(ctx) }()
	return w
}

// end is Ctrl-C.
func (w *watched) end() {
	w.t.Helper()
	w.stop()
	if err := <-w.done; err != nil {
		w.t.Errorf("got %v at the end, want nothing", err)
	}
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, nil)
		defer w.end()
		good := string(mustRead(t, w.file("ppmrelay.yaml")))
		w.expect("the first time", "Customer Portal is Updated\n")
		w.expect("nothing was saved")

		writeFile(t, w.file("ppmrelay.yaml"), strings.Replace(good, "is {{ bold", "has become {{ bold", 1))
		w.expect("the configuration was saved", "ppmrelay: saved: ppmrelay.yaml\n", "Customer Portal has become Updated\n")

		writeFile(t, w.file("ppmrelay.yaml"), strings.Replace(good, "bold .Action", "bold .Acton", 1))
		w.expect("a fault was saved", "did you mean .Action?")

		writeFile(t, w.file("ppmrelay.yaml.new"), good)
		w.expect("an editor writes another file first")
		if err := os.Rename(w.file("ppmrelay.yaml.new"), w.file("ppmrelay.yaml")); err != nil {
			t.Fatal(err)
		}
		w.expect("and renames it", "saved: ppmrelay.yaml\n", "Customer Portal is Updated\n")

		body := strings.ReplaceAll(string(mustRead(t, w.file("Project-Updated.json"))), "Customer Portal", "Customers' Portal")
		writeFile(t, w.file("Project-Updated.json"), body)
		w.expect("the event was saved", "saved: Project-Updated.json\n", "Customers' Portal is Updated\n")

		writeFile(t, w.file("Project-Updated.json"), body[:100])
		w.expect("half an event was saved", "cannot be read as an event")
		writeFile(t, w.file("Project-Updated.json"), body)
		w.expect("and the other half", "Customers' Portal is Updated\n")
	})
}

func TestWatchOfTemplateFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, nil)
		defer w.end()
		w.expect("the first time", "Customer Portal is Updated\n")
		for _, name := range []string{".status.tmpl.swp", "status.tmpl~", "4913", "#status.tmpl#", ".status.tmpl"} {
			writeFile(t, w.file(name), "x")
		}
		if err := os.Symlink("someone@host.1:2", w.file(".#status.tmpl")); err != nil {
			t.Fatal(err)
		}
		w.expect("what an editor leaves behind")
		writeFile(t, w.file("status.tmpl"), "x")
		w.expect("a template is new", "saved: status.tmpl\n")
		if err := os.Remove(w.file("status.tmpl")); err != nil {
			t.Fatal(err)
		}
		w.expect("a template is gone", "saved: status.tmpl (removed)\n")
		if err := os.Mkdir(w.file("templates"), 0o700); err != nil {
			t.Fatal(err)
		}
		w.expect("a folder is nothing to see")
		writeFile(t, w.file("templates/a.tmpl"), "x")
		writeFile(t, w.file("templates/b.tmpl"), "x")
		w.expect("two at once are shown once", "saved: a.tmpl, b.tmpl\n", "Customer Portal is Updated\n")
	})
}

// The folder of templates may be anywhere, and may come to be another one.
func TestWatchOfTheFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := t.TempDir(), t.TempDir()
		w := watch(t, func(r *renderer) {
			r.template = "late"
			writeFile(t, r.file, "templates_folder: "+first+"\n"+string(mustRead(t, renderConfig)))
			writeFile(t, filepath.Join(first, "late.tmpl"), "late: {{ .Entity }}")
			writeFile(t, filepath.Join(second, "late.tmpl"), "very late: {{ .Entity }}")
		})
		defer w.end()
		w.expect("the first time", "late: Customer Portal\n")
		w.expect("nothing was saved")
		writeFile(t, filepath.Join(first, "late.tmpl"), "rather late: {{ .Entity }}")
		w.expect("a file was saved", "saved: late.tmpl\n", "rather late: Customer Portal\n")
		writeFile(t, filepath.Join(first, "late.tmpl"), "rather late: {{ .Entty }}")
		w.expect("a fault was saved", "late.tmpl:1:17: no field .Entty, did you mean .Entity?")
		writeFile(t, w.file("ppmrelay.yaml"), "templates_folder: "+second+"\n"+string(mustRead(t, renderConfig)))
		w.expect("another folder", "saved: ppmrelay.yaml\n", "very late: Customer Portal\n")
		w.expect("nothing was saved there")
		writeFile(t, filepath.Join(first, "late.tmpl"), "x")
		w.expect("the first folder is nothing to see")
	})
}

// A file that is being written is read when it is whole; one that is replaced may be missing for a while.
func TestWatchWaitsForTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, nil)
		defer w.end()
		good := string(mustRead(t, w.file("ppmrelay.yaml")))
		w.expect("the first time", "Customer Portal is Updated\n")
		for n := 100; n < len(good); n += 200 {
			writeFile(t, w.file("ppmrelay.yaml"), good[:n])
			time.Sleep(watchEvery * 2 / 3) // no two looks see the same
		}
		writeFile(t, w.file("ppmrelay.yaml"), good+"# the end\n")
		if got := w.news(); strings.Count(got, "saved") != 1 || !strings.Contains(got, "Customer Portal is Updated\n") {
			t.Errorf("got\n%s\nwant it shown once", got)
		}
		if err := os.Remove(w.file("ppmrelay.yaml")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(watchEvery)
		writeFile(t, w.file("ppmrelay.yaml"), good)
		w.expect("it was away for a moment", "saved: ppmrelay.yaml\n", "Customer Portal is Updated\n")
		if err := os.Remove(w.file("ppmrelay.yaml")); err != nil {
			t.Fatal(err)
		}
		w.expect("it is gone", "the file cannot be read")
		writeFile(t, w.file("ppmrelay.yaml"), good)
		w.expect("it is back", "Customer Portal is Updated\n")
	})
}

func TestWatchWritesThePageAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		page := filepath.Join(t.TempDir(), "preview.html")
		w := watch(t, func(r *renderer) {
			r.page, r.in, r.sample, r.kind = page, strings.NewReader(string(mustRead(t, "../../samples/Task-Created.json"))), "-", "Task:Created"
		})
		defer w.end()
		w.expect("the first time", page+": the standard input: Task:Created")
		before := string(mustRead(t, page))
		writeFile(t, w.file("ppmrelay.yaml"), strings.Replace(string(mustRead(t, renderConfig)), "is {{ bold", "has become {{ bold", 1))
		w.expect("the configuration was saved", page+": the standard input")
		if after := string(mustRead(t, page)); after == before || !strings.Contains(after, "has become") {
			t.Error("the page is the old one")
		}
	})
}
