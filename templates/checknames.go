package templates

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// unused walks the defines that nothing includes, as far as that needs no type, and warns of them.
func (c *checker) unused() {
	for _, name := range slices.Sorted(maps.Keys(c.main.trees)) {
		if slices.ContainsFunc(slices.Collect(maps.Keys(c.visited)), func(v visit) bool { return v.source == c.main && v.name == name }) {
			continue
		}
		if tree := c.main.trees[name]; name != root && tree.Root != nil {
			hint := fmt.Sprintf("write {{ template %q . }} where it belongs, or remove it", name)
			if near := nearest(name, []string{contextName}); near != "" {
				hint = fmt.Sprintf("the last line of a message is {{ define %q }}", contextName)
			}
			c.warnf(c.defined(name), "nothing includes `%s`, so it is never printed: %s", name, hint)
		}
		c.template(c.main, name, nil)
	}
}

// defined returns where the name of a define stands.
func (c *checker) defined(name string) parse.Pos {
	return parse.Pos(max(strings.Index(c.source.text, strconv.Quote(name)), 0))
}

// checkNames refuses a define that has the name of another template: nobody could tell which of them is included.
func (c *checker) checkNames() {
	for _, name := range slices.Sorted(maps.Keys(c.source.trees)) {
		if name == root || name == contextName || c.source.library[name] == nil {
			continue
		}
		c.faultf(c.defined(name), "", "there is a template named %q: give this define another name", name)
	}
}

func (c *checker) templateNames() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(c.source.trees)), maps.Keys(c.source.library))
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == root })
}
