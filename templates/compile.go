package templates

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"text/template"
	"text/template/parse"
)

const (
	maxTemplate = 64 << 10  // bytes of the text of a template
	root        = "(root)"  // the name of what is not inside a define
	contextName = "context" // the template that prints the small last line of a message
)

// source is the text of a template, parsed and checked.
type source struct {
	name  string
	text  string
	trees map[string]*parse.Tree // by the names of defines; root is the text itself
}

// parseSource parses and checks a template whose dot is of the given type. Shared are templates that it can call, or
// replace by its own.
func parseSource(name, text string, dot reflect.Type, shared map[string]*parse.Tree) (*source, error) {
	if len(text) > maxTemplate {
		return nil, &Error{Template: name, Text: fmt.Sprintf("it is longer than %d KB", maxTemplate>>10)}
	}
	tree := parse.New(root)
	tree.Mode = parse.SkipFuncCheck // unknown functions are found by the check, which knows the column
	s := &source{name: name, text: text, trees: map[string]*parse.Tree{}}
	if _, err := tree.Parse(text, "", "", s.trees); err != nil {
		return nil, faultOf(name, text, err)
	}
	if err := check(s, dot, shared); err != nil {
		return nil, err
	}
	for other, tree := range shared {
		if s.trees[other] == nil {
			s.trees[other] = tree
		}
	}
	return s, nil
}

// program is a source made ready to be executed in one voice.
type program map[string]*parse.Tree

// program returns rewritten copies of the trees, whose actions print through a function.
func (s *source) program(to voice, printer string) program {
	p := make(program, len(s.trees))
	for name, tree := range s.trees {
		tree = tree.Copy()
		if tree.Root == nil {
			tree.Root = &parse.ListNode{NodeType: parse.NodeList}
		}
		rewriteList(tree.Root, to, printer)
		prepend(tree.Root, callSteps)
		p[name] = tree
	}
	return p
}

// bind makes a program executable with the functions of a run.
func (p program) bind(r *run) (*template.Template, error) {
	t := template.New(root).Option("missingkey=error").Funcs(r.functions())
	for name, tree := range p {
		if _, err := t.AddParseTree(name, tree); err != nil {
			return nil, fmt.Errorf("template %s: %w", name, err)
		}
	}
	return t, nil
}

// rewriteList makes every action print through a function, every turn of a range count, and, for plain words, takes the
// markup out of what the author wrote.
func rewriteList(list *parse.ListNode, to voice, printer string) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			if to == spoken {
				n.Text = []byte(unmarked(string(n.Text)))
			}
		case *parse.ActionNode:
			if len(n.Pipe.Decl) == 0 {
				n.Pipe.Cmds = append(n.Pipe.Cmds, call(printer, n.Pos))
			}
		case *parse.IfNode:
			rewriteList(n.List, to, printer)
			rewriteList(n.ElseList, to, printer)
		case *parse.WithNode:
			rewriteList(n.List, to, printer)
			rewriteList(n.ElseList, to, printer)
		case *parse.RangeNode:
			rewriteList(n.List, to, printer)
			rewriteList(n.ElseList, to, printer)
			prepend(n.List, 1)
		}
	}
}

// prepend makes a list of nodes begin with a call that counts steps.
func prepend(list *parse.ListNode, steps int) {
	number := &parse.NumberNode{
		NodeType: parse.NodeNumber, Pos: list.Pos, IsInt: true, Int64: int64(steps), Text: strconv.Itoa(steps),
	}
	step := &parse.ActionNode{NodeType: parse.NodeAction, Pos: list.Pos, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: list.Pos, Cmds: []*parse.CommandNode{call(stepFunction, list.Pos, number)},
	}}
	list.Nodes = append([]parse.Node{step}, list.Nodes...)
}

func call(function string, pos parse.Pos, args ...parse.Node) *parse.CommandNode {
	name := parse.NewIdentifier(function).SetPos(pos)
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: append([]parse.Node{name}, args...)}
}

// failure makes an Error of an error of executing a template.
func (s *source) failure(err error) *Error {
	if fault, ok := errors.AsType[*Error](err); ok {
		return fault
	}
	return faultOf(s.name, s.text, err)
}
