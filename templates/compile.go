package templates

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode/utf8"
)

const (
	maxTemplate = 64 << 10  // bytes of the text of a template
	root        = "(root)"  // the name of what is not inside a define
	contextName = "context" // the template that prints the small last line of a message
)

// source is the text of a template, parsed.
type source struct {
	name    string
	text    string
	file    string                 // empty where it was read from none
	trees   map[string]*parse.Tree // by the names of defines; root is the text itself
	library library                // what it can include
	fields  []FieldUse             // that it names, and what it includes; known once it was checked
	course  course                 // what executing it can come to; known once it was checked
	emails  []string               // whom it rings by e-mail address; known once it was checked

	warnings []*Error // what counts, and is hardly meant; known once it was checked
}

// FieldUse is a place of a template that names a field of the event by its name as sent.
type FieldUse struct {
	Template     string // the one that holds the place: it may be included by another
	Field        string // "OverallStatus", "Idea’s sponsor"
	Line, Column int    // from 1
}

// library are the templates that others can include, by name. The one named context prints the last line of those that
// have none of their own.
type library map[string]*source

// parseText parses a template. What it names is not looked at yet.
func parseText(name, text string, all library) (*source, error) {
	if len(text) > maxTemplate {
		return nil, &Error{Template: name, Text: fmt.Sprintf("it is longer than %d KB", maxTemplate>>10)}
	}
	if !utf8.ValidString(text) {
		fault := &Error{Template: name, Text: "what stands here is no UTF-8: save it as that"}
		fault.Line, fault.Column = position(text, len(text)-len(strings.TrimLeftFunc(text, func(r rune) bool { return r != utf8.RuneError })))
		return nil, fault
	}
	// A line break at the end is that of a file, or of a block in YAML. Where the text is included, the line goes on.
	read := strings.TrimRight(text, "\r\n")
	trees, err := parseTrees(read)
	if err != nil {
		return nil, misread(name, read, err)
	}
	s := &source{name: name, text: text, trees: trees, library: all}
	for _, tree := range s.trees {
		tree.ParseName = s.parseName()
	}
	return s, nil
}

// parseName is the name of the source in errors of text/template.
func (s *source) parseName() string { return "(" + s.name + ")" }

// parseSource parses and checks a template whose dot is of the given type.
func parseSource(name, text string, dot reflect.Type, all library) (*source, error) {
	s, err := parseText(name, text, all)
	if err != nil {
		return nil, err
	}
	return s, check(s, dot)
}

// resolve returns where a template is that this source includes by name: one of its own defines, or another template.
func (s *source) resolve(name string) (*source, string) {
	if s.trees[name] != nil && name != root {
		return s, name
	}
	if other := s.library[name]; other != nil {
		return other, root
	}
	return nil, ""
}

// key is the name of a tree of a source among all that this one executes. Each has its defines for itself.
func (s *source) key(from *source, name string) string {
	if from == s {
		return name
	}
	return from.name + "\x00" + name
}

// program is a source made ready to be executed in one voice, with all that it includes.
type program map[string]*parse.Tree

// program returns rewritten copies of the trees, whose actions print through a function.
func (s *source) program(to voice, printer string) program {
	w := &rewriter{source: s, to: to, printer: printer, made: program{}}
	for name := range s.trees {
		w.add(s, name)
	}
	if from, name := s.resolve(contextName); from != nil {
		w.made[contextName] = w.made[w.add(from, name)]
	}
	return w.made
}

// bind makes a program executable with the functions of a run.
func (p program) bind(functions template.FuncMap) (*template.Template, error) {
	t := template.New(root).Option("missingkey=error").Funcs(functions)
	for name, tree := range p {
		if _, err := t.AddParseTree(name, tree); err != nil {
			return nil, fmt.Errorf("template %s: %w", name, err)
		}
	}
	return t, nil
}

// rewriter makes a program of a source.
type rewriter struct {
	source  *source
	to      voice
	printer string
	made    program
}

// add adds a copy of a tree, and of those that it includes, and returns its key.
func (w *rewriter) add(from *source, name string) string {
	key := w.source.key(from, name)
	if w.made[key] != nil {
		return key
	}
	tree := from.trees[name].Copy()
	w.made[key] = tree
	if tree.Root == nil {
		tree.Root = &parse.ListNode{NodeType: parse.NodeList}
	}
	w.list(from, tree.Root)
	prepend(tree.Root, callSteps)
	return key
}

// list makes every action print through a function, every turn of a range count, and, for plain words, takes the markup
// out of what the author wrote.
func (w *rewriter) list(from *source, list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			if w.to == spoken {
				n.Text = []byte(unmarked(string(n.Text)))
			}
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				n.Pipe.Cmds = append(n.Pipe.Cmds, call(w.printer, n.Pos))
				n.Pipe.Decl = unprinted(n.Pos)
			}
		case *parse.TemplateNode:
			if other, name := from.resolve(n.Name); other != nil {
				n.Name = w.add(other, name)
			}
		case *parse.IfNode:
			w.list(from, n.List)
			w.list(from, n.ElseList)
		case *parse.WithNode:
			w.list(from, n.List)
			w.list(from, n.ElseList)
		case *parse.RangeNode:
			counts := printsFirst(n.List) // what prints counts by itself
			w.list(from, n.List)
			w.list(from, n.ElseList)
			if !counts {
				prepend(n.List, 1)
			}
		}
	}
}

// printsFirst reports whether each turn of a range begins by printing something, with nothing but text before it.
func printsFirst(list *parse.ListNode) bool {
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode, *parse.CommentNode:
		case *parse.ActionNode:
			return len(n.Pipe.Decl) == 0
		default:
			return false
		}
	}
	return false
}

// prepend makes a list of nodes begin with a call that counts steps.
func prepend(list *parse.ListNode, steps int) {
	number := &parse.NumberNode{
		NodeType: parse.NodeNumber, Pos: list.Pos, IsInt: true, Int64: int64(steps), Text: strconv.Itoa(steps),
	}
	step := &parse.ActionNode{NodeType: parse.NodeAction, Pos: list.Pos, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: list.Pos, Decl: unprinted(list.Pos), Cmds: []*parse.CommandNode{call(stepFunction, list.Pos, number)},
	}}
	list.Nodes = append([]parse.Node{step}, list.Nodes...)
}

// unprinted is a variable that takes what a call returns, which text/template would print, and slowly. No template can
// name it.
func unprinted(pos parse.Pos) []*parse.VariableNode {
	return []*parse.VariableNode{{NodeType: parse.NodeVariable, Pos: pos, Ident: []string{"$\x00"}}}
}

func call(function string, pos parse.Pos, args ...parse.Node) *parse.CommandNode {
	name := parse.NewIdentifier(function).SetPos(pos)
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: append([]parse.Node{name}, args...)}
}

// failure makes an Error of an error of executing a template, or one that it includes.
func (s *source) failure(err error) *Error {
	if fault, ok := errors.AsType[*Error](err); ok {
		return fault
	}
	for _, other := range s.library {
		if strings.HasPrefix(err.Error(), "template: "+other.parseName()+":") {
			return faultOf(other.name, other.parseName(), other.text, err)
		}
	}
	return faultOf(s.name, s.parseName(), s.text, err)
}
