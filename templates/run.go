package templates

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
)

// The budget of one run. A template that fills a message takes some hundred steps and a few microseconds.
const (
	maxSteps  = 10_000 // turns of a range, templates that are called, things that are printed
	callSteps = 20     // what calling a template costs: bounds how deep they call each other
	maxTime   = time.Second
	tryTime   = 5 * time.Second // where a machine that is busy must not refuse a configuration
	maxOutput = 256 << 10       // bytes, also of what print makes on the way
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
	net   event.Net   // whose changes `changed` finds
	event event.Event // its last one, whose fields `field` finds

	within   time.Duration // how long it may take
	voice    voice
	steps    int
	bytes    int
	deadline time.Time
	out      bytes.Buffer
	codeEnd  int // where in out the code ends that was printed last
	captured any // the value of a column that is one action
}

// start resets the run.
func (r *run) start(to voice, net event.Net) {
	r.net, r.event, r.voice = net, event.Event{}, to
	if len(net.Events) > 0 {
		r.event = net.Last()
	}
	r.steps, r.bytes, r.deadline = 0, 0, time.Now().Add(r.within)
	r.codeEnd, r.captured = -1, nil
	r.out.Reset()
}

// Write takes what stands in the template, as far as the budget goes.
func (r *run) Write(p []byte) (int, error) {
	if err := r.room(len(p)); err != nil {
		return 0, err
	}
	if len(p) > 0 && r.out.Len() == r.codeEnd && breaksCode(p[0]) {
		r.out.WriteString(zeroWidth)
	}
	return r.out.Write(p)
}

// room takes bytes from the budget.
func (r *run) room(bytes int) error {
	if r.bytes += bytes; r.bytes > maxOutput {
		return errOutput
	}
	return nil
}

// breaksCode reports whether a character beside the backtick of a code makes Slack take it for text, in which what is
// inside would act.
func breaksCode(c byte) bool { return c == '`' || isWord(c) || c >= utf8.RuneSelf }

// show prints a thing: the automatic escape. What it returns is not printed.
func (r *run) show(x any) (bool, error) {
	if err := r.spend(1); err != nil {
		return false, err
	}
	if isWhole(reflect.TypeOf(x)) {
		return false, errWhole
	}
	text := say(r.voice, x)
	if text == "" {
		return true, nil
	}
	if r.voice == marked && r.out.Len() > 0 {
		text = r.apart(text)
	}
	if err := r.room(len(text)); err != nil {
		return false, err
	}
	r.out.WriteString(text)
	if r.voice == marked && text[len(text)-1] == '`' {
		r.codeEnd = r.out.Len()
	}
	return true, nil
}

// apart keeps a text away from what was printed before it, where both together would act: a name behind a colon that
// another colon may follow, @ and here, a word or a code and the backtick of a code.
func (r *run) apart(text string) string {
	switch last := r.out.Bytes()[r.out.Len()-1]; {
	case r.out.Len() == r.codeEnd && breaksCode(text[0]):
		return zeroWidth + text
	case last == ':' && nameEnd(text, 0) == len(text) && !allDigits(text),
		last == '@' && rings(text),
		text[0] == '`' && breaksCode(last):
		return zeroWidth + text
	default:
		return text
	}
}

// step is called at the beginning of every turn of a range (1) and of every template that is called (callSteps).
func (r *run) step(cost int) (bool, error) { return true, r.spend(cost) }

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
func (r *run) capture(x any) (bool, error) {
	r.captured = x
	if isWhole(reflect.TypeOf(x)) {
		return false, errWhole
	}
	return true, nil
}

// text returns what was printed, without blanks at the ends of lines.
func (r *run) text() string {
	lines := strings.Split(r.out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}
