package main

import "regexp"

// saying is what the parser of templates says, and the same for people who never wrote a program.
type saying struct {
	heard string // a regular expression for all of it
	said  string // with $1 for what its first group holds
	hint  string
}

// plain returns what the parser of templates says in plain words, and what to write instead. What is plain already it
// returns as it is.
func plain(text string) (message, hint string) {
	text, behind := withoutWhere(text)
	for _, s := range templateSayings() {
		heard := regexp.MustCompile(`(?s)^` + s.heard + `$`)
		found := heard.FindStringSubmatchIndex(text)
		if found == nil {
			continue
		}
		expand := func(template string) string { return string(heard.ExpandString(nil, template, text, found)) }
		return expand(s.said) + behind, expand(s.hint)
	}
	return text + behind, ""
}

// withoutWhere cuts off what is said behind a fault, " (with a Project:Created event)", as that says nothing of what is wrong.
func withoutWhere(text string) (fault, where string) {
	at := regexp.MustCompile(`(?s) \((?:with (?:an?|several|\d+) .*|as ".*" includes it)\)$`).FindStringIndex(text)
	if at == nil {
		return text, ""
	}
	return text[:at[0]], text[at[0]:]
}
