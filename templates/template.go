package templates

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Template is the text of a message that was compiled. It is safe for concurrent use.
type Template struct {
	words   *Words
	source  *source
	builtin bool
	marked  program
	spoken  program
	runners *sync.Pool // of *runner: binding a program costs more than executing it
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
	compiled, err := w.CompileAll([]Text{{Name: name, Text: text, Types: types}})
	if err != nil {
		return nil, err
	}
	return compiled[name], nil
}

func (w *Words) newTemplate(s *source) *Template {
	return &Template{words: w, source: s, runners: new(sync.Pool), marked: s.program(marked, showFunction), spoken: s.program(spoken, showFunction)}
}

// Name returns the name that the template was compiled by.
func (t *Template) Name() string { return t.source.name }

// Text returns the text that was compiled.
func (t *Template) Text() string { return t.source.text }

// Message says a net, which must hold at least one event. When the template fails the message is the built-in one,
// which says so, the failure is counted, and the error is the *Error to report.
func (t *Template) Message(net event.Net) (event.Message, error) {
	net = t.words.told(net)
	message, err := t.message(net)
	if err == nil {
		return message, nil
	}
	t.words.failures.add(err)
	message = t.words.Message(net)
	message.Context += " · built-in wording, template “" + escape(short(t.source.name, maxName)) + "” failed"
	return message, err
}

// Fields returns where the template, and what it includes, names fields of the event.
func (t *Template) Fields() []FieldUse { return slices.Clone(t.source.fields) }

// message returns what the template says, or the Error.
func (t *Template) message(net event.Net) (event.Message, error) {
	data := t.words.data(net)
	unsaid := max(len(data.Changes)-maxChanges, 0)
	data.Changes = data.Changes[:len(data.Changes)-unsaid]
	texts, err := t.execute(net, data, maxTime, part{root, marked}, part{contextName, marked}, part{root, spoken})
	if err != nil {
		return event.Message{}, err
	}
	return t.layout(net, texts[0], texts[1], texts[2], unsaid), nil
}

// part is a text that a template makes: which of its trees, in which voice.
type part struct {
	name string
	to   voice
}

// execute returns what the template prints in some parts. An error is an *Error.
func (t *Template) execute(net event.Net, data *Data, within time.Duration, parts ...part) ([]string, error) {
	r, err := t.runner()
	if err != nil {
		return nil, t.source.failure(err)
	}
	defer t.runners.Put(r)
	r.run.within = within
	texts := make([]string, len(parts))
	for i, p := range parts {
		program := r.marked
		if p.to == spoken {
			program = r.spoken
		}
		r.run.start(p.to, net)
		if err := program.ExecuteTemplate(&r.run, p.name, data); err != nil {
			return nil, t.source.failure(err)
		}
		texts[i] = r.run.text()
	}
	if saysNothing(texts[0]) {
		fault := &Error{Template: t.source.name, Text: "it prints nothing for " + typeWords(net.Last().Type)}
		if strings.TrimSpace(texts[0]) != "" {
			fault.Text += ": only characters that cannot be seen, or that only format"
		}
		return nil, fault
	}
	return texts, nil
}

func (t *Template) runner() (*runner, error) {
	if r, ok := t.runners.Get().(*runner); ok {
		r.run.words = t.words
		return r, nil
	}
	r := &runner{run: run{words: t.words}}
	var err, spokenErr error
	functions := r.run.functions()
	r.marked, err = t.marked.bind(functions)
	r.spoken, spokenErr = t.spoken.bind(functions)
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
