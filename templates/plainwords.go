package templates

import (
	"regexp"
	"strings"
)

// plainWords takes the names of Go things out of an error of text/template.
func plainWords(s string) string {
	if at := strings.Index(s, ">: "); strings.HasPrefix(s, "executing ") && at > 0 {
		s = s[at+3:]
	}
	for strings.HasPrefix(s, "error calling ") {
		_, rest, ok := strings.Cut(s, ": ")
		if !ok {
			break
		}
		s = rest
	}
	for _, p := range paraphrases() {
		heard := regexp.MustCompile(`(?s)^(?:` + p.heard + `)$`)
		if found := heard.FindStringSubmatch(s); found != nil {
			kind := ""
			if len(found) > 1 {
				kind = kindInWords(found[len(found)-1])
			}
			return strings.ReplaceAll(string(heard.ExpandString(nil, p.said, s, heard.FindStringSubmatchIndex(s))), "KIND", kind)
		}
	}
	return s
}

// paraphrase is what text/template says when it executes a template, and the same in plain words.
type paraphrase struct {
	heard string // a regular expression for all of it
	said  string // with $1 for what its first group holds, and KIND for what its last one names as Go does
}

// paraphrases are from the special to the general.
func paraphrases() []paraphrase {
	const kind = `(\S+|interface \{\}|<invalid reflect\.Value>)`
	return []paraphrase{
		{`can't evaluate field (\w+) in type ` + kind, "no field .$1: this is KIND"},
		{`nil pointer evaluating .*?\.(\w+)`, "no field .$1: there is no value here"},
		{`nil data; no entry for key "(.*)"|map has no entry for key "(.*)"`, "no field .$1$2"},
		{`indirection through explicit nil in .*|nil is not a command|.*(?:untyped nil|nil pointer|call of nil).*`, "there is no value here"},
		{`(\w+) is an unexported field of struct type .*`, "no field .$1"},
		{`(\S+) has arguments but cannot be invoked as function|(\S+) is not a method but has arguments`, ".$1$2 is no function, so nothing can be given to it"},
		{`can't give argument to non-function (.*)`, "$1 is no function, so nothing can be given to it"},
		{`undefined variable: (\S+)`, `undefined variable "$1"`},
		{`(\S+) overflows \w+`, "the number $1 is too large"},
		{`range can't iterate over .*`, "range goes over a list, and this is none"},
		{`can't use .* iterate over more than one variable`, "range goes over a number with one variable"},
		{`if/with can't use .*`, "this is neither yes nor no"},
		{`template "(.*)" not defined`, `no template "$1"`},
		{`exceeded maximum template depth.*`, "the templates include each other too deep"},
		{`"?(\w+)"? is not a defined function|can't evaluate command "(.*)"`, "no function $1$2"},
		{`wrong number of args for (\w+): want (?:at least )?(\d+) got (\d+)`, "$1 takes $2, not $3"},
		{`cannot index slice/array with type ` + kind, "an entry of a list is named by a whole number, not KIND"},
		{`cannot index slice/array with nil`, "an entry of a list is named by a whole number, and there is none"},
		{`index out of range: (-?\d+)`, "index out of range: $1"},
		{`(?:reflect: )?(?:slice |string |array )?index out of range.*`, "index out of range"},
		{`can't index item of type ` + kind, "index takes an entry of a list, and this is KIND"},
		{`too many slice indexes: .*|cannot 3-index slice a string`, "slice takes where to begin and where to end, no more"},
		{`can't slice item of type ` + kind, "slice takes a part of a list or a text, and this is KIND"},
		{`invalid slice index: (\d+) > (\d+)`, "slice ends before it begins: $1 is more than $2"},
		{`len of type ` + kind, "len counts the entries of a list, and this is KIND"},
		{`wrong type for value; expected .*; got ` + kind + `|value has type ` + kind + `; should be .*`, "this is not what is taken here"},
		{`expected (\w+); found (.*)`, "`$2` is not what is taken here"},
		{`invalid value; expected .*|value is nil; should be .*|cannot assign nil to .*|can't handle .*|can't print .*`, "this is not what is taken here"},
		{`incompatible types for comparison.*|invalid type for comparison|(?:non-comparable|missing argument) .*`, "these cannot be compared"},
		{`(?:reflect: |runtime error: ).*`, "this cannot be worked out"},
	}
}

// kindInWords is what people call a Go type.
func kindInWords(kind string) string {
	kind = strings.TrimPrefix(strings.TrimPrefix(kind, "*"), "templates.")
	switch {
	case strings.HasPrefix(kind, "[]"):
		return "a list"
	case kind == "Value":
		return "what a field holds"
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"), strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "bool":
		return "yes or no"
	case kind == "Entity":
		return "a project or another entity"
	case kind == "Change", kind == "Fact":
		return "a " + strings.ToLower(kind)
	case kind == "Time":
		return "a time"
	case kind == "string", kind == "Name", kind == "Markup", kind == "Item":
		return "a text"
	case kind == "Data", kind == "RowData":
		return "what the template is about"
	default:
		return "another kind of value"
	}
}
