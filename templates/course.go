package templates

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// What samples hold at the most; tests hold them to it.
const (
	mostTold   = 30    // changes of an event, or facts
	mostItems  = 200   // entries of a value
	mostPrint  = 1_300 // bytes that one thing takes in a message
	mostInCell = 7_000 // bytes that one thing takes in a cell
)

// course is what executing a template can come to on samples, as far as its text and the types in it tell: whether
// anything in it may fail on some of them, and how much of a budget it takes at the most.
//
// Where nothing can fail there is nothing to find by trying it on all of them. What is not known counts as doubtful.
type course struct {
	doubtful bool
	says     bool // it prints something, whatever happens
	steps    int
	prints   int // things that are printed, or made to be printed
	text     int // bytes that the author wrote
}

// sure reports whether executing the template fails on no sample, where one thing takes at most so many bytes.
func (c course) sure(bytes int) bool {
	return !c.doubtful && c.steps <= maxSteps && c.prints*bytes+c.text <= maxOutput
}

// begin starts the course of a template that is called.
func (c *checker) begin() {
	c.course, c.turns = course{steps: callSteps}, 1
}

// again adds the course of a template at a place that calls it.
func (c *checker) again(called course) {
	c.course.doubtful = c.course.doubtful || called.doubtful
	c.course.steps += c.turns * called.steps
	c.course.prints += c.turns * called.prints
	c.course.text += c.turns * called.text
	c.bounded()
}

// bounded keeps the numbers small: loops in loops would multiply them without end.
func (c *checker) bounded() {
	if c.course.steps > maxSteps || c.course.prints > maxOutput || c.course.text > maxOutput || c.turns > maxSteps {
		c.course = course{doubtful: true}
		c.turns = 1
	}
}

// loops begins a range over a list.
func (c *checker) loops(list reflect.Type) {
	if list == nil || list.Kind() != reflect.Slice {
		c.course.doubtful = true
		return
	}
	c.turns *= lengthOf(list)
	c.course.steps += c.turns
	c.bounded()
}

// isList reports whether a type is one of our lists, which say many things: .Changes, .Facts.
func isList(t reflect.Type) bool {
	return t != nil && t.Kind() == reflect.Slice && t != reflect.TypeFor[Value]()
}

// lengthOf returns how many elements a list has at the most.
func lengthOf(list reflect.Type) int {
	if list == reflect.TypeFor[Value]() {
		return mostItems
	}
	return mostTold
}

// prints adds an action that prints. What is not known is neither everything at once nor one of our lists.
func (c *checker) prints(given reflect.Type) {
	things := 1
	if isList(given) {
		things = mostTold
	}
	c.course.steps += c.turns
	c.course.prints += c.turns * things
	c.bounded()
}

// calls adds a call of a function.
func (c *checker) calls(f function, args []parse.Node, types []reflect.Type) {
	cost := 2 + len(types)
	switch f.name {
	case "not":
	case "and", "or":
		special := func(t reflect.Type) bool { return isList(t) || isWhole(t) }
		if slices.ContainsFunc(types, special) && slices.ContainsFunc(types, func(t reflect.Type) bool { return t != types[0] }) {
			c.course.doubtful = true // what is asked of it may be asked of something else
		}
	case "len":
		if len(types) != 1 || types[0] == nil || types[0].Kind() != reflect.Slice && types[0].Kind() != reflect.String {
			c.course.doubtful = true
		}
	case "has":
		cost += mostItems / maxListed
	case "join":
		cost += maxJoined
		c.course.prints += c.turns * 2 * mostTold
		if between, ok := first(args).(*parse.StringNode); ok {
			c.course.text += c.turns * 2 * maxJoined * len(separator(between.Text))
		}
	case "date", "number", "money", "percent", "truncate":
		c.course.prints += c.turns
	}
	if f.name == "index" || f.name == "slice" || f.of != nil && (f.sure == nil || !f.sure(args, len(types))) {
		c.course.doubtful = true
	}
	if f.of != nil && f.name != "join" && slices.ContainsFunc(types, isList) {
		c.course.doubtful = true // it makes one text of all
	}
	c.course.steps += c.turns * cost
	c.bounded()
}

// never is of a function that fails on nothing.
func never([]parse.Node, int) bool { return true }

// whereWritten is of a function that fails on nothing where all but its last argument are written, and were found to be
// right: the text of the first, perhaps a language behind it.
func whereWritten(args []parse.Node, given int) bool {
	const most = 3
	if given < 1 || given > most || len(args) < given-1 {
		return false
	}
	for _, arg := range args[:given-1] {
		if _, ok := arg.(*parse.StringNode); !ok {
			return false
		}
	}
	return true
}

// whereCounted is whereWritten of a function whose first argument is a number between two.
func whereCounted(least, most int64) func([]parse.Node, int) bool {
	return func(args []parse.Node, given int) bool {
		n, ok := first(args).(*parse.NumberNode)
		return ok && n.IsInt && n.Int64 >= least && n.Int64 <= most && !strings.ContainsAny(n.Text, ".eEpP") && whereWritten(args[1:], given-1)
	}
}

func first(args []parse.Node) parse.Node {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}
