package templates

import (
	"errors"
	"slices"
	"sync"

	"github.com/ppmrelay/ppmrelay/event"
)

// trial is on how many samples a template is tried: on those that may show something. See course.
type trial int

const (
	everything trial = iota // every sample: something in it may fail
	usualOnes               // it fails on none: the usual ones of each type, on which it has to say something; the unusual ones of one
	eachOnce                // it says something on all of them, too: each type, and each way to be unusual
)

// trialOf returns the trial of a message.
func trialOf(c course) trial {
	switch {
	case !c.sure(mostPrint):
		return everything
	case c.says:
		return eachOnce
	default:
		return usualOnes
	}
}

// triedOn returns the samples that a template is tried on, which can meet some types; none means all. Fields are those
// that it names.
func (w *Words) triedOn(how trial, fields []FieldUse, types []event.Type) []sample {
	var all []sample
	shown := map[string]event.Type{} // by action, the type whose unusual events stand for the others'
	samples, usual := w.tried, sampleEvent
	if how == eachOnce {
		samples, usual = w.brief, briefEvent
	}
	for _, s := range samples() {
		t := s.net.Last().Type
		if len(types) > 0 && !slices.Contains(types, t) {
			continue
		}
		action := t.Action()
		if !known(t) {
			action = ""
		}
		if _, ok := shown[action]; !ok {
			shown[action] = t
		}
		alone := s.full && len(s.net.Events) == 1
		switch {
		case how == everything:
			s.aloud = s.full
		case shown[action] == t:
			s.aloud = alone
		case !s.full || how == eachOnce && !alone:
			continue
		}
		all = append(all, s)
	}
	own := w.ownSamples(usual, fields, types)
	if how != everything && len(own) > 0 {
		own = own[:len(kindsOfValues())]
	}
	return append(all, own...)
}

// try executes the template with samples of the types that it can meet.
func (t *Template) try(types []event.Type) error {
	return t.tryOn(t.words.triedOn(trialOf(t.source.course), t.source.fields, types))
}

// tryOn executes the template with some samples. What it says in plain words fails as what it says in mrkdwn does, so that
// is only tried with the usual events.
func (t *Template) tryOn(samples []sample) error {
	var faults []error
	for _, s := range samples {
		t.words.rest()
		parts := []part{{root, marked}}
		if t.source.trees[contextName] != nil { // else the last line is ours
			parts = append(parts, part{contextName, marked})
		}
		if s.aloud {
			parts = append(parts, part{root, spoken})
		}
		_, err := t.execute(s.net, s.data(), tryTime, parts...)
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

// reported reports whether a fault at the same place is there already.
func reported(faults []error, fault *Error) bool {
	return slices.ContainsFunc(faults, func(known error) bool { return samePlace(Errors(known)[0], fault) })
}

// tried executes the columns with samples of some types; none means all.
func (t *Table) tried(types []event.Type) []error {
	var faults []error
	for _, how := range [...]trial{everything, eachOnce} { // a cell may be empty
		some := t.only(func(c column) bool { return c.source.course.sure(mostInCell) == (how == eachOnce) })
		if len(some.columns) > 0 {
			faults = append(faults, some.tryOn(t.words.triedOn(how, some.Fields(), types))...)
		}
	}
	return faults
}

// only returns the table with some of its columns.
func (t *Table) only(which func(column) bool) *Table {
	some := &Table{words: t.words, perRow: t.perRow, runners: new(sync.Pool)}
	for _, c := range t.columns {
		if which(c) {
			some.columns = append(some.columns, c)
		}
	}
	return some
}

// tryOn executes the columns with some samples.
func (t *Table) tryOn(samples []sample) []error {
	var faults []error
	for _, s := range samples {
		t.words.rest()
		_, err := t.rowsOf(s.net, s.data(), oneOfEach(t.words.rowChanges(s.net.Last(), s.data())), tryTime)
		for _, fault := range Errors(err) {
			fault.Text += " (with " + s.name + ")"
			if !slices.ContainsFunc(faults, func(f error) bool { return Errors(f)[0].Template == fault.Template }) {
				faults = append(faults, fault)
			}
		}
		if overBudget(err) {
			break // the other samples would only take as long
		}
	}
	return faults
}
