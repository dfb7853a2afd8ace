package templates

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// maxFailures is how many places are told apart. There is no more than a place for each action that people wrote.
const maxFailures = 1000

// Failure is a place of a template at which it failed on events, though it did not on samples.
type Failure struct {
	Fault *Error // the newest one; its Template is the header where it is that of a column
	Times int    // events that were told in the built-in wording, or have a cell that says so
}

// failures counts what fails, by place. It is safe for concurrent use.
type failures struct {
	lock   sync.Mutex
	places []Failure
}

// Failures returns where templates failed on events since these Words were made, sorted by template and place.
func (w *Words) Failures() []Failure {
	w.failures.lock.Lock()
	all := slices.Clone(w.failures.places)
	w.failures.lock.Unlock()
	slices.SortFunc(all, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Fault.Template, b.Fault.Template), byPlace(a.Fault, b.Fault))
	})
	return all
}

// add counts the faults of one event.
func (f *failures) add(err error) {
	if err == nil {
		return
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, fault := range Errors(err) {
		at := slices.IndexFunc(f.places, func(known Failure) bool { return samePlace(known.Fault, fault) })
		switch {
		case at >= 0:
			f.places[at].Fault = fault
			f.places[at].Times++
		case len(f.places) < maxFailures:
			f.places = append(f.places, Failure{Fault: fault, Times: 1})
		}
	}
}

func overBudget(err error) bool {
	return errors.Is(err, errSteps) || errors.Is(err, errTime) || errors.Is(err, errOutput)
}
