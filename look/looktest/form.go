package looktest

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Form is a form as a browser sends it when nobody has changed anything: without the buttons' own values.
type Form struct {
	Method, Action string
	Values         url.Values
}

// Forms returns all forms of a page.
func (p Page) Forms() []Form {
	var all []Form
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		f := Form{Method: strings.ToUpper(Attribute(n, "method")), Action: Attribute(n, "action"), Values: url.Values{}}
		for control := range n.Descendants() {
			f.add(control)
		}
		all = append(all, f)
	}
	return all
}

// add takes what a control holds.
func (f Form) add(n *html.Node) {
	name := Attribute(n, "name")
	if n.Type != html.ElementNode || name == "" || has(n, "disabled") {
		return
	}
	switch kind := Attribute(n, "type"); {
	case n.Data == "textarea":
		f.Values.Add(name, strings.ReplaceAll(strings.TrimPrefix(inside(n), "\n"), "\n", "\r\n"))
	case n.Data == "select":
		f.Values.Add(name, chosen(n))
	case n.Data != "input":
	case kind == "checkbox" || kind == "radio":
		if has(n, "checked") {
			f.Values.Add(name, Attribute(n, "value"))
		}
	case kind == "text" || kind == "":
		f.Values.Add(name, strings.NewReplacer("\r", "", "\n", "").Replace(Attribute(n, "value")))
	default:
		f.Values.Add(name, Attribute(n, "value"))
	}
}

// chosen returns the value of a select: that of the option that is selected, else of the first one.
func chosen(n *html.Node) string {
	value, found := "", false
	for option := range n.Descendants() {
		if option.Data == "option" && (!found || has(option, "selected")) {
			value, found = Attribute(option, "value"), true
		}
	}
	return value
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
