package reconcile

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// roomWarning is how many webhooks of a tenant are in use when that is told.
const roomWarning = ppm.WebhookLimit - 5

// Problem is something that is wrong with the webhooks, in words for whoever runs the relay.
type Problem struct {
	Why   string    // plain words, without secrets
	Since time.Time // of the pass that met it first

	kind string // what makes it the same problem in the next pass, whatever its words
}

// Key is what makes it the same problem in the next pass, whatever its words.
func (p Problem) Key() string { return p.kind }

func (p Problem) same(other Problem) bool { return p.kind == other.kind }

// The first byte of a problem's kind.
const (
	fromStep  byte = 's'
	fromError byte = 'e'
	fromWorry byte = 'w'
)

// problemsOf finds the problems in a report. One that was there before keeps its Since.
//
// When the list could not be read, what was known before is still the best that is known.
func problemsOf(report Report, before []Problem, worries ...Problem) []Problem {
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
		add(Problem{Why: wordsOf(report.Failed), kind: kindOf(report.Failed)})
	}
	if report.Failed != nil && report.Steps == nil {
		for _, p := range before {
			if p.kind[0] == fromStep {
				add(p)
			}
		}
	}
	for _, p := range ofSteps(report.Steps) {
		add(p)
	}
	for _, p := range worries {
		add(p)
	}
	return found
}

// ofSteps are the problems that a plan shows and a pass does not mend. The same for several types is one problem.
func ofSteps(steps []Step) []Problem {
	var found []Problem
	var shut, former []Step
	for _, step := range steps {
		switch {
		case step.Action == NoRoom:
			shut = append(shut, step)
		case step.Action == Leave && step.former:
			former = append(former, step)
		case step.Action == Leave && !step.waits:
			kind := string(fromStep) + string(Leave) + step.Webhook.ID
			found = append(found, Problem{Why: fmt.Sprintf("webhook for %s: %s", step.Type, step.Why), kind: kind})
		}
	}
	if len(shut) > 0 {
		found = append(found, Problem{Why: fmt.Sprintf("no webhook for %s: %s", join(typesOf(shut)), shut[0].Why), kind: string(fromStep) + string(NoRoom)})
	}
	if len(former) > 0 {
		base := strings.TrimSuffix(former[0].Webhook.Address(), pathOf(former[0].Type))
		words := fmt.Sprintf("webhooks for %s are registered under a former server.public_url, such as %s", join(typesOf(former)), base)
		found = append(found, Problem{Why: words + hintFormer, kind: string(fromStep) + "former"})
	}
	return found
}

func typesOf(steps []Step) []event.Type {
	types := make([]event.Type, len(steps))
	for i, s := range steps {
		types[i] = s.Type
	}
	return types
}

// worries are what is wrong apart from the steps. The lock of passes is held.
func (r *Reconciler) worries(now time.Time, report Report) []Problem {
	var found []Problem
	if words := r.state.Token.expiry(now); words != "" {
		found = append(found, Problem{Why: words, kind: string(fromWorry) + "token"})
	}
	if r.unsaved != nil {
		found = append(found, Problem{Why: "what is known of the webhooks could not be written down: " + r.unsaved.Error(), kind: string(fromWorry) + "unsaved"})
	}
	if report.Steps == nil {
		return found
	}
	others, used := 0, 0
	for _, step := range report.Steps {
		switch step.Action {
		case Foreign:
			others, used = others+1, used+1
		case Keep, Create, Replace, Leave:
			used++
		case Remove, NoRoom:
		}
	}
	full := slices.ContainsFunc(report.Steps, func(s Step) bool { return s.Action == NoRoom })
	if used >= roomWarning && !full {
		found = append(found, Problem{kind: string(fromWorry) + "room", Why: fmt.Sprintf("%d of the %d webhooks that a tenant may have are in use, %d by this relay and %d by others: "+
			"when all are, one that disappears cannot come back", used, ppm.WebhookLimit, used-others, others)})
	}
	return found
}

// wordsOf says that what has no answer is tried again. Other refusals say what is to be waited for.
func wordsOf(err error) string {
	if failed, ok := errors.AsType[*ppm.CallError](err); ok && failed.Temporary() && failed.Status < http.StatusMultipleChoices {
		return err.Error() + "; it is tried again"
	}
	return err.Error()
}

// kindOf tells errors apart by what they are about: the vendor's words may differ from one answer to the next. An outage
// is one problem, whichever call and which webhook meets it first in a pass.
func kindOf(err error) string {
	failed, ok := errors.AsType[*ppm.CallError](err)
	if !ok {
		return string(fromError) + err.Error()
	}
	if failed.Temporary() {
		return string(fromError) + "outage"
	}
	what, _, _ := strings.Cut(failed.What, " webhook ") // without which one
	return fmt.Sprintf("%c%s %d", fromError, what, failed.Status)
}
