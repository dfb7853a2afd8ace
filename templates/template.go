package templates

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/ppmrelay/ppmrelay/event"
)

// Template is the text of a message that was compiled. It is safe for concurrent use.
type Template struct {
	words   *Words
	source  *source
	builtin bool
	marked  program
	spoken  program
	runners sync.Pool // of *runner: binding a program costs more than executing it
}

// runner executes a Template, for one goroutine at a time.
type runner struct {
	run    run
	marked *template.Template
	spoken *template.Template
}

// Compile checks a template of a message and prepares it. Types are the event types that it can meet; none means all.
//
// The text is checked against Data, so that a name that does not exist is found in every branch; then it is executed
// with samples of each type. The error holds every Error that was found: see Errors.
func (w *Words) Compile(name, text string, types ...event.Type) (*Template, error) {
	source, err := parseSource(name, text, reflect.TypeFor[Data](), w.shared)
	if err != nil {
		return nil, err
	}
	t := w.newTemplate(source)
	if err := t.try(types); err != nil {
		return nil, err
	}
	return t, nil
}

func (w *Words) newTemplate(s *source) *Template {
	return &Template{words: w, source: s, marked: s.program(marked, showFunction), spoken: s.program(spoken, showFunction)}
}

// Name returns the name that the template was compiled by.
func (t *Template) Name() string { return t.source.name }

// Text returns the text that was compiled.
func (t *Template) Text() string { return t.source.text }

// Message says a net, which must hold at least one event. When the template fails the message is the built-in one,
// which says so, and the error is the *Error to report.
func (t *Template) Message(net event.Net) (event.Message, error) {
	net = t.words.told(net)
	message, err := t.message(net)
	if err == nil {
		return message, nil
	}
	message = t.words.Message(net)
	message.Context += " · built-in wording, template “" + escape(short(t.source.name, maxName)) + "” failed"
	return message, err
}

// message returns what the template says, or the Error.
func (t *Template) message(net event.Net) (event.Message, error) {
	r, err := t.runner()
	if err != nil {
		return event.Message{}, t.source.failure(err)
	}
	defer t.runners.Put(r)
	data := t.words.data(net)
	unsaid := max(len(data.Changes)-maxChanges, 0)
	data.Changes = data.Changes[:len(data.Changes)-unsaid]
	var texts [3]string
	for i, part := range [...]struct {
		template *template.Template
		name     string
		voice    voice
	}{{r.marked, root, marked}, {r.marked, contextName, marked}, {r.spoken, root, spoken}} {
		r.run.start(part.voice, net.Last())
		if err := part.template.ExecuteTemplate(&r.run, part.name, data); err != nil {
			return event.Message{}, t.source.failure(err)
		}
		texts[i] = r.run.text()
	}
	if strings.TrimSpace(texts[0]) == "" {
		return event.Message{}, &Error{Template: t.source.name, Text: "it prints nothing for " + typeWords(net.Last().Type)}
	}
	return t.layout(net, texts[0], texts[1], texts[2], unsaid), nil
}

func (t *Template) runner() (*runner, error) {
	if r, ok := t.runners.Get().(*runner); ok {
		return r, nil
	}
	r := &runner{run: run{words: t.words}}
	var err, spokenErr error
	r.marked, err = t.marked.bind(&r.run)
	r.spoken, spokenErr = t.spoken.bind(&r.run)
	return r, errors.Join(err, spokenErr)
}

// typeWords names a type of event, also one that nothing tells.
func typeWords(t event.Type) string {
	if t == "" {
		return "an event of unknown type"
	}
	return short(string(t), maxName)
}

// told returns the net as it is told: without ignored fields; the creation and the first edits of an entity as its
// creation.
func (w *Words) told(net event.Net) event.Net {
	if slices.ContainsFunc(net.Changes, func(c event.Change) bool { return w.Ignored(c.Field) }) {
		net.Changes = slices.DeleteFunc(slices.Clone(net.Changes), func(c event.Change) bool { return w.Ignored(c.Field) })
	}
	last := net.Last()
	if last.Type.Action() != event.Updated {
		return net
	}
	for _, e := range net.Events {
		if e.Type.Action() == event.Created {
			last.Type = e.Type
			events := slices.Clone(net.Events)
			events[len(events)-1] = last
			return event.Net{Events: events, TakenBack: net.TakenBack}
		}
	}
	return net
}

// try executes the template with samples of the types that it can meet.
func (t *Template) try(types []event.Type) error {
	var faults []error
	for _, s := range t.words.samples {
		if len(types) > 0 && !slices.Contains(types, s.net.Last().Type) {
			continue
		}
		_, err := t.message(s.net)
		fault := new(Error)
		if err == nil || !errors.As(err, &fault) || fault.Line == 0 && !s.full {
			continue // that it says nothing about an almost empty event is no fault
		}
		if fault.Line > 0 {
			fault.Text += " (with " + s.name + ")"
		}
		if !reported(faults, fault) {
			faults = append(faults, fault)
		}
		if overBudget(err) {
			break // the other samples would only take as long
		}
	}
	return errors.Join(faults...)
}

func overBudget(err error) bool {
	return errors.Is(err, errSteps) || errors.Is(err, errTime) || errors.Is(err, errOutput)
}

// reported reports whether a fault at the same place is there already.
func reported(faults []error, fault *Error) bool {
	for _, one := range faults {
		for _, f := range Errors(one) {
			if f.Line == fault.Line && f.Column == fault.Column {
				return true
			}
		}
	}
	return false
}
