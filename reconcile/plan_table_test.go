package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const (
	older  = "secret-before-this-one"
	former = "https://former.example.com"
)

// wants is the one webhook that the table is about, unless a row says otherwise.
func wants() ppm.Webhook { return wanted("Project:Updated")[0] }

// one is it, registered under an id.
func one(id string, change ...func(*ppm.Webhook)) ppm.Webhook { return as(wants(), id, change...) }

func auth(value string) func(*ppm.Webhook) {
	return headers(ppm.Header{Name: "Authorization", Value: value})
}

func oddly(w *ppm.Webhook) { w.Odd = true }

// formerly is what the relay registered under another address.
func formerlyOne(id string) ppm.Webhook { return one(id, at(former+"/events/Project/Updated")) }

// created is the record of a webhook that was created as the wanted one and is shown as it was shown first.
func created(w ppm.Webhook, change ...func(*Record)) Record {
	r := Record{ID: w.ID, Type: "Project:Updated", URL: wants().URL, Secret: secretOf(wants()), Shown: form(w)}
	for _, c := range change {
		c(&r)
	}
	return r
}

func with(secret string) func(*Record) { return func(r *Record) { r.Secret = digest(bearer(secret)) } }

func under(base string) func(*Record) {
	return func(r *Record) { r.URL = base + "/events/Project/Updated" }
}
func notShown(r *Record) { r.Shown = "" }
func justNow(r *Record)  { r.Created = noon().Add(-time.Second) }
func deleted(ago time.Duration) func(*Record) {
	return func(r *Record) { r.Deleted = noon().Add(-ago) }
}

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// list is the tenant.
func list(webhooks ...ppm.Webhook) []ppm.Webhook { return webhooks }

// full is a tenant with so many webhooks of others, and some of ours.
func full(others int, webhooks ...ppm.Webhook) []ppm.Webhook {
	return append(webhooks, strangers(others)...)
}

// TestPlanOfOneType is what a pass does about one type: what is registered -> the steps, in this order, those about
// webhooks of others left out.
func TestPlanOfOneType(t *testing.T) {
	masked, recased, bare := one("1", auth("***")), one("1", headers(ppm.Header{Name: "authorization", Value: "Bearer " + secret})), one("1", headers())
	rotated := []string{secret, older}
	for _, row := range []struct {
		when string
		is   Situation
		then string
		why  string // said by the first step
	}{
		// Nothing, or all is well.
		{"nothing is registered", Situation{}, "create", ""},
		{"it is there as wanted", Situation{Registered: list(one("1"))}, "keep 1", ""},
		{"it is there and recorded", Situation{Registered: list(one("1")), Records: []Record{created(one("1"))}}, "keep 1", ""},
		{"its list entry comes twice, as where pages overlap", Situation{Registered: list(one("1"), one("1"))}, "keep 1", ""},
		{"its id is spelled in another case the second time", Situation{Registered: list(one("a"), one("A"))}, "keep a", ""},
		{"it has no id in the list", Situation{Registered: list(one(""))}, "keep", ""},
		{"only its record is there, and PPM Express does not know it any more", Situation{Records: []Record{created(one("1"))}}, "create", ""},

		// Whose it is: the id that was recorded, or the exact address.
		{"the same at another host", Situation{Registered: list(one("1", at("https://other.example.com/events/Project/Updated")))}, "create", ""},
		{"the same below another path", Situation{Registered: list(one("1", at(home+"/x/events/Project/Updated")))}, "create", ""},
		{"the same with a query", Situation{Registered: list(one("1", at(wants().URL+"?x=1")))}, "create", ""},
		{"the same at another port", Situation{Registered: list(one("1", at("https://relay.example.com:80/events/Project/Updated")))}, "create", ""},
		{"everything to /events", Situation{Registered: list(one("1", at(home+"/events"), types(event.Types()...)))}, "create", ""},
		{"the address is none", Situation{Registered: list(one("1", at(":")))}, "create", ""},
		{"host in capitals", Situation{Registered: list(one("1", at("HTTPS://Relay.Example.com/events/Project/Updated")))}, "keep 1", ""},
		{"the usual port is named", Situation{Registered: list(one("1", at("https://relay.example.com:443/events/Project/Updated")))}, "keep 1", ""},
		{"a slash more, with our secret", Situation{Registered: list(one("1", at(wants().URL+"/")))}, "keep 1", "another address"},
		{"path in another case, with our secret", Situation{Registered: list(one("1", at(strings.ToLower(wants().URL))))}, "keep 1", "another address"},
		{"a slash more, with another secret", Situation{Registered: list(one("1", at(wants().URL+"/"), auth("Bearer x-1")))}, "create", ""},
		{"a slash more, masked", Situation{Registered: list(one("1", at(wants().URL+"/"), auth("***")))}, "create", ""},
		{"recorded, listed at an address of the vendor's", Situation{Registered: list(one("1", at("https://gateway.example/1"))), Records: []Record{created(one("1", at("https://gateway.example/1")))}}, "keep 1", "another address"},
		{"recorded, moved elsewhere by somebody", Situation{Registered: list(one("1", at("https://gateway.example/1"))), Records: []Record{created(one("1"))}}, "replace 1", "leads to https://gateway.example"},
		{"in a form that is not understood", Situation{Registered: list(one("1", oddly, types()))}, "report 1", "not understood"},
		{"in a form that is not understood, as from the start", Situation{Registered: list(one("1", oddly, types())), Records: []Record{created(one("1", oddly, types()))}}, "keep 1", ""},

		// What lists do to headers. Not recorded: what is hidden cannot differ.
		{"name in lower case", Situation{Registered: list(recased)}, "keep 1", ""},
		{"another header as well", Situation{Registered: list(one("1", headers(ppm.Header{Name: "X", Value: "y"}, wants().Headers[0])))}, "keep 1", ""},
		{"spaces around the value are lost", Situation{Registered: list(one("1", auth("  Bearer "+secret+" ")))}, "keep 1", ""},
		{"Bearer in lower case", Situation{Registered: list(one("1", auth("bearer "+secret)))}, "keep 1", ""},
		{"masked with stars", Situation{Registered: list(masked)}, "keep 1", ""},
		{"masked after Bearer", Situation{Registered: list(one("1", auth("Bearer ••••••")))}, "keep 1", ""},
		{"no headers are shown at all", Situation{Registered: list(bare)}, "keep 1", ""},
		{"no headers, where others show some", Situation{Registered: list(bare, keyed("X-Key", "k"))}, "replace 1", "no header Authorization"},
		{"no headers, where others show masked ones", Situation{Registered: list(bare, keyed("X-Key", "***"))}, "keep 1", ""},
		{"masked, where the same header is not", Situation{Registered: list(masked, keyed("authorization", "Basic eA=="))}, "replace 1", "not the one of server.secrets"},
		{"masked, where another header is not", Situation{Registered: list(masked, keyed("X-Key", "k"))}, "keep 1", ""},
		{"an empty value", Situation{Registered: list(one("1", auth("")))}, "replace 1", "turned away"},

		// Recorded: it is as it was created while it is shown as it was shown first, whatever that is.
		{"masked from the start", Situation{Registered: list(masked), Records: []Record{created(masked)}}, "keep 1", ""},
		{"masked from the start, where the same header is not", Situation{Registered: list(masked, keyed("authorization", "Basic eA==")), Records: []Record{created(masked)}}, "keep 1", ""},
		{"re-cased from the start", Situation{Registered: list(recased), Records: []Record{created(recased)}}, "keep 1", ""},
		{"without headers from the start", Situation{Registered: list(bare, keyed("X-Key", "k")), Records: []Record{created(bare)}}, "keep 1", ""},
		{"created a while ago, and first shown with another type", Situation{Registered: list(one("1", types("Idea:Created"))), Records: []Record{created(one("1"), notShown)}}, "replace 1", "instead of Project:Updated alone"},
		{"cut short from the start", Situation{Registered: list(one("1", auth("Bearer s3"))), Records: []Record{created(one("1", auth("Bearer s3")))}}, "keep 1", "shows another value"},
		{"headers and types in another order than at first", Situation{
			Registered: list(one("1", headers(ppm.Header{Name: "X", Value: "y"}, wants().Headers[0]))),
			Records:    []Record{created(one("1", headers(wants().Headers[0], ppm.Header{Name: "x", Value: "y"})))},
		}, "keep 1", ""},
		{"created a moment ago, not shown before", Situation{Registered: list(one("1", auth("Bearer s3"))), Records: []Record{created(one("1"), notShown, justNow)}}, "keep 1", "shows another value"},
		{"masked since today", Situation{Registered: list(masked), Records: []Record{created(one("1"))}}, "keep 1", ""},
		{"shown since today", Situation{Registered: list(one("1")), Records: []Record{created(masked)}}, "keep 1", ""},
		{"changed by somebody to another secret", Situation{Registered: list(one("1", auth("Bearer x-1"))), Records: []Record{created(one("1"))}}, "replace 1", "turned away"},
		{"changed by somebody to another type", Situation{Registered: list(one("1", types("Idea:Created"))), Records: []Record{created(one("1"))}}, "replace 1", "instead of Project:Updated alone"},

		// A new secret.
		{"it shows the former secret", Situation{Registered: list(one("1", auth("Bearer "+older))), Accepted: rotated}, "replace 1", "another secret than the first"},
		{"it was created with the former secret", Situation{Registered: list(one("1", auth("Bearer "+older))), Records: []Record{created(one("1", auth("Bearer "+older)), with(older))}, Accepted: rotated}, "replace 1", "another secret than the first"},
		{"it was created with the former secret, and is masked", Situation{Registered: list(masked), Records: []Record{created(masked, with(older))}, Accepted: rotated}, "replace 1", "another secret than the first"},
		{"it was created with the former secret, masked since today", Situation{Registered: list(masked), Records: []Record{created(one("1"), with(older))}, Accepted: rotated}, "replace 1", "another secret than the first"},
		{"the successor is there, masked, and the former one", Situation{
			Registered: list(masked, one("2", auth("***"))), Accepted: rotated,
			Records: []Record{created(masked, with(older)), created(one("2", auth("***")))},
		}, "remove 1; keep 2", "second webhook"},

		// What else can differ.
		{"more types than one", Situation{Registered: list(one("1", types("Project:Updated", "Idea:Created")))}, "replace 1", "instead of Project:Updated alone"},
		{"types in another case", Situation{Registered: list(one("1", types("project:updated")))}, "keep 1", ""},
		{"no types", Situation{Registered: list(one("1", types()))}, "replace 1", "no events"},
		{"another verb", Situation{Registered: list(one("1", verb("PUT")))}, "replace 1", `sends "PUT"`},
		{"the verb in lower case", Situation{Registered: list(one("1", verb("post")))}, "keep 1", ""},
		{"it differs and has no id", Situation{Registered: list(one("", verb("PUT")))}, "create; report", ""},
		{"it differs, but is ours by its secret alone", Situation{Registered: list(one("1", at(wants().URL+"/"), types("Project:Updated", "Idea:Created")))}, "report 1", "ppmrelay webhooks delete 1"},

		// For what the list shows, a type is not replaced for ever.
		{"it differs, after three replacements today", Situation{Registered: list(one("1", auth("Bearer x-1"))), Worn: []event.Type{"Project:Updated"}}, "report 1", "replaced 3 times"},
		{"it differs, after three of another type", Situation{Registered: list(one("1", auth("Bearer x-1"))), Worn: []event.Type{"Idea:Created"}}, "replace 1", ""},
		{"it differs, after three, and a person asks", Situation{Registered: list(one("1", auth("Bearer x-1"))), Worn: []event.Type{"Project:Updated"}, ByHand: true}, "replace 1", ""},
		{"it was created with the former secret, after three", Situation{Registered: list(masked), Records: []Record{created(masked, with(older))}, Worn: []event.Type{"Project:Updated"}}, "replace 1", ""},

		// More than one.
		{"twice", Situation{Registered: list(one("1"), one("2"))}, "keep 1; remove 2", ""},
		{"three times", Situation{Registered: list(one("1"), one("2"), one("3"))}, "keep 1; remove 2; remove 3", ""},
		{"the good one is second", Situation{Registered: list(one("1", auth("Bearer x-1")), one("2"))}, "remove 1; keep 2", "second webhook"},
		{"a good one and one without events", Situation{Registered: list(one("1", types("Idea:Created")), one("2"))}, "remove 1; keep 2", ""},
		{"two that differ", Situation{Registered: list(one("1", auth("Bearer x-1")), one("2", auth("Bearer x-2")))}, "replace 1; report 2", ""},
		{"two that differ, the second brings events", Situation{Registered: list(one("1", verb("PUT")), one("2", auth("Bearer "+older))), Accepted: rotated}, "remove 1; replace 2", ""},
		{"one without id and one with", Situation{Registered: list(one(""), one("2"))}, "keep; report 2", ""},
		{"a good one and one in an odd form", Situation{Registered: list(one("1", oddly), one("2"))}, "report 1; keep 2", ""},

		// Lists that are late.
		{"it was deleted a minute ago and is still listed", Situation{Registered: list(one("1")), Records: []Record{created(one("1"), deleted(time.Minute))}}, "create", ""},
		{"it was deleted a minute ago, listed beside its successor", Situation{Registered: list(one("1"), one("2")), Records: []Record{created(one("1"), deleted(time.Minute))}}, "keep 2", ""},
		{"it was deleted two hours ago and is still listed", Situation{Registered: list(one("1"), one("2")), Records: []Record{created(one("1"), deleted(2*time.Hour))}}, "keep 1; remove 2", ""},

		// A former public_url.
		{"under a former address, recorded", Situation{Registered: list(formerlyOne("1")), Records: []Record{created(formerlyOne("1"), under(former))}}, "create; report 1", ""},
		{"under a former address, not recorded", Situation{Registered: list(formerlyOne("1"))}, "create", ""},
		{"under an address that a reload gave up, recorded", Situation{Registered: list(formerlyOne("1")), Records: []Record{created(formerlyOne("1"), under(former))}, Former: []string{former}}, "replace 1", "former server.public_url"},
		{"under an address that a reload gave up, not recorded", Situation{Registered: list(formerlyOne("1")), Former: []string{former}}, "replace 1", "former server.public_url"},
		{"under an address that nobody gave up, and a person asks", Situation{Registered: list(formerlyOne("1")), Records: []Record{created(formerlyOne("1"), under(former))}, ByHand: true}, "replace 1", "former server.public_url"},
		{"not recorded under a former address, and a person asks", Situation{Registered: list(formerlyOne("1")), ByHand: true}, "create", ""},
		{"the successor is there, and the former one is given up", Situation{Registered: list(formerlyOne("1"), one("2")), Former: []string{former}}, "keep 2; remove 1", ""},
		{"two under an address that was given up", Situation{Registered: list(formerlyOne("1"), formerlyOne("2")), Former: []string{former}}, "replace 1; report 2", ""},
		{"another address of the same host was given up", Situation{Registered: list(formerlyOne("1")), Former: []string{former + "/other"}}, "create", ""},
		{"created for another type, at the address of this one", Situation{Registered: list(one("1")), Records: []Record{created(one("1"), func(r *Record) { r.Type, r.URL = "Idea:Created", home+"/events/Idea/Created" })}}, "keep 1", ""},

		// The limit.
		{"49 of others", Situation{Registered: full(49)}, "create", ""},
		{"50 of others", Situation{Registered: full(50)}, "no room", "all 50 webhooks"},
		{"60 of others", Situation{Registered: full(60)}, "no room", "60 are in use"},
		{"49 of others and a former one", Situation{Registered: full(49, formerlyOne("1")), Records: []Record{created(formerlyOne("1"), under(former))}}, "no room; report 1", "1 by this relay under a former"},
		{"49 of others and one that differs", Situation{Registered: full(49, one("1", auth("Bearer x-1")))}, "replace 1 first", ""},
		{"50 of others and one that differs", Situation{Registered: full(50, one("1", auth("Bearer x-1")))}, "report 1", "no place for its successor"},
		{"48 of others and one that differs", Situation{Registered: full(48, one("1", auth("Bearer x-1")))}, "replace 1", ""},
		{"48 of others and two that differ", Situation{Registered: full(48, one("1", auth("Bearer x-1")), one("2", auth("Bearer x-2")))}, "replace 1; remove 2", ""},
		{"48 of others and two of ours", Situation{Registered: full(48, one("1"), one("2"))}, "keep 1; remove 2", ""},
		{"49 of others and one that was given up", Situation{Registered: full(49, formerlyOne("1")), Former: []string{former}}, "replace 1 first", ""},
		{"49 of others and a deleted one that is still listed", Situation{Registered: full(49, one("1")), Records: []Record{created(one("1"), deleted(time.Minute))}}, "create", ""},
	} {
		t.Run(row.when, func(t *testing.T) {
			row.is.Wanted, row.is.Now = list(wants()), noon()
			if row.is.Accepted == nil {
				row.is.Accepted = []string{secret}
			}
			steps := Plan(row.is)
			if got := brief(slices.DeleteFunc(steps, func(s Step) bool { return s.Action == Foreign })); got != row.then {
				t.Errorf("got %s, want %s", got, row.then)
			}
			if len(steps) == 0 || !strings.Contains(steps[0].Why, row.why) {
				t.Errorf("got %+v, want it to say %q", steps, row.why)
			}
			for _, s := range steps {
				if strings.Contains(s.Why, secret) || strings.Contains(s.Why, older) || strings.Contains(s.Why, "x-1") {
					t.Errorf("got a secret in %q", s.Why)
				}
			}
		})
	}
}

// TestPlanOfSeveralTypes is what types have to do with each other: places, and the order.
func TestPlanOfSeveralTypes(t *testing.T) {
	two := wanted("Project:Updated", "Idea:Created")
	project := func(id string, change ...func(*ppm.Webhook)) ppm.Webhook { return as(two[0], id, change...) }
	idea := func(id string, change ...func(*ppm.Webhook)) ppm.Webhook { return as(two[1], id, change...) }
	for _, row := range []struct {
		when string
		is   Situation
		then string
	}{
		{"one is missing", Situation{Registered: list(idea("1"))}, "create Project:Updated; keep Idea:Created 1"},
		{"the list is in another order", Situation{Registered: list(idea("1"), project("2"))}, "keep Project:Updated 2; keep Idea:Created 1"},
		{"strangers between", Situation{Registered: list(idea("1"), strangers(1)[0], project("2"))}, "keep Project:Updated 2; keep Idea:Created 1; foreign x0"},
		{"one place for two", Situation{Registered: full(49)}, "create Project:Updated; no room Idea:Created"},
		{"a superfluous one makes place", Situation{Registered: full(48, project("1"), project("2"))}, "keep Project:Updated 1; remove Project:Updated 2; create Idea:Created"},
		{"one place, and both differ", Situation{Registered: full(47, project("1", verb("PUT")), idea("2", verb("PUT")))}, "replace Project:Updated 1; replace Idea:Created 2"},
		{"no place, and both differ", Situation{Registered: full(48, project("1", verb("PUT")), idea("2", verb("PUT")))}, "replace Project:Updated 1 first; replace Idea:Created 2 first"},
		{"the last place is for what is missing, not for what differs", Situation{Registered: full(48, project("1", auth("Bearer x-1")))}, "replace Project:Updated 1 first; create Idea:Created"},
		{"a webhook for both, at the address of one", Situation{Registered: list(project("1", types("Project:Updated", "Idea:Created")))}, "replace Project:Updated 1; create Idea:Created"},
		{"the addresses are exchanged", Situation{Registered: list(project("1", at(two[1].URL)), idea("2", at(two[0].URL)))}, "replace Project:Updated 2; replace Idea:Created 1"},
	} {
		t.Run(row.when, func(t *testing.T) {
			row.is.Wanted, row.is.Now, row.is.Accepted = two, noon(), []string{secret}
			steps := slices.DeleteFunc(Plan(row.is), func(s Step) bool {
				return s.Action == Foreign && strings.HasPrefix(s.Webhook.ID, "x") && len(row.is.Registered) > 40
			})
			if got := brief(steps); got != row.then {
				t.Errorf("got %s, want %s", got, row.then)
			}
		})
	}
}

// TestPlanOfAnyOrder: the order of a list changes nothing about what is done.
func TestPlanOfAnyOrder(t *testing.T) {
	registered := list(one("1", auth("Bearer x-1")), one("2"), formerlyOne("3"), strangers(1)[0])
	count := func(list []ppm.Webhook) string {
		counts := map[Action]int{}
		for _, s := range Plan(Situation{Wanted: list[:0:0], Registered: list}) {
			counts[s.Action]++
		}
		for _, s := range Plan(Situation{Wanted: []ppm.Webhook{wants()}, Registered: list, Accepted: []string{secret}, Former: []string{former}}) {
			counts[s.Action]++
		}
		return fmt.Sprint(counts)
	}
	want := count(registered)
	for range 24 {
		registered = append(registered[1:], registered[0])
		registered[0], registered[1] = registered[1], registered[0]
		if got := count(slices.Clone(registered)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
