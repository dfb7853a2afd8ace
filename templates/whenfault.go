package templates

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr/file"
)

// expressionFault makes an Error of an error of the expression language.
func expressionFault(err error) *Error {
	fault := &Error{Template: "when", Text: err.Error(), cause: err}
	if where, ok := errors.AsType[*file.Error](err); ok {
		fault.Line, fault.Column, fault.Text = where.Line, where.Column+1, where.Message
	}
	if name, ok := unknownName(fault.Text); ok {
		fault.Nearest = nearest(name, whenNames())
		fault.Text = "no name " + name + didYouMean(fault.Nearest)
		switch {
		case name == "now" || name == "today":
			fault.Nearest, fault.Text = "", "there is no today: what changed is told when it changes; daysMoved is by how many days a date moved"
		case isUsualField(name):
			fault.Nearest, fault.Text = "", fmt.Sprintf("no name %s; a field is written after(%q)", name, name)
		}
	}
	if got, ok := strings.CutPrefix(fault.Text, "expected bool, but got "); ok {
		fault.Text = "it has to be true or false, and is " + got
	}
	fault.Text = strings.TrimSpace(strings.NewReplacer(
		"func(string) bool", "a function", "func(string) int", "a function", "func(string) templates.Value", "a function",
		"templates.Value", "the value of a field", "templates.Item", "a value", "templates.whenData", "an event",
		"type string", "a text", "type int", "a number", "is string", "is a text", "is int", "is a number",
		"unexpected token EOF", "it ends too early",
	).Replace(fault.Text))
	return fault
}

// unknownName returns the name that the expression language does not know.
func unknownName(text string) (string, bool) {
	if name, ok := strings.CutPrefix(text, "unknown name "); ok {
		return name, true
	}
	name, ok := strings.CutPrefix(text, "cannot fetch ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, " from templates.whenData")
}

// whenNames returns what an expression can name.
func whenNames() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[whenData]()) {
		names = append(names, field.Tag.Get("expr"))
	}
	return names
}
