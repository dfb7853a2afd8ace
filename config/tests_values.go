package config

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Bounds of a regular expression: what one may cost, and all of a file.
const (
	maxRegexp     = 500  // bytes
	maxRegexpSize = 2000 // steps for each character of a text, roughly
)

// Regexp is a regular expression in the syntax of RE2 (github.com/google/re2/wiki/Syntax), which takes a time that grows
// with the text and no faster.
type Regexp struct{ *regexp.Regexp }

func (r Regexp) expects() string { return "a regular expression" }

func (r Regexp) parse(text string, _ surroundings) (scalar, error) {
	if len(text) > maxRegexp {
		return nil, wrong("", "a regular expression is longer than %d characters", maxRegexp)
	}
	parsed, err := syntax.Parse(text, syntax.Perl&^syntax.OneLine)
	if fault, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, regexpFault(fault)
	}
	if err != nil {
		return nil, wrong("", "%s is not %s", quoted(text), r.expects())
	}
	if stepsOf(parsed) > maxRegexpSize {
		return nil, wrong("write smaller numbers between { and }", "%s is too large a regular expression", quoted(text))
	}
	return Regexp{regexp.MustCompile("(?m)" + text)}, nil
}

// stepsOf estimates the size of the program of an expression, in which repetitions are written out. The parser bounds what
// repetitions inside of one another multiply to.
func stepsOf(parsed *syntax.Regexp) int {
	steps := 1 + len(parsed.Rune)
	for _, part := range parsed.Sub {
		steps += stepsOf(part)
	}
	if parsed.Op == syntax.OpRepeat {
		steps *= max(parsed.Min, parsed.Max, 1)
	}
	return steps
}

// regexpFault says in plain words what is wrong with a regular expression.
func regexpFault(fault *syntax.Error) error {
	const itself = `write a \ before it where the sign itself is meant`
	at := quoted(fault.Expr)
	switch fault.Code {
	case syntax.ErrMissingParen:
		return wrong(`every ( needs a ); write \( where the sign itself is meant`, "a ( is not closed in the regular expression %s", at)
	case syntax.ErrUnexpectedParen:
		return wrong(itself, "there is a ) too much in the regular expression %s", at)
	case syntax.ErrMissingBracket:
		return wrong(`every [ needs a ]; write \[ where the sign itself is meant`, "a [ is not closed in the regular expression: %s", at)
	case syntax.ErrMissingRepeatArgument:
		return wrong(itself, "there is nothing before %s in the regular expression that it could repeat", at)
	case syntax.ErrInvalidRepeatOp:
		return wrong(itself, "%s stands one behind the other in the regular expression", at)
	case syntax.ErrTrailingBackslash:
		return wrong(`write \\ where the sign itself is meant`, `the regular expression ends in a single \`)
	case syntax.ErrInvalidCharRange:
		if strings.HasPrefix(fault.Expr, `\`) {
			return wrong("", "there are no characters called %s", at)
		}
		return wrong("write the smaller one first, as [a-z]", "%s is no range in the regular expression", at)
	case syntax.ErrInvalidRepeatSize:
		return wrong("repeat at most 1000 times, the smaller number first", "%s is no repetition in the regular expression", at)
	default:
		return wrong("", "%s means nothing in a regular expression here", at)
	}
}

// EventType is a type of events: "Project:Updated", or one that PPM Express does not document yet.
type EventType string

func (t EventType) expects() string { return "a type of event such as Project:Updated" }

func (t EventType) parse(text string, _ surroundings) (scalar, error) {
	all := typeNames()
	if slices.Contains(all, text) {
		return EventType(text), nil
	}
	if hint := didYouMean(text, all); hint != "" {
		return nil, wrong(hint, "%s is not a type of event", quoted(text))
	}
	entity, action, found := strings.Cut(text, ":")
	if !found || entity == "" || action == "" || strings.ContainsAny(action, ":*") || entity == "*" {
		return nil, wrong("write one such as Project:Updated", "%s is not a type of event", quoted(text))
	}
	return EventType(text), nil
}
