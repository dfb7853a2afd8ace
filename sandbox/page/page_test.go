package page

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/look/looktest"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// visit is a page, and somebody who looks at it.
type visit struct {
	*sandbox.Sandbox

	page *Page
}

// open starts the stand-ins with a page. A nil relay is none.
func open(t *testing.T, relay Relay, entities ...ppm.Entity) visit {
	t.Helper()
	if entities == nil {
		entities = ppm.NewPortfolio().Entities
	}
	s, err := sandbox.Start(t.Context(), sandbox.Options{PPM: ppm.Options{Entities: entities}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := New(Options{Sandbox: s, Relay: relay, Zone: time.UTC})
	t.Cleanup(p.Close)
	return visit{s, p}
}

func (v visit) ask(method, address string, values url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost:8090"+address, strings.NewReader(values.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	v.page.ServeHTTP(w, r)
	return w
}

// get returns a page, which must be fine in every way.
func (v visit) get(t *testing.T, address string) (looktest.Page, string) {
	t.Helper()
	w := v.ask(http.MethodGet, address, nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("%s: got %d %s", address, w.Code, w.Body)
	}
	return looktest.Check(t, w.Body.String()), w.Body.String()
}

// said is what the script is told of a form.
type said struct {
	OK    bool              `json:"ok"`
	Say   string            `json:"say"`
	Wrong map[string]string `json:"wrong"`
}

// send sends a form as the script does.
func (v visit) send(t *testing.T, address string, values url.Values) said {
	t.Helper()
	w := v.ask(http.MethodPost, address, values, "Accept", "application/json")
	var got said
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || got.Say == "" {
		t.Fatalf("%s: got %d %s, %v", address, w.Code, w.Body, err)
	}
	return got
}

// formOf returns the form of an entity.
func (v visit) formOf(t *testing.T, e ppm.Entity) url.Values {
	t.Helper()
	query := url.Values{"open": {keyOf(e.Kind, e.ID)}, "find": {nameOf(&e)}}
	page, _ := v.get(t, "/part/tenant?"+query.Encode())
	for _, f := range page.Forms() {
		if f.Action == "/edit" && f.Values.Get("id") == e.ID {
			return f.Values
		}
	}
	t.Fatalf("there is no form for %s %v", e.Kind, e.Attributes["Name"])
	return nil
}

// named returns an entity of the tenant.
func (v visit) named(t *testing.T, kind, name string) ppm.Entity {
	t.Helper()
	all := v.PPM.Entities(kind)
	i := slices.IndexFunc(all, func(e ppm.Entity) bool { return e.Attributes["Name"] == name })
	if i < 0 {
		t.Fatalf("there is no %s %q", kind, name)
	}
	return all[i]
}

func TestPageShowsEverything(t *testing.T) {
	v := open(t, nil)
	v.Slack.Say(sandbox.Channel, "Hello *team*")
	page, text := v.get(t, "/")
	for _, part := range []string{"trouble", "tenant", "hooks", "channel", "sheet"} {
		if !strings.Contains(text, `id="part-`+part+`"`) {
			t.Errorf("the part %s is missing", part)
		}
	}
	for _, want := range []string{
		"Sandbox: PPM Express, Slack and Google on this computer", "pretend tenant @contoso", "12 of 207", "Save as Anna Doe", "Customer Portal",
		v.PPMURL + "/openapi.json", v.SlackURL, v.GoogleURL, ppm.DefaultToken, sandbox.Spreadsheet, "delivery-team", "Hello <b>team</b>", "Sheet1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(text, "part-way") {
		t.Error("the way of an event is shown where no relay is")
	}
	if got := page.Text("h1", "", ""); len(got) != 1 {
		t.Errorf("got the titles %q, want one", got)
	}
	for _, address := range append(page.Values("script", "src"), page.Values("link", "href")...) {
		if address == "data:," {
			continue
		}
		if w := v.ask(http.MethodGet, address, nil); w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: got %d, %v", address, w.Code, w.Header())
		}
	}
	if got := page.Values("main", "id"); !slices.Equal(got, []string{"main"}) {
		t.Errorf("got main %q", got)
	}
}

func TestPartsAreThoseOfThePage(t *testing.T) {
	v := open(t, fixed{})
	_, whole := v.get(t, "/?open=x&tab=Sheet1")
	for _, part := range []string{"way", "trouble", "tenant", "hooks", "channel", "sheet"} {
		_, text := v.get(t, "/part/"+part+"?open=x&tab=Sheet1")
		if !strings.Contains(whole, strings.TrimSpace(text)) {
			t.Errorf("the part %s differs from what the page shows", part)
		}
	}
	for _, address := range []string{"/part/none", "/part/", "/nothing", "/events/x"} {
		if got := v.ask(http.MethodGet, address, nil).Code; got != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", address, got)
		}
	}
	if got := open(t, nil).ask(http.MethodGet, "/part/way", nil).Code; got != http.StatusNotFound {
		t.Errorf("the way without a relay: got %d, want 404", got)
	}
}

// TestAddressKeepsWhatIsShown: links and forms lead back to the same page.
func TestAddressKeepsWhatIsShown(t *testing.T) {
	v := open(t, nil)
	page, _ := v.get(t, "/?find=portal&project=62&channel="+sandbox.Channel)
	for _, href := range page.Values("a", "href") {
		if strings.HasPrefix(href, "/?") && !strings.Contains(href, "find=portal") {
			t.Errorf("the link %s forgets what was looked for", href)
		}
	}
	w := v.ask(http.MethodPost, "/trouble/slack", url.Values{"on": {"yes"}, "back": {"find=portal&open=a%26b&%zz"}})
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || to.Path != "/" || to.Host != "" || to.Query().Get("find") != "portal" || to.Query().Get("open") != "a&b" {
		t.Errorf("got %d to %s, %v", w.Code, to, err)
	}
	page, _ = v.get(t, to.String())
	if got := page.Text("p", "role", "status"); !slices.Contains(got, "Slack answers every request with an error.") {
		t.Errorf("got %q, want what came of it", got)
	}
	for _, back := range []string{"//evil.example/", "https://evil.example/", "%2F%2Fevil.example", strings.Repeat("a", 5000)} {
		w := v.ask(http.MethodPost, "/trouble/slack", url.Values{"back": {back}})
		if got := w.Header().Get("Location"); !strings.HasPrefix(got, "/?") {
			t.Errorf("got a redirect to %q", got)
		}
	}
}

func TestFindAndMore(t *testing.T) {
	v := open(t, nil)
	page, text := v.get(t, "/?find=pOrTaL&project=12")
	if !strings.Contains(text, "Customer Portal") || strings.Contains(text, `title="Data Centre Exit"`) {
		t.Error("looking for a name shows others")
	}
	if got := page.Values("input", "value"); !slices.Contains(got, "pOrTaL") {
		t.Error("the form forgets what was looked for")
	}
	page, _ = v.get(t, "/part/tenant")
	more := slices.DeleteFunc(page.Values("a", "href"), func(href string) bool { return !strings.Contains(href, "project=") })
	if len(more) != 1 {
		t.Fatalf("got %q, want one link to more projects", more)
	}
	if _, text := v.get(t, "/part/tenant"+strings.TrimPrefix(more[0], "/")); !strings.Contains(text, "62 of 207") {
		t.Error("the link does not show 62 projects")
	}
	if text := v.ask(http.MethodGet, "/part/tenant?project=100000", nil).Body.String(); !strings.Contains(text, `<span>207</span>`) {
		t.Error("not all 207 projects are shown")
	}
	last := v.PPM.Create(ppm.Entity{Kind: event.Project, Attributes: map[string]any{"Name": "The last one"}}, event.Person{})
	if _, text := v.get(t, "/part/tenant"); !strings.Contains(text, `id="`+keyOf(last.Kind, last.ID)+`"`) || !strings.Contains(text, "13 of 208") {
		t.Error("what was made last is not shown")
	}
}

// TestPageRepeatsOnlyWhatItUnderstands: a long address does not make a page that is a thousand times as long.
func TestPageRepeatsOnlyWhatItUnderstands(t *testing.T) {
	v := open(t, fixed{}, ppm.NewSmall().Entities...)
	long := strings.Repeat("a", 2000)
	got := v.ask(http.MethodGet, "/?x="+long+"&open="+long+"&task=13", nil).Body.String()
	if strings.Contains(got, long) || !strings.Contains(got, "task=13") {
		t.Errorf("got a page of %d bytes, want what it knows of its address", len(got))
	}
}
