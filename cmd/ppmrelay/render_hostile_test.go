package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/ppmrelay/ppmrelay/look/looktest"
)

// Nothing that stands in an event acts: neither on a terminal nor in a page nor as JSON, whatever the template does
// with it.
func TestHostileSamplesDoNotAct(t *testing.T) {
	text := strings.Replace(string(mustRead(t, renderConfig)), "{{ .Emoji }} *", "{{ bold .Entity }} {{ .By }} {{ .Facts }} {{ link .Entity.Name .By }}*", 1)
	file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), text)
	samples, err := filepath.Glob("../../samples/hostile/*.json")
	if err != nil || len(samples) < 30 {
		t.Fatalf("got %d samples, %v", len(samples), err)
	}
	rendered := 0
	var out bytes.Buffer
	r := &renderer{app: &app{out: &out, err: &out, env: func(string) (string, bool) { return "", false }}, file: file, now: time.Now}
	words, err := r.readWords(file) // once: all of it is the same for each sample
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		for _, kind := range []string{"Project:Updated", "Task:Created"} {
			out.Reset()
			words.faults, r.sample, r.kind = nil, sample, kind
			shown, err := r.renderWith(t.Context(), words)
			if err != nil {
				out.WriteString(err.Error())
			} else if err := r.print(shown); err != nil {
				t.Fatal(err)
			}
			if acts := acting(out.String()); acts != "" {
				t.Errorf("%s as %q: %q reaches the terminal", sample, kind, acts)
			}
			if err != nil {
				continue
			}
			rendered++
			page, err := r.html(shown)
			if err != nil {
				t.Fatal(err)
			}
			checkPageOf(t, string(page))
			if _, err := json.Marshal(shown.json()); err != nil {
				t.Errorf("%s: got no JSON, %v", sample, err)
			}
		}
	}
	if rendered < 40 {
		t.Errorf("got %d renderings, want most samples rendered", rendered)
	}
}

// acting returns the first character that a terminal acts on, or that cannot be seen there.
func acting(text string) string {
	for _, r := range text {
		if r != '\n' && r != '\u200d' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) && !unicode.Is(unicode.Variation_Selector, r) && (r < 0xe0020 || r > 0xe007f) {
			return string(r)
		}
	}
	return ""
}

// checkPageOf demands a page of nothing but what pages have: beside the stylesheet and the policy, which a file needs.
func checkPageOf(t *testing.T, page string) {
	t.Helper()
	own := regexp.MustCompile(`(?s)<style>.*?</style>\n|<meta http-equiv="Content-Security-Policy" content="default-src [^"<>]*">\n`)
	if got := len(own.FindAllString(page, -1)); got != 2 {
		t.Errorf("got %d of policy and stylesheet, want one of each", got)
	}
	rest := own.ReplaceAllString(page, "")
	if checked := looktest.Check(t, rest); len(checked.Forms()) > 0 || len(checked.Values("script", "src")) > 0 {
		t.Error("the page has a form or a script")
	}
	for _, address := range regexp.MustCompile(`(?:src|<link[^>]*href)="([^"]*)"`).FindAllStringSubmatch(rest, -1) {
		if address[1] != "data:," {
			t.Errorf("the page loads %s", address[1])
		}
	}
}

// The styles of a terminal are ours alone, also where a template prints what would be one.
func TestStylesAreOurs(t *testing.T) {
	var out bytes.Buffer
	w := &window{terminal: terminal{styled: true}, out: &out}
	r := &renderer{app: &app{out: &out, err: &out, env: func(string) (string, bool) { return "", false }}, file: renderConfig, now: time.Now}
	for _, sample := range []string{"control-characters", "bidi-zero-width", "emoji", "slack-markup"} {
		r.sample = "../../samples/hostile/" + sample + ".json"
		shown, err := r.render(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.verdicts(shown.reasons)
		for route, said := range shown.told {
			w.told(route, said)
		}
	}
	if w.err != nil || out.Len() < 1000 {
		t.Fatalf("got %d bytes, %v", out.Len(), w.err)
	}
	plain := regexp.MustCompile("\x1b\\[(?:1|2|3|9|22|23|29)m").ReplaceAllString(out.String(), "")
	if acts := acting(plain); acts != "" {
		t.Errorf("%q reaches the terminal", acts)
	}
}

// FuzzRender renders any body: it ends, and nothing acts.
func FuzzRender(f *testing.F) {
	for _, sample := range []string{"Project-Updated", "Task-Created", "hostile/slack-markup", "hostile/control-characters", "hostile/numbers"} {
		f.Add(mustReadAll(f, "../../samples/"+sample+".json"), "Project:Updated")
	}
	var out bytes.Buffer
	r := renderer{app: &app{out: &out, err: &out, env: func(string) (string, bool) { return "", false }}, sample: "-", now: time.Now}
	w, err := r.readWords(renderConfig)
	if err != nil || len(w.all()) > 0 {
		f.Fatal(err, w.all())
	}
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		out.Reset()
		w.faults = nil
		r := r
		r.kind, r.typed = kind, body
		shown, err := r.renderWith(t.Context(), w)
		if err != nil {
			out.WriteString(err.Error())
		} else if err := r.print(shown); err != nil {
			t.Fatal(err)
		}
		if acts := acting(out.String()); acts != "" {
			t.Errorf("%q reaches the terminal", acts)
		}
		if err != nil {
			return
		}
		page, err := r.html(shown)
		if err != nil {
			t.Fatal(err)
		}
		checkPageOf(t, string(page))
	})
}

func mustReadAll(f *testing.F, file string) []byte {
	f.Helper()
	text, err := filepath.Abs(file)
	if err != nil {
		f.Fatal(err)
	}
	body, err := readBody(text)
	if err != nil {
		f.Fatal(err)
	}
	return body
}
