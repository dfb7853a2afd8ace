package page

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

const (
	bulkSize = 200
	bulkDays = 14
	mostGone = 5 // webhooks that were deleted here, that are remembered
)

// posting is the request that puts a message into a channel, as the board names it.
const posting = "chat.postMessage"

// writing are the requests that put rows into a sheet.
func writing() []string { return []string{"batchUpdate", "values.append"} }

// bulk moves the finish of many projects.
func (p *Page) bulk(form) outcome {
	moved := 0
	for _, e := range p.options.Sandbox.PPM.Entities(event.Project) {
		finish, ok := dayOf(e.Attributes["FinishDate"])
		if !ok || moved == bulkSize {
			continue
		}
		later := finish.AddDate(0, 0, bulkDays)
		changes := map[string]any{"FinishDate": ppm.Day(later.Year(), int(later.Month()), later.Day())}
		if p.options.Sandbox.PPM.Edit(e.Kind, e.ID, changes, p.editor()) == nil {
			moved++
		}
	}
	return done(fmt.Sprintf("%s moved the finish of %d projects by %d days. %s", p.editor().Name, moved, bulkDays, p.heard(event.Project, event.Updated)))
}

// missing is a webhook that was deleted here.
type missing struct {
	webhook ppm.Webhook
	at      time.Time
}

// removeWebhook deletes a webhook: the one with the id, else one of those for the type, else any.
func (p *Page) removeWebhook(f form) outcome {
	var candidates []ppm.Webhook
	for _, w := range p.options.Sandbox.PPM.Webhooks() {
		id, t := f.Get("id"), f.Get("type")
		if (id == "" || strings.EqualFold(w.ID, id)) && (t == "" || slices.Contains(w.EventTypes, t)) {
			candidates = append(candidates, w)
		}
	}
	if len(candidates) == 0 {
		return refused("There is no such webhook, so none was deleted.")
	}
	chosen := candidates[rand.IntN(len(candidates))] //nolint:gosec // nothing is secret about it
	if !p.options.Sandbox.PPM.RemoveWebhook(chosen.ID) {
		return refused("Somebody else has just deleted it.")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = append(p.gone, missing{chosen, time.Now()})
	p.gone = p.gone[max(0, len(p.gone)-mostGone):]
	return done(fmt.Sprintf("The webhook for %s is deleted.", strings.Join(chosen.EventTypes, ", ")))
}

// slackDown makes every request to Slack fail, or ends that.
func (p *Page) slackDown(f form) outcome {
	board := p.options.Sandbox.Slack.Board
	if f.Get("on") == "yes" {
		board.Always(fault.Every, fault.Before)
		return done("Slack answers every request with an error.")
	}
	board.Always(fault.Every, fault.None)
	board.Always(posting, fault.None)
	return done("Slack works again.")
}

// googleOut makes Google refuse to write, or ends that.
func (p *Page) googleOut(f form) outcome {
	for _, endpoint := range writing() {
		if f.Get("on") == "yes" {
			p.options.Sandbox.Google.Board.Always(endpoint, fault.TooMany)
		} else {
			p.options.Sandbox.Google.Board.Always(endpoint, fault.None)
		}
	}
	if f.Get("on") == "yes" {
		return done("Google takes no rows: the quota is used up.")
	}
	return done("Google takes rows again.")
}

// repair makes everything work again.
func (p *Page) repair(form) outcome {
	if err := p.options.Sandbox.Repair(); err != nil {
		return refused("Not everything could be taken back: " + strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return done("Everything works again.")
}

// trouble is what goes wrong on purpose.
type trouble struct {
	Bulk   int // how many projects a bulk edit changes
	Slack  bool
	Google bool
	Others []string // faults in words
	Gone   []string // webhooks in words
}

// Any reports whether something is set.
func (t trouble) Any() bool { return t.Slack || t.Google || len(t.Others) > 0 }

func (p *Page) trouble() trouble {
	s := p.options.Sandbox
	t := trouble{}
	s.PPM.Choose(event.Project, func(*ppm.Entity) bool {
		t.Bulk = min(bulkSize, t.Bulk+1)
		return false
	})
	t.Slack = stands(s.Slack.Board, fault.Every, posting)
	t.Google = stands(s.Google.Board, writing()...)
	for _, set := range s.Troubles() {
		switch {
		case set.Vendor == "slack" && t.Slack && (set.Endpoint == fault.Every || set.Endpoint == posting):
		case set.Vendor == "google" && t.Google && slices.Contains(writing(), set.Endpoint):
		default:
			t.Others = append(t.Others, vendorName(set.Vendor)+": "+set.Words)
		}
	}
	t.Gone = p.absent()
	return t
}

// stands reports whether one of the endpoints fails from now on.
func stands(board *fault.Board, endpoints ...string) bool {
	return slices.ContainsFunc(board.State().Settings, func(set fault.Setting) bool {
		return slices.Contains(endpoints, set.Endpoint) && set.Always != fault.None
	})
}

func vendorName(vendor string) string {
	switch vendor {
	case "ppm":
		return "PPM Express"
	case "slack":
		return "Slack"
	default:
		return "Google"
	}
}

// absent says what became of the webhooks that were deleted here, the last one first.
func (p *Page) absent() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, m := range slices.Backward(p.gone) {
		at := m.at.In(p.options.Zone).Format("15:04:05")
		words := fmt.Sprintf("The webhook for %s is missing since %s.", strings.Join(m.webhook.EventTypes, ", "), at)
		for _, r := range p.options.Sandbox.PPM.Registrations() {
			if r.Created.After(m.at) && slices.Equal(r.EventTypes, m.webhook.EventTypes) {
				words = fmt.Sprintf("The webhook for %s was deleted at %s and is registered again, %s later.", strings.Join(m.webhook.EventTypes, ", "), at, seconds(r.Created.Sub(m.at)))
				break
			}
		}
		all = append(all, words)
	}
	return all
}
