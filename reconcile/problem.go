package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Problem is something that is wrong with the webhooks, in words for whoever runs the relay.
type Problem struct {
	Why   string    // plain words, without secrets
	Since time.Time // of the pass that met it first

	kind string // what makes it the same problem in the next pass, whatever its words
}

// Key is what makes it the same problem in the next pass, whatever its words.
func (p Problem) Key() string { return p.kind }

func (p Problem) same(other Problem) bool { return p.kind == other.kind }

// problemsOf finds the problems in a report. One that was there before keeps its Since.
//
// When the list could not be read, what was known before is still the best that is known.
func problemsOf(report Report, before []Problem) []Problem {
	var found []Problem
	add := func(p Problem) {
		p.Since = report.Ended
		if i := slices.IndexFunc(before, p.same); i >= 0 {
			p.Since = before[i].Since
		}
		if !slices.ContainsFunc(found, p.same) {
			found = append(found, p)
		}
	}
	if report.Failed != nil {
		add(Problem{Why: report.Failed.Error(), kind: kindOf(report.Failed)})
	}
	if report.Failed != nil && report.Steps == nil {
		for _, p := range before {
			if p.kind[0] == fromStep {
				add(p)
			}
		}
	}
	var shut []event.Type
	for _, step := range report.Steps {
		switch step.Action {
		case Drifted, Surplus:
			kind := string(fromStep) + string(step.Action) + step.Webhook.ID
			add(Problem{Why: fmt.Sprintf("webhook for %s: %s", step.Type, step.Why), kind: kind})
		case NoRoom:
			shut = append(shut, step.Type)
		case Keep, Create, Foreign:
		}
	}
	if len(shut) > 0 {
		i := slices.IndexFunc(report.Steps, func(s Step) bool { return s.Action == NoRoom })
		add(Problem{Why: fmt.Sprintf("no webhook for %s: %s", join(shut), report.Steps[i].Why), kind: string(fromStep) + string(NoRoom)})
	}
	return found
}

// The first byte of a problem's kind.
const (
	fromStep  byte = 's'
	fromError byte = 'e'
)

// kindOf tells errors apart by what they are about: the vendor's words may differ from one answer to the next.
func kindOf(err error) string {
	if failed, ok := errors.AsType[*ppm.CallError](err); ok {
		return fmt.Sprintf("%c%s %d", fromError, failed.What, failed.Status)
	}
	return string(fromError) + err.Error()
}
