package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// cast is everybody who does something in the demo: the persons of the tenant, and what goes wrong at the vendors. The
// names of persons and entities are those of ppm.NewSmall, which ppm.NewPortfolio has as well.
type cast struct{ *sandbox.Sandbox }

// person returns somebody of the tenant. Another name is a mistake of the story.
func (c cast) person(name string) event.Person {
	people := ppm.NewSmall().People
	i := slices.IndexFunc(people, func(p event.Person) bool { return p.Name == name })
	if i < 0 {
		panic("demo: nobody is called " + name)
	}
	return people[i]
}

// id finds an entity by its name.
func (c cast) id(kind, name string) (string, error) {
	for _, e := range c.PPM.Entities(kind) {
		if e.Attributes["Name"] == name {
			return e.ID, nil
		}
	}
	return "", fmt.Errorf("the tenant has no %s %q", kind, name)
}

func (c cast) edit(by, kind, name string, changes map[string]any) error {
	id, err := c.id(kind, name)
	if err != nil {
		return err
	}
	return c.PPM.Edit(kind, id, changes, c.person(by))
}

// shiftAll moves the finish of every project that has one, but for those that somebody deletes meanwhile.
func (c cast) shiftAll(by string, days int) {
	for _, e := range c.PPM.Entities(event.Project) {
		sent, _ := e.Attributes["FinishDate"].(string)
		finish, err := time.Parse(time.RFC3339, sent)
		if err != nil {
			continue // it has none
		}
		year, month, day := finish.AddDate(0, 0, days).Date()
		later := map[string]any{"FinishDate": ppm.Day(year, int(month), day)}
		_ = c.PPM.Edit(e.Kind, e.ID, later, c.person(by)) // only of one that is gone
	}
}

func (c cast) create(by, kind string, attributes map[string]any) error {
	c.PPM.Create(ppm.Entity{Kind: kind, Attributes: attributes}, c.person(by))
	return nil
}

func (c cast) remove(by, kind, name string) error {
	id, err := c.id(kind, name)
	if err != nil {
		return err
	}
	return c.PPM.Delete(kind, id, c.person(by))
}

// removeWebhook deletes the webhook of a type, as somebody does who takes it for somebody else's.
func (c cast) removeWebhook(t event.Type) error {
	for _, w := range c.PPM.Webhooks() {
		if slices.Equal(w.EventTypes, []string{string(t)}) {
			c.PPM.RemoveWebhook(w.ID)
			return nil
		}
	}
	return fmt.Errorf("the tenant has no webhook for %s", t)
}

// registered reports whether every type of event has its webhook.
func (c cast) registered() bool {
	has := map[string]bool{}
	for _, w := range c.PPM.Webhooks() {
		for _, name := range w.EventTypes {
			has[name] = true
		}
	}
	return !slices.ContainsFunc(event.Types(), func(t event.Type) bool { return !has[string(t)] })
}

// repair ends the fault of the story that lasts. Those of single requests pass by themselves.
func (c cast) repair() { c.Slack.Board.Always(posting, fault.None) }

// The requests that faults are about, as the boards name them.
const (
	posting = "chat.postMessage"
	writing = "batchUpdate"
)
