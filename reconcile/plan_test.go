package reconcile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const (
	home   = "https://relay.example.com"
	secret = "s3cret-of-the-relay"
)

func wanted(types ...event.Type) []ppm.Webhook {
	if len(types) == 0 {
		types = event.Types()
	}
	return Wanted(home, secret, types)
}

// as returns a registered form of a wanted webhook, changed.
func as(want ppm.Webhook, id string, change ...func(*ppm.Webhook)) ppm.Webhook {
	want.ID = id
	want.Headers, want.EventTypes = slices.Clone(want.Headers), slices.Clone(want.EventTypes)
	for _, c := range change {
		c(&want)
	}
	return want
}

func at(url string) func(*ppm.Webhook)         { return func(w *ppm.Webhook) { w.URL = url } }
func verb(verb string) func(*ppm.Webhook)      { return func(w *ppm.Webhook) { w.Verb = verb } }
func types(t ...event.Type) func(*ppm.Webhook) { return func(w *ppm.Webhook) { w.EventTypes = t } }
func headers(h ...ppm.Header) func(*ppm.Webhook) {
	return func(w *ppm.Webhook) { w.Headers = h }
}

// keyed is a stranger's webhook with a header.
func keyed(name, value string) ppm.Webhook {
	return ppm.Webhook{ID: "x", URL: "https://flow.example/", Headers: []ppm.Header{{Name: name, Value: value}}}
}

// strangers are webhooks of somebody else.
func strangers(n int) []ppm.Webhook {
	all := make([]ppm.Webhook, n)
	for i := range all {
		all[i] = ppm.Webhook{ID: fmt.Sprint("x", i), EventTypes: event.Types(), Verb: "POST", URL: fmt.Sprint("https://flow.example/", i)}
	}
	return all
}

// brief writes a plan as "create; keep 1", with types where there are several.
func brief(steps []Step) string {
	lines := make([]string, len(steps))
	several := slices.ContainsFunc(steps, func(s Step) bool { return s.Type != "" && s.Type != steps[0].Type })
	for i, s := range steps {
		words := []string{string(s.Action)}
		if several && s.Type != "" {
			words = append(words, string(s.Type))
		}
		if s.Webhook.ID != "" {
			words = append(words, s.Webhook.ID)
		}
		if s.Swap {
			words = append(words, "first")
		}
		lines[i] = strings.Join(words, " ")
	}
	return strings.Join(lines, "; ")
}

// TestPlanRespectsTheLimit counts what fits.
func TestPlanRespectsTheLimit(t *testing.T) {
	for _, test := range []struct{ foreign, ours, create, noRoom int }{
		{0, 0, 12, 0},
		{38, 0, 12, 0},
		{39, 0, 11, 1},
		{49, 0, 1, 11},
		{50, 0, 0, 12},
		{38, 12, 0, 0},
		{40, 10, 0, 2},
		{39, 10, 1, 1},
		{60, 0, 0, 12}, // should the vendor allow more to somebody
	} {
		registered := strangers(test.foreign)
		for i, w := range wanted()[:test.ours] {
			registered = append(registered, as(w, strconv.Itoa(i)))
		}
		counts := map[Action]int{}
		for _, s := range Plan(Situation{Wanted: wanted(), Registered: registered}) {
			counts[s.Action]++
			if s.Action == NoRoom && !strings.Contains(s.Why, fmt.Sprintf("%d of them not by this relay", test.foreign)) {
				t.Errorf("%+v: got %q, want how many are foreign", test, s.Why)
			}
		}
		if counts[Create] != test.create || counts[NoRoom] != test.noRoom || counts[Keep] != test.ours || counts[Foreign] != test.foreign {
			t.Errorf("%+v: got %v", test, counts)
		}
	}
}

func TestWanted(t *testing.T) {
	all := wanted()
	if len(all) != 12 {
		t.Fatalf("got %d, want one for each type", len(all))
	}
	w := all[1]
	value, _ := w.Header("Authorization")
	if w.URL != "https://relay.example.com/events/Project/Updated" || w.Verb != "POST" || value != "Bearer "+secret || w.EventTypes[0] != "Project:Updated" {
		t.Errorf("got %+v", w)
	}
}

func TestForeignFromAnotherRelay(t *testing.T) {
	steps := Plan(Situation{Wanted: wanted("Project:Updated"), Registered: []ppm.Webhook{
		as(wanted("Idea:Deleted")[0], "1", at("https://old.example.com/relay/events/Idea/Deleted?x=1")), strangers(1)[0],
	}})
	if !strings.Contains(steps[1].Why, "another server.public_url") || steps[2].Why != "" {
		t.Errorf("got %q and %q, want the first to be recognised", steps[1].Why, steps[2].Why)
	}
}
