package config

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/templates"
)

func TestConditionIsKnownByTheType(t *testing.T) {
	all := (&Route{Events: []Pattern{"*"}}).types()
	for _, tt := range []struct {
		text          string
		events        []Pattern
		never, always bool
	}{
		{`false`, nil, true, false},
		{`true`, nil, false, true},
		{`not (1 < 2)`, nil, true, false},
		{`-1 >= 0 || 2 <= 1 || "a" == "b"`, nil, true, false},
		{`"abc" contains "b" && "abc" startsWith "a" && "abc" endsWith "c" && "a" != "b"`, nil, false, true},
		{`Late`, nil, false, false},
		{`Late && false`, nil, true, false},
		{`Late || true`, nil, false, true},
		{`Late ? false : false`, nil, true, false},
		{`Late ? true : false`, nil, false, false},
		{`Kind == "Task" ? changed("A") : false`, []Pattern{"Project:*"}, true, false},
		{`Kind == "Task" && Kind == "Idea"`, nil, true, false},
		{`Kind == "Task" || Kind == "Idea"`, nil, false, false}, // an event without a type may have any kind
		{`Kind == "Task" && "Task" == Kind && Kind in ["Idea", "Task"]`, nil, false, false},
		{`Kind in ["Task", "Idea"] && Late and Kind in ["Project", "KeyDate"]`, nil, true, false},
		{`Name == "A" && changed("Name") && Name == "B"`, nil, true, false},
		{`Name == "A" && Name contains "B"`, nil, false, false},
		{`daysMoved("Date") > 7 && daysMoved("Date") < 3`, nil, true, false},
		{`daysMoved("Date") > 7 && (Late && 3 >= daysMoved("Date"))`, nil, true, false},
		{`daysMoved("Date") > 7 && daysMoved("Name") < 3`, nil, false, false},
		{`daysMoved("Date") > 7 || daysMoved("Date") < 3`, nil, false, false},
		{`daysMoved("Date") >= 7 && daysMoved("Date") <= 7 && daysMoved("Date") == 7`, nil, false, false},
		{`daysMoved("Date") >= 7 && daysMoved("Date") < 7`, nil, true, false},
		{`daysMoved("Date") == 7 && daysMoved("Date") == -7`, nil, true, false},
		{`after("Budget") > 100000 && after("Budget") < 50000`, nil, true, false},
		{`after("Budget") > 100000 && before("Budget") < 50000`, nil, false, false},
		{`after("Date") > "2026-12-31" && after("Date") < "2026-01-01"`, nil, true, false},
		{`after("Status") == "At risk" && after("Status") == 1`, nil, false, false}, // its label and its number
		{`not (daysMoved("Date") > 7 && daysMoved("Date") < 3)`, nil, false, true},
		{`daysMoved("Date") > 7 && daysMoved("Date") < 3 && 1 % daysMoved("Name") == 0`, nil, false, false}, // it may fail, and is told then
		{`Kind == "Task" && Kind == "Idea"`, []Pattern{"*:Updated"}, true, false},
		{`Type == "Task:Created" && Type == "Task:Deleted"`, nil, true, false},
		{`Type != "Task:Created" || Type != "Task:Deleted"`, nil, false, true},
		{`Type == "Risk:Created"`, nil, false, false}, // it may come one day
		{`Type == "Project:Updated"`, []Pattern{"Project:Created", "Idea:*"}, true, false},
		{`Type startsWith "Project"`, []Pattern{"Project:Created", "Project:Updated"}, false, true},
		{`Action in ["Created", "Deleted"]`, []Pattern{"*:Updated"}, true, false},
		{`Action not in ["Created", "Deleted"]`, []Pattern{"*:Updated"}, false, true},
		{`Action in [Name, "Created"]`, []Pattern{"*:Updated"}, false, false},
		{`changed("Name")`, []Pattern{"*:Created", "*:Deleted"}, true, false},
		{`changed("Name")`, []Pattern{"*:Created", "Task:Updated"}, false, false},
		{`changed("Name")`, []Pattern{"Task:*"}, false, false},
		{`daysMoved("Date") == 0`, []Pattern{"*:Created"}, false, true},
		{`daysMoved("Date") > 0`, []Pattern{"*:Created"}, true, false},
		{`before("Name") == "x"`, []Pattern{"*:Created"}, false, false},
		{`changed("Name") == false`, []Pattern{"*:Created"}, false, true},
		{`1 == "1"`, nil, false, false}, // refused by who compiles it
	} {
		c, ok := conditionOf(tt.text)
		if !ok {
			t.Fatalf("%s: cannot be read", tt.text)
		}
		types := all
		if tt.events != nil {
			types = (&Route{Events: tt.events}).types()
		}
		if never, always := c.never(types), c.always(types); never != tt.never || always != tt.always {
			t.Errorf("%s for %v: got never %v, always %v, want %v, %v", tt.text, tt.events, never, always, tt.never, tt.always)
		}
	}
}

func TestConditionThatCannotBeRead(t *testing.T) {
	for _, text := range []string{"", " ", "(", `"a`, "a b", strings.Repeat("(", 5000), strings.Repeat("!", 4<<10) + "true"} {
		if _, ok := conditionOf(text); ok {
			t.Errorf("%.20q: got a condition", text)
		}
	}
	if c, ok := conditionOf(strings.Repeat("(", 1000) + "true" + strings.Repeat(")", 1000)); ok && !c.always(event.Types()) {
		t.Error("brackets change what a condition says")
	}
}

// TestConditionsAreWhatTheyAreSaidToBe makes conditions of everything that an expression can say and tries them on events
// of every type, known and unknown: one that never holds never does, one that always holds always does.
func TestConditionsAreWhatTheyAreSaidToBe(t *testing.T) {
	raced.Calculates(t)
	words, err := templates.New(templates.Display{})
	if err != nil {
		t.Fatal(err)
	}
	random, decided := rand.New(rand.NewPCG(1, 2)), 0
	for range 700 {
		decided += isWhatItIsSaidToBe(t, words, randomCondition(random, 3))
	}
	if decided < 100 {
		t.Errorf("got %d conditions that never or always hold, want more to try", decided)
	}
}

// isWhatItIsSaidToBe holds what is said about a condition to what it says of events, and returns for how many routes
// something was said. An event whose condition fails is told.
func isWhatItIsSaidToBe(t *testing.T, words *templates.Words, text string) (decided int) {
	t.Helper()
	compiled, err := words.When(text)
	if err != nil {
		if faults := templates.Errors(err); len(faults) != 1 || faults[0].Text == "" {
			t.Errorf("%.200s: got %v, want one fault", text, err)
		}
		return 0
	}
	c, ok := conditionOf(text)
	if !ok {
		t.Fatalf("%.200s: it is compiled, and cannot be read", text)
	}
	for _, p := range []Pattern{"*", "Project:*", "*:Created", "Task:Updated"} {
		types := (&Route{Events: []Pattern{p}}).types()
		never, always := c.never(types), c.always(types)
		if never || always {
			decided++
		}
		for _, e := range eventsOf(p) {
			holds, err := compiled.Holds(e)
			if told := holds || err != nil; never && told || always && !told {
				t.Fatalf("%s for %s: got never %v, always %v, and %s makes it %v, %v", text, p, never, always, e.Type, holds, err)
			}
		}
	}
	return decided
}

// eventsOf returns events that a pattern takes, with and without changes.
func eventsOf(p Pattern) []event.Event {
	types := append(event.Types(), "", "Project:Escalated", "Risk:Created", "Risk:Escalated")
	var all []event.Event
	for _, t := range types {
		if !p.Match(t) {
			continue
		}
		for _, kind := range []string{t.Entity(), "Task"} {
			if t != "" {
				kind = t.Entity()
			}
			e := event.Event{Type: t, Entity: event.Ref{Kind: kind, Name: "A"}, Received: time.Unix(0, 0)}
			all = append(all, e)
			day := func(n int) event.Attributes {
				return event.Attributes{
					{Name: "Name", Value: event.Value{Kind: event.Text, Text: strconv.Itoa(n)}},
					{Name: "Date", Value: event.Value{Kind: event.Date, Time: time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)}},
				}
			}
			e.Before, e.Attributes, e.Late = day(1), day(9), true
			all = append(all, e)
		}
	}
	return all
}

// randomCondition writes an expression that is at most so deep.
func randomCondition(random *rand.Rand, depth int) string {
	pick := func(all ...string) string { return all[random.IntN(len(all))] }
	if depth > 0 && random.IntN(3) > 0 {
		a, b := randomCondition(random, depth-1), randomCondition(random, depth-1)
		return pick("("+a+" && "+b+")", "("+a+" || "+b+")", "!("+a+")", "not ("+a+")", "(Late ? "+a+" : "+b+")", "("+a+") == ("+b+")")
	}
	name := pick("Type", "Action", "Kind", "Name")
	word := pick(`"Project"`, `"Task"`, `"Updated"`, `"Created"`, `"Task:Updated"`, `"Risk:Created"`, `"Risk"`, `"Escalated"`, `""`, `"A"`)
	return pick(
		name+" "+pick("==", "!=", "contains", "startsWith", "endsWith")+" "+word, word+" "+pick("==", "!=")+" "+name,
		name+" "+pick("in", "not in")+" ["+word+`, "Idea", "KeyDate:Deleted"]`,
		"Late", "true", "false", `changed("Name")`, `daysMoved("Date") `+pick("<", "<=", ">", ">=", "==")+" "+pick("0", "7", "8", "-1"),
		`before("Name") == "1"`, `after("Name") == "9"`, `daysMoved("Name") == 0`, pick("0", "7", "8")+pick(" < ", " >= ", " == ")+`daysMoved("Date")`,
		pick("before", "after")+`("Name") `+pick("<", "<=", ">", ">=", "==")+" "+pick("1", `"9"`, "5"), `"9" in after("Name")`,
		pick("before", "after")+`("Date") `+pick("<", "<=", ">", ">=")+" "+pick(`"2026-01-01"`, `"2026-01-09"`, `"2026-01-05"`, "3"),
	)
}

// FuzzCondition feeds any text: it is refused or compiled, and soon; what is said about it is true for every event.
func FuzzCondition(f *testing.F) {
	for _, text := range []string{
		`changed("Name") && Kind in ["Task"]`, "1..9", "a?.b[1:2](x)", "let x = 1; x", "{a: 1}.a", "Late ? 1 : 2", `all([1], # > 0)`,
		`1 % (daysMoved("Date") - 8) == 0 && Kind == "Idea"`, `(Late ? true : "a") && false`, `(Late ? 1 : "a") < 2 && false`, `[1][daysMoved("Date")] == 2 && false`,
		`Kind == "Task" ? changed("Name") : false`, `Type matches "^Task" || Action in ["Created"]`, `Name[0:daysMoved("Date")] == "A" && false`,
		`before("Name") == nil ? Late : true`, `"Updated" in Action`, `not (Type contains ":")`, `1 in 1..3 && Late ?? true`, `Type < "Q" && Kind > "A"`,
	} {
		f.Add(text)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 10 {
		f.Add(randomCondition(random, 2))
	}
	words, err := templates.New(templates.Display{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		if c, ok := conditionOf(text); ok {
			types := (&Route{Events: []Pattern{"*"}}).types()
			if c.never(types) && c.always(types) {
				t.Error("it holds both never and always")
			}
			c.misspelt()
		}
		isWhatItIsSaidToBe(t, words, text)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("got an answer after %v", took)
		}
	})
}
