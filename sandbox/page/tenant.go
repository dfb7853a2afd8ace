package page

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// How many entities of a kind are shown.
const (
	firstEntities = 12
	moreEntities  = 50  // with each "more"
	mostEntities  = 250 // a name can be looked for instead
	mostParents   = 250
)

// group is the entities of a kind.
type group struct {
	Kind, Title string
	Word        string // within a sentence: "key date"
	Entities    []entity
	All         int    // that there are, or that have the name that is looked for
	More        string // the address that shows more; empty = none
	New         entity // the form that makes one
	Parents     []parent
	Parent      string // the id of the one that was chosen
}

// parent is a project that a new task can belong to.
type parent struct{ ID, Name string }

// entity is one of them with its form.
type entity struct {
	Key, Kind, ID string
	Name          string
	Status        status
	Facts         []string
	Back          string // the query of the page
	Editor        string
	Open          bool
	Inputs        []input
	Outcome       outcome
}

// keyOf is what an entity is called in addresses and elements: its id can be any text.
func keyOf(kind, id string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(kind + "\x00" + id)) // a hash takes everything
	return strings.ToLower(kind) + "-" + strconv.FormatUint(hash.Sum64(), 36)
}

func kinds() []string { return []string{event.Project, event.Task, event.KeyDate, event.Idea} }

func titleOf(kind string) string {
	return map[string]string{event.Project: "Projects", event.Task: "Tasks", event.KeyDate: "Key dates", event.Idea: "Ideas"}[kind]
}

// tenant returns the groups as the address wants them.
func (p *Page) tenant(at address) []group {
	names, parents := map[string]string{}, []parent{}
	p.options.Sandbox.PPM.Choose(event.Project, func(e *ppm.Entity) bool {
		names[strings.ToLower(e.ID)] = nameOf(e)
		if len(parents) < mostParents {
			parents = append(parents, parent{e.ID, nameOf(e)})
		}
		return false
	})
	groups := make([]group, len(kinds()))
	for i, kind := range kinds() {
		groups[i] = p.group(kind, names, at)
		if kind == event.Task || kind == event.KeyDate {
			groups[i].Parents = parents
		}
	}
	return groups
}

// group shows the first entities of a kind, the one that was changed last and the one that is open.
func (p *Page) group(kind string, names map[string]string, at address) group {
	name := strings.ToLower(kind)
	g := group{Kind: kind, Title: titleOf(kind), Word: kindWord(kind)}
	most, touched, find := at.number(name, firstEntities, mostEntities), p.options.Sandbox.PPM.Touched(kind), strings.ToLower(at.find)
	for _, e := range p.options.Sandbox.PPM.Choose(kind, func(e *ppm.Entity) bool {
		if !strings.Contains(strings.ToLower(nameOf(e)), find) {
			return false
		}
		g.All++
		return g.All <= most || strings.EqualFold(e.ID, touched) || at.open != "" && keyOf(kind, e.ID) == at.open
	}) {
		g.Entities = append(g.Entities, p.entity(e, names[strings.ToLower(e.Parent.ID)], at))
	}
	if len(g.Entities) < g.All && most < mostEntities {
		g.More = at.with(name, strconv.Itoa(min(most+moreEntities, mostEntities)))
	}
	key := "new-" + name
	g.New = entity{
		Key: key, Kind: kind, Open: at.open == key, Inputs: p.inputs(kind, key, p.fresh(kind), at.said), Outcome: at.said.of(key),
		Back: at.query.Encode(), Editor: p.editor().Name,
	}
	g.Parent = g.New.Outcome.entered.Get("parent")
	return g
}

// of returns the outcome where it is about the key, else the zero one.
func (o outcome) of(key string) outcome {
	if o.about == key {
		return o
	}
	return outcome{}
}

// Bad reports whether nothing was done.
func (o outcome) Bad() bool { return o.bad }

func nameOf(e *ppm.Entity) string {
	name, _ := e.Attributes["Name"].(string)
	return name
}

func (p *Page) entity(e ppm.Entity, parent string, at address) entity {
	key := keyOf(e.Kind, e.ID)
	return entity{
		Key: key, Kind: e.Kind, ID: e.ID, Name: cmp.Or(nameOf(&e), "(no name)"), Open: at.open == key,
		Status: statusOf(e.Kind, e.Attributes[stateOf(e.Kind)]), Facts: factsOf(e, parent),
		Inputs: p.inputs(e.Kind, key, e.Attributes, at.said), Outcome: at.said.of(key), Back: at.query.Encode(), Editor: p.editor().Name,
	}
}

// stateOf names the attribute that is the state of a kind of entity.
func stateOf(kind string) string {
	switch kind {
	case event.Project:
		return "OverallStatus"
	case event.Idea:
		return "Stage"
	default:
		return "Status"
	}
}

// factsOf is the small line of an entity.
func factsOf(e ppm.Entity, parent string) []string {
	a := e.Attributes
	names := func(attribute string) string {
		var all []string
		for _, p := range personsOf(a[attribute]) {
			all = append(all, p.Name)
		}
		return people(all)
	}
	switch e.Kind {
	case event.Project:
		return facts(names("Manager"), labelled("finish", long(a["FinishDate"])))
	case event.Task:
		return facts(names("AssignedTo"), labelled("due", long(a["DueDate"])), fmt.Sprint(a["Progress"], " %"), parent)
	case event.KeyDate:
		complete := ""
		if a["IsComplete"] == true {
			complete = "complete"
		}
		return facts(long(a["Date"]), complete, parent)
	default:
		submitter, _ := a["Submitter"].(map[string]any)
		name, _ := submitter["FullName"].(string)
		return facts(name, labelled("expected cost", money(a["ExpectedCost"])))
	}
}

// address is what the query of the page says: which tab, channel and entity are shown, and how much of what.
type address struct {
	query url.Values
	open  string // the key of an entity
	find  string // in names
	said  outcome
}

func (p *Page) address(query url.Values) address {
	number, _ := strconv.Atoi(query.Get("said")) // without one nothing was said
	query = understood(query)
	at := address{query: query, open: query.Get("open"), find: strings.TrimSpace(query.Get("find")), said: p.said.recall(number)}
	return at
}

// understood returns what the page knows of a query: each form and link repeats it, so nothing else may come into it.
func understood(query url.Values) url.Values {
	const most = 1000 // bytes
	known := url.Values{}
	for _, name := range []string{"tab", "rows", "channel", "messages", "find", "open", "project", "task", "keydate", "idea"} {
		if value := query.Get(name); value != "" && len(value) <= most {
			known.Set(name, value)
		}
	}
	return known
}

// with returns the address of the page with another value of one thing.
func (at address) with(name, value string) string {
	changed := maps.Clone(at.query)
	changed.Set(name, value)
	return "/?" + changed.Encode()
}

// number reads how many are wanted.
func (at address) number(name string, usual, most int) int {
	n, err := strconv.Atoi(at.query.Get(name))
	if err != nil || n < usual {
		return usual
	}
	return min(n, most)
}
