package templates

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// checker walks the trees of a template, and of those that it includes, with the type of the dot in hand, and collects
// what does not exist. A nil type is one that nobody knows; what is reached through it is only found when it is executed.
type checker struct {
	main      *source
	source    *source // that is being walked
	functions map[string]reflect.Type
	table     []function
	faults    []error
	vars      []variable
	assigned  map[string]bool // variables of the source that are assigned anywhere, see forget
	visited   map[visit]bool
	path      []visit // the templates that are being walked, each included by the one before it
	named     []FieldUse
	emails    []string
	loopBegan place // where the innermost range begins, by checkMarkup

	course  course           // of what is being walked, see course.go
	courses map[visit]course // of each template that was walked
	turns   int              // how often the place that is being walked is executed at the most
	depth   int              // of branches around the place that is being walked

	warnings []*Error // what counts all the same, and is hardly meant
}

// visit is a template that was walked with a type of its dot.
type visit struct {
	source *source
	name   string
	dot    reflect.Type
}

// nothing is the dot of a template that is called without one.
type nothing struct{}

// check returns every fault of a source whose dot is of the given type, and of what it includes.
func check(s *source, dot reflect.Type) error {
	c := &checker{
		main: s, source: s, functions: builtinFunctions(), table: functionTable(), visited: map[visit]bool{},
		courses: map[visit]course{}, turns: 1,
	}
	for _, f := range c.table {
		c.functions[f.name] = reflect.TypeOf(f.of(new(run)))
	}
	c.template(s, root, dot)
	c.template(s, contextName, dot)
	s.course = c.course
	if tree := s.trees[root]; tree != nil && tree.Root != nil {
		s.course.says = saysSomething(tree.Root)
	}
	c.unused()
	c.checkNames()
	s.fields, s.emails, s.warnings = c.named, c.emails, c.warnings
	c.checkMarkup()
	slices.SortFunc(c.faults, byPlace)
	return errors.Join(c.faults...)
}

func byPlace(a, b error) int {
	x, y := Errors(a)[0], Errors(b)[0]
	return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
}

// faultf adds a fault at a byte of the text. One place is told once, though a template may be walked several times.
func (c *checker) faultf(pos parse.Pos, nearest, format string, args ...any) {
	fault := &Error{Template: c.source.name, Text: fmt.Sprintf(format, args...), Nearest: nearest}
	fault.Line, fault.Column = position(c.source.text, int(pos))
	if c.source != c.main {
		fault.Text += fmt.Sprintf(" (as %q includes it)", c.main.name)
	}
	for _, known := range c.faults {
		if samePlace(Errors(known)[0], fault) {
			return
		}
	}
	c.faults = append(c.faults, fault)
}

// template walks one of the templates, once for each type of its dot.
func (c *checker) template(from *source, name string, dot reflect.Type) {
	tree, this := from.trees[name], visit{from, name, dot}
	if tree == nil || tree.Root == nil {
		return
	}
	if c.visited[this] {
		c.again(c.courses[this])
		return
	}
	c.visited[this] = true
	vars, source, course, turns := c.vars, c.source, c.course, c.turns
	c.vars, c.source, c.path = []variable{{name: "$", typ: dot}}, from, append(c.path, this)
	c.begin()
	c.list(tree.Root, dot)
	c.courses[this] = c.course
	c.vars, c.source, c.path = vars, source, c.path[:len(c.path)-1]
	c.course, c.turns = course, turns
	c.again(c.courses[this])
}

func (c *checker) list(list *parse.ListNode, dot reflect.Type) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		c.node(node, dot)
	}
}

func (c *checker) node(node parse.Node, dot reflect.Type) {
	mark := len(c.vars)
	switch n := node.(type) {
	case *parse.TextNode:
		c.course.text += c.turns * len(n.Text)
	case *parse.ActionNode:
		given := c.pipe(n.Pipe, dot)
		if len(n.Pipe.Decl) > 0 {
			return // what it declares lives on
		}
		if isWhole(given) {
			c.faultf(n.Pos, "", "%s", errWhole)
		}
		c.prints(given)
	case *parse.IfNode:
		c.pipe(n.Pipe, dot)
		c.branch(n.List, dot)
		c.branch(n.ElseList, dot)
	case *parse.WithNode:
		c.branch(n.List, c.pipe(n.Pipe, dot))
		c.branch(n.ElseList, dot)
	case *parse.RangeNode:
		c.loop(n, dot)
	case *parse.TemplateNode:
		c.call(n, dot)
	}
	c.vars = c.vars[:mark]
}

// branch walks a list whose variables end with it.
func (c *checker) branch(list *parse.ListNode, dot reflect.Type) {
	mark := len(c.vars)
	c.depth++
	c.list(list, dot)
	c.depth--
	c.vars = c.vars[:mark]
}

func (c *checker) loop(n *parse.RangeNode, dot reflect.Type) {
	declared, pipe := n.Pipe.Decl, *n.Pipe // a copy: whoever includes this template may check it at the same time
	pipe.Decl = nil                        // the variables hold the elements, not the list
	list := c.pipe(&pipe, dot)
	index, element := reflect.TypeFor[int](), reflect.Type(nil)
	if list != nil {
		switch list.Kind() {
		case reflect.Slice:
			element = list.Elem()
		case reflect.Int:
			element = index
		default:
			c.faultf(n.Pipe.Pos, "", "range goes over a list, and %s is none", n.Pipe)
		}
	}
	mark, turns := len(c.vars), c.turns
	c.loops(list)
	c.forget()
	types := []reflect.Type{element}
	if len(declared) > 1 {
		types = []reflect.Type{index, element}
		if list != nil && list.Kind() == reflect.Int {
			c.faultf(n.Pipe.Pos, "", "range counts with one variable: write {{ range %s := %s }}", declared[0].Ident[0], pipe.String())
		}
	}
	for i, v := range declared {
		if n.Pipe.IsAssign {
			c.assign(v, types[i], nil)
		} else {
			c.declare(v.Ident[0], types[i], nil)
		}
	}
	c.branch(n.List, element)
	c.vars, c.turns = c.vars[:mark], turns
	c.branch(n.ElseList, dot)
}

// call checks {{ template "name" . }}.
func (c *checker) call(n *parse.TemplateNode, dot reflect.Type) {
	given := reflect.TypeFor[nothing]()
	if n.Pipe != nil {
		given = c.pipe(n.Pipe, dot)
	}
	from, name := c.source.resolve(n.Name)
	if from == nil {
		near := nearest(n.Name, c.templateNames())
		c.faultf(n.Pos, near, "no template %q%s", n.Name, didYouMean(quoted(near)))
		return
	}
	if way := c.wayTo(from, name); way != "" {
		c.faultf(n.Pos, "", "a template cannot include itself: %s", way)
		return
	}
	c.template(from, name, given)
}

// wayTo returns the way from a template that is being walked back to itself, "a → b → a"; empty where it is not being
// walked.
func (c *checker) wayTo(from *source, name string) string {
	is := func(v visit) bool { return v.source == from && v.name == name }
	at := slices.IndexFunc(c.path, is)
	if at < 0 {
		return ""
	}
	var names []string
	for _, v := range append(slices.Clone(c.path[at:]), c.path[at]) {
		if v.name == root {
			names = append(names, v.source.name)
		} else {
			names = append(names, v.name)
		}
	}
	return strings.Join(names, arrow)
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return `"` + s + `"`
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return ", did you mean " + name + "?"
}
