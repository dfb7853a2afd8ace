package main

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// detail is a line that shows a difference. Its label says in a word whose line it is, as not every terminal has colours.
type detail struct {
	label string // expectedLine, cameLine, or nothing where both are the same
	text  string
	whole bool // it is of a text that is compared with nothing
}

const (
	expectedLine = "expected"
	cameLine     = "came"
)

// Bounds of a comparison: what is beyond is shown as other lines all through.
const (
	mostCompared = 4_000_000 // pairs of lines
	around       = 2         // lines that are shown before and after those that differ
	mostLines    = 30        // of a text that is shown as a whole
	mostColumns  = 160
)

// everyLine shows a text that is compared with nothing; of a very long one the beginning.
func everyLine(text string) []detail {
	var all []detail
	for line := range strings.SplitSeq(text, "\n") {
		if len(all) == mostLines {
			return append(all, detail{text: "…", whole: true})
		}
		all = append(all, detail{text: line, whole: true})
	}
	return all
}

// marked shows the line of a text that has a byte, with a caret below it.
func marked(text string, at int) []detail {
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[begin:], "\n")
	return []detail{{label: cameLine, text: line}, caretAt(line, at-begin)}
}

// pair shows two lines, and where the second begins to differ.
func pair(want, got string) []detail {
	same := 0
	for same < len(want) && same < len(got) {
		a, size := utf8.DecodeRuneInString(want[same:])
		if b, _ := utf8.DecodeRuneInString(got[same:]); a != b {
			break
		}
		same += size
	}
	return []detail{{label: expectedLine, text: want}, {label: cameLine, text: got}, caretAt(got, same)}
}

// caretAt is a caret below a byte of a line.
func caretAt(line string, at int) detail {
	return detail{text: strings.Repeat(" ", seen(printable(line[:at]))) + "^"}
}

// differing shows two texts as one: what both have, what only was expected, what only came. The first place that differs
// is marked.
func differing(want, got string) []detail {
	var all []detail
	isMarked := false
	for _, part := range compareLines(strings.Split(want, "\n"), strings.Split(got, "\n")) {
		if part.same != nil {
			all = append(all, part.context(len(all) == 0)...)
			continue
		}
		for i := range max(len(part.want), len(part.got)) {
			both := i < len(part.want) && i < len(part.got)
			switch {
			case both && !isMarked:
				isMarked = true
				all = append(all, pair(part.want[i], part.got[i])...)
				continue
			case i < len(part.want):
				all = append(all, detail{label: expectedLine, text: part.want[i]})
			}
			if i < len(part.got) {
				all = append(all, detail{label: cameLine, text: part.got[i]})
			}
		}
	}
	return all
}

// stretch is lines that two texts have in common, or what each has in the place of the other's.
type stretch struct {
	same      []string // nil where they differ
	want, got []string
	last      bool // nothing comes after it
}

// context shows the lines around those that differ.
func (s stretch) context(first bool) []detail {
	var all []detail
	for i, line := range s.same {
		before, after := len(s.same)-i <= around && !s.last, i < around && !first
		switch {
		case before || after:
			all = append(all, detail{text: line})
		case len(all) == 0 || all[len(all)-1].text != "…":
			all = append(all, detail{text: "…"})
		}
	}
	return all
}

// changedLines counts the lines that only one of two texts has.
func changedLines(want, got string) int {
	n := 0
	for _, part := range compareLines(strings.Split(want, "\n"), strings.Split(got, "\n")) {
		n += len(part.want) + len(part.got)
	}
	return n
}

// compareLines finds the longest sequence of lines that two texts have in common.
func compareLines(want, got []string) []stretch {
	begin, end := 0, 0
	for begin < min(len(want), len(got)) && want[begin] == got[begin] {
		begin++
	}
	for end < min(len(want), len(got))-begin && want[len(want)-1-end] == got[len(got)-1-end] {
		end++
	}
	parts := stretches{}
	for _, line := range want[:begin] {
		parts.same(line)
	}
	parts.middle(want[begin:len(want)-end], got[begin:len(got)-end])
	for _, line := range want[len(want)-end:] {
		parts.same(line)
	}
	if len(parts) > 0 {
		parts[len(parts)-1].last = true
	}
	return parts
}

type stretches []stretch

func (s *stretches) same(line string) {
	if n := len(*s); n == 0 || (*s)[n-1].same == nil {
		*s = append(*s, stretch{})
	}
	at := &(*s)[len(*s)-1]
	at.same = append(at.same, line)
}

func (s *stretches) other(want, got []string) {
	if len(want)+len(got) == 0 {
		return
	}
	if n := len(*s); n == 0 || (*s)[n-1].same != nil {
		*s = append(*s, stretch{})
	}
	at := &(*s)[len(*s)-1]
	at.want, at.got = append(at.want, want...), append(at.got, got...)
}

// middle compares what neither begins nor ends in the same way, by the table of the longest common sequence.
func (s *stretches) middle(want, got []string) {
	if len(want)*len(got) > mostCompared {
		s.other(want, got)
		return
	}
	longest := make([][]int32, len(want)+1)
	for i := range longest {
		longest[i] = make([]int32, len(got)+1)
	}
	for i, line := range slices.Backward(want) {
		for j, other := range slices.Backward(got) {
			if line == other {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(want) && j < len(got) {
		switch {
		case want[i] == got[j]:
			s.same(want[i])
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			s.other(want[i:i+1], nil)
			i++
		default:
			s.other(nil, got[j:j+1])
			j++
		}
	}
	s.other(want[i:], got[j:])
}
