package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// audit compares what the tenant was told was taken with what stands in Slack, in sheets and in files. The journal is
// only asked what it claims: whether that is true is seen where it was told.
type audit struct {
	Events   int `json:"events"`           // acknowledged
	Messages int `json:"messages"`         // in Slack
	Rows     int `json:"rows"`             // in sheets and files
	Lost     int `json:"lost"`             // acknowledged, yet neither told, skipped nor buried
	Doubled  int `json:"doubled"`          // told twice
	Disorder int `json:"out_of_order"`     // told before an earlier event of the same entity
	Possible int `json:"possible_doubles"` // told again though the first could still appear, as the journal counts them
	Appeared int `json:"appeared"`         // of these, how many did appear: told twice, but announced for the target

	Details []string `json:"details,omitempty"` // each loss, double and disorder in words
}

// clean reports whether every promise was kept: at most what was announced appeared twice.
func (a audit) clean() bool { return a.Lost == 0 && a.Doubled == 0 && a.Disorder == 0 }

// eachStory reads what became of every event, newest first.
func eachStory(ctx context.Context, store journal.Reader, use func(journal.Story)) error {
	for before := int64(0); ; {
		page, err := store.Events(ctx, journal.Filter{Before: before, Limit: 500})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, summary := range page {
			story, err := store.Story(ctx, summary.Entry.Number)
			if err != nil {
				return err
			}
			use(story)
			before = summary.Entry.Number
		}
	}
}

// auditor gathers claims from the stories, and compares them with the places in the end.
type auditor struct {
	audit

	dir    string              // where the paths of files start: the folder of the configuration
	own    string              // what the addresses of our webhooks begin with; others' take what is not ours
	tabs   map[string]string   // by target, the title of a tab that a person renamed
	moved  map[string][]string // by target, the marks that a person moved: they need not stand in order
	gone   map[string][]string // by target, the marks that a person took away: they must not be told again
	sorted map[string]bool     // targets that a person sorted: nothing there need stand in order
	places map[string]*place   // by target
	claims []claim
	waits  []string                   // in words, what has not ended
	maybe  map[string]map[string]bool // by target, the ids of the events that the journal calls possible doubles there
	taken  map[string]bool            // message ids in the journal
	unread int                        // bodies in the journal that could not be read: they have no id to look for
}

// claim is a delivery that the journal calls delivered.
type claim struct {
	number int64
	id     string // of the event
	entity string // in lower case
	target string
	effect string
	again  bool // a person asked for it once more: it stands where it was asked for
}

// newAuditor makes one that knows the sandbox's own channel and tabs; other targets are looked at as stories name them.
func newAuditor(s *sandbox.Sandbox) *auditor {
	a := &auditor{
		tabs: map[string]string{}, moved: map[string][]string{}, gone: map[string][]string{},
		places: map[string]*place{}, taken: map[string]bool{}, maybe: map[string]map[string]bool{},
	}
	a.places["slack:"+sandbox.Channel] = nil
	for _, tab := range s.Google.Tabs(sandbox.Spreadsheet) {
		a.places["sheet:"+sandbox.Spreadsheet+"/"+tab] = nil
	}
	return a
}

// all reads the journal and everything that it names, once everything has settled.
func (a *auditor) all(ctx context.Context, store journal.Reader, s *sandbox.Sandbox) (audit, error) {
	counts, err := store.Count(ctx)
	if err != nil {
		return audit{}, err
	}
	a.Possible = int(counts.Doubles)
	if err := eachStory(ctx, store, a.story); err != nil {
		return audit{}, err
	}
	a.finish(s)
	return a.audit, nil
}

// story takes what the journal says of one event.
func (a *auditor) story(s journal.Story) {
	if !s.Entry.Type.Own() { // what the relay says of itself was acknowledged to nobody
		a.Events++
	}
	a.taken[s.Entry.MessageID] = true
	if unreadable(s) {
		a.unread++
	}
	if !s.Entry.Planned {
		a.wait("event %d was not planned", s.Entry.Number)
	}
	for _, d := range s.Deliveries {
		if d.Double {
			a.announce(d.Target, s.Entry.ID)
		}
		switch d.State {
		case journal.Pending, journal.Uncertain:
			a.wait("event %d is %s for %s: %s", s.Entry.Number, d.State, d.Target, d.Reason)
		case journal.Delivered:
			claimed := claim{
				number: s.Entry.Number, id: s.Entry.ID, entity: strings.ToLower(s.Entry.Entity.ID), target: d.Target,
				again: d.Generation > 1,
			}
			if d.Effect != nil {
				claimed.effect = d.Effect.ID
			}
			a.claims = append(a.claims, claimed)
		case journal.Skipped, journal.Buried:
		}
	}
}

// unreadable reports whether nobody could read the id of an event's message.
func unreadable(s journal.Story) bool { return s.Entry.Quarantine != "" && len(s.Entry.Body) > 0 }

// finish compares when nothing is on its way any more: what waits is lost.
func (a *auditor) finish(s *sandbox.Sandbox) {
	for _, waits := range a.waits {
		a.lost("%s", waits)
	}
	a.visit(s)
	a.missing()
	a.order()
	a.doubles(a.claimed())
	a.unknown(s.PPM.Deliveries())
}

// visit looks at every place that is known or claimed.
func (a *auditor) visit(s *sandbox.Sandbox) {
	for _, c := range a.claims {
		a.places[c.target] = nil
	}
	for target := range a.places {
		a.places[target] = a.look(s, target)
	}
}

// missing looks in the places for what is claimed.
func (a *auditor) missing() {
	for _, c := range a.claims {
		if _, stands := a.places[c.target].find(c); !stands {
			a.lost("event %d is delivered to %s, and is not there", c.number, c.target)
		}
	}
}

// order compares the order in which an entity's events stand with that in which they came.
func (a *auditor) order() {
	slices.SortFunc(a.claims, func(x, y claim) int { return cmp.Compare(x.number, y.number) })
	type queue struct{ target, entity string }
	last := map[queue]claim{}
	for _, c := range a.claims {
		p, of := a.places[c.target], queue{c.target, c.entity}
		at, stands := p.find(c)
		if !stands || at < 0 || c.again || c.entity == "" {
			continue
		}
		before, known := last[of]
		if then, _ := p.find(before); known && at < then {
			a.disorder("event %d stands before event %d of the same entity in %s", c.number, before.number, c.target)
		}
		last[of] = c
	}
}

// claimed returns the effects that the journal calls told.
func (a *auditor) claimed() map[string]bool {
	effects := map[string]bool{}
	for _, c := range a.claims {
		effects[c.effect] = true
	}
	return effects
}

// doubles looks in every place for what stands twice, or where nobody claims it. Claimed are the effects that may stand.
func (a *auditor) doubles(claimed map[string]bool) {
	for target, p := range a.places {
		a.twice(target, p, claimed)
	}
}

// twice looks for what stands more than once, and for messages that nobody claims.
func (a *auditor) twice(target string, p *place, claimed map[string]bool) {
	for mark, times := range p.times {
		switch {
		case times > 1:
			a.double("%s stands %d times in %s", mark, times, target)
		case !p.chat || claimed[mark]:
		case a.Appeared < a.Possible && a.announced(target, p.told[mark]):
			a.Appeared++
			a.Details = append(a.Details, "appeared: the message of effect "+mark+" in "+target+", which was told again")
		default:
			a.double("the message of effect %s stands in %s, and nobody claims it", mark, target)
		}
	}
}

// announce notes that the journal counts with another appearance of an event in a target.
func (a *auditor) announce(target, event string) {
	if a.maybe[target] == nil {
		a.maybe[target] = map[string]bool{}
	}
	a.maybe[target][event] = true
}

// announced reports whether the journal counts with a message that tells these events once more in the target. Of one
// that names no events, as its metadata was dropped, only the target is known.
func (a *auditor) announced(target string, events []string) bool {
	possible := a.maybe[target]
	return len(possible) > 0 && !slices.ContainsFunc(events, func(id string) bool { return !possible[id] })
}

// unknown looks for what was acknowledged by us and is not in the journal.
func (a *auditor) unknown(sent []ppm.Delivery) {
	for _, d := range sent {
		if d.Status != http.StatusAccepted || a.taken[d.MessageID] || !strings.HasPrefix(d.URL, a.own) {
			continue
		}
		if a.unread--; a.unread < 0 {
			a.lost("message %s was acknowledged, and is not in the journal", d.MessageID)
		}
	}
}

func (a *auditor) wait(format string, args ...any) {
	a.waits = append(a.waits, fmt.Sprintf(format, args...))
}

func (a *auditor) lost(format string, args ...any) {
	a.Lost++
	a.Details = append(a.Details, "lost: "+fmt.Sprintf(format, args...))
}

func (a *auditor) double(format string, args ...any) {
	a.Doubled++
	a.Details = append(a.Details, "doubled: "+fmt.Sprintf(format, args...))
}

func (a *auditor) disorder(format string, args ...any) {
	a.Disorder++
	a.Details = append(a.Details, "out of order: "+fmt.Sprintf(format, args...))
}
