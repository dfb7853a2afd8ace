package main

// templateSayings are those of the parser of templates, from the special to the general.
func templateSayings() []saying {
	const (
		straight = "write straight quotes: \" or '"
		closing  = "every {{ needs a }}"
	)
	return []saying{
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
	}
}
