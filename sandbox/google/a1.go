package google

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// letters returns the name of a column: 0 = A, 26 = AA.
func letters(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// index is the reverse of letters; -1 for no letters.
func index(name string) int {
	n := 0
	for _, letter := range name {
		n = n*26 + int(letter-'A') + 1
	}
	return n - 1
}

// a1 reads a range in A1 notation: "'My tab'!A1:B2", "Tab!A:C", "Tab!1:1", "Tab", "A1". A range that begins outside of
// the grid is refused; one that ends outside is cut. End is -1 where the range names none.
func (b *book) a1(text string) (*tab, area, error) {
	title, cells := splitTitle(text)
	t := b.tabs[0]
	if title != "" {
		t = b.titled(title)
	}
	if t == nil && cells == "" {
		return nil, area{}, invalid("Unable to parse range: %s", text)
	}
	if cells == "" { // a tab's name, or cells of the first tab
		if named := b.titled(title); named != nil {
			return named, area{rowEnd: len(named.lines), columnEnd: named.columns}, nil
		}
	}
	where, ok := parseCells(cells)
	if t == nil || !ok {
		return nil, area{}, invalid("Unable to parse range: %s", text)
	}
	if where.row >= len(t.lines) || where.column >= t.columns {
		return nil, area{}, invalid("Range (%s!%s) exceeds grid limits. Max rows: %d, max columns: %d",
			t.title, cells, len(t.lines), t.columns)
	}
	if where.rowEnd < 0 || where.rowEnd > len(t.lines) {
		where.rowEnd = len(t.lines)
	}
	if where.columnEnd < 0 || where.columnEnd > t.columns {
		where.columnEnd = t.columns
	}
	return t, where, nil
}

func splitTitle(text string) (title, cells string) {
	if strings.HasPrefix(text, "'") {
		end := 1
		for end < len(text) {
			if text[end] == '\'' {
				if !strings.HasPrefix(text[end:], "''") {
					break
				}
				end++
			}
			end++
		}
		title = strings.ReplaceAll(text[1:min(end, len(text))], "''", "'")
		return title, strings.TrimPrefix(text[min(end+1, len(text)):], "!")
	}
	before, after, found := strings.Cut(text, "!")
	if found {
		return before, after
	}
	if _, ok := parseCells(text); ok {
		return "", text
	}
	return text, ""
}

// parseCells reads "A1", "A1:B2", "A:B", "1:2" or "A2:B".
func parseCells(text string) (area, bool) {
	parts := regexp.MustCompile(`^([A-Z]{0,3})([0-9]{0,8})(?::([A-Z]{0,3})([0-9]{0,8}))?$`).FindStringSubmatch(text)
	if parts == nil || text == "" {
		return area{}, false
	}
	single := !strings.Contains(text, ":")
	if single && (parts[1] == "" || parts[2] == "") {
		return area{}, false
	}
	where := area{row: max(number(parts[2])-1, 0), column: max(index(parts[1]), 0), rowEnd: -1, columnEnd: -1}
	if single {
		where.rowEnd, where.columnEnd = where.row+1, where.column+1
		return where, true
	}
	if parts[4] != "" {
		where.rowEnd = number(parts[4])
	}
	if parts[3] != "" {
		where.columnEnd = index(parts[3]) + 1
	}
	return where, true
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // digits only, by the pattern
	return n
}

// format writes a range as the API does.
func format(title string, where area) string {
	return quote(title) + "!" + cells(where)
}

func cells(where area) string {
	return fmt.Sprintf("%s%d:%s%d", letters(where.column), where.row+1, letters(where.columnEnd-1), where.rowEnd)
}

func quote(title string) string {
	if regexp.MustCompile(`^[A-Za-z][A-Za-z_]*$|^[A-Za-z]+[0-9]+$`).MatchString(title) {
		return title
	}
	return "'" + strings.ReplaceAll(title, "'", "''") + "'"
}
