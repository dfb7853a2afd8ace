package reconcile

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Action is what a step does.
type Action string

// The actions. Create, Replace and Remove change something.
const (
	Keep    Action = "keep"    // registered as wanted
	Create  Action = "create"  // missing
	Replace Action = "replace" // ours, not as wanted: what is wanted is created, then this one is deleted
	Remove  Action = "remove"  // ours, and superfluous
	Leave   Action = "report"  // ours, and left as it is for the reason that is told
	NoRoom  Action = "no room" // missing, but the tenant has as many webhooks as it may have
	Foreign Action = "foreign" // of somebody else
)

// Changes reports whether a step with the action changes anything.
func (a Action) Changes() bool { return a == Create || a == Replace || a == Remove }

// Step is one line of a plan.
type Step struct {
	Action  Action
	Type    event.Type  // that the webhook is for; empty for Foreign
	Webhook ppm.Webhook // the registered one; for Create and NoRoom the wanted one
	Wanted  ppm.Webhook // of Replace: what comes in its place
	Swap    bool        // of Replace: it is deleted first, as there is no place for both
	Why     string      // plain words; empty where the action says it all

	covers bool   // it brings the type's events here
	shown  bool   // of Replace: only what the list shows is the reason
	former bool   // it is under a former address
	stays  string // of Remove: the id of the webhook because of which it is superfluous
}

// Situation is all that a plan depends on.
type Situation struct {
	Wanted     []ppm.Webhook
	Accepted   []string      // all secrets that are accepted; that of Wanted is always one of them
	Registered []ppm.Webhook // all of the tenant, in any order
	Records    []Record
	Former     []string     // addresses (public_url) that a live reload gave up
	Worn       []event.Type // replaced so often, because of what the list shows, that they are left as they are
	ByHand     bool         // a person asks for the pass
	Now        time.Time
}

// Plan compares what is wanted with all that is registered. Its steps are in the order of wanted, then come those of
// others; there is at least one for every wanted type and exactly one for every registered webhook.
func Plan(s Situation) []Step {
	p := planner{Situation: s, list: unique(s.Registered)}
	for i, w := range p.list {
		p.found = append(p.found, s.find(w))
		if p.found[i].stale {
			p.stale++
		}
	}
	for i, want := range s.Wanted {
		p.steps = append(p.steps, p.typed(i, want)...)
	}
	p.allot()
	for i, w := range p.list {
		switch f := p.found[i]; {
		case f.stale:
		case f.whose == theirs:
			p.steps = append(p.steps, Step{Action: Foreign, Webhook: w, Why: foreign(w)})
		case f.want < 0:
			p.steps = append(p.steps, Step{Action: Leave, Type: f.record.Type, Webhook: w, Why: "this relay created it, and needs no webhook for this type; " + remove(w)})
		}
	}
	return p.steps
}

// planner is a plan in the making.
type planner struct {
	Situation

	list  []ppm.Webhook
	found []finding // by place in the list
	stale int       // are listed, and deleted
	steps []Step
}

// typed plans one type.
func (p *planner) typed(i int, want ppm.Webhook) []Step {
	t := typeOf(want)
	var ours, former []Step
	for n, w := range p.list {
		f := p.found[n]
		if f.want != i || f.stale {
			continue
		}
		if f.whose == formerly {
			former = append(former, p.former(t, w, f))
			continue
		}
		ours = append(ours, p.judge(want, w, f))
	}
	steps := p.settle(want, ours)
	if i := slices.IndexFunc(former, func(s Step) bool { return s.Action == Remove }); i >= 0 && len(ours) == 0 {
		former[i].Action, former[i].Wanted = Replace, want // its place is the new one's
		steps = nil
	}
	return append(steps, stayWith(former, slices.Concat(steps, former))...)
}

// settle decides which of our webhooks of one type stays. The order of lists is not promised, so that the best wins over
// its place: one as wanted, one that brings events, any.
func (p *planner) settle(want ppm.Webhook, ours []Step) []Step {
	t := typeOf(want)
	best := slices.IndexFunc(ours, func(s Step) bool { return s.Action == Keep })
	for _, fits := range []func(Step) bool{
		func(s Step) bool { return s.Action == Replace && s.covers },
		func(s Step) bool { return s.covers },
		func(s Step) bool { return s.Action == Replace },
	} {
		if best < 0 {
			best = slices.IndexFunc(ours, fits)
		}
	}
	if best < 0 {
		return append([]Step{{Action: Create, Type: t, Webhook: want}}, ours...)
	}
	if ours[best].Action == Replace && ours[best].shown && !p.ByHand && slices.Contains(p.Worn, t) {
		ours[best].Action = Leave
		ours[best].Why += fmt.Sprintf("; it was replaced %d times within a day for what the list shows, and is now left as it is: see ppmrelay webhooks apply", replacedMost)
	}
	for n := range ours {
		if n != best && ours[n].Action != Leave {
			ours[n].Action, ours[n].Why = Remove, "a second webhook for the same events"
		}
	}
	return stayWith(ours, ours)
}

// stayWith names, in steps that remove something, what stays in its place. Where that has no id it cannot be looked up,
// and nothing is removed.
func stayWith(steps, all []Step) []Step {
	i := slices.IndexFunc(all, func(s Step) bool { return s.Action == Keep || s.Action == Replace || s.Action == Leave && s.covers })
	for n := range steps {
		switch {
		case steps[n].Action != Remove:
		case i >= 0 && all[i].Webhook.ID != "":
			steps[n].stays = all[i].Webhook.ID
		case steps[n].Webhook.ID != "" && i < 0: // it waits for what is created
			steps[n].Action, steps[n].Why = Leave, steps[n].Why+"; it goes when its successor is there"
		default:
			steps[n].Action, steps[n].Why = Leave, steps[n].Why+"; "+remove(steps[n].Webhook)
		}
	}
	return steps
}

// allot decides what there is room for. What is superfluous goes first where room is short.
func (p *planner) allot() {
	counts := map[Action]int{}
	for _, s := range p.steps {
		counts[s.Action]++
	}
	room := ppm.WebhookLimit - (len(p.list) - p.stale) + counts[Remove]
	for i := range p.steps {
		switch s := &p.steps[i]; {
		case s.Action == Create && room > 0:
			room--
		case s.Action == Create:
			s.Action, s.Why = NoRoom, p.noRoom()
		}
	}
	for i := range p.steps {
		switch s := &p.steps[i]; {
		case s.Action != Replace || room > 0:
		case room == 0:
			s.Swap = true
		default: // what is deleted makes no place
			s.Action, s.Why = Leave, s.Why+"; there is no place for its successor: "+p.noRoom()
		}
	}
}

func (p *planner) noRoom() string {
	others, former := 0, 0
	for _, f := range p.found {
		switch {
		case f.stale:
		case f.whose == theirs:
			others++
		case f.whose == formerly && !f.given:
			former++
		}
	}
	words := fmt.Sprintf("all %d webhooks that a tenant may have are in use, %d of them not by this relay", len(p.list)-p.stale, others)
	if former > 0 {
		return words + fmt.Sprintf(", and %d by this relay under a former server.public_url, which ppmrelay webhooks apply replaces", former)
	}
	return words + "; somebody has to delete one that is not needed: ppmrelay webhooks list"
}

func remove(w ppm.Webhook) string {
	if w.ID == "" {
		return "the list shows no id, so that nobody can delete it by ppmrelay"
	}
	return "remove it by: ppmrelay webhooks delete " + w.ID
}

func join(types []event.Type) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

// foreign says what looks like a relay's webhook, but is not this one's.
func foreign(w ppm.Webhook) string {
	parsed, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	for _, t := range event.Types() {
		if strings.HasSuffix(parsed.Path, pathOf(t)) {
			return "looks like a ppmrelay's under another server.public_url"
		}
	}
	return ""
}

func typeOf(w ppm.Webhook) event.Type {
	if len(w.EventTypes) == 0 {
		return ""
	}
	return w.EventTypes[0]
}
