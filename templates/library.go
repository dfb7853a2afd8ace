package templates

import (
	"cmp"
	"errors"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"text/template/parse"

	"github.com/ppmrelay/ppmrelay/event"
)

// Text is a template as it was written, by its name.
type Text struct {
	Name string
	Text string
	File string // where it was read from; empty for one of a configuration

	// Types are the event types that it can meet as a message; none means all.
	Types []event.Type
	// Part says that no route uses it. If others include it, it is checked with what they give it, and need not be a
	// message by itself.
	Part bool
}

// CompileAll compiles templates of messages that can include one another, and the built-in ones, by name:
//
//	{{ range .Changes }}{{ template "line" . }}{{ end }}
//
// What a template includes sees what stands behind the name as its dot, and is checked with it. None can include itself,
// neither directly nor through others. A define belongs to the template in which it stands, also where that is included.
//
// It returns the templates that compiled by name, without those that are only parts of others. The error holds every Error
// that was found: see Errors. What includes a template that cannot be read is not called wrong for that.
func (w *Words) CompileAll(texts []Text) (map[string]*Template, error) {
	all := maps.Clone(w.library)
	sources, faults := make([]*source, len(texts)), make([]error, len(texts))
	for i, text := range texts {
		sources[i], faults[i] = w.addTo(all, text)
	}
	included := includedIn(sources)
	made := make([]*Template, len(texts))
	w.atOnce(len(texts), func(i int) {
		if faults[i] == nil && (!texts[i].Part || !included[texts[i].Name]) {
			made[i], faults[i] = w.compile(sources[i], texts[i].Types)
		}
	})
	compiled := map[string]*Template{}
	for i, t := range made {
		if t != nil {
			compiled[texts[i].Name] = t
		}
	}
	return compiled, distinct(faults)
}

// rest lets others have the processor, where the display says how.
func (w *Words) rest() {
	if w.display.Rest != nil {
		w.display.Rest()
	}
}

// atOnce does something for each of n numbers, as many at a time as there are processors; one where others need them.
func (w *Words) atOnce(n int, do func(int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	workers := min(n, runtime.GOMAXPROCS(0))
	if w.display.Rest != nil {
		workers = min(n, 1)
	}
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}

// addTo parses a text and adds it to a library: where it cannot be read, a harmless one in its place.
func (w *Words) addTo(all library, text Text) (*source, error) {
	switch {
	case w.library[text.Name] != nil:
		return nil, &Error{Template: text.Name, Text: "this is the name of a built-in template: give yours another one"}
	case all[text.Name] != nil:
		other := "another template"
		if file := cmp.Or(all[text.Name].file, text.File); file != "" {
			other = file
		}
		return nil, &Error{Template: text.Name, Text: other + " has this name too: give one of them another one"}
	}
	s, err := parseText(text.Name, text.Text, all)
	if err != nil {
		var harmless error
		if s, harmless = parseText(text.Name, "-", all); harmless != nil {
			return nil, errors.Join(err, harmless)
		}
	}
	s.file = text.File
	all[text.Name] = s
	return s, err
}

// compile checks a source as a message and tries it.
func (w *Words) compile(s *source, types []event.Type) (*Template, error) {
	if err := check(s, reflect.TypeFor[Data]()); err != nil {
		return nil, err
	}
	t := w.newTemplate(s)
	if err := t.try(types); err != nil {
		return nil, err
	}
	w.emails(s)
	return t, nil
}

// includedIn returns the names of templates that others include.
func includedIn(sources []*source) map[string]bool {
	found := map[string]bool{}
	for _, s := range sources {
		if s == nil {
			continue // a second one of a name
		}
		for _, tree := range s.trees {
			eachInclude(tree.Root, func(n *parse.TemplateNode) {
				if other, _ := s.resolve(n.Name); other != nil && other != s {
					found[other.name] = true
				}
			})
		}
	}
	return found
}

// Includes returns the names of the other templates that this one includes, also through others, sorted.
func (t *Template) Includes() []string {
	found := map[string]bool{}
	var follow func(*source)
	follow = func(s *source) {
		for name := range includedIn([]*source{s}) {
			if !found[name] {
				found[name] = true
				follow(s.library[name])
			}
		}
	}
	follow(t.source)
	return slices.Sorted(maps.Keys(found))
}

func eachInclude(list *parse.ListNode, do func(*parse.TemplateNode)) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		var branch *parse.BranchNode
		switch n := node.(type) {
		case *parse.TemplateNode:
			do(n)
		case *parse.IfNode:
			branch = &n.BranchNode
		case *parse.WithNode:
			branch = &n.BranchNode
		case *parse.RangeNode:
			branch = &n.BranchNode
		}
		if branch != nil {
			eachInclude(branch.List, do)
			eachInclude(branch.ElseList, do)
		}
	}
}

// distinct joins faults, each place once: a template may be included by many.
func distinct(faults []error) error {
	var all []error
	for _, fault := range Errors(errors.Join(faults...)) {
		if !slices.ContainsFunc(all, func(err error) bool { return samePlace(Errors(err)[0], fault) }) {
			all = append(all, fault)
		}
	}
	slices.SortStableFunc(all, func(a, b error) int {
		return cmp.Or(cmp.Compare(Errors(a)[0].Template, Errors(b)[0].Template), byPlace(a, b))
	})
	return errors.Join(all...)
}

func samePlace(a, b *Error) bool {
	return a.Template == b.Template && a.Line == b.Line && a.Column == b.Column
}
