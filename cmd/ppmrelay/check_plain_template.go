package main

import "slices"

// templateSayings are those of the parser of templates, and of what executes them, from the special to the general.
func templateSayings() []saying {
	return slices.Concat(blockSayings(), signSayings(), wordSayings(), otherLanguageSayings())
}

// blockSayings are about where actions begin and end.
func blockSayings() []saying {
	const closing = "every {{ needs a }}"
	return []saying{
		{`unexpected EOF: no end of (\{\{ (?:define|block) \}\})`, "this $1 has no {{ end }}", "it needs one of its own", false},
		{`unexpected EOF: no end of (.*)`, "this $1 has no {{ end }}", "each {{ if }}, {{ with }} and {{ range }} needs one of its own", false},
		{`unexpected EOF`, "an {{ if }}, {{ with }} or {{ range }} has no {{ end }}", "each needs an {{ end }} of its own", false},
		{`unexpected \{\{else\}\} in (define|block) clause`, "an {{ else }} belongs to {{ if }}, {{ with }} or {{ range }}, not to {{ $1 }}", "", false},
		{`unexpected (\{\{(?:end|else)\}\})`, "there is nothing that this $1 belongs to", "remove it, or write {{ if }}, {{ with }} or {{ range }} before it", false},
		{`expected end; found \{\{else\}\}`, "this {{ else }} follows another one", "all but the last need a question: {{ else if … }}", false},
		{`\{\{(break|continue)\}\} outside \{\{range\}\}`, "{{ $1 }} stands outside of {{ range }}", "", false},
		{`unexpected "(define)" in .*`, "a {{ $1 }} cannot stand inside of {{ if }}, {{ with }}, {{ range }} or another {{ define }}", "write it behind their {{ end }}", false},
		{`multiple definition of template "(.*)"`, "there is another {{ define \"$1\" }}", "give one of them another name", false},
		{`unexpected "\}" in .*`, "an action is not closed: a } is missing", closing, false},
		{`unexpected "\{\{" in .*`, "an action begins inside of another one", closing + " before the next {{", false},
		{`unexpected "\{" in .*`, "there is one { too many", "write {{ … }}", false},
		{`unclosed action`, "an action that is opened here is not closed", closing, false},
		{`unclosed comment`, "a comment that is opened here is not closed", "it ends with */}}", false},
		{`comment ends before closing delimiter`, "a comment fills its action", "write {{/* … */}}, with nothing between */ and }}", false},
		{`no space behind \{\{-`, "a space is missing behind {{-", "write {{- .Entity -}}", false},
		{`no space before -\}\}`, "a space is missing before -}}", "write {{- .Entity -}}", false},
		{`unexpected "#" before a word`, "there is no {{#", "write {{ if … }} or {{ range … }}", false},
		{`unexpected "/" before a word`, "there is no {{/", "write {{ end }}", false},
	}
}

// signSayings are about quotes, brackets and other signs.
func signSayings() []saying {
	const (
		straight = "write straight quotes: \" or '"
		compare  = "write {{ if eq .Action \"Updated\" }}, ne, gt, ge, lt or le"
	)
	return []saying{
		{`unterminated (?:raw )?quoted string`, "a quote that is opened here is not closed in its line", "every \" needs another", false},
		{`unterminated character constant`, "a quote that is opened here is not closed", "write double quotes around a text: \"Updated\"", false},
		{`invalid syntax`, "what stands in these quotes cannot be read", "write \\\\ for a single \\", false},
		{`no space before a quote`, "a space is missing before this quote", "write field \"Name\"", false},
		{`unrecognized character in action: ([“”„‘’‚«»])`, "`$1` is no quote here", straight, false},
		{`there is a character here that cannot be seen`, "there is a character here that cannot be seen", "remove it, or write a space instead", false},
		{`unexpected "!" in .*`, "there is no ! here", "write not: {{ if not .Late }}", false},
		{`unexpected "([<>]=?|[=!]=?)" in .*`, "there is no $1 between values here", compare, false},
		{`unexpected "\|\|" in .*`, "there is no || between values here", "write {{ if or .Late .Recovered }}", false},
		{`unexpected "&&?" in .*`, "there is no & between values here", "write {{ if and .Late .Recovered }}", false},
		{`unexpected "\|" in .*`, "there is no value before this |", "", false},
		{`unexpected "," in .*`, "there is no comma between values here", "write a space instead", false},
		{`too many declarations in range`, "range fills two variables, not more", "write {{ range $i, $c := .Changes }}", false},
		{`too many declarations in .*`, "only range fills more than one variable", "write an action for each: {{ $name := … }}", false},
		{`range can only initialize variables`, "between range and := stand names of variables", "write {{ range $i, $c := .Changes }}", false},
		{`unexpected "\(" in .*`, "a bracket cannot stand right behind a word", "write field \"Name\"; where it stands inside another, (field \"Name\")", false},
		{`unclosed left paren`, "a bracket that is opened here is not closed", "every ( needs a )", false},
		{`unexpected right paren`, "no bracket is open that this ) closes", "remove it, or write a ( before it", false},
		{`max expression depth exceeded`, "there are too many brackets inside one another", "", false},
		{`expected :=`, "`:` means nothing here", "write {{ $name := … }}", false},
	}
}

// wordSayings are about words and numbers.
func wordSayings() []saying {
	return []saying{
		{`unexpected "([^"].*)" in template clause`, "the name of a template stands in quotes", "write {{ template \"$1\" . }}", false},
		{`unexpected ".*" in (template|define|block) clause`, "`$1` is followed by one name in quotes", "write {{ $1 \"name\" … }}", false},
		{`unexpected ".*" in end`, "nothing can stand behind `end`", "write {{ end }}", false},
		{`unexpected ".*" in else`, "only if or with can stand behind `else`", "write {{ else }} or {{ else if … }}", false},
		{`unexpected ".*" in \{\{(.*)\}\}`, "nothing can stand behind `$1`", "write {{ $1 }}", false},
		{`unexpected "(.*)" in range of (\S+)`, "`$1` means nothing here", "write {{ range $2 := .Changes }}", false},
		{`unexpected \. after term "(.*)"`, "`$1` has no fields", "", false},
		{`(?:unrecognized character in action: |unexpected )"?(.+?)"?(?: in [^"]*)?`, "`$1` means nothing here", "", false},
		{`missing value for (?:command|parenthesized pipeline)`, "there is nothing between the brackets", "remove them, or write a value", false},
		{`missing value for (.*)`, "`$1` is not followed by a value", "", false},
		{`undefined variable "(.*)" any more`, "there is no variable $1 any more", "it ends where what it stands in ends: write {{ $1 := … }} before that begins", false},
		{`undefined variable "(.*)"`, "there is no variable $1", "write {{ $1 := … }} before it", false},
		{`bad number syntax: "(.*)"`, "`$1` is not a number", "", false},
	}
}

// otherLanguageSayings are about words that others use for ours. Hints of names that are alike would mislead.
func otherLanguageSayings() []saying {
	const like = `(?:, did you mean .*)?`
	return []saying{
		{`no function ((?i:elseif|elsif|elif|else_if))` + like, "there is no {{ $1 }}", "write {{ else if … }}", false},
		{`no function ((?i:if))` + like, "there is no {{ $1 }}", "write {{ if … }}, in small letters", false},
		{`no function ((?i:unless))` + like, "there is no {{ $1 }}", "write {{ if not … }}", false},
		{`no function ((?i:for|foreach|each|while|loop|range))` + like, "there is no {{ $1 }}", "write {{ range .Changes }} … {{ end }}", false},
		{`no function ((?i:with))` + like, "there is no {{ $1 }}", "write {{ with … }}, in small letters", false},
		{`no function ((?i:else))` + like, "there is no {{ $1 }}", "write {{ else }}, in small letters", false},
		{`no function ((?i:end(?:if|for|foreach|range|with|each|loop|while)?|fi|done))` + like, "there is no {{ $1 }}", "write {{ end }}", false},
		{`no function ([A-Z]\w*)`, "no function $1", "what a message sees by itself is written .$1; a field of the project, field \"$1\"", false},
	}
}
