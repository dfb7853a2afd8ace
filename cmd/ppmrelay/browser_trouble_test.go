package main

import (
	"testing"
)

// slackDown edits while Slack refuses everything: the sheet goes on, and later it is told once.
func (v visits) slackDown(t *testing.T) {
	t.Parallel()
	v.trouble(t, troubleShown{
		action: "/trouble/slack", stop: 3, state: "Slack down",
		meanwhile: "written('Payment Gateway', 'Status') === 1 && told('Payment Gateway was updated') === 0",
	})
}

// googleOut edits while Google takes no rows: Slack goes on, and later the row is written once.
func (v visits) googleOut(t *testing.T) {
	t.Parallel()
	v.trouble(t, troubleShown{
		action: "/trouble/google", stop: 4, state: "Out of quota",
		meanwhile: "written('Payment Gateway', 'Status') === 0 && told('Payment Gateway was updated') === 1",
	})
}

// troubleShown is a trouble, and how the page shows it.
type troubleShown struct {
	action    string
	stop      int    // on the strip
	state     string // there
	meanwhile string // an expression
}

func (v visits) trouble(t *testing.T, shown troubleShown) {
	t.Helper()
	b := openTab(t, v, serveDemo(t), "/")
	button := "form[action='" + shown.action + "'] [role=switch]"
	state := `($(".way > li:nth-child(` + string(rune('0'+shown.stop)) + `) .st")?.textContent ?? "")`
	b.click(button)
	b.until("the switch is on", "$(\""+button+"\").getAttribute('aria-checked') === 'true'")
	id := b.open("Payment Gateway")
	b.enter("#"+id+"-OverallStatus", "2")
	b.save(id)
	b.until("the strip says it", state+" === '"+shown.state+"'")
	b.until("the other place goes on", shown.meanwhile)
	b.click(button)
	b.until("the switch is off", "$(\""+button+"\").getAttribute('aria-checked') === 'false'")
	b.once("Payment Gateway was updated", "Payment Gateway", "Status")
	b.until("the strip says nothing", state+" === ''")
}
