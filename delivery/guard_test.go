package delivery_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// brittle panics at dull events.
type brittle struct{ singly }

func (b brittle) Say(events []event.Event) []delivery.Said {
	if slices.ContainsFunc(events, func(e event.Event) bool { return e.Entity.Name == "dull" }) {
		panic("no words for it")
	}
	return b.singly.Say(events)
}

// A panic that one event causes costs that event alone, whatever waits beside it.
func TestAPanicBuriesOnlyItsEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &target{}
		r := newRig(t, map[string]*target{"a": a})
		r.routes[0].Words = brittle{}
		numbers := []int64{r.append(1, appendStep{}), r.append(2, appendStep{Dull: true}), r.append(3, appendStep{})}
		_, stop := r.run()
		time.Sleep(time.Second)
		stop()
		r.want(numbers[0], "a delivered")
		r.want(numbers[1], "a buried a fault in the program: no words for it")
		r.want(numbers[2], "a delivered")
	})
}

// A sink that panics may have written: it is looked up, and the other lanes go on.
func TestAPanickingSinkHarmsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ill := &target{
			perform: func(context.Context) error { panic("index out of range") },
			recall:  sinks.Recollection{Happened: sinks.Did, Receipt: "there"},
		}
		r := newRig(t, map[string]*target{"ill": ill, "well": {}})
		number := r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(time.Second)
		stop()
		r.want(number, "ill delivered", "well delivered")
	})
}

// A condition that panics is told, as one that fails.
func TestAPanickingConditionCostsNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, map[string]*target{"a": {}})
		r.routes[0].Match = func(event.Event) (string, error) { panic("nil map") }
		number := r.append(1, appendStep{})
		_, stop := r.run()
		time.Sleep(time.Second)
		stop()
		if got := r.fates(number); !strings.HasPrefix(got[0], "a delivered") {
			t.Errorf("got %q, want it delivered", got)
		}
	})
}
