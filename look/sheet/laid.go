package sheet

import (
	"html"
	"html/template"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// laid is a sheet in the shape that the template writes out: what is to be decided is decided here.
type laid struct {
	Sheet

	Heads    []head
	Lines    []line
	ShowAll  string // where it is posted to that the filter ends; empty = there is none, or it cannot be ended
	RowCount int    // -1 = not known
}

type head struct {
	Column

	Letters, Name, Class, Width string
	Sort, Filter                string // where that is posted to; empty = not possible
	Next                        Order  // that a click brings
	Last                        bool   // its menu opens to the left
	Frozen                      bool
}

type line struct {
	Row

	Class string
	Boxes []box
}

// box is a cell, or several plain ones. There are thousands of these, so that they are not left to the template.
type box struct {
	Plain                                template.HTML
	Text, Link, Class, Whole, Name, Post string
	Tick, Checked                        bool
}

func (s Sheet) laid() laid {
	all := laid{Sheet: s, RowCount: s.Total}
	if all.RowCount == 0 {
		all.RowCount = -1
	}
	for i, column := range s.Columns {
		all.Heads = append(all.Heads, s.head(i, column))
		if column.Filtered && s.Action != "" {
			all.ShowAll = s.post("filter", nil)
		}
	}
	for _, row := range s.Rows {
		all.Lines = append(all.Lines, s.line(row, all.Heads))
	}
	return all
}

func (s Sheet) head(index int, column Column) head {
	h := head{
		Column: column, Letters: letters(index), Name: column.Header, Width: WidthClass(column.Width), Next: Ascending,
		Last: index > 0 && index >= len(s.Columns)-2,
	}
	if strings.TrimSpace(h.Header) == "" {
		h.Header, h.Name = "", "Column "+h.Letters
	}
	switch column.Sorted {
	case Ascending:
		h.Next = Descending
	case Descending:
	default:
		h.Sorted = ""
	}
	h.Frozen = s.FirstFrozen && index == 0
	h.Class = classes("own", column.Own, "fz", h.Frozen)
	if s.Action != "" {
		where := url.Values{"column": {column.Key}}
		h.Sort = s.post("sort", where)
		if column.Filter {
			h.Filter = s.post("filter", where)
		}
	}
	return h
}

func (s Sheet) line(row Row, heads []head) line {
	l := line{Row: row, Class: classes("new", row.New)}
	for i, head := range heads {
		var cell Cell
		if i < len(row.Cells) {
			cell = row.Cells[i]
		}
		b, last := s.box(row, head, cell), len(l.Boxes)-1
		if b.Plain != "" && last >= 0 && l.Boxes[last].Plain != "" {
			l.Boxes[last].Plain += b.Plain
			continue
		}
		l.Boxes = append(l.Boxes, b)
	}
	return l
}

func (s Sheet) box(row Row, column head, cell Cell) box {
	b := box{Text: cell.Text, Tick: cell.Input == Checkbox, Checked: cell.Checked}
	if strings.TrimSpace(cell.Text) != "" {
		b.Link = address(cell.Link)
	}
	if tooLong(cell.Text, column.Column.Width) {
		b.Whole = cell.Text
	}
	b.Class = classes("r", cell.Align == "right", "m", cell.Align == "center", "own", column.Own, "fz", column.Frozen,
		"soft", cell.Faint, string(cell.Tone), known(cell.Tone))
	if cell.Input == Fixed || (cell.Input == Field && s.Action == "") {
		if b.Link == "" {
			b.Plain = plain(b, cell.Align != "right")
		}
		return b
	}
	b.Name = column.Name + ", row " + strconv.Itoa(row.Number)
	if s.Action != "" {
		word := "type"
		if b.Tick {
			word = "tick"
		}
		b.Post = s.post(word, url.Values{"row": {row.Key}, "column": {column.Key}})
	}
	return b
}

// plain returns a cell that is nothing but a text, which may run in either direction.
func plain(b box, either bool) template.HTML {
	attributes := ""
	if b.Class != "" {
		attributes += ` class="` + html.EscapeString(b.Class) + `"`
	}
	if b.Whole != "" {
		attributes += ` title="` + html.EscapeString(b.Whole) + `"`
	}
	text := html.EscapeString(b.Text)
	if either && text != "" {
		text = "<bdi>" + text + "</bdi>"
	}
	return template.HTML("<td" + attributes + ">" + text + "</td>") //nolint:gosec // all that is not written here is escaped
}

// post returns where a form goes.
func (s Sheet) post(word string, where url.Values) string {
	query := url.Values{"tab": {s.Title}}
	if s.Back != "" {
		query.Set("back", s.Back)
	}
	maps.Copy(query, where)
	return s.Action + "/" + word + "?" + query.Encode()
}

// classes takes pairs of a class and whether the element has it.
func classes(pairs ...any) string {
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, _ := pairs[i].(string); pairs[i+1] == true && name != "" {
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

func known(tone Tone) bool {
	switch tone {
	case Good, Worse, Worst, Finished, Nothing:
		return true
	default:
		return false
	}
}

// address returns a link that may be followed, else "".
func address(link string) string {
	parsed, err := url.Parse(link)
	if err != nil {
		return ""
	}
	switch strings.ToLower(parsed.Scheme) {
	case "http", "https":
		if parsed.Host == "" {
			return ""
		}
		return link
	case "mailto":
		return link
	default:
		return ""
	}
}

// tooLong guesses whether a text is clipped: the browser knows, but asks nobody.
func tooLong(text string, width int) bool {
	const letter, wide = 6, 13 // pixels
	ascii := 0
	for _, r := range text {
		if r < utf8.RuneSelf {
			ascii++
		}
	}
	if width <= 0 {
		width = usual
	}
	return ascii*letter+(utf8.RuneCountInString(text)-ascii)*wide > width-10 || strings.ContainsAny(text, "\n\r")
}

// usual is the width of a column that says nothing of it.
const usual = 100

// WidthClass returns the class of a column of so many pixels: the nearest of those that the stylesheet has.
func WidthClass(pixels int) string {
	best := usual
	for _, width := range Widths() {
		if pixels > 0 && abs(width-pixels) < abs(best-pixels) {
			best = width
		}
	}
	return "w" + strconv.Itoa(best)
}

// Widths returns the widths of columns that the stylesheet has a class for, in pixels.
func Widths() []int { return []int{40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 260, 320, 400} }

func abs(n int) int { return max(n, -n) }

// letters returns the name of a column: 0 = A, 26 = AA.
func letters(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
