package slack

import (
	"html"
	"html/template"
	"strings"
	"unicode"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
)

// writer is where all HTML of this package is made. Names of elements and attributes are constants of this package;
// texts and values are escaped here, once.
type writer struct {
	out    strings.Builder
	reader mrkdwn.Reader
}

// tag is the name of an element. Only constants become one.
type tag string

// attribute is a name, which is a constant, and a value from anywhere.
type attribute struct {
	name  tag
	value string
}

func class(names string) attribute { return attribute{"class", names} }

// hidden takes what is decoration out of what a screen reader reads.
func hidden() attribute { return attribute{"aria-hidden", "true"} }

func (w *writer) open(element tag, attributes ...attribute) {
	w.out.WriteString("<" + string(element))
	for _, a := range attributes {
		w.out.WriteString(" " + string(a.name) + `="` + escape(a.value) + `"`)
	}
	w.out.WriteString(">")
	if element == "pre" {
		w.out.WriteString("\n") // which HTML drops: without it, it would drop the first line end of the text
	}
}

func (w *writer) close(element tag) { w.out.WriteString("</" + string(element) + ">") }

func (w *writer) text(s string) { w.out.WriteString(escape(s)) }

// wrap writes an element that holds a text.
func (w *writer) wrap(element tag, text string, attributes ...attribute) {
	w.open(element, attributes...)
	w.text(text)
	w.close(element)
}

// note says in words what cannot be shown.
func (w *writer) note(words string) { w.wrap("div", words, class("sl-note")) }

func (w *writer) html() template.HTML {
	return template.HTML(w.out.String()) //nolint:gosec // the writer has escaped what came from outside
}

// escape makes text of anything: without control characters, which HTML does not know, and without bytes that are not
// UTF-8.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}
