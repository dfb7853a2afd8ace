package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// neitherNumberNorDay tells of after("FinishDate") > "31.12.2022": the value of a field is smaller or greater than numbers
// and days alone.
func neitherNumberNorDay(text string, n *ast.BinaryNode) *slip {
	for _, pair := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
		literal, ok := pair[1].(*ast.StringNode)
		if !ok || kindOf(pair[0]) != fieldKind || isComparable(literal.Value) {
			continue
		}
		s := &slip{at: placeOf(text, literal), said: fmt.Sprintf("%s compares numbers and days, and %q is neither, so this never holds", n.Operator, literal.Value)}
		switch {
		case dayMeant(literal.Value) != "":
			s.hint = fmt.Sprintf("write the day as %q", dayMeant(literal.Value))
		case numberMeant(literal.Value) != "":
			s.hint = "write the number as " + numberMeant(literal.Value)
		default:
			s.hint = `write a number as 100000, a day as "2022-03-31"`
		}
		return s
	}
	return nil
}

// isComparable reports whether a text is a number or a day.
func isComparable(text string) bool {
	_, isNumber := rational(text)
	_, isDay := day(text)
	return isNumber || isDay
}

// dayMeant returns a day as it has to be written: of 31.12.2022 it is 2022-12-31. It is empty where a text is no day, or
// may be one of two.
func dayMeant(text string) string {
	found := map[time.Time]bool{}
	for _, layout := range []string{
		"2.1.2006", "2/1/2006", "1/2/2006", "2-1-2006", "1-2-2006", "2006-1-2", "2006/1/2", "2006.1.2", "20060102",
		"2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006", "2. January 2006", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04",
	} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			found[t.Truncate(24*time.Hour)] = true
		}
	}
	if len(found) != 1 {
		return ""
	}
	for t := range found {
		return t.Format(time.DateOnly)
	}
	return ""
}

// numberMeant returns a number with commas between its thousands without them.
func numberMeant(text string) string {
	if bare := strings.Trim(text, " %€$£"); bare != text && regexp.MustCompile(`^\d+$`).MatchString(bare) {
		return bare
	}
	if !regexp.MustCompile(`^\d{1,3}([,' ]\d{3})+$`).MatchString(text) {
		return ""
	}
	return regexp.MustCompile(`\D`).ReplaceAllString(text, "")
}

// calculatedDay tells of after("FinishDate") > 2022-12-31, which is compared with 1979.
func calculatedDay(text string, n *ast.BinaryNode) *slip {
	var found *slip
	for _, side := range []ast.Node{n.Left, n.Right} {
		all := []ast.Node{side}
		if list, ok := side.(*ast.ArrayNode); ok {
			all = list.Nodes
		}
		for _, node := range all {
			if s := calculated(text, node); s != nil && found == nil {
				found = s
			}
		}
	}
	return found
}

func calculated(text string, node ast.Node) *slip {
	outer, ok := node.(*ast.BinaryNode)
	if !ok || outer.Operator != "-" && outer.Operator != "/" {
		return nil
	}
	inner, ok := outer.Left.(*ast.BinaryNode)
	if !ok || inner.Operator != outer.Operator {
		return nil
	}
	parts := []ast.Node{inner.Left, inner.Right, outer.Right}
	var numbers []int
	for _, part := range parts {
		number, ok := part.(*ast.IntegerNode)
		if !ok {
			return nil
		}
		numbers = append(numbers, number.Value)
	}
	written := textBetween(text, parts[0], parts[2])
	if year := slices.Max(numbers); year < 1900 || year > 2200 || numbers[1] == year || strings.ContainsAny(written, "()") {
		return nil
	}
	sum := strconv.Itoa(numbers[0] - numbers[1] - numbers[2])
	if outer.Operator == "/" {
		sum = strconv.FormatFloat(float64(numbers[0])/float64(numbers[1])/float64(numbers[2]), 'f', 2, 64)
	}
	s := &slip{placeOf(text, parts[0]), fmt.Sprintf("%s is calculated here: it is %s", written, sum), "put the day into quotes"}
	if meant := dayMeant(written); meant != "" {
		s.hint += fmt.Sprintf(": write %q", meant)
	} else {
		s.hint += ` as in "2022-03-31"`
	}
	return s
}

// textBetween returns a text from the beginning of one node to the end of another.
func textBetween(text string, from, to ast.Node) string {
	head, _ := firstRunes(text, to.Location().To)
	return text[placeOf(text, from):len(head)]
}

// day tells of one without quotes that cannot be read: 31.12.2022.
func (s *slips) day() *slip {
	if s.i >= len(s.tokens) {
		return nil
	}
	t := s.tokens[s.i]
	for _, place := range regexp.MustCompile(`\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b`).FindAllStringIndex(s.text, -1) {
		if written := s.text[place[0]:place[1]]; place[0] <= t.at && t.at <= place[1] {
			hint := `write a day as "2022-03-31"`
			if meant := dayMeant(written); meant != "" {
				hint = fmt.Sprintf("write %q", meant)
			}
			return &slip{place[0], "a day stands in quotes", hint}
		}
	}
	return nil
}
