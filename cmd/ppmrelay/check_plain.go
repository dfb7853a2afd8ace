package main

import "regexp"

// saying is what the parsers of templates and conditions say, and the same for people who never wrote a program.
type saying struct {
	heard string // a regular expression for all of it
	said  string // with $1 for what its first group holds
	hint  string
	kinds bool // it names kinds of values, as programmers do
}

// sayings go from the special to the general.
func sayings() []saying {
	const (
		straight = "write straight quotes: \" or '"
		closing  = "every {{ needs a }}"
	)
	return []saying{
		// templates
		{`unexpected EOF`, "an {{ if }}, {{ with }} or {{ range }} has no {{ end }}", "each needs an {{ end }} of its own", false},
		{`unexpected (\{\{(?:end|else)\}\})`, "there is nothing that this $1 belongs to", "remove it, or write {{ if }}, {{ with }} or {{ range }} before it", false},
		{`unexpected "}" in .*`, "an action is not closed: a } is missing", closing, false},
		{`unclosed action`, "an action that is opened here is not closed", closing, false},
		{`unclosed comment`, "a comment that is opened here is not closed", "it ends with */}}", false},
		{`unterminated (?:raw )?quoted string`, "a quote that is opened in this action is not closed in its line", "every \" needs another", false},
		{`unrecognized character in action: U\+\S+ '([“”„‘’‚«»])'`, "`$1` is no quote here", straight, false},
		{`unexpected "([<>]=?|[=!]=?)" in .*`, "there is no $1 between values here", "write {{ if eq .Action \"Updated\" }}, ne, gt, ge, lt or le", false},
		{`unexpected "," in .*`, "there is no comma between values here", "write a space instead", false},
		{`unrecognized character in action: U\+\S+ '(.*)'`, "`$1` means nothing here", "", false},
		{`unexpected "?(.+?)"? in .*`, "`$1` means nothing here", "", false},
		{`missing value for (.*)`, "`$1` is not followed by a value", "", false},
		{`undefined variable "(.*)"`, "there is no variable $1", "write {{ $1 := … }} before it", false},
		{`no function ([A-Z]\w*)`, "no function $1", "what a message sees by itself is written .$1; a field of the project, field \"$1\"", false},
		{`bad number syntax: "(.*)"`, "`$1` is not a number", "", false},
		// conditions
		{`literal not terminated`, "a quote is not closed", "every \" needs another", false},
		{`it ends too early`, "it ends too early", "a bracket, or what follows the last word, is missing", false},
		{`unrecognized character: U\+\S+ '(.*)'`, "`$1` means nothing here", "", false},
		{`unexpected token \w+\("(.*)"\)`, "`$1` is not expected here", "", false},
		{`invalid operation: (\S+) \(mismatched types (.+) and (.+)\)`, "$1 cannot stand between $2 and $3", "", true},
		{`error parsing regexp: (.*)`, "the regular expression cannot be read: $1", "", false},
		{`integer divide by zero`, "this divides by zero", "", false},
		{`not enough arguments to call (.*)`, "$1 is not told what to look at", "write $1(\"Name\")", false},
		{`too many arguments to call (.*)`, "$1 looks at one field", "write $1(\"Name\")", false},
		{`cannot use .+ as argument \(a text\) to call (.*)`, "$1 takes the name of a field", "write $1(\"Name\")", false},
		{`(.+) is not callable`, "$1 is no function", "leave the ( ) out", true},
	}
}

// plain returns what a parser says in plain words, and what to write instead. What is plain already it returns as it is.
func plain(text string) (message, hint string) {
	for _, s := range sayings() {
		heard := regexp.MustCompile(`(?s)^` + s.heard + `$`)
		found := heard.FindStringSubmatchIndex(text)
		if found == nil {
			continue
		}
		expand := func(template string) string { return string(heard.ExpandString(nil, template, text, found)) }
		message = expand(s.said)
		if s.kinds {
			message = regexp.MustCompile(`\b(?:int|float64|string|bool)\b`).ReplaceAllStringFunc(message, kindOf)
		}
		return message, expand(s.hint)
	}
	return text, ""
}

// kindOf is what people call a kind of value.
func kindOf(kind string) string {
	switch kind {
	case "int", "float64":
		return "a number"
	case "string":
		return "a text"
	case "bool":
		return "yes/no"
	default:
		return kind
	}
}
