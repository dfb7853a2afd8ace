package reconcile

import (
	"context"
	"flag"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// chaos is a tenant in which anything may be registered, and anything may fail.
type chaos struct {
	*relay

	eye      *watched
	choices  []int // what is decided next; 0 where there are no more
	wrong    []string
	switches standin.Switches
	foreign  []standin.Webhook // as they must stay
	secrets  []string          // the first is in use
}

// pick decides for one of so many.
func (c *chaos) pick(n int) int {
	if len(c.choices) == 0 {
		return 0
	}
	chosen := c.choices[0] % n
	c.choices = c.choices[1:]
	return chosen
}

func oneOf[T any](c *chaos, all ...T) T { return all[c.pick(len(all))] }

func (c *chaos) complain(format string, args ...any) {
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// headers are what one of our webhooks may have been left with.
func (c *chaos) headers() []standin.Header {
	auth := func(value string) []standin.Header { return []standin.Header{{Name: "Authorization", Value: value}} }
	if echo := c.switches.HeaderEcho; echo == standin.EchoMasked || echo == standin.EchoMissing {
		return auth("Bearer " + secret) // what nobody can see, nobody can mend
	}
	return oneOf(c, auth("Bearer "+secret), auth("Bearer "+older), auth("Bearer nobody's"), auth(""), []standin.Header{},
		[]standin.Header{{Name: "authorization", Value: "Bearer " + secret}}, []standin.Header{{Name: "X", Value: "y"}})
}

// anything registers random webhooks: ours as they should be and not, those of a former address, and of others.
func (c *chaos) anything() {
	for range c.pick(17) {
		t := oneOf(c, event.Types()...)
		types := oneOf(c, []string{string(t)}, []string{string(t)}, []string{string(t)}, []string{}, []string{"Idea:Created", "Task:Deleted"}, []string{"Resource:Created"})
		c.add(standin.Webhook{
			EventTypes: types, HTTPVerb: oneOf(c, "POST", "POST", "post", "PUT"), URL: oneOf(c, home, home, home, former) + pathOf(t), Headers: c.headers(),
		})
	}
	for i := range min(oneOf(c, 0, 3, 30, 38, 44, 50), ppm.WebhookLimit-len(c.tenant.Webhooks())) {
		c.tenant.AddWebhook(standin.Webhook{
			EventTypes: []string{string(event.Types()[i%12])}, HTTPVerb: "POST",
			URL:     fmt.Sprintf("https://flow%d.example/events/%d?sig=a%%2Fb", i, i),
			Headers: []standin.Header{{Name: "X-Key", Value: fmt.Sprint(" k", i)}},
		})
	}
	c.foreign = c.others()
}

// add registers a webhook where the tenant would take it.
func (c *chaos) add(w standin.Webhook) {
	all := c.tenant.Webhooks()
	twin := slices.ContainsFunc(all, func(other standin.Webhook) bool { return other.URL == w.URL })
	if len(all) < ppm.WebhookLimit && (!twin || !c.switches.TwinRefused) {
		c.tenant.AddWebhook(w)
	}
}

// others are the webhooks that nobody may touch: what a former address left behind is of others as long as no reload
// gave it up.
func (c *chaos) others() []standin.Webhook {
	return slices.DeleteFunc(c.tenant.Webhooks(), func(w standin.Webhook) bool { return strings.HasPrefix(w.URL, home+"/events/") })
}

// covered returns the types whose events are brought here and let in.
func (c *chaos) covered() map[event.Type]bool {
	all := map[event.Type]bool{}
	for _, w := range c.tenant.Webhooks() {
		for _, t := range event.Types() {
			let := slices.ContainsFunc(w.Headers, func(h standin.Header) bool {
				return strings.EqualFold(h.Name, "Authorization") && slices.Contains(c.secrets, strings.TrimPrefix(h.Value, "Bearer "))
			})
			if w.URL == home+pathOf(t) && slices.Contains(w.EventTypes, string(t)) && strings.EqualFold(w.HTTPVerb, "POST") && let {
				all[t] = true
			}
		}
	}
	return all
}

// watched is the way to the tenant, with an eye on every call.
type watched struct {
	Registry

	chaos  *chaos
	before map[event.Type]bool // covered when the pass began
	full   bool                // no place was left at some time in the pass
	gone   event.Type          // the one type that may be uncovered, to make place
}

func (w *watched) CreateWebhook(ctx context.Context, wanted ppm.Webhook) (ppm.Webhook, error) {
	made, err := w.Registry.CreateWebhook(ctx, wanted)
	w.full = w.full || len(w.chaos.tenant.Webhooks()) >= ppm.WebhookLimit
	if err == nil {
		w.gone = ""
	}
	return made, err
}

func (w *watched) DeleteWebhook(ctx context.Context, id string) error {
	w.full = w.full || len(w.chaos.tenant.Webhooks()) >= ppm.WebhookLimit
	err := w.Registry.DeleteWebhook(ctx, id)
	covered := w.chaos.covered()
	for t := range w.before {
		switch {
		case covered[t] || t == w.gone:
		case (w.full || w.chaos.switches.TwinRefused) && w.gone == "":
			w.gone = t
		default:
			w.chaos.complain("deleting %s left %s uncovered, which was covered", id, t)
		}
	}
	return err
}

// pass makes one pass as another process would, or the same.
func (c *chaos) pass(ctx context.Context) Report {
	if c.pick(2) == 1 {
		c.again(func(*Config) {})
	}
	eye := c.eye
	eye.before, eye.full, eye.gone = c.covered(), len(c.tenant.Webhooks())+12 > ppm.WebhookLimit, ""
	report := c.Pass(ctx)
	if got := c.others(); len(got)+len(c.foreign) > 0 && !reflect.DeepEqual(got, c.foreign) {
		c.complain("got webhooks of others %v, want %v", got, c.foreign)
	}
	return report
}

// trouble does something to the tenant, and lets calls fail.
func (c *chaos) trouble() {
	for _, endpoint := range []string{"webhooks.list", "webhooks.create", "webhooks.delete", "webhooks.get", "me"} {
		for range c.pick(4) {
			c.board.Script(endpoint, oneOf(c, fault.None, fault.Before, fault.After, fault.Reset, fault.AfterReset, fault.TooMany, fault.AfterHTML))
		}
	}
	c.condition("webhooks-vanish", c.pick(3) == 1)
	mine := slices.DeleteFunc(c.tenant.Webhooks(), func(w standin.Webhook) bool { return !strings.HasPrefix(w.URL, home+"/events/") })
	if len(mine) == 0 {
		return
	}
	victim := oneOf(c, mine...)
	switch c.pick(5) {
	case 0:
	case 1:
		c.tenant.RemoveWebhook(victim.ID)
	case 2:
		headers := c.headers()
		c.tenant.ChangeWebhook(victim.ID, func(w *standin.Webhook) { w.Headers = headers })
	case 3:
		c.tenant.ChangeWebhook(victim.ID, func(w *standin.Webhook) { w.EventTypes = []string{"Idea:Deleted"} })
	case 4:
		victim.ID = ""
		c.add(victim)
	}
}

// TestFromAnyStateToOrder: from whatever is registered, and whatever fails, passes come to an end in order; what is of
// others stays as it is; no type that was covered is uncovered on the way, but for one at a time where there is no place;
// and then there is peace.
func TestFromAnyStateToOrder(t *testing.T) {
	few(t)
	rapid.Check(t, func(rt *rapid.T) {
		c := &chaos{choices: rapid.SliceOfN(rapid.IntRange(0, 5039), 150, 300).Draw(rt, "choices")}
		synctest.Test(t, func(t *testing.T) { c.play(t.Context()) })
		if len(c.wrong) > 0 {
			rt.Fatalf("%+v\n%s\n%s", c.switches, strings.Join(c.wrong, "\n"), &c.log.text)
		}
	})
}

// few makes rapid try 20 times where it is not told how often; under the race detector, which takes five times as long for
// each, 5 times.
func few(t *testing.T) {
	t.Helper()
	rounds := "20"
	if raced.On {
		rounds = "5"
	}
	checks := flag.Lookup("rapid.checks")
	if usual := checks.DefValue; checks.Value.String() == usual {
		if err := checks.Value.Set(rounds); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = checks.Value.Set(usual) })
	}
}

func (c *chaos) play(ctx context.Context) {
	c.switches = standin.Switches{
		HeaderEcho:   oneOf(c, standin.EchoAsSent, standin.EchoMasked, standin.EchoRecased, standin.EchoMissing, standin.EchoTrimmed),
		ListOrder:    oneOf(c, standin.ListCreated, standin.ListReversed, standin.ListShuffled),
		ListedAfter:  oneOf(c, 0, 0, 7*time.Minute),
		CreatedEmpty: c.pick(2) == 1, DeletedIsMissing: c.pick(2) == 1, TwinRefused: c.pick(5) == 1,
	}
	c.relay = newRelay("@every 5m", standin.Options{Switches: c.switches})
	c.secrets = []string{secret, older}
	c.again(func(config *Config) {
		c.eye = &watched{Registry: c.client, chaos: c}
		config.Secrets, config.Registry = c.secrets, c.eye
	})
	c.anything()
	for range c.pick(5) {
		c.trouble()
		c.pass(ctx)
		time.Sleep(5 * time.Minute)
	}
	c.board.Repair()
	c.condition("webhooks-vanish", false)
	if c.pick(2) == 1 {
		c.secrets = []string{newer, secret, older}
		c.again(func(config *Config) { config.Wanted, config.Secrets = Wanted(home, newer, event.Types()), c.secrets })
	}
	var report Report
	for range 9 {
		report = c.pass(ctx)
		time.Sleep(10 * time.Minute)
	}
	c.inOrder(ctx, report)
}

// inOrder demands that everything is in order, as far as there is place, and that nothing more happens.
func (c *chaos) inOrder(ctx context.Context, report Report) {
	covered, mine := c.covered(), len(c.tenant.Webhooks())-len(c.foreign)
	if room := max(0, min(12, ppm.WebhookLimit-len(c.foreign))); len(covered) != room || mine != room {
		c.complain("got %d types covered by %d webhooks beside %d of others, want %d: %v, %v", len(covered), mine, len(c.foreign), room, c.tenant.Webhooks()[:min(14, len(c.tenant.Webhooks()))], brief(slices.DeleteFunc(report.Steps, func(s Step) bool { return s.Action == Foreign })))
	}
	if report.Failed != nil {
		c.complain("got %v in the end", report.Failed)
	}
	creations, deletions := c.tenant.Calls("webhooks.create"), c.tenant.Calls("webhooks.delete")
	for range 3 {
		c.pass(ctx)
		time.Sleep(2 * time.Hour)
	}
	if n, m := c.tenant.Calls("webhooks.create")-creations, c.tenant.Calls("webhooks.delete")-deletions; n+m > 0 {
		c.complain("got %d creations and %d deletions more, want peace", n, m)
	}
	if c.tenant.Calls("webhooks.deleteAll") > 0 {
		c.complain("everything was deleted")
	}
}
