package templates

import "slices"

// saying is what the expression language says, and the same for people who never wrote a program.
type saying struct {
	heard string // a regular expression for all of it
	said  string // with $1 for what its first group holds
	hint  string
	kinds bool // its groups hold kinds of values, as programmers name them
}

// conditionSayings are those of lexer, parser, checker and machine, from the special to the general.
func conditionSayings() []saying {
	return slices.Concat(readingSayings(), fittingSayings(), workingSayings(), patternSayings())
}

const (
	noLists  = "a condition does not go through lists"
	question = "write a comparison, as in Name == \"x\" or daysMoved(\"FinishDate\") > 7"
)

// readingSayings are those about a text that cannot be read.
func readingSayings() []saying {
	const (
		tooLong = "write several routes, or a list: Kind in [\"Project\", \"Idea\"]"
		whole   = "write a whole number of at most 18 digits"
	)
	return []saying{
		{`unclosed comment`, "a comment that is opened here is not closed", "it ends with */", false},
		{`bad number syntax: .*`, "this is not a number", "a number has digits alone, as in 7 or 0.5; a text stands in quotes", false},
		{`invalid (?:integer|hex|octal|binary) literal: .*|integer literal is too large`, "this number is too large", whole, false},
		{`invalid float literal: .*|float literal is too large`, "this number is too large", "write fewer digits", false},
		{`compilation failed: expression exceeds maximum allowed nodes`, "it has too many parts", tooLong, false},
		{`Operator \((.+)\) and coalesce expressions .*`, "?? and $1 cannot stand side by side", "put brackets around one of them", false},
		{`expected at least .*|wrap predicate .*|builtin .*|predicate should .*|sortBy order .*|unknown builtin .*`, noLists, "", false},
		{`cannot use pointer accessor .*|unknown pointer .*|cannot redeclare .*`, noLists, "", false},
		{`a map key must be .*|expected name|unexpected token .*|empty sequence expression`, "this is not expected here", "", false},
	}
}

// fittingSayings are those about what can be read, and does not fit together.
func fittingSayings() []saying {
	return []saying{
		{`invalid operation: % \(mismatched types (?:int|float64) and (?:int|float64)\)`, "% takes whole numbers", "leave the digits behind the dot out", false},
		{`invalid operation: ([!+-]|not) \(mismatched type (.+)\)`, "$1 cannot stand before $2", "", true},
		{`invalid operation: (\S+) \(mismatched types (.+) and (.+)\)`, "$1 cannot stand between $2 and $3", "", true},
		{`cannot use (.+) as type (?:int|float64) in array`, "$1 is never in a list of numbers", "", true},
		{`cannot use (.+) as type string in array`, "$1 is never in a list of texts", "", true},
		{`cannot use (.+) as type .+ in array`, "$1 is never in a list of another kind", "", true},
		{`cannot use (.+) as type (.+) in map key`, "$1 is never in this list", "write a list in square brackets: [\"x\", \"y\"]", true},
		{`array elements can only be selected .*`, "what stands behind the value of a field means nothing", "leave it out", false},
		{`type (.+) has no (?:field|method) (\S+)`, "$1 has no field $2", "", true},
		{`type (.+)\[.+\] is undefined`, "there are no [ ] behind $1", "", true},
		{`cannot use .+ to get an element from .*|unknown field .*`, "there is nothing of this name", "", false},
		{`cannot slice (.+)|non-integer slice index .*`, "a part is cut out of a text alone, from one number to another", "write it as in Name[0:3]", false},
		{`(.+) is not callable`, "$1 is no function", "leave the ( ) out", true},
		{`(.+) is nil; cannot call nil as function`, "$1 is no function", "leave the ( ) out", false},
		{`(not enough|too many) arguments to call (changed|daysMoved|before|after)`, "$2 looks at one field", "write $2(\"Name\")", false},
		{`cannot use .+ as argument \(type string\) to call (changed|daysMoved|before|after)`, "$1 takes the name of a field", "write $1(\"Name\")", false},
		{`(?:not enough|too many) arguments to call .*|cannot use .+ as argument .*|no matching overload .*`, "this is not called so", "", false},
		{`non-bool expression \(type (.+)\) used as condition`, "what stands before ? has to be true or false, and is $1", question, true},
		{`expected bool, but got (.+)`, "it has to be true or false, and is $1", question, true},
	}
}

// workingSayings are those of a condition that is worked out for an event.
func workingSayings() []saying {
	return []saying{
		{`(?:runtime error: )?integer divide by zero`, "this divides by zero", "", false},
		{`(?:reflect: )?(?:slice )?index out of range.*|runtime error: .* out of range.*`, "there is no such place in the list", "", false},
		{`memory budget exceeded`, "a list is too long", "", false},
		{`(?:runtime error: )?invalid operation: bool\((.+)\)`, "it has to be true or false, and is $1", question, true},
		{`(?:runtime error: )?invalid operation: (\S+) (<|>|<=|>=|[-+*/%^]|\*\*) (\S+)`, "$2 cannot stand between $1 and $3", "", true},
		{`(?:runtime error: )?invalid operation: ([+-]) (\S+)`, "$1 cannot stand before $2", "", true},
		{`interface conversion: interface \{\} is (\S+), not (\S+)`, "this is $1, and has to be $2", "", true},
		{`cannot (?:fetch|get) .*`, "there is nothing of this name", "", false},
		{`operator "in" not defined on .*`, "what stands behind in is no list", "write it as in Kind in [\"Project\", \"Idea\"]", false},
	}
}

// patternSayings are those about what stands behind matches.
func patternSayings() []saying {
	return []saying{
		{`error parsing regexp: missing closing \): .*`, "the pattern cannot be read: a ( is not closed", "write \\\\( for a bracket that is looked for", false},
		{`error parsing regexp: unexpected \): .*`, "the pattern cannot be read: a ) closes nothing", "write \\\\) for a bracket that is looked for", false},
		{`error parsing regexp: missing closing \]: .*`, "the pattern cannot be read: a [ is not closed", "write \\\\[ for a bracket that is looked for", false},
		{"error parsing regexp: missing argument to repetition operator: `(.*)`", "the pattern cannot be read: nothing stands before $1", "write \\\\$1 for the character itself, .* for anything", false},
		{`error parsing regexp: invalid nested repetition operator: (.*)`, "the pattern cannot be read: two repetitions stand side by side, $1", "", false},
		{`error parsing regexp: invalid repeat count: (.*)`, "the pattern cannot be read: $1 repeats too often", "", false},
		{`error parsing regexp: invalid character class range: (.*)`, "the pattern cannot be read: $1 is no range of characters", "", false},
		{`error parsing regexp: invalid escape sequence: (.*)`, "the pattern cannot be read: $1 means nothing", "", false},
		{`error parsing regexp: trailing backslash .*`, "the pattern cannot be read: it ends with a backslash", "write \\\\\\\\ for a backslash that is looked for", false},
		{`error parsing regexp: invalid or unsupported Perl syntax: (.*)`, "the pattern cannot be read: $1 is not known", "", false},
		{`error parsing regexp: (?:expression nests too deeply|expression too large).*`, "the pattern is too large", "", false},
		{`error parsing regexp: .*`, "the pattern cannot be read", "", false},
	}
}
