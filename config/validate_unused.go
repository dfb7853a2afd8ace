package config

import "regexp"

// unused warns of templates that no route uses, not even through another template. With a fault elsewhere it says
// nothing: the route that uses it may be the faulty one.
func (c *checker) unused() {
	if len(c.faults) > 0 {
		return
	}
	used := map[string]bool{}
	for _, r := range c.Routes {
		if r.Slack != nil {
			c.use(r.Slack.Template, used)
		}
	}
	for name := range c.Templates {
		hint, message := "name it in a route, as template: "+name, "no route uses the template "+quoted(name)
		switch at := c.places["templates."+name].key; {
		case used[name]:
		case at != nil:
			c.warn(at, hint, message)
		case c.Templates[name].File != "":
			c.warnIn(Fault{File: c.Templates[name].File, Line: 1, Column: 1, Message: message, Hint: hint})
		}
	}
}

// use marks a template, and what it calls, as used.
func (c *checker) use(name string, used map[string]bool) {
	text, known := c.Templates[name]
	if !known || used[name] {
		return
	}
	used[name] = true
	for _, other := range calledTemplates(text.Value) {
		c.use(other, used)
	}
}

// calledTemplates returns the names of the templates that a text calls with {{ template "name" . }}. It needs no whole
// tree: what is wrong with the text is told elsewhere.
func calledTemplates(text string) []string {
	var names []string
	for _, found := range regexp.MustCompile("\\{\\{-?\\s*template\\s+[\"`]([^\"`]+)[\"`]").FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}
