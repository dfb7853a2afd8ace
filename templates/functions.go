package templates

import (
	"reflect"
	"strings"
	"text/template"
	"text/template/parse"
)

// The names of the functions that the rewritten tree calls. No template can: its text is checked before.
const (
	showFunction = "_show"
	stepFunction = "_step"
	cellFunction = "_cell"
)

// function is what a template can call, with all that the check and the manual know of it. What is piped in is its last
// argument.
type function struct {
	name     string
	also     string // the name of a function that is explained with it, and has no words of its own
	group    string // the heading in the manual, where it is the first of its group
	of       func(*run) any
	least    int                          // arguments, where the last ones may be left out
	sure     func([]parse.Node, int) bool // whether it fails on nothing, however many are given beside those written; nil where it may
	written  func([]argument) (int, any)  // what is wrong with which of the written arguments; nil where anything goes
	demands  bool                         // that some of them are written in quotes, at the place where it is called
	does     string                       // in the manual, as one or more sentences without the last full stop
	examples []example
}

// example is an action, and what it prints of samples/Project-Updated.json in a message.
type example struct{ action, prints string }

// argument is what a function is given. Those that are written are known before it is called.
type argument struct {
	text    string
	written bool
	name    bool // it is a Name

	number  int64
	counted bool // number is written, a whole one
}

// functionTable is the one list of functions: they are registered, checked and documented from it.
func functionTable() []function {
	var all []function
	for _, some := range [][]function{
		eventFunctions(), compareFunctions(), dateFunctions(), numberFunctions(), textFunctions(), markupFunctions(),
	} {
		all = append(all, some...)
	}
	return all
}

// functionNamed returns a function of the table; false where there is none of this name.
func (c *checker) functionNamed(name string) (function, bool) {
	for _, f := range c.table {
		if f.name == name {
			return f, true
		}
	}
	return function{}, false
}

// functions returns what a template can call, beside `and`, `or`, `not`, `len`, `index` and `slice` of Go's
// text/template.
func (r *run) functions() template.FuncMap {
	all := template.FuncMap{showFunction: r.show, stepFunction: r.step, cellFunction: r.capture}
	for _, f := range functionTable() {
		all[f.name] = f.of(r)
	}
	return all
}

// builtinFunctions returns those of text/template that stay. The others (html, js, urlquery, call) escape for places
// that are not here, or call what should not be called.
func builtinFunctions() map[string]reflect.Type {
	return map[string]reflect.Type{
		"and": nil, "or": nil, "index": nil, "slice": nil,
		"not": reflect.TypeFor[func(any) bool](), "len": reflect.TypeFor[func(any) int](),
	}
}

// Manual returns the functions as docs/templates.md lists them, in Markdown: each with what it does and with examples.
func Manual() string {
	var out strings.Builder
	for _, f := range functionTable() {
		if f.does == "" {
			continue
		}
		if f.group != "" {
			out.WriteString("\n### " + f.group + "\n\n")
		}
		names := "**" + f.name + "**"
		if f.also != "" {
			names += ", **" + f.also + "**"
		}
		out.WriteString("- " + names + ": " + f.does + ".\n")
		for _, e := range f.examples {
			out.WriteString("  - `" + e.action + "` → " + shownInManual(e.prints) + "\n")
		}
	}
	return strings.TrimPrefix(out.String(), "\n")
}

// shownInManual quotes what an example prints, which may hold backticks, or be nothing.
func shownInManual(text string) string {
	switch {
	case text == "":
		return "nothing"
	case strings.Contains(text, "`"):
		return "`` " + text + " ``"
	default:
		return "`" + text + "`"
	}
}
