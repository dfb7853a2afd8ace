package config

import (
	"maps"
	"slices"
	"strings"
)

// tests holds the rules of expectations that the file alone decides. What an event is, and which columns a table has by
// itself, others know.
func (c *checker) tests() {
	if c.Tests != nil && len(c.Tests) == 0 {
		c.complain("tests", "leave the key out", "`tests` has no entry")
	}
	lines := map[string]int{}
	for i, test := range c.Tests {
		path := entry("tests", i)
		if c.bad[c.places[path].value] {
			continue
		}
		c.testName(path, test.Name, lines)
		c.require(path, "event", "write event: Project-Updated, or the name of a file")
		c.require(path, "expect", "write expect: { "+c.someRoute()+": told }")
		if test.Expect != nil && len(test.Expect) == 0 {
			c.complain(path+".expect", "write { "+c.someRoute()+": told }", "`expect` has no entry")
		}
		for _, name := range slices.Sorted(maps.Keys(test.Expect)) {
			c.expectation(path+".expect."+name, name, test.Expect[name])
		}
	}
}

func (c *checker) testName(path, name string, lines map[string]int) {
	c.require(path, "name", "say in words what is expected, such as a slip is told")
	if name == "" {
		return
	}
	at := c.places[path+".name"].value
	if first, taken := lines[name]; taken {
		c.fault(at, "give it another name", "the name %s is taken by the test in line %d", quoted(name), first)
		return
	}
	lines[name] = at.Line
}

// someRoute names a route, for examples.
func (c *checker) someRoute() string {
	if names := c.routeNames(); len(names) > 0 {
		return names[0]
	}
	return "delivery-team"
}

func (c *checker) routeNames() []string {
	var names []string
	for _, route := range c.Routes {
		if route.Name != "" {
			names = append(names, route.Name)
		}
	}
	return names
}

// expectation tells what is wrong with what one route is expected to do.
func (c *checker) expectation(path, name string, e Expectation) {
	if c.bad[c.places[path].value] {
		return
	}
	names := c.routeNames()
	at := slices.IndexFunc(c.Routes, func(r Route) bool { return r.Name == name })
	if at < 0 {
		if len(names) == len(c.Routes) { // else the one that is meant has a fault of its own
			hint := didYouMean(name, names)
			if hint == "" {
				hint = "there are " + listOf(names)
			}
			c.complainKey(path, hint, "there is no route %s", quoted(name))
		}
		return
	}
	c.emptyLists(path, e)
	written := c.writtenKeys(path)
	misspelt := slices.ContainsFunc(expectationKeys(), func(key string) bool { return c.meant[path+"."+key] })
	if len(written) == 0 && !misspelt {
		c.complain(path, "write told, not told, or { contains: later }", "nothing is expected of %s", quoted(name))
	}
	if rest := slices.DeleteFunc(slices.Clone(written), func(key string) bool { return key == "told" }); e.Forbids() && len(rest) > 0 {
		c.complainKey(path+"."+rest[0], "remove one of them", "what is not told has no %s", quoted(rest[0]))
		return
	}
	c.kindOfTarget(path, c.Routes[at], written)
}

// listOf lists names, of very many the first ones.
func listOf(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}

// ofMessages and ofTables are the keys of an expectation by what they are about.
func ofMessages() []string { return []string{"is", "contains", "lacks", "matches"} }
func ofTables() []string   { return []string{"cells", "rows"} }

func expectationKeys() []string { return slices.Concat([]string{"told"}, ofMessages(), ofTables()) }

// writtenKeys returns the keys of an expectation that the file has.
func (c *checker) writtenKeys(path string) []string {
	return slices.DeleteFunc(expectationKeys(), func(key string) bool { return !c.written(path + "." + key) })
}

// kindOfTarget tells when a message is expected to have cells, or a table to have a text.
func (c *checker) kindOfTarget(path string, route Route, written []string) {
	message := route.Slack != nil
	if !message && route.Sheet == nil && route.File == nil {
		return
	}
	for _, key := range written {
		switch {
		case message && slices.Contains(ofTables(), key):
			c.complainKey(path+"."+key, "write contains: and the text", "%s writes messages, and %s is about rows", quoted(route.Name), quoted(key))
		case !message && slices.Contains(ofMessages(), key):
			c.complainKey(path+"."+key, "write cells: { Header: what the cell shows }", "%s writes rows, and %s is about messages", quoted(route.Name), quoted(key))
		}
	}
}

// emptyLists tells of lists that demand nothing.
func (c *checker) emptyLists(path string, e Expectation) {
	for key, empty := range map[string]bool{
		"contains": e.Contains != nil && len(e.Contains) == 0,
		"lacks":    e.Lacks != nil && len(e.Lacks) == 0,
		"matches":  e.Matches != nil && len(e.Matches) == 0,
		"cells":    e.Cells != nil && (len(e.Cells) == 0 || slices.ContainsFunc(e.Cells, func(row map[string]Shown) bool { return row != nil && len(row) == 0 })),
	} {
		if empty {
			c.complain(path+"."+key, "leave the key out", "%s has no entry", quoted(key))
		}
	}
}
