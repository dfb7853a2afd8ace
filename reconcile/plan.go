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

	covers bool   // it brings the type's events here, as far as is known
	shown  bool   // of Replace: only what the list shows is the reason
	former bool   // it is under a former address
	waits  bool   // it is superfluous as soon as what is wanted is there
	stays  string // of Remove: the id of the webhook because of which it is superfluous
}

// Situation is all that a plan depends on.
type Situation struct {
	Wanted     []ppm.Webhook
	Accepted   []string      // all secrets that are accepted; that of Wanted is always one of them
	Registered []ppm.Webhook // all of the tenant, in any order
	Records    []Record
	Former     []string     // addresses (public_url) that a live reload gave up
	Left       []string     // of Former, those given up since the last pass: they led here until now
	Worn       []event.Type // replaced so often, because of what the list shows, that they are left as they are
	ByHand     bool         // a person asks for the pass
	Now        time.Time
}

// Plan compares what is wanted with all that is registered. Its steps are in the order of wanted, then come those of
// others; there is at least one for every wanted type and exactly one for every registered webhook.
func Plan(s Situation) []Step {
	p, finder := planner{Situation: s, list: unique(s.Registered)}, s.finder()
	for i, w := range p.list {
		p.found = append(p.found, finder.find(w))
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
	if i := slices.IndexFunc(former, func(s Step) bool { return s.Action == Remove }); i >= 0 && len(ours) == 0 {
		former[i].Action, former[i].Wanted = Replace, want // its place is the new one's
		return removeFor(former[i], former)
	}
	steps := p.settle(want, ours)
	best := slices.IndexFunc(steps, func(s Step) bool { return s.Action != Remove && (s.Action != Leave || s.covers) })
	return append(steps, removeFor(steps[max(best, 0)], former)...)
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
	return removeFor(ours[best], ours)
}

// removeFor names, in steps that remove something, what stays in its place. Where that has no id it cannot be looked up,
// and nothing is removed.
func removeFor(stays Step, steps []Step) []Step {
	for n := range steps {
		switch s := &steps[n]; {
		case s.Action != Remove:
		case !stays.covers || stays.former: // who knows: perhaps this one does, in a way that the list does not show
			s.Action, s.waits, s.stays = Leave, true, stays.Webhook.ID
			s.Why += "; it goes when its successor is there"
		case s.Webhook.ID == "" || stays.Webhook.ID == "":
			s.Action, s.Why = Leave, s.Why+"; "+remove(s.Webhook)
		default:
			s.stays = stays.Webhook.ID
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
	for _, s := range p.steps {
		if s.Action == Replace && room == 0 && p.makePlace(s) {
			room++
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

// makePlace removes another webhook of the same type rather than the one that is to be replaced.
func (p *planner) makePlace(replaced Step) bool {
	i := slices.IndexFunc(p.steps, func(s Step) bool { return s.waits && s.Type == replaced.Type && s.stays != "" && s.Webhook.ID != "" })
	if i >= 0 {
		p.steps[i].Action, p.steps[i].waits, p.steps[i].Why = Remove, false, "a second webhook for the same events, and there is no place"
	}
	return i >= 0
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
	used := len(p.list) - p.stale
	words := fmt.Sprintf("all %d webhooks that a tenant may have are in use, %d of them not by this relay", used, others)
	if used != ppm.WebhookLimit {
		words = fmt.Sprintf("the %d webhooks that a tenant may have do not suffice: %d are in use, %d of them not by this relay", ppm.WebhookLimit, used, others)
	}
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
