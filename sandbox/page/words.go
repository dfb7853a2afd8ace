package page

import (
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// functions are what the templates of the page can call.
func (p *Page) functions() template.FuncMap {
	return template.FuncMap{
		"count":   count,
		"seconds": seconds,
		"clock":   func(t time.Time) string { return t.In(p.options.Zone).Format("15:04:05") },
		"act":     func(action, label, back string) act { return act{action, label, back, ""} },
		"acton":   func(action, label, back, id string) act { return act{action, label, back, id} },
		"exact":   func(t time.Time) string { return t.In(p.options.Zone).Format("15:04:05.000") },
	}
}

// act is a form that is one button, perhaps about the thing with the id.
type act struct{ Action, Label, Back, ID string }

// count writes a number as people read it: "3,871".
func count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// seconds writes a duration as short as it says enough: "3 ms", "0.41 s", "12 s", "3 min".
func seconds(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 9950*time.Millisecond:
		return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.2f", d.Seconds()), "0"), ".") + " s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
}

// kindWord is how a kind of entity is called within a sentence.
func kindWord(kind string) string {
	switch kind {
	case event.Project:
		return "project"
	case event.Task:
		return "task"
	case event.KeyDate:
		return "key date"
	default:
		return "idea"
	}
}

// status is a state as a word with its shape and colour.
type status struct{ Class, Word string }

// statusOf reads a choice of a kind of entity.
func statusOf(kind string, sent any) status {
	number := fmt.Sprint(sent)
	for _, c := range choicesOf(kind) {
		if c.Value == number {
			return status{c.class, c.Label}
		}
	}
	if number == "<nil>" {
		number = "Not set"
	}
	return status{"none", number}
}

// people joins names: all of two, else the first and how many more.
func people(names []string) string {
	switch len(names) {
	case 0:
		return "nobody"
	case 1, 2:
		return strings.Join(names, ", ")
	default:
		return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
	}
}

// long writes a day as people read it: "14 Apr 2026"; empty where there is none.
func long(sent any) string {
	if day, ok := dayOf(sent); ok {
		return day.Format("2 Jan 2006")
	}
	return ""
}

func dayOf(sent any) (day time.Time, ok bool) {
	text, _ := sent.(string)
	day, err := time.Parse(time.RFC3339, text)
	return day.UTC(), err == nil
}

// number reads an attribute, nil as 0.
func numberOf(sent any) float64 {
	text, _ := sent.(json.Number)
	n, err := text.Float64()
	if err != nil {
		return 0
	}
	return n
}

// money writes an amount: "275,000".
func money(sent any) string {
	n := numberOf(sent)
	if n != float64(int(n)) {
		return fmt.Sprint(sent)
	}
	return count(int(n))
}

// facts leaves out what is not known.
func facts(all ...string) []string {
	return slices.DeleteFunc(all, func(fact string) bool { return fact == "" })
}

// labelled is a fact with a word before it, empty where there is no fact.
func labelled(label, fact string) string {
	if fact == "" {
		return ""
	}
	return label + " " + fact
}
