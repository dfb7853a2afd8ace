package templates

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// checker walks the trees of a template with the type of the dot in hand, and collects what does not exist. A nil type
// is one that nobody knows; what is reached through it is only found when it is executed.
type checker struct {
	source    *source
	shared    map[string]*parse.Tree
	functions map[string]reflect.Type
	faults    []error
	vars      []variable
	visited   map[visit]bool
	loopBegan place // where the innermost range begins, by checkMarkup
}

type variable struct {
	name string
	typ  reflect.Type
}

// visit is a template that was walked with a type of its dot.
type visit struct {
	name string
	dot  reflect.Type
}

// nothing is the dot of a template that is called without one.
type nothing struct{}

// check returns every fault of a source whose dot is of the given type.
func check(s *source, dot reflect.Type, shared map[string]*parse.Tree) error {
	c := &checker{source: s, shared: shared, functions: builtinFunctions(), visited: map[visit]bool{}}
	for name, function := range new(run).functions() {
		if !strings.HasPrefix(name, "_") {
			c.functions[name] = reflect.TypeOf(function)
		}
	}
	c.template(root, dot)
	c.template(contextName, dot)
	for name := range s.trees {
		if !slices.ContainsFunc(keys(c.visited), func(v visit) bool { return v.name == name }) {
			c.template(name, nil) // never called: only what needs no type is checked
		}
	}
	c.checkMarkup()
	slices.SortFunc(c.faults, byPlace)
	return errors.Join(c.faults...)
}

func keys(m map[visit]bool) []visit {
	var all []visit
	for key := range m {
		all = append(all, key)
	}
	return all
}

func byPlace(a, b error) int {
	x, y := Errors(a)[0], Errors(b)[0]
	if x.Line != y.Line {
		return x.Line - y.Line
	}
	return x.Column - y.Column
}

// faultf adds a fault at a byte of the text. One place is told once, though a template may be walked several times.
func (c *checker) faultf(pos parse.Pos, nearest, format string, args ...any) {
	fault := &Error{Template: c.source.name, Text: fmt.Sprintf(format, args...), Nearest: nearest}
	fault.Line, fault.Column = position(c.source.text, int(pos))
	for _, known := range c.faults {
		if k := Errors(known)[0]; k.Line == fault.Line && k.Column == fault.Column {
			return
		}
	}
	c.faults = append(c.faults, fault)
}

// template walks one of the templates, once for each type of its dot.
func (c *checker) template(name string, dot reflect.Type) {
	tree := c.source.trees[name]
	if tree == nil || tree.Root == nil || c.visited[visit{name, dot}] {
		return
	}
	c.visited[visit{name, dot}] = true
	vars := c.vars
	c.vars = []variable{{"$", dot}}
	c.list(tree.Root, dot)
	c.vars = vars
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
	case *parse.ActionNode:
		if given := c.pipe(n.Pipe, dot); len(n.Pipe.Decl) == 0 && isWhole(given) {
			c.faultf(n.Pos, "", "%s", errWhole)
		}
		return // what it declares lives on
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
	c.list(list, dot)
	c.vars = c.vars[:mark]
}

func (c *checker) loop(n *parse.RangeNode, dot reflect.Type) {
	declared := n.Pipe.Decl
	n.Pipe.Decl = nil // the variables hold the elements, not the list
	list := c.pipe(n.Pipe, dot)
	n.Pipe.Decl = declared
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
	mark := len(c.vars)
	switch len(declared) {
	case 1:
		c.vars = append(c.vars, variable{declared[0].Ident[0], element})
	case 2:
		c.vars = append(c.vars, variable{declared[0].Ident[0], index}, variable{declared[1].Ident[0], element})
	}
	c.branch(n.List, element)
	c.vars = c.vars[:mark]
	c.branch(n.ElseList, dot)
}

// call checks {{ template "name" . }}.
func (c *checker) call(n *parse.TemplateNode, dot reflect.Type) {
	given := reflect.TypeFor[nothing]()
	if n.Pipe != nil {
		given = c.pipe(n.Pipe, dot)
	}
	if c.source.trees[n.Name] == nil && c.shared[n.Name] == nil {
		near := nearest(n.Name, c.templateNames())
		c.faultf(n.Pos, near, "no template %q%s", n.Name, didYouMean(quoted(near)))
		return
	}
	c.template(n.Name, given)
}

func (c *checker) templateNames() []string {
	var names []string
	for name := range c.source.trees {
		names = append(names, name)
	}
	for name := range c.shared {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == root })
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
