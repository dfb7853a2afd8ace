package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

// judge compares what the journal says with what stands at the targets.
func (w *world) judge(ctx context.Context, file journal.Journal) error {
	var wrong []string
	for id, number := range w.acked {
		story, err := file.Story(ctx, number)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("event %d was acknowledged, and is lost: %v", number, err))
			continue
		}
		if story.Entry.ID != id {
			wrong = append(wrong, fmt.Sprintf("event %d is another than the one that was acknowledged", number))
		}
		if told := len(story.Verdicts) == 0 || story.Verdicts[0].Route != ""; told == w.twins[id] {
			wrong = append(wrong, fmt.Sprintf("event %d: its verdicts are %v, want a twin %t", number, story.Verdicts, w.twins[id]))
		}
		wrong = append(wrong, w.judgeDeliveries(id, story)...)
	}
	counts, err := file.Count(ctx)
	if err != nil {
		return err
	}
	if int(counts.Doubles) < len(w.doubled) {
		wrong = append(wrong, fmt.Sprintf("%d effects may stand beside what was told again, the journal counts %d", len(w.doubled), counts.Doubles))
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}

// judgeDeliveries compares, target by target, how often an event stands there with how often it was delivered.
func (w *world) judgeDeliveries(id string, story journal.Story) (wrong []string) {
	delivered, known, double := map[string]int{}, map[string]bool{}, map[string]bool{}
	number := story.Entry.Number
	for _, d := range story.Deliveries {
		known[d.Target] = true
		double[d.Target] = double[d.Target] || d.Double
		switch d.State {
		case journal.Delivered:
			if delivered[d.Target]++; d.Target == tableTarget {
				delivered[d.Target] = 1
			}
		case journal.Skipped, journal.Buried:
			if d.Reason == "" {
				wrong = append(wrong, fmt.Sprintf("event %d is %s at %s without a reason", number, d.State, d.Target))
			}
		default:
			wrong = append(wrong, fmt.Sprintf("event %d is still %s at %s: %s", number, d.State, d.Target, d.Reason))
		}
	}
	for _, target := range targetNames() {
		stands := strings.Count(strings.Join(w.told[target], " "), id)
		if want := delivered[target]; stands < want || stands > want+w.extra[target+" "+id] {
			wrong = append(wrong, fmt.Sprintf("event %d was delivered to %s %d times, and stands there %d times", number, target, want, stands))
		}
		if w.mayDouble(target, id) && !double[target] {
			wrong = append(wrong, fmt.Sprintf("event %d may stand at %s beside what was told again, and the journal does not say so", number, target))
		}
		if !known[target] && !w.twins[id] && !w.away[target] {
			wrong = append(wrong, fmt.Sprintf("event %d has no delivery to %s", number, target))
		}
	}
	return wrong
}

// mayDouble reports whether an effect that told an event may stand beside what was told again.
func (w *world) mayDouble(target, event string) bool {
	for effect := range w.doubled {
		if w.places[effect] == target && slices.Contains(w.effects[effect].Events, event) {
			return true
		}
	}
	return false
}
