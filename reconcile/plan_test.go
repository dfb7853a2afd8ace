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

func odd(w ppm.Webhook) ppm.Webhook {
	w.Odd = true
	return w
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

// brief writes a plan as "create Project:Updated; keep Idea:Created 1".
func brief(steps []Step) string {
	lines := make([]string, len(steps))
	for i, s := range steps {
		lines[i] = strings.Join(strings.Fields(fmt.Sprintf("%s %s %s", s.Action, s.Type, s.Webhook.ID)), " ")
	}
	return strings.Join(lines, "; ")
}

func TestPlan(t *testing.T) {
	want := wanted("Project:Updated")
	one := want[0]
	auth := func(value string) ppm.Header { return ppm.Header{Name: "Authorization", Value: value} }
	tests := []struct {
		name       string
		registered []ppm.Webhook
		want       string
		why        string // said by the first step
	}{
		{"nothing is there", nil, "create Project:Updated", ""},
		{"all is well", []ppm.Webhook{as(one, "1")}, "keep Project:Updated 1", ""},
		{"only strangers", strangers(2), "create Project:Updated; foreign x0; foreign x1", ""},
		{"ours and a stranger's", append(strangers(1), as(one, "1")), "keep Project:Updated 1; foreign x0", ""},

		// Whose it is.
		{"another host", []ppm.Webhook{as(one, "1", at("https://other.example.com/events/Project/Updated"))}, "create Project:Updated; foreign 1", ""},
		{"a slash more", []ppm.Webhook{as(one, "1", at(one.URL+"/"))}, "keep Project:Updated 1", "another address"},
		{"another case", []ppm.Webhook{as(one, "1", at(strings.ToLower(one.URL)))}, "keep Project:Updated 1", "another address"},
		{"a slash more and another secret", []ppm.Webhook{as(one, "1", at(one.URL+"/"), headers(auth("Bearer old")))}, "create Project:Updated; foreign 1", ""},
		{"a slash more and a masked secret", []ppm.Webhook{as(one, "1", at(one.URL+"/"), headers(auth("***")))}, "create Project:Updated; foreign 1", ""},
		{"our secret at another path", []ppm.Webhook{as(one, "1", at(home+"/x/events/Project/Updated"))}, "create Project:Updated; foreign 1", ""},
		{"host in capitals", []ppm.Webhook{as(one, "1", at("HTTPS://Relay.Example.com/events/Project/Updated"))}, "keep Project:Updated 1", ""},
		{"the port is named", []ppm.Webhook{as(one, "1", at("https://relay.example.com:443/events/Project/Updated"))}, "keep Project:Updated 1", ""},
		{"another port", []ppm.Webhook{as(one, "1", at("https://relay.example.com:80/events/Project/Updated"))}, "create Project:Updated; foreign 1", ""},
		{"in an odd form", []ppm.Webhook{odd(as(one, "1", types()))}, "differs Project:Updated 1", "not understood"},
		{"a stranger's in an odd form", []ppm.Webhook{odd(ppm.Webhook{})}, "create Project:Updated; foreign", ""},
		{"a query", []ppm.Webhook{as(one, "1", at(one.URL+"?x=1"))}, "create Project:Updated; foreign 1", ""},
		{"a type that was not asked for", []ppm.Webhook{as(wanted("Idea:Created")[0], "1")}, "create Project:Updated; foreign 1", ""},
		{"everything to /events", []ppm.Webhook{as(one, "1", at(home+"/events"), types(event.Types()...))}, "create Project:Updated; foreign 1", ""},
		{"not an address", []ppm.Webhook{as(one, "1", at(":"))}, "create Project:Updated; foreign 1", ""},
		{"a stranger asks for the same type", []ppm.Webhook{as(one, "1", at("https://flow.example/?sig=1"))}, "create Project:Updated; foreign 1", ""},

		// What answers do to headers.
		{"name in lower case", []ppm.Webhook{as(one, "1", headers(ppm.Header{Name: "authorization", Value: "Bearer " + secret}))}, "keep Project:Updated 1", ""},
		{"another header as well", []ppm.Webhook{as(one, "1", headers(ppm.Header{Name: "X", Value: "y"}, auth("Bearer "+secret)))}, "keep Project:Updated 1", ""},
		{"masked with stars", []ppm.Webhook{as(one, "1", headers(auth("***")))}, "keep Project:Updated 1", ""},
		{"masked after Bearer", []ppm.Webhook{as(one, "1", headers(auth("Bearer ••••••")))}, "keep Project:Updated 1", ""},
		{"empty", []ppm.Webhook{as(one, "1", headers(auth("")))}, "differs Project:Updated 1", "not the one of server.secrets"},
		{"no headers are shown", []ppm.Webhook{as(one, "1", headers())}, "keep Project:Updated 1", ""},
		{"no headers where others have some", []ppm.Webhook{as(one, "1", headers()), keyed("X-Key", "k")}, "differs Project:Updated 1; foreign x", "no header Authorization"},
		{"no headers where others are masked", []ppm.Webhook{as(one, "1", headers()), keyed("X-Key", "***")}, "keep Project:Updated 1; foreign x", ""},
		{"masked where others are not", []ppm.Webhook{as(one, "1", headers(auth("Bearer xxx"))), keyed("authorization", "Basic eA==")}, "differs Project:Updated 1; foreign x", "not the one of server.secrets"},
		{"masked where another header is not", []ppm.Webhook{as(one, "1", headers(auth("***"))), keyed("X-Key", "k")}, "keep Project:Updated 1; foreign x", ""},

		// What differs is told, not touched.
		{"another secret", []ppm.Webhook{as(one, "1", headers(auth("Bearer old")))}, "differs Project:Updated 1", "not the one of server.secrets"},
		{"no Authorization", []ppm.Webhook{as(one, "1", headers(ppm.Header{Name: "X", Value: "y"}))}, "differs Project:Updated 1", "no header Authorization"},
		{"more types", []ppm.Webhook{as(one, "1", types("Project:Updated", "Idea:Created"))}, "differs Project:Updated 1", "instead of Project:Updated alone"},
		{"another type", []ppm.Webhook{as(one, "1", types("Idea:Created"))}, "create Project:Updated; differs Project:Updated 1", ""},
		{"no types", []ppm.Webhook{as(one, "1", types())}, "create Project:Updated; differs Project:Updated 1", ""},
		{"another verb", []ppm.Webhook{as(one, "1", verb("PUT"))}, "create Project:Updated; differs Project:Updated 1", ""},
		{"verb in lower case", []ppm.Webhook{as(one, "1", verb("post"))}, "keep Project:Updated 1", ""},

		// More than one.
		{"twice", []ppm.Webhook{as(one, "1"), as(one, "2")}, "keep Project:Updated 1; surplus Project:Updated 2", ""},
		{"three times", []ppm.Webhook{as(one, "1"), as(one, "2"), as(one, "3")}, "keep Project:Updated 1; surplus Project:Updated 2; surplus Project:Updated 3", ""},
		{"the good one is second", []ppm.Webhook{as(one, "1", headers(auth("Bearer old"))), as(one, "2")}, "surplus Project:Updated 1; keep Project:Updated 2", "second webhook"},
		{"a good one and one without events", []ppm.Webhook{as(one, "1", types("Idea:Created")), as(one, "2")}, "differs Project:Updated 1; keep Project:Updated 2", "Idea:Created"},
		{"two that differ", []ppm.Webhook{as(one, "1", headers(auth("Bearer a"))), as(one, "2", headers(auth("Bearer b")))}, "differs Project:Updated 1; surplus Project:Updated 2", ""},
		{"one id empty", []ppm.Webhook{as(one, "")}, "keep Project:Updated", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			steps := Plan(want, test.registered)
			if got := brief(steps); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if !strings.Contains(steps[0].Why, test.why) {
				t.Errorf("got %q, want it to say %q", steps[0].Why, test.why)
			}
			for _, s := range steps {
				if strings.Contains(s.Why, secret) || strings.Contains(s.Why, "old") {
					t.Errorf("got a secret in %q", s.Why)
				}
			}
		})
	}
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
		for _, s := range Plan(wanted(), registered) {
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
	steps := Plan(wanted("Project:Updated"), []ppm.Webhook{
		as(wanted("Idea:Deleted")[0], "1", at("https://old.example.com/relay/events/Idea/Deleted?x=1")), strangers(1)[0],
	})
	if !strings.Contains(steps[1].Why, "another server.public_url") || steps[2].Why != "" {
		t.Errorf("got %q and %q, want the first to be recognised", steps[1].Why, steps[2].Why)
	}
}
