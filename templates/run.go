package templates

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// The budget of one run. A template that fills a message takes some hundred steps and a few microseconds.
const (
	maxSteps  = 10_000 // turns of a range, templates that are called, things that are printed
	callSteps = 20     // what calling a template costs: bounds how deep they call each other
	maxTime   = time.Second
	maxOutput = 256 << 10 // bytes, also of what print makes on the way
)

var (
	errSteps  = errors.New("it takes too many steps")
	errTime   = errors.New("it takes too long")
	errOutput = errors.New("it prints too much")
)

// run is one execution of a template: what it is about, and what is left of its budget. It is used by one goroutine at
// a time.
type run struct {
	words *Words
	event event.Event // whose fields `field` finds

	voice    voice
	steps    int
	bytes    int
	deadline time.Time
	out      bytes.Buffer
	captured any  // the value of a column that is one action
	caught   bool // captured was set
}

// start resets the run.
func (r *run) start(to voice, e event.Event) {
	r.event, r.voice = e, to
	r.steps, r.bytes, r.deadline = 0, 0, time.Now().Add(maxTime)
	r.captured, r.caught = nil, false
	r.out.Reset()
}

// Write takes what the template prints, as far as the budget goes.
func (r *run) Write(p []byte) (int, error) {
	if r.bytes += len(p); r.bytes > maxOutput {
		return 0, errOutput
	}
	return r.out.Write(p)
}

// show prints a thing: the automatic escape.
func (r *run) show(x any) (string, error) {
	if err := r.spend(1); err != nil {
		return "", err
	}
	if isWhole(reflect.TypeOf(x)) {
		return "", errWhole
	}
	return say(r.voice, x), nil
}

// step is called at the beginning of every turn of a range (1) and of every template that is called (callSteps).
func (r *run) step(cost int) (string, error) { return "", r.spend(cost) }

func (r *run) spend(steps int) error {
	const look = 8 // steps from one look at the clock to the next
	before := r.steps
	r.steps += steps
	switch {
	case r.steps > maxSteps:
		return errSteps
	case before/look != r.steps/look && time.Now().After(r.deadline):
		return errTime
	default:
		return nil
	}
}

// charged returns a text that a function made, as far as the budget goes: else a text that is doubled in a loop would
// fill the memory without ever being printed.
func (r *run) charged(text string) (string, error) {
	if r.bytes += len(text); r.bytes > maxOutput {
		return "", errOutput
	}
	return text, r.spend(1)
}

// capture keeps the value of a column that is one action, with its type.
func (r *run) capture(x any) (string, error) {
	r.captured, r.caught = x, true
	if isWhole(reflect.TypeOf(x)) {
		return "", errWhole
	}
	return "", nil
}

// text returns what was printed, without blanks at the ends of lines.
func (r *run) text() string {
	lines := strings.Split(r.out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
