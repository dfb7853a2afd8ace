package page

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/look/looktest"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// attacks are texts that would do something, were they not taken as texts.
func attacks() []string {
	return []string{
		`<script id="pwned">alert(1)</script>`, `"><img src=x onerror=alert(1) id="pwned">`, `' onmouseover='alert(1)' x='`, `</textarea><b id="pwned">x</b>`,
		`</title></style></script><b id="pwned">`, `javascript:alert(1)`, `<!--`, `]]><svg/onload=alert(1) id=pwned>`, `{{.Relay}}{{template "page.tmpl"}}`, "\u202etxt.exe\u202c \u2066x",
		"a\x00b\x1b[31m", `&lt;b id="pwned"&gt;`, "<a href=\"javascript:alert(1)\" id=pwned>x</a>", `<meta http-equiv=refresh content="0;url=https://evil.example">`, `<base href="//evil.example/">`,
		"\r\nSet-Cookie: a=b", strings.Repeat("ä", 5000), `\u003cb id=pwned\u003e`, "<https://evil.example|x> <!channel> <javascript:alert(1)|y>", "`<b id=pwned>`", `=HYPERLINK("javascript:alert(1)","x")`,
	}
}

// wantTexts checks that what came from outside has become nothing but text.
func wantTexts(t *testing.T, text string) looktest.Page {
	t.Helper()
	page := looktest.Check(t, text)
	for _, element := range []string{"script", "b", "img", "svg", "a", "base", "meta"} {
		if slices.Contains(page.Values(element, "id"), "pwned") {
			t.Errorf("a text has become the element <%s>", element)
		}
	}
	for _, href := range page.Values("a", "href") {
		if strings.Contains(strings.ToLower(href), "javascript:") && !strings.HasPrefix(href, "/") {
			t.Errorf("got a link to %q", href)
		}
	}
	return page
}

// samples returns the names and other texts of the hostile deliveries.
func samples(t *testing.T) []map[string]any {
	t.Helper()
	files, err := filepath.Glob("../../samples/hostile/*.json")
	if err != nil || len(files) < 30 {
		t.Fatalf("got %d samples, %v", len(files), err)
	}
	var all []map[string]any
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sent struct {
			Data struct{ Attributes map[string]any }
		}
		if json.Unmarshal(text, &sent) == nil && len(sent.Data.Attributes) > 0 {
			all = append(all, sent.Data.Attributes)
		}
	}
	return all
}

// TestHostileTenant: attributes of every sample, and every attack in every attribute, with and without a form to mend.
func TestHostileTenant(t *testing.T) {
	raced.Calculates(t)
	var entities []ppm.Entity
	for i, attributes := range samples(t) {
		entities = append(entities, ppm.Entity{Kind: kinds()[i%len(kinds())], Attributes: attributes})
	}
	for _, attack := range attacks() {
		for _, kind := range kinds() {
			attributes := map[string]any{"Submitter": map[string]any{"FullName": attack}, "Progress": attack}
			for _, f := range fieldsOf(kind) {
				attributes[f.Name] = attack
				if f.As == asPeople {
					attributes[f.Name] = ppm.People(event.Person{ID: attack, Name: attack}, event.Person{ID: attack + "2", Name: attack})
				}
			}
			entities = append(entities, ppm.Entity{Kind: kind, ID: attack + kind, Attributes: attributes, Parent: event.Ref{Kind: event.Project, ID: attack + event.Project}})
		}
	}
	v := open(t, nil, entities...)
	_, text := v.get(t, "/part/tenant?project=250&task=250&keydate=250&idea=250")
	page := wantTexts(t, text)
	for _, attack := range []string{attacks()[0], attacks()[3], attacks()[9]} {
		if !slices.Contains(page.Text("bdi", "", ""), attack) {
			t.Errorf("%q is not shown as it is", attack)
		}
	}
	for _, attack := range attacks() {
		values := url.Values{"kind": {attack}, "id": {attack}, "back": {attack}}
		for _, f := range fieldsOf(event.Project) {
			values.Set(f.Name, attack)
		}
		for _, path := range []string{"/edit", "/create", "/delete", "/trouble/webhook", "/sheet/type", "/sheet/column"} {
			values.Set("kind", event.Project)
			values.Set("tab", attack)
			values.Set("type", attack)
			w := v.ask(http.MethodPost, path, values)
			to, _, _ := strings.Cut(w.Header().Get("Location"), "#")
			if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/?") {
				t.Fatalf("%s: got %d to %q", path, w.Code, to)
			}
			if path == "/create" { // what was entered is shown again, here without all that is there
				_, text := v.get(t, strings.Replace(to, "/?", "/part/tenant?find=nothing&", 1))
				wantTexts(t, text)
			}
		}
	}
}

// TestHostileElsewhere: every attack in everything else that the page shows.
func TestHostileElsewhere(t *testing.T) {
	raced.Calculates(t)
	for _, attack := range []string{strings.Join(attacks()[:16], " "), attacks()[1], attacks()[5]} {
		v := open(t, fixed{way: Way{
			Received: 1, Slack: Stop{Trouble: attack, Waiting: 1, Again: time.Now().Add(time.Hour)}, Sheet: Stop{Trouble: attack},
			Last: Track{Number: 1, Title: attack, Name: attack, Slack: attack, Sheet: attack},
		}}, ppm.NewSmall().Entities...)
		v.Slack.SetChannel(slack.Channel{ID: "C<b id=pwned>", Name: attack})
		for _, channel := range []string{sandbox.Channel, "C<b id=pwned>"} {
			v.Slack.Say(channel, attack)
		}
		v.PPM.AddWebhook(ppm.Webhook{ID: attack, URL: "javascript:alert(1)//" + attack, EventTypes: []string{attack, "Idea:Created"}, Headers: []ppm.Header{{Name: attack, Value: attack}}})
		v.PPM.Create(ppm.Entity{Kind: event.Idea, Attributes: map[string]any{"Name": attack}}, event.Person{})
		v.Google.AddTab(sandbox.Spreadsheet, strings.Map(func(r rune) rune { // Google takes no such titles
			if strings.ContainsRune("\r\n\x00\x1b", r) {
				return ' '
			}
			return r
		}, attack))
		tabs := v.Google.Tabs(sandbox.Spreadsheet)
		for row := range 3 {
			for column := range 3 {
				v.Google.TypeInto(sandbox.Spreadsheet, tabs[1], row, column, attack)
			}
		}
		if err := v.PPM.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		v.send(t, "/trouble/webhook", url.Values{"type": {attack}})
		query := url.Values{"tab": {tabs[1]}, "channel": {"C<b id=pwned>"}, "find": {attack}, "open": {attack}, attack: {attack}, "said": {attack}}.Encode()
		_, text := v.get(t, "/?"+query)
		wantTexts(t, text)
		query = url.Values{"tab": {tabs[1]}}.Encode()
		_, text = v.get(t, "/?"+query)
		wantTexts(t, text)
	}
}
