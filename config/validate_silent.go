package config

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// portion is what one route tells of one type of event: all of it, or what a condition holds for.
type portion struct {
	target string
	kind   event.Type
	when   string // empty = all
}

// silent tells of routes that never tell anything: their condition holds for no event that they take, or earlier routes
// tell all of it to the same target. That is a fault, for its writer counts on the route.
func (c *checker) silent() {
	told := map[portion]int{} // the line of the route that does
	for i := range c.Routes {
		path, r := entry("routes", i), &c.Routes[i]
		types := r.types()
		if c.bad[c.places[path].value] || len(types) == 0 || c.written(path+".when") && r.When.Value == "" {
			continue
		}
		read, ok := conditionOf(strings.TrimSpace(r.When.Value))
		if ok {
			if never, _ := c.condition(path, read, types); never {
				continue
			}
		}
		if target := c.targetOf(r); target != "" {
			c.behindOthers(path, r, c.tell(told, portions(r, target, types, read), c.places[path].value.Line))
		}
	}
}

// portions returns what a route tells, one of each type of event that its condition can hold for.
func portions(r *Route, target string, types []event.Type, read condition) []portion {
	when := strings.TrimSpace(r.When.Value)
	if read.root != nil {
		when = read.plainly()
	}
	var all []portion
	for _, t := range types {
		p, one := portion{target: target, kind: t, when: when}, []event.Type{t}
		switch {
		case read.root == nil:
		case read.never(one):
			continue
		case read.always(one):
			p.when = ""
		}
		all = append(all, p)
	}
	return all
}

// tell notes what a route tells, and returns the lines of the routes that tell all of it before; none where there is
// something left for it.
func (c *checker) tell(told map[portion]int, mine []portion, line int) []int {
	var before []int
	for _, p := range mine {
		all := portion{target: p.target, kind: p.kind}
		if first := cmp.Or(told[all], told[p]); first > 0 {
			before = append(before, first)
		} else {
			told[p] = line
		}
	}
	if len(before) < len(mine) {
		return nil
	}
	slices.Sort(before)
	return slices.Compact(before)
}

func (c *checker) behindOthers(path string, r *Route, lines []int) {
	at := c.places[path+".name"].value
	if at == nil {
		at = c.places[path].value
	}
	switch len(lines) {
	case 0:
	case 1:
		c.fault(at, "put it above, or remove it", "this route never tells anything: the route in line %d tells all that it takes to the same %s",
			lines[0], r.kind())
	default:
		c.fault(at, "put it above, or remove it", "this route never tells anything: the routes in lines %s tell all that it takes to the same %s",
			listedNumbers(lines), r.kind())
	}
}

func listedNumbers(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, number := range numbers {
		texts[i] = strconv.Itoa(number)
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}

// condition tells what is wrong with a condition as such, and reports whether it never or always holds.
func (c *checker) condition(path string, read condition, types []event.Type) (never, always bool) {
	never, always = read.never(types), read.always(types)
	at, hint := c.places[path+".when"].value, ""
	word, meant := read.misspelt()
	switch {
	case word != "":
		hint = "did you mean `" + meant + "`?"
	case read.contradicts():
		hint = "two of its parts never hold together: write || where one of them is enough"
	case !slices.ContainsFunc(types, mayChange):
		hint = "`changed` and `daysMoved` look at what was updated"
	}
	switch {
	case never && word != "":
		c.fault(at, hint, "this condition never holds: no event has %s", quoted(word))
	case never:
		c.fault(at, hint, "this condition holds for no event that the route takes, so nothing is ever told")
	case word != "":
		c.warn(at, hint, "no event that PPM Express sends has "+quoted(word))
	case always:
		c.warn(at, "leave `when` out", "this condition holds for every event that the route takes")
	}
	return never, always
}

// mayChange reports whether events of a type can have changes.
func mayChange(t event.Type) bool { return t.Action() != event.Created && t.Action() != event.Deleted }

// targetOf names what a route tells, as its deliveries do; empty when that is not known.
func (c *checker) targetOf(r *Route) string {
	switch {
	case r.Slack != nil && r.Slack.Channel != "":
		return "slack:" + r.Slack.Channel
	case r.Sheet != nil && r.Sheet.Spreadsheet != "":
		return "sheet:" + r.Sheet.Spreadsheet + "/" + strings.ToLower(r.Sheet.Tab)
	case r.File != nil && r.File.Path != "":
		return "file:" + filepath.Clean(c.from.resolve(r.File.Path))
	default:
		return ""
	}
}

// kind is what people call the target of a route.
func (r *Route) kind() string {
	switch {
	case r.Slack != nil:
		return "channel"
	case r.Sheet != nil:
		return "tab"
	default:
		return "file"
	}
}

// types returns the types of event that a route takes; nil when an entry of events is wrong. An empty word in one, as in
// "Project:" or ":", stands for words that PPM Express does not document.
func (r *Route) types() []event.Type {
	if slices.Contains(r.Events, "") {
		return nil
	}
	var types []event.Type
	for _, entity := range append(entities(), "") {
		for _, action := range append(actions(), "") {
			t := event.TypeOf(entity, action)
			if slices.ContainsFunc(r.Events, func(p Pattern) bool { return p.Match(t) }) {
				types = append(types, t)
			}
		}
	}
	return types
}
