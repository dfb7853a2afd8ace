package file

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// byteOrderMark is what spreadsheet programs put before the first header.
const byteOrderMark = "\ufeff"

// csvForm is CSV as RFC 4180 has it, in UTF-8, with a line feed after each record. Columns are found by their headers: a
// person may move them and add own ones, which stay empty in our rows.
type csvForm struct {
	headers []string // that the effect's cells have
	first   []string // the first line of the file; nil while it has none
}

// readCSV reads the first line of a file.
func readCSV(r io.Reader, headers []string) (csvForm, error) {
	read, _ := csvReader(r)
	first, err := read.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return csvForm{}, unreadable(err)
	}
	for i := range first {
		first[i] = strings.TrimSpace(first[i])
	}
	return csvForm{headers: headers, first: first}, nil
}

// columns returns the headers of the columns as they stand in the file, or will.
func (f csvForm) columns() []string {
	if f.first == nil {
		return f.headers
	}
	return f.first
}

// csvReader returns a reader and how many bytes it skipped.
func csvReader(r io.Reader) (*csv.Reader, int64) {
	buffered, skipped := bufio.NewReaderSize(r, 64<<10), 0
	if start, _ := buffered.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		skipped, _ = buffered.Discard(len(byteOrderMark))
	}
	read := csv.NewReader(buffered)
	read.FieldsPerRecord = -1
	return read, int64(skipped)
}

func (f csvForm) head() []byte {
	if f.first != nil {
		return nil
	}
	return record(f.headers)
}

func (f csvForm) missing() []string {
	return slices.DeleteFunc(slices.Clone(f.headers), func(header string) bool {
		return slices.Contains(f.columns(), header)
	})
}

func (f csvForm) line(row event.Row) []byte {
	columns := f.columns()
	cells := make([]string, len(columns))
	for _, cell := range row.Cells {
		if i := slices.Index(columns, cell.Header); i >= 0 {
			cells[i] = csvText(cell)
		}
	}
	if i := slices.Index(columns, keyHeader); i >= 0 {
		cells[i] = row.Key
	}
	return record(cells)
}

// record returns a line of the file. Cells are quoted when they hold a separator, of other regions too, or spaces that
// a program may trim (encoding/csv would leave a semicolon bare).
func record(cells []string) []byte {
	var line []byte
	for i, cell := range cells {
		if i > 0 {
			line = append(line, ',')
		}
		if strings.ContainsAny(cell, "\",;\t\r\n") || strings.TrimSpace(cell) != cell {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		line = append(line, cell...)
	}
	return append(line, '\n')
}

func (f csvForm) records(r io.Reader) next {
	read, skipped := csvReader(r)
	read.ReuseRecord = true
	column := slices.Index(f.columns(), keyHeader)
	return func() (string, int64, error) {
		cells, err := read.Read()
		if err != nil {
			return "", 0, err
		}
		key := ""
		if column >= 0 && column < len(cells) {
			key = cells[column]
		}
		return key, read.InputOffset() + skipped, nil
	}
}

// csvText returns a cell as people read it. A link is its label, as a table is sorted and filtered by that, or its
// address when it has none.
func csvText(cell event.Cell) string {
	switch cell.Type {
	case event.CellNumber:
		if isNumber(cell.Text) {
			return cell.Text
		}
	case event.CellDate:
		return timeText(cell.Time, time.DateOnly)
	case event.CellDateTime:
		return timeText(cell.Time, "2006-01-02 15:04")
	case event.CellBoolean:
		return strings.ToUpper(strconv.FormatBool(cell.Bool))
	case event.CellLink:
		if cell.Text == "" {
			return harmless(cell.Link)
		}
	case event.CellText:
	}
	return harmless(cell.Text)
}

func timeText(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(layout)
}

// isNumber reports whether text is a number as JSON writes it: such text can neither be a formula nor break a line.
func isNumber(text string) bool {
	return text != "" && json.Valid([]byte(text)) && strings.Trim(text, "-+.0123456789eE") == ""
}

// harmless puts an apostrophe before whatever a spreadsheet program would take for a formula
// (owasp.org/www-community/attacks/CSV_Injection), and drops NUL characters, which end a text for some programs. Where
// the regional list separator is a semicolon, programs split at that, whatever quotes stand around it, and a line break
// begins another row: a formula after those is one too.
func harmless(text string) string {
	text = strings.ReplaceAll(text, "\x00", "")
	var out strings.Builder
	if text != "" && strings.ContainsRune("\t\r\n", rune(text[0])) {
		out.WriteByte('\'')
	}
	begins := true // a cell, for one program or another
	for _, char := range text {
		if begins && strings.ContainsRune("=+-@＝＋－＠", char) {
			out.WriteByte('\'')
		}
		out.WriteRune(char)
		begins = strings.ContainsRune(";\t\r\n", char) || (begins && char == '"')
	}
	return out.String()
}
