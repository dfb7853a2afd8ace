package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// defaultPeople are those of the tenant that the page was made for.
func defaultPeople() []event.Person { return ppm.NewPortfolio().People }

// editor is who edits on the page.
func (p *Page) editor() event.Person { return p.options.People[0] }

// edit changes an entity.
func (p *Page) edit(f form) outcome {
	kind, id := f.Get("kind"), f.Get("id")
	key := keyOf(kind, id)
	e, found := p.options.Sandbox.PPM.Entity(kind, id)
	if !found {
		return refused("It is not there any more: somebody has deleted it.")
	}
	changes, wrong := p.changes(kind, f, e.Attributes)
	if len(wrong) > 0 {
		return outcome{Say: "Nothing was saved.", Wrong: wrong, bad: true, about: key, open: key, entered: f.Values}
	}
	if len(changes) == 0 {
		return outcome{Say: "Nothing was changed, so there is nothing to tell.", about: key, open: key}
	}
	if kind == event.KeyDate && changes["IsComplete"] == true && changes["Status"] == nil {
		changes["Status"] = 10 // as PPM Express does in the same event
	}
	if err := p.options.Sandbox.PPM.Edit(kind, id, changes, p.editor()); err != nil {
		return refused("It is not there any more: somebody has just deleted it.")
	}
	return outcome{Say: "Saved. " + p.heard(kind, event.Updated), about: key, open: key}
}

// create makes an entity.
func (p *Page) create(f form) outcome {
	kind := f.Get("kind")
	if !slices.Contains(kinds(), kind) {
		return refused(fmt.Sprintf("There is no kind of entity %q: it is one of %s.", kind, strings.Join(kinds(), ", ")))
	}
	key := "new-" + strings.ToLower(kind)
	fresh := p.fresh(kind)
	changes, wrong := p.changes(kind, f, fresh)
	if !f.Has("Name") || strings.TrimSpace(f.Get("Name")) == "" {
		wrong["Name"] = "Write a name."
	}
	made := ppm.Entity{Kind: kind}
	if kind == event.Task || kind == event.KeyDate {
		if _, found := p.options.Sandbox.PPM.Entity(event.Project, f.Get("parent")); !found {
			wrong["parent"] = "Choose a project that is there."
		}
		made.Parent = event.Ref{Kind: event.Project, ID: f.Get("parent")}
	}
	if len(wrong) > 0 {
		return outcome{Say: "Nothing was made.", Wrong: wrong, bad: true, about: key, open: key, entered: f.Values}
	}
	maps.Copy(fresh, changes)
	made.Attributes = fresh
	made = p.options.Sandbox.PPM.Create(made, p.editor())
	key = keyOf(kind, made.ID)
	return outcome{Say: "It is there. " + p.heard(kind, event.Created), about: key, open: key}
}

// fresh is what a form for a new entity begins with.
func (p *Page) fresh(kind string) map[string]any {
	switch kind {
	case event.Project:
		return map[string]any{"OverallStatus": -1, "Budget": 0}
	case event.Task:
		return map[string]any{"Status": 0, "Progress": 0}
	case event.KeyDate:
		return map[string]any{"Status": 0}
	default:
		return map[string]any{"Stage": 0, "ExpectedCost": 0, "Submitter": ppm.People(p.editor())[0]}
	}
}

// remove deletes an entity.
func (p *Page) remove(f form) outcome {
	kind, id := f.Get("kind"), f.Get("id")
	e, found := p.options.Sandbox.PPM.Entity(kind, id)
	if !found || p.options.Sandbox.PPM.Delete(kind, id, p.editor()) != nil {
		return refused("It is not there any more: somebody has deleted it.")
	}
	return done(fmt.Sprintf("%s “%s” is deleted. %s", upperFirst(kindWord(kind)), nameOf(&e), p.heard(kind, event.Deleted)))
}

func upperFirst(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// heard says how many webhooks hear of a change.
func (p *Page) heard(kind, action string) string {
	t, hear := event.TypeOf(kind, action), 0
	for _, w := range p.options.Sandbox.PPM.Webhooks() {
		if slices.Contains(w.EventTypes, string(t)) {
			hear++
		}
	}
	switch hear {
	case 0:
		return fmt.Sprintf("No webhook is registered for %s, so nobody is told.", t)
	case 1:
		return "One webhook is told."
	default:
		return fmt.Sprintf("%d webhooks are told.", hear)
	}
}
