package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ppmrelay/ppmrelay/event"
)

// click presses the mouse on the first element of a selector.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do("clicking "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// press puts the focus on an element and presses Enter, which finds it also while what is above it grows.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.do("pressing "+selector, chromedp.Focus(chromedp.CSS(selector)), chromedp.KeyEvent(kb.Enter))
}

// keys types on the keyboard, wherever the focus is.
func (b *tab) keys(text string) {
	b.t.Helper()
	b.do("typing", chromedp.KeyEvent(text))
}

// tabTo presses Tab until the focus is where an expression says. "Here" is what has the focus.
func (b *tab) tabTo(what, expression string) {
	b.t.Helper()
	for range 300 {
		if value[bool](b, "((here) => Boolean("+expression+"))(document.activeElement)") {
			return
		}
		b.keys(kb.Tab)
	}
	b.t.Fatalf("Tab does not come to %s", what)
}

// enter puts a value into a field, as if it had been typed or chosen.
func (b *tab) enter(selector, text string) {
	b.t.Helper()
	done := value[bool](b, fmt.Sprintf(`((field) => {
		if (!field) return false;
		field.value = %[2]q;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		return field.value === %[2]q || field.tagName === "INPUT";
	})($(%[1]q))`, selector, text))
	if !done {
		b.t.Fatalf("%s cannot hold %q", selector, text)
	}
}

// open opens the entity with a name, and returns the id of its element.
func (b *tab) open(name string) (id string) {
	b.t.Helper()
	b.until("the entity "+name, fmt.Sprintf("entity(%q)", name))
	id = value[string](b, fmt.Sprintf("entity(%q).id", name))
	if !value[bool](b, "$('#"+id+"').open") {
		b.press("#" + id + " > summary")
	}
	b.until(name+" is open", "$('#"+id+"').open")
	return id
}

// save presses the button of an entity's form, and waits until the page says that it is saved.
func (b *tab) save(id string) {
	b.t.Helper()
	b.press("#" + id + " .edit .btn.main")
	b.until("it is saved", "$('#"+id+" .say').textContent.startsWith('Saved.')")
}

// once demands that one message and one row came of a change, and that it stays so when everything has been told.
func (b *tab) once(message, name, field string) {
	b.t.Helper()
	b.until("a message: "+message, fmt.Sprintf("told(%q) > 0", message))
	b.until("a row for "+field, fmt.Sprintf("written(%q, %q) > 0", name, field))
	b.until("everything is told", "calm()")
	if n := value[int](b, fmt.Sprintf("told(%q)", message)); n != 1 {
		b.t.Errorf("%s: got %d messages, want one", message, n)
	}
	if n := value[int](b, fmt.Sprintf("written(%q, %q)", name, field)); n != 1 {
		b.t.Errorf("%s, %s: got %d rows, want one", name, field, n)
	}
}

// elsewhere sends a form of the page as another browser does.
func elsewhere(t *testing.T, s served, path string, form url.Values) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	answer, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var said struct {
		OK  bool
		Say string
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || !said.OK || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %d, %q, %v", path, answer.StatusCode, said.Say, err)
	}
}

// idOf returns the id by which forms name a project that is shown.
func (b *tab) idOf(name string) string {
	b.t.Helper()
	return value[string](b, fmt.Sprintf("entity(%q).querySelector('input[name=id]').value", name))
}

// editElsewhere changes a project as another browser does.
func (b *tab) editElsewhere(s served, name, field, text string) {
	b.t.Helper()
	elsewhere(b.t, s, "/edit", url.Values{"kind": {event.Project}, "id": {b.idOf(name)}, field: {text}})
}

// edits changes a status by mouse, keeps what is typed while other things come, and sees a webhook come back.
func (v visits) edits(t *testing.T) {
	t.Parallel()
	s := serveDemo(t)
	b := openTab(t, v, s, "/")
	id := b.open("Customer Portal")
	b.enter("#"+id+"-OverallStatus", "1")
	b.click("#" + id + " .edit .btn.main")
	b.once("Customer Portal was updated", "Customer Portal", "Status")
	b.until("the state in the list", "entity('Customer Portal').querySelector('summary .st').textContent === 'At risk'")

	b.do("looking into the description", chromedp.Focus(chromedp.CSS("#"+id+"-Description")))
	b.keys("Half a sen")
	b.editElsewhere(s, "Customer Portal", "Budget", "77000")
	b.editElsewhere(s, "Data Centre Exit", "OverallStatus", "0")
	b.until("what others did", "told('Data Centre Exit was updated') === 1 && written('Customer Portal', 'Budget') === 1 && "+
		"entity('Data Centre Exit').querySelector('summary .st').textContent === 'On track'")
	b.keys("tence")
	if got := value[string](b, "document.activeElement.value"); got != "Half a sentence" {
		t.Errorf("got %q where somebody types, want what was typed", got)
	}
	other := b.open("Data Centre Exit")
	b.do("looking at another", chromedp.Focus(chromedp.CSS("#"+other+" > summary")))
	b.editElsewhere(s, "Data Centre Exit", "OverallStatus", "2")
	b.until("the new state", "entity('Data Centre Exit').querySelector('summary .st').textContent === 'Critical'")
	if !value[bool](b, "document.activeElement === $('#"+other+" > summary') && $('#"+other+"').open && $('#"+id+"').open") {
		t.Error("the focus is lost, or something was closed, while a part is exchanged")
	}

	b.click("form[action='/trouble/webhook'] .btn")
	b.until("the webhook is missing, or there again", "/The webhook for \\w+:\\w+ (is missing|was deleted)/.test($('#part-trouble').textContent)")
	b.until("the webhook comes back", "/is registered again, .* later/.test($('#part-trouble .set').textContent)")
	b.until("everything is told", "calm()")
}

// manyEdits moves 200 projects at once: each is in the sheet once, and in one message, of which there are few.
func (v visits) manyEdits(t *testing.T) {
	t.Parallel()
	b := openTab(t, v, serveDemo(t), "/?rows=1000&messages=500")
	b.click("form[action='/trouble/bulk'] .btn")
	b.until("200 rows", "figures()[3] === 200")
	b.until("everything is told", "calm()")
	b.until("all of it is shown", "rows().length === 200 && $$('.sl-msg').length === figures()[2]")
	got := value[[]int](b, "figures()")
	if got[0] != 200 || got[1] != 200 || got[2] > 40 {
		t.Errorf("got %v received, journalled and told, want 200, 200 and few messages", got)
	}
	const projects = `$$(".sl-msg").reduce((sum, m) => sum + Number(/updated ([\d,]+) projects/.exec(m.textContent)?.[1] ?? m.textContent.split("was updated").length - 1), 0)`
	if told := value[int](b, projects); told != 200 {
		t.Errorf("got messages about %d projects, want 200", told)
	}
	if got := value[int](b, "new Set(rows().map((r) => r['Event id'])).size"); got != 200 {
		t.Errorf("got %d different rows, want 200", got)
	}
	if got := value[int](b, "new Set(rows().filter((r) => r.Field === 'Finish').map((r) => r.Name)).size"); got != 200 {
		t.Errorf("got rows for %d projects, want 200", got)
	}
}

// keyboard edits without a mouse.
func (v visits) keyboard(t *testing.T) {
	t.Parallel()
	b := openTab(t, v, serveDemo(t), "/")
	b.tabTo("the link that skips", "here.matches('a.skip')")
	b.tabTo("a project", "here.matches('summary') && here.textContent.includes('Customer Portal')")
	b.keys(kb.Enter)
	b.until("it opens", "entity('Customer Portal').open")
	b.tabTo("the status", "here.name === 'OverallStatus'")
	b.keys(kb.ArrowDown)
	b.tabTo("the button", "here.matches('.btn.main') && here.textContent.startsWith('Save as')")
	b.keys(kb.Enter)
	b.once("Customer Portal was updated", "Customer Portal", "Status")
	if !value[bool](b, "document.activeElement.closest('details') === entity('Customer Portal')") {
		t.Error("the focus is lost after saving")
	}
}
