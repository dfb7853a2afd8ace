package look

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ppmrelay/ppmrelay/look/looktest"
)

func get(h http.Handler, url string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, http.NoBody))
	return w
}

func TestAssetsHaveTheHashOfTheirContent(t *testing.T) {
	address := func(text string) string {
		a, err := NewAssets(fstest.MapFS{"page.js": {Data: []byte(text)}})
		if err != nil {
			t.Fatal(err)
		}
		address, err := a.Address("page.js")
		if err != nil {
			t.Fatal(err)
		}
		w := get(a, address)
		if w.Code != http.StatusOK || w.Body.String() != text || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("got %d, %q as %s", w.Code, w.Body, w.Header().Get("Content-Type"))
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("got Cache-Control %q, want that it is kept", got)
		}
		return address
	}
	one, two := address("1;"), address("2;")
	if one == two || one != address("1;") {
		t.Errorf("got %s and %s, want one address for each content", one, two)
	}
}

func TestAssetsThatAreNotThere(t *testing.T) {
	a, err := NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Address("none.css"); err == nil || !strings.Contains(err.Error(), "none.css") {
		t.Errorf("got %v, want an error that names it", err)
	}
	for _, url := range []string{"/assets/look.css", "/assets/look.000000000000.css", "/assets/", "/assets/../look.go"} {
		if got := get(a, url).Code; got != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", url, got)
		}
	}
}

// TestStylesheetStandsAlone: it loads nothing, and each token that is used has a value.
func TestStylesheetStandsAlone(t *testing.T) {
	text, err := own.ReadFile("look.css")
	if err != nil {
		t.Fatal(err)
	}
	css := string(text)
	for _, foreign := range []string{"url(", "@import", "@font-face", "http:", "https:", "//"} {
		if strings.Contains(css, foreign) {
			t.Errorf("got %q in the stylesheet", foreign)
		}
	}
	for _, used := range regexp.MustCompile(`var\((--[\w-]+)\)`).FindAllStringSubmatch(css, -1) {
		if !strings.Contains(css, used[1]+":") {
			t.Errorf("%s has no value", used[1])
		}
	}
	if opened, closed := strings.Count(css, "{"), strings.Count(css, "}"); opened != closed {
		t.Errorf("got %d { and %d }", opened, closed)
	}
	for _, must := range []string{"prefers-reduced-motion", "forced-colors", "focus-visible", "light-dark("} {
		if !strings.Contains(css, must) {
			t.Errorf("the stylesheet says nothing of %s", must)
		}
	}
}

func TestTemplatesMakeAHead(t *testing.T) {
	a, err := NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	set, err := Templates(a)
	if err != nil {
		t.Fatal(err)
	}
	page, err := set.New("page").Parse(`<!doctype html><html lang="en"><head>{{template "head" .}}</head><body>{{template "brand"}}<main id="main"></main></body></html>`)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := page.Execute(&out, `</title><script>alert(1)</script>`); err != nil {
		t.Fatal(err)
	}
	parsed := looktest.Check(t, out.String())
	if got := parsed.Text("title", "", ""); len(got) != 1 || !strings.Contains(got[0], "<script>") {
		t.Errorf("got the title %q, want it as text", got)
	}
	if got := parsed.Values("a", "href"); len(got) != 2 || got[0] != "#main" {
		t.Errorf("got links to %q, want the one that skips first", got)
	}
	css, _ := a.Address("look.css")
	if !strings.Contains(out.String(), css) {
		t.Errorf("got no link to %s", css)
	}
}
