package config

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"
)

// contradicts reports whether two of the comparisons that && joins can never hold together, as in
// daysMoved("Date") > 7 && daysMoved("Date") < 3, whatever the event is.
func contradicts(n *ast.BinaryNode) bool {
	bounds := map[string]*bound{}
	return slices.ContainsFunc(joinedParts(n), func(part ast.Node) bool {
		compared, ok := part.(*ast.BinaryNode)
		return ok && !narrowed(bounds, compared)
	})
}

// contradicts reports whether && joins what can never hold together anywhere in a condition.
func (c condition) contradicts() bool {
	found := false
	ast.Walk(&c.root, visitor(func(node ast.Node) {
		n, ok := node.(*ast.BinaryNode)
		found = found || ok && (n.Operator == "&&" || n.Operator == "and") && contradicts(n)
	}))
	return found
}

// joinedParts returns what && joins, also inside of one another.
func joinedParts(node ast.Node) []ast.Node {
	n, ok := node.(*ast.BinaryNode)
	if !ok || n.Operator != "&&" && n.Operator != "and" {
		return []ast.Node{node}
	}
	return append(joinedParts(n.Left), joinedParts(n.Right)...)
}

// bound is what is left for one name or call: the words that it may be, and from where to where it may lie.
type bound struct {
	words       []string // nil = any
	least, most *limit
}

// limit is an end of what a number or a day lies in. Days and numbers are never compared with each other.
type limit struct {
	day      bool
	value    float64
	excluded bool
}

// narrowed adds a comparison to what is known of its subject, and reports whether anything is left.
func narrowed(bounds map[string]*bound, n *ast.BinaryNode) bool {
	subject, literal, operator := n.Left, n.Right, n.Operator
	if !isSubject(subject) {
		subject, literal, operator = n.Right, n.Left, mirrored(operator)
	}
	if !isSubject(subject) {
		return true
	}
	key := subject.String()
	if bounds[key] == nil {
		bounds[key] = new(bound)
	}
	if _, named := subject.(*ast.IdentifierNode); named {
		return bounds[key].word(operator, literal)
	}
	return bounds[key].between(operator, literal, isNumberCall(subject))
}

// isSubject reports whether a node is a name or call that gives the same for one event wherever it stands.
func isSubject(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return slices.Contains([]string{"Type", "Action", "Kind", "Name", "Parent", "Initiator", "Account"}, n.Value)
	case *ast.CallNode:
		name, ok := n.Callee.(*ast.IdentifierNode)
		if !ok || len(n.Arguments) != 1 || !slices.Contains([]string{"daysMoved", "before", "after"}, name.Value) {
			return false
		}
		_, written := n.Arguments[0].(*ast.StringNode)
		return written
	default:
		return false
	}
}

func isNumberCall(node ast.Node) bool {
	call, ok := node.(*ast.CallNode)
	if !ok {
		return false
	}
	name, ok := call.Callee.(*ast.IdentifierNode)
	return ok && name.Value == "daysMoved"
}

// mirrored is the operator with its sides exchanged; what has no other side is returned as none that is known here.
func mirrored(operator string) string {
	return map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]
}

// word is for a name, which is one text.
func (b *bound) word(operator string, literal ast.Node) bool {
	var words []string
	switch n := literal.(type) {
	case *ast.StringNode:
		if operator != "==" {
			return true
		}
		words = []string{n.Value}
	case *ast.ArrayNode:
		if operator != "in" {
			return true
		}
		for _, entry := range n.Nodes {
			word, ok := entry.(*ast.StringNode)
			if !ok {
				return true
			}
			words = append(words, word.Value)
		}
	default:
		return true
	}
	if b.words == nil {
		b.words = append([]string{}, words...)
	} else {
		b.words = slices.DeleteFunc(b.words, func(word string) bool { return !slices.Contains(words, word) })
	}
	return len(b.words) > 0
}

// between is for a call, which gives a number or a day. The value of a field may equal several things, its label and its
// number, so that == says something of numbers alone.
func (b *bound) between(operator string, literal ast.Node, isNumber bool) bool {
	l, ok := limitOf(literal)
	if !ok || operator == "==" && !isNumber {
		return true
	}
	switch operator {
	case "==":
		return b.above(l) && b.below(l)
	case ">", ">=":
		l.excluded = operator == ">"
		return b.above(l)
	case "<", "<=":
		l.excluded = operator == "<"
		return b.below(l)
	default:
		return true
	}
}

func (b *bound) above(l limit) bool {
	if b.least == nil || tighter(cmp.Compare(l.value, b.least.value), l, *b.least) {
		b.least = &l
	}
	return b.possible()
}

func (b *bound) below(l limit) bool {
	if b.most == nil || tighter(cmp.Compare(b.most.value, l.value), l, *b.most) {
		b.most = &l
	}
	return b.possible()
}

// tighter reports whether a limit leaves less than another one, to which it compares so.
func tighter(way int, l, other limit) bool {
	return l.day == other.day && (way > 0 || way == 0 && l.excluded && !other.excluded)
}

// possible reports whether something lies between the two ends.
func (b *bound) possible() bool {
	if b.least == nil || b.most == nil || b.least.day != b.most.day {
		return true
	}
	way := cmp.Compare(b.least.value, b.most.value)
	return way < 0 || way == 0 && !b.least.excluded && !b.most.excluded
}

// limitOf reads a number or a day that is written in a condition.
func limitOf(node ast.Node) (limit, bool) {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return limit{value: float64(n.Value)}, n.Value > -1<<50 && n.Value < 1<<50
	case *ast.FloatNode:
		return limit{value: n.Value}, true
	case *ast.UnaryNode:
		l, ok := limitOf(n.Node)
		l.value = -l.value
		return l, ok && n.Operator == "-" && !l.day
	case *ast.StringNode:
		if t, err := time.Parse(time.DateOnly, n.Value); err == nil {
			return limit{day: true, value: float64(t.Unix())}, true
		}
		number, err := strconv.ParseFloat(n.Value, 64)
		return limit{value: number}, err == nil && len(n.Value) < 15 // a longer one may be nearly another
	default:
		return limit{}, false
	}
}
