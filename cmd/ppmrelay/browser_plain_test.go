package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// withoutScript edits where no script runs: the form answers by a page, and news come by looking again.
func (v visits) withoutScript(t *testing.T) {
	t.Parallel()
	b := openTab(t, v, serveDemo(t), "/", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	id := b.open("Customer Portal")
	b.do("choosing a status", chromedp.Focus(chromedp.CSS("#"+id+"-OverallStatus")), chromedp.KeyEvent("Crit"))
	if got := value[string](b, "$('#"+id+"-OverallStatus').value"); got != "2" {
		t.Fatalf("got the status %s, want 2", got)
	}
	b.click("#" + id + " .edit .btn.main")
	b.until("the page says what came of it", "$('#"+id+"')?.open && $('#"+id+" .say').textContent.startsWith('Saved.')")
	b.again("a message and a row", "told('Customer Portal was updated') === 1 && written('Customer Portal', 'Status') === 1 && calm()")
	b.click("form[action='/trouble/slack'] .btn")
	b.until("the page says that Slack is down", "$('#part-trouble .say').textContent.includes('Slack answers')")
	b.click("form[action='/trouble/repair'] .btn")
	b.until("the page says that everything works", "$('#part-trouble .say').textContent.includes('Everything works again')")
	if value[bool](b, "document.documentElement.classList.contains('js')") {
		t.Error("the script ran: this shows nothing")
	}
}

// again opens the page until an expression is true there.
func (b *tab) again(what, expression string) {
	b.t.Helper()
	for range 100 {
		b.visit("/")
		if value[bool](b, "Boolean("+expression+")") {
			return
		}
	}
	b.show()
	b.t.Fatalf("this does not come: %s", what)
}

// badPage makes sure that a tab finds what it looks for.
func (v visits) badPage(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Security-Policy", "style-src 'self'")
		_, _ = io.WriteString(w, `<!doctype html><title>Bad</title><link rel="icon" href="data:,"><style>p { color: red; }</style>
<script>window.touched = 1; console.error("wrong"); alert("hello"); fetch("http://127.0.0.2:9/").catch(() => {}); throw new Error("oh");</script>`)
	}))
	defer server.Close()
	b := newTab(t, v, served{url: server.URL})
	b.visit("/")
	b.until("it is there", "document.title === 'Bad'")
	found := strings.Join(b.close(), "\n")
	for _, want := range []string{"window.touched", "line of the kind error", "a dialog opened: hello", "another origin was asked: http://127.0.0.2:9/", "was not caught", "Content Security Policy"} {
		if !strings.Contains(found, want) {
			t.Errorf("got the faults\n%s\nwant %q in them", found, want)
		}
	}
}
