package page

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// troubles returns what the page says of what goes wrong.
func (v visit) troubles(t *testing.T) string {
	t.Helper()
	page, _ := v.get(t, "/part/trouble")
	return strings.Join(strings.Fields(strings.Join(page.Text("div", "id", "part-trouble"), "")), " ")
}

// checked returns the states of the switches: Slack, Google.
func (v visit) checked(t *testing.T) []string {
	t.Helper()
	page, _ := v.get(t, "/part/trouble")
	return page.Values("button", "aria-checked")
}

func TestSwitches(t *testing.T) {
	v := open(t, nil)
	met := func() []bool {
		return []bool{
			stands(v.Slack.Board, fault.Every), stands(v.Google.Board, "batchUpdate"), stands(v.Google.Board, "values.append"),
		}
	}
	steps := []struct {
		path, on string
		checked  []string
		met      []bool
	}{
		{"/trouble/slack", "yes", []string{"true", "false"}, []bool{true, false, false}},
		{"/trouble/slack", "yes", []string{"true", "false"}, []bool{true, false, false}},
		{"/trouble/google", "yes", []string{"true", "true"}, []bool{true, true, true}},
		{"/trouble/slack", "", []string{"false", "true"}, []bool{false, true, true}},
		{"/trouble/google", "", []string{"false", "false"}, []bool{false, false, false}},
	}
	for _, step := range steps {
		got := v.send(t, step.path, url.Values{"on": {step.on}})
		if !got.OK || !slices.Equal(v.checked(t), step.checked) || !slices.Equal(met(), step.met) {
			t.Errorf("%s %q: got %+v, switches %v, boards %v", step.path, step.on, got, v.checked(t), met())
		}
	}
	if got := v.troubles(t); strings.Contains(got, "Everything works again") {
		t.Errorf("got %q, want nothing to repair", got)
	}
}

// TestSwitchesShowWhatOthersSet: a story, the control address, a test.
func TestSwitchesShowWhatOthersSet(t *testing.T) {
	v := open(t, nil)
	v.Slack.Board.Always("chat.postMessage", fault.Before)
	v.Google.Board.Always("batchUpdate", fault.TooMany.With("none"))
	v.Slack.Board.Always("auth.test", fault.Hang)
	if err := v.Set("slack", "channel-archived", true, sandbox.Channel); err != nil {
		t.Fatal(err)
	}
	if got := v.checked(t); !slices.Equal(got, []string{"true", "true"}) {
		t.Errorf("got switches %v, want both on", got)
	}
	got := v.troubles(t)
	for _, want := range []string{"Slack: every request to auth.test: nothing, until it gives up (hang)", "Slack: somebody archived the channel (channel C0SANDBOX01)", "Everything works again"} {
		if !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
	if strings.Contains(got, "chat.postMessage") || strings.Contains(got, "batchUpdate") {
		t.Errorf("got %q, want not what the switches say", got)
	}
	v.send(t, "/trouble/slack", nil)
	v.send(t, "/trouble/google", nil)
	if got := v.checked(t); !slices.Equal(got, []string{"false", "false"}) {
		t.Errorf("got switches %v, want both off", got)
	}
	if got := v.send(t, "/trouble/repair", nil); !got.OK || len(v.Troubles()) != 0 {
		t.Errorf("got %+v and %v, want nothing set", got, v.Troubles())
	}
}

func TestBulkEdit(t *testing.T) {
	v := open(t, nil)
	v.PPM.AddWebhook(ppm.Webhook{URL: "http://relay.example/", EventTypes: []string{"Project:Updated"}})
	before := v.PPM.Entities(event.Project)
	if got := v.troubles(t); !strings.Contains(got, "Bulk edit 200") {
		t.Errorf("got %q", got)
	}
	got := v.send(t, "/trouble/bulk", nil)
	if want := "Anna Doe moved the finish of 200 projects by 14 days. One webhook is told."; got.Say != want {
		t.Errorf("got %q, want %q", got.Say, want)
	}
	moved := 0
	for i, e := range v.PPM.Entities(event.Project) {
		was, _ := dayOf(before[i].Attributes["FinishDate"])
		if is, _ := dayOf(e.Attributes["FinishDate"]); is.Equal(was.AddDate(0, 0, 14)) {
			moved++
		}
	}
	if moved != 200 {
		t.Errorf("got %d projects moved, want 200", moved)
	}
	few := open(t, nil, ppm.Entity{Kind: event.Project}, ppm.Entity{Kind: event.Project, Attributes: map[string]any{"FinishDate": ppm.Day(2026, 1, 1)}})
	if got := few.troubles(t) + few.send(t, "/trouble/bulk", nil).Say; !strings.Contains(got, "Bulk edit 2 ") || !strings.Contains(got, "finish of 1 projects") {
		t.Errorf("got %q", got)
	}
}

func TestWebhooksGoAndComeBack(t *testing.T) {
	v := open(t, nil)
	if got := v.send(t, "/trouble/webhook", nil); got.OK {
		t.Errorf("got %+v where there is none", got)
	}
	for _, name := range []string{"Project:Updated", "Task:Updated", "Idea:Updated"} {
		v.PPM.AddWebhook(ppm.Webhook{URL: "http://relay.example/hooks", EventTypes: []string{name}, Headers: []ppm.Header{{Name: "X-Signature", Value: "hush-hush"}}})
	}
	_, text := v.get(t, "/part/hooks")
	for _, want := range []string{"Task:Updated", "http://relay.example/hooks", "X-Signature", "Nothing yet", "by a person, at "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(text, "hush-hush") {
		t.Error("the page shows the value of a header, which is a secret")
	}
	if got := v.send(t, "/trouble/webhook", url.Values{"type": {"Task:Updated"}}); got.Say != "The webhook for Task:Updated is deleted." {
		t.Errorf("got %+v", got)
	}
	if got := v.troubles(t); !strings.Contains(got, "The webhook for Task:Updated is missing since ") {
		t.Errorf("got %q", got)
	}
	<-time.After(2 * time.Millisecond) // so that what comes back is later on every clock
	v.PPM.AddWebhook(ppm.Webhook{URL: "http://relay.example/hooks", EventTypes: []string{"Task:Updated"}})
	if got := v.troubles(t); !strings.Contains(got, "and is registered again, ") || !strings.Contains(got, " ms later.") {
		t.Errorf("got %q", got)
	}
	id := v.PPM.Webhooks()[0].ID
	if got := v.send(t, "/trouble/webhook", url.Values{"id": {id}}); !strings.Contains(got.Say, "Project:Updated") {
		t.Errorf("got %+v", got)
	}
	if got := v.send(t, "/trouble/webhook", url.Values{"id": {id}}); got.OK {
		t.Errorf("got %+v for one that is gone", got)
	}
	for range 2 {
		v.send(t, "/trouble/webhook", nil)
	}
	if got := v.PPM.Webhooks(); len(got) != 0 {
		t.Errorf("got %v, want none left", got)
	}
}

// TestDeliveriesAreShown: whoever writes a receiver sees what it answered.
func TestDeliveriesAreShown(t *testing.T) {
	v := open(t, nil)
	v.PPM.AddWebhook(ppm.Webhook{URL: "http://relay.example/hooks", EventTypes: []string{"Idea:Created"}})
	v.PPM.AddWebhook(ppm.Webhook{URL: v.SlackURL + "auth.test", EventTypes: []string{"Idea:Created"}})
	v.PPM.AddWebhook(ppm.Webhook{URL: v.PPMURL + "/nothing", EventTypes: []string{"Idea:Created"}})
	v.PPM.Create(ppm.Entity{Kind: event.Idea, Attributes: map[string]any{"Name": "A bright one"}}, event.Person{})
	if err := v.PPM.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, text := v.get(t, "/part/hooks")
	var states []string
	for _, class := range []string{"st ok", "st bad"} {
		states = append(states, page.Text("span", "class", class)...)
	}
	slices.Sort(states)
	if want := []string{"200", "200", "404", "404", "No answer", "No answer"}; !slices.Equal(states, want) {
		t.Errorf("got %q, want %q", states, want)
	}
	if !strings.Contains(text, "A bright one") || !strings.Contains(text, "reserved for examples") {
		t.Error("the page does not say what was sent, or why there was no answer")
	}
}
