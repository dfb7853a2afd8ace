package fault

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind is a way to fail, one of those in Rules. Some take an argument behind a colon: "late:30s", "429:1.5".
type Kind string

// The kinds. Rules says what each does.
const (
	None       Kind = ""            // served as usual: leaves a request out of the script
	Before     Kind = "before"      // nothing happened, 500
	Reset      Kind = "reset"       // nothing happened, the connection is closed
	Hang       Kind = "hang"        // nothing happened, no answer until the caller gives up
	TooMany    Kind = "429"         // nothing happened, 429; its argument is what Retry-After says
	After      Kind = "after"       // it happened, then 500
	AfterReset Kind = "after-reset" // it happened, then the connection is closed
	AfterHang  Kind = "after-hang"  // it happened, then no answer until the caller gives up
	AfterCut   Kind = "after-cut"   // it happened, then half of the answer
	AfterEmpty Kind = "after-empty" // it happened, then 200 with {}
	AfterHTML  Kind = "after-html"  // it happened, then 200 with a page for people
	Slow       Kind = "slow"        // it happened, its answer comes later; see In
	Late       Kind = "late"        // 500, and it happens later; see In
	LateReset  Kind = "late-reset"  // the connection is closed, and it happens later; see In
	LateHang   Kind = "late-hang"   // no answer until the caller gives up, and it happens later; see In
)

// Effect says when a request that meets a fault has its effect.
type Effect string

// The effects.
const (
	Never  Effect = "never"
	AtOnce Effect = "at once" // before the caller learns anything
	Later  Effect = "later"   // as if it arrived only then, the kind's time after the caller was answered or gave up
)

// Rule is one kind: what its caller sees, and when the request has its effect all the same.
type Rule struct {
	Kind     Kind   `json:"kind"`
	Argument string `json:"argument,omitempty"` // what may follow it behind a colon, and holds when nothing does
	Sees     string `json:"sees"`
	Effect   Effect `json:"effect"`
}

// Rules returns all kinds that are faults. An argument is a time, "1500ms", but for 429, where it is what the header
// Retry-After says: "1.5", "-1", "soon", "99999999999"; "date" is a date two seconds ahead, "none" no such header.
func Rules() []Rule {
	const failed, closed, silent = "500 with a page for people", "the connection is closed", "nothing, until it gives up"
	return []Rule{
		{Before, "", failed, Never},
		{Reset, "", closed, Never},
		{Hang, "", silent, Never},
		{TooMany, "1", "429 with this Retry-After; date, none, or what it says", Never},
		{After, "", failed, AtOnce},
		{AfterReset, "", closed, AtOnce},
		{AfterHang, "", silent, AtOnce},
		{AfterCut, "", "the first half of the answer, then the connection is closed", AtOnce},
		{AfterEmpty, "", "200 with {}", AtOnce},
		{AfterHTML, "", "200 with a page for people", AtOnce},
		{Slow, "2s", "the usual answer, this much later, or when the fault is taken back", AtOnce},
		{Late, "30s", failed, Later},
		{LateReset, "30s", closed, Later},
		{LateHang, "30s", silent, Later},
	}
}

// Kinds returns the kinds that tell a caller of an error, or nothing, and leave nothing for later.
func Kinds() []Kind {
	return []Kind{Before, Reset, Hang, TooMany, After, AfterReset, AfterHang}
}

// All returns every kind of Rules, and 429 once for each way in which Retry-After can be odd.
func All() []Kind {
	var all []Kind
	for _, rule := range Rules() {
		all = append(all, rule.Kind)
	}
	for _, after := range []string{"none", "1.5", "date", "soon", "-1", "99999999999"} {
		all = append(all, TooMany.With(after))
	}
	return all
}

// Parse reads a kind with its argument. Text that is none gives an error that names what was expected.
func Parse(text string) (Kind, error) {
	kind := Kind(text)
	rule, argument := kind.rule()
	_, given := kind.cut()
	switch {
	case rule.Kind == None:
		return None, fmt.Errorf("there is no kind %q", kind.Name())
	case rule.Kind == TooMany && strings.ContainsAny(argument, "\r\n"):
		return None, fmt.Errorf("%q cannot stand in a header", argument)
	case rule.Kind == TooMany:
		return kind, nil
	case rule.Argument == "" && given:
		return None, fmt.Errorf("the kind %q takes no argument, here %q", rule.Kind, argument)
	case rule.Argument == "":
		return kind, nil
	}
	if delay, err := time.ParseDuration(argument); err != nil || delay < 0 {
		return None, fmt.Errorf("the kind %q takes a time, as in %q, not %q", rule.Kind, rule.Kind.With(rule.Argument), argument)
	}
	return kind, nil
}

// In gives a kind a time: how late a Late effect is, or a Slow answer.
func (k Kind) In(delay time.Duration) Kind { return k.With(delay.String()) }

// With gives a kind an argument, in place of the one it has.
func (k Kind) With(argument string) Kind { return k.Name() + ":" + Kind(argument) }

// Name returns the kind without its argument.
func (k Kind) Name() Kind {
	name, _, _ := strings.Cut(string(k), ":")
	return Kind(name)
}

// Happens reports whether the effect is there when the caller learns of the fault, or gives up.
func (k Kind) Happens() bool { return k == None || k.Effect() == AtOnce }

// Effect returns when a request that meets the kind has its effect.
func (k Kind) Effect() Effect {
	rule, _ := k.rule()
	return rule.Effect
}

func (k Kind) cut() (argument string, given bool) {
	_, argument, given = strings.Cut(string(k), ":")
	return argument, given
}

// rule returns the kind's row and its argument, the zero rule when there is none.
func (k Kind) rule() (_ Rule, argument string) {
	for _, rule := range Rules() {
		if rule.Kind == k.Name() {
			if argument, given := k.cut(); given {
				return rule, argument
			}
			return rule, rule.Argument
		}
	}
	return Rule{}, ""
}

// delay returns the time of a kind that was parsed.
func (k Kind) delay() time.Duration {
	_, argument := k.rule()
	delay, err := time.ParseDuration(argument)
	if err != nil {
		panic(fmt.Sprintf("fault: the kind %q has no time", k)) // unreachable: check looked at it
	}
	return delay
}

// retryAfter returns what the header says; nothing for "none". A date is that of the vendor's clock, where the answer has
// one.
func (k Kind) retryAfter(date string) string {
	switch _, argument := k.rule(); argument {
	case "none":
		return ""
	case "date":
		now, err := http.ParseTime(date)
		if err != nil {
			now = time.Now()
		}
		return now.Add(2 * time.Second).UTC().Format(http.TimeFormat)
	default:
		return argument
	}
}

// check stops a script that is misspelt, where it is written.
func check(kinds ...Kind) {
	for _, kind := range kinds {
		if _, err := Parse(string(kind)); kind != None && err != nil {
			panic("fault: " + err.Error())
		}
	}
}
