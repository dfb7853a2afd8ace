package main

import "slices"

// templateSayings are those of the parser of templates, and of what executes them, from the special to the general.
func templateSayings() []saying {
	return slices.Concat(blockSayings(), clauseSayings(), signSayings(), wordSayings(), otherLanguageSayings())
}

// blockSayings are about where actions begin and end.
func blockSayings() []saying {
	const closing = "every {{ needs a }}"
	return []saying{
		{`unexpected EOF: no end of (\{\{ (?:define|block) \}\})`, "this $1 has no {{ end }}", "it needs one of its own"},
		{`unexpected EOF: no end of (.*)`, "this $1 has no {{ end }}", "each {{ if }}, {{ with }} and {{ range }} needs one of its own"},
		{`unexpected EOF`, "an {{ if }}, {{ with }} or {{ range }} has no {{ end }}", "each needs an {{ end }} of its own"},
		{`unexpected \{\{else\}\} in (define|block) clause`, "an {{ else }} belongs to {{ if }}, {{ with }} or {{ range }}, not to {{ $1 }}", ""},
		{`unexpected (\{\{(?:end|else)\}\})`, "there is nothing that this $1 belongs to", "remove it, or write {{ if }}, {{ with }} or {{ range }} before it"},
		{`expected end; found \{\{else\}\}`, "this {{ else }} follows another one", "all but the last need a question: {{ else if … }}"},
		{`\{\{(break|continue)\}\} outside \{\{range\}\}`, "{{ $1 }} stands outside of {{ range }}", ""},
		{`unexpected "(define)" in .*`, "a {{ $1 }} cannot stand inside of {{ if }}, {{ with }}, {{ range }} or another {{ define }}", "write it behind their {{ end }}"},
		{`multiple definition of template "(.*)"`, "there is another {{ define \"$1\" }}", "give one of them another name"},
		{`unexpected "\}" in .*`, "an action is not closed: a } is missing", closing},
		{`unexpected "\{\{" in .*`, "an action begins inside of another one", closing + " before the next {{"},
		{`unexpected "\{" in .*`, "there is one { too many", "write {{ … }}"},
		{`unclosed action`, "an action that is opened here is not closed", closing},
		{`unclosed comment`, "a comment that is opened here is not closed", "it ends with */}}"},
		{`comment ends before closing delimiter`, "a comment has to fill its action", "write {{/* … */}}, with nothing between */ and }}"},
		{`no space behind \{\{-`, "a space is missing behind {{-", "write {{- .Entity -}}"},
		{`no space before -\}\}`, "a space is missing before -}}", "write {{- .Entity -}}"},
		{`unexpected "#" before a word`, "there is no {{#", "write {{ if … }} or {{ range … }}"},
		{`unexpected "/" before a word`, "there is no {{/", "write {{ end }}"},
	}
}

// clauseSayings are about what follows the words that rule what is printed.
func clauseSayings() []saying {
	return []saying{
		{`unexpected "\}\}" in (template|define|block) clause`, "`$1` is not followed by a name in quotes", "write {{ $1 \"name\" … }}"},
		{`unexpected "([\w-]+)" in template clause`, "the name of a template stands in quotes", "write {{ template \"$1\" . }}"},
		{`unexpected ".*" in (define|block|template) clause`, "`$1` is followed by one name in quotes", "write {{ $1 \"name\" … }}"},
		{`unexpected ".*" in end`, "nothing can stand behind `end`", "write {{ end }}"},
		{`unexpected ".*" in else`, "only if or with can stand behind `else`", "write {{ else }} or {{ else if … }}"},
		{`unexpected ".*" in \{\{(.*)\}\}`, "nothing can stand behind `$1`", "write {{ $1 }}"},
	}
}

// signSayings are about quotes, brackets and other signs.
func signSayings() []saying {
	const (
		straight = "write straight quotes: \" or '"
		compare  = "write {{ if eq .Action \"Updated\" }}, ne, gt, ge, lt or le"
	)
	return []saying{
		{`unterminated (?:raw )?quoted string`, "a quote that is opened here is not closed in its line", "every \" needs another"},
		{`unterminated character constant`, "a quote that is opened here is not closed", "write double quotes around a text: \"Updated\""},
		{`invalid syntax`, "what stands in these quotes cannot be read", "write \\\\ for a single \\"},
		{`no space before a quote`, "a space is missing before this quote", "write field \"Name\""},
		{`no space behind a quote`, "a text in quotes ends right before this", "write \\\" for a quote inside of a text; else a space behind it"},
		{`unrecognized character in action: ([“”„‘’‚«»])`, "`$1` is no quote here", straight},
		{`there is a character here that cannot be seen`, "there is a character here that cannot be seen", "remove it, or write a space instead"},
		{`unexpected "!" in .*`, "there is no ! here", "write not: {{ if not .Late }}"},
		{`unexpected "([<>]=?|[=!]=?|<>)" in .*`, "there is no $1 between values here", compare},
		{`unexpected "\|\|" in .*`, "there is no || between values here", "write or before both: {{ if or .Late .Recovered }}, {{ if or (eq …) (eq …) }}"},
		{`unexpected "(&&?)" in .*`, "there is no $1 between values here", "write and before both: {{ if and .Late .Recovered }}, {{ if and (eq …) (eq …) }}"},
		{`unexpected "\|" in .*`, "there is no value before this |", ""},
		{`unexpected ":=" in .*`, "only a variable is filled by :=", "write {{ $$name := … }}"},
		{`unexpected "," in .*`, "there is no comma between values here", "write a space instead"},
		{`too many declarations in range`, "range fills two variables, not more", "write {{ range $$i, $$c := .Changes }}"},
		{`too many declarations in .*`, "only range fills more than one variable", "write an action for each: {{ $$name := … }}"},
		{`range can only initialize variables`, "between range and := stand names of variables", "write {{ range $$i, $$c := .Changes }}"},
		{`unexpected "\(" in .*`, "a bracket cannot stand right behind a word", "write field \"Name\"; where it stands inside another, (field \"Name\")"},
		{`unclosed left paren`, "a bracket that is opened here is not closed", "every ( needs a )"},
		{`unexpected right paren`, "no bracket is open that this ) closes", "remove it, or write a ( before it"},
		{`max expression depth exceeded`, "there are too many brackets inside one another", ""},
		{`expected :=`, "`:` means nothing here", "write {{ $$name := … }}"},
	}
}

// wordSayings are about words and numbers.
func wordSayings() []saying {
	return []saying{
		{`unexpected "(.*)" in range of (\S+)`, "`$1` means nothing here", "write {{ range $2 := .Changes }}"},
		{`unexpected "(.*)" in with of (\S+)`, "`$1` means nothing here", "write {{ with $2 := … }}"},
		{`unexpected \. after term \.`, "there is one . too many", "write .Entity"},
		{`unexpected \. after term (.*)`, "`$1` has no fields", ""},
		{`unexpected "(.+)" in [^"]*`, "`$1` means nothing here", ""},
		{`unrecognized character in action: (.+)`, "`$1` means nothing here", ""},
		{`missing value for command`, "there is nothing in this action", "remove it, or write what it prints: {{ .Entity }}"},
		{`missing value for parenthesized pipeline`, "there is nothing in these brackets", "remove them, or write a value"},
		{`missing value for (.*)`, "`$1` is not followed by a value", ""},
		{`undefined variable "(.*)" any more`, "there is no variable $1 any more", "it ends where what it stands in ends: write {{ $1 := … }} before that begins"},
		{`undefined variable "(.*)"`, "there is no variable $1", "write {{ $1 := … }} before it"},
		{`integer overflow: "(.*)"`, "the number `$1` is too large", ""},
		{`index out of range: (-?\d+)`, "the list has no entry $1", "entries are counted from 0, and some events have fewer"},
		{`index out of range`, "the list has no such entry", "entries are counted from 0, and some events have fewer"},
		{`bad number syntax: "(.*)"`, "`$1` is not a number", ""},
	}
}

// otherLanguageSayings are about what others write for what is written here.
func otherLanguageSayings() []saying {
	return []saying{
		{`no function ((?i:elseif|elsif|elif|else_if))`, "there is no {{ $1 }}", "write {{ else if … }}"},
		{`no function ((?i:if))`, "there is no {{ $1 }}", "write {{ if … }}, in small letters"},
		{`no function ((?i:unless))`, "there is no {{ $1 }}", "write {{ if not … }}"},
		{`no function ((?i:for|foreach|each|while|loop|range))`, "there is no {{ $1 }}", "write {{ range .Changes }} … {{ end }}"},
		{`no function ((?i:with))`, "there is no {{ $1 }}", "write {{ with … }}, in small letters"},
		{`no function ((?i:else))`, "there is no {{ $1 }}", "write {{ else }}, in small letters"},
		{`no function ((?i:end(?:if|for|foreach|range|with|each|loop|while)?|fi|done))`, "there is no {{ $1 }}", "write {{ end }}"},
		{`(and|or) does not stand between what it joins`, "$1 stands before what it joins, not between", "write $1 before both: {{ if $1 .Late .Recovered }}, {{ if $1 (eq …) (eq …) }}"},
		{`(\w+) does not stand between what it compares`, "$1 stands before what it compares, not between", "write {{ if $1 .Action \"Updated\" }}"},
		{`what follows not needs brackets: (\w+)`, "what follows not needs brackets", "write {{ if not ($1 …) }}"},
		{`(\w+) and what it is given need brackets`, "$1 and what it is given need brackets here", "write ($1 …)"},
		{`a space stands between the dot and (\w+)`, "a space stands between the dot and $1", "write .$1"},
		{`no \$\.(\w+): .*`, "no $$.$1: it belongs to a change, and $$ is the message", "inside of {{ range .Changes }} write .$1, without $$"},
		{`no \.(\w+) here: it belongs to a change`, "no .$1 here: it belongs to a change", "write {{ range .Changes }}{{ .$1 }}{{ end }}"},
		{`no function ([A-Z]{3})`, "no function $1", "a text stands in quotes: \"$1\""},
		{`no function ([A-Z]\w*)`, "no function $1", "what a message sees by itself is written .$1; a field of the project, field \"$1\""},
	}
}
