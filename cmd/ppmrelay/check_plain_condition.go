package main

// conditionSayings are those of the compiler of conditions, from the special to the general.
func conditionSayings() []saying {
	return []saying{
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
