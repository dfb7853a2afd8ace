package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// playWithoutScript edits where no script runs: the form answers by a page, and news come by looking again.
func playWithoutScript(t *testing.T, browser context.Context) {
	b := openTab(t, browser, serveDemo(t), "/", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
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
