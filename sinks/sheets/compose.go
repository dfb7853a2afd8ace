package sheets

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

const (
	maxRows  = 500
	maxBytes = 1_500_000 // of the request's JSON; Google recommends at most 2 MB
	maxText  = 49_000    // of a cell, in UTF-16 units; Google takes 50,000 characters
	maxLink  = 2_000     // of a cell, in bytes; a longer address is no link
	cutMark  = " … (cut)"
)

// headersOf returns the headers of all cells, each once.
func headersOf(b sinks.Batch) []string {
	var all []string
	seen := map[string]bool{}
	for _, row := range b.Rows {
		for _, cell := range row.Cells {
			if !seen[cell.Header] {
				seen[cell.Header] = true
				all = append(all, cell.Header)
			}
		}
	}
	return all
}

// Compose freezes the rows of the first items, up to 500 rows or 1.5 MB of the request, but at least those of one item.
// Text beyond 49,000 characters is cut, with a mark, and an item beyond 1.2 MB is shortened as bound tells. Plainly,
// every cell is text: no links, numbers or dates. An item that has no rows, or a row without a key, cannot be written.
func (s *Sink) Compose(items []sinks.Item, plainly bool) ([]byte, int, error) {
	var frozen struct { // a sinks.Batch
		Rows []json.RawMessage `json:"rows"`
	}
	bytes, taken := 0, 0
	for i, item := range items {
		rows, size, err := freeze(item, plainly)
		if err != nil && i == 0 {
			return nil, 0, err
		}
		full := len(frozen.Rows)+len(rows) > maxRows || bytes+size > maxBytes
		if err != nil || (full && i > 0) {
			break
		}
		frozen.Rows = append(frozen.Rows, rows...)
		bytes += size
		taken++
	}
	if taken == 0 {
		return nil, 0, errors.New("nothing to write")
	}
	content, err := json.Marshal(frozen)
	return content, taken, err
}

// freeze returns the rows of an item as they are frozen, and the length of their cells in the request. Whatever cannot
// be frozen is found here, and so stays with its item.
func freeze(item sinks.Item, plainly bool) ([]json.RawMessage, int, error) {
	if len(item.Rows) == 0 {
		return nil, 0, errors.New("there is no row to write")
	}
	rows := make([]event.Row, len(item.Rows))
	for i, row := range item.Rows {
		if row.Key == "" {
			return nil, 0, errors.New("a row has no key")
		}
		rows[i] = event.Row{Key: row.Key, Cells: make([]event.Cell, len(row.Cells))}
		for j, cell := range row.Cells {
			if strings.TrimSpace(cell.Header) == "" {
				return nil, 0, fmt.Errorf("row %s has a cell without a header", row.Key)
			}
			rows[i].Cells[j] = tidy(cell, plainly)
		}
	}
	rows = bound(rows)
	frozen := make([]json.RawMessage, len(rows))
	for i, row := range rows {
		content, err := json.Marshal(row)
		if err != nil {
			return nil, 0, fmt.Errorf("row %s: %w", row.Key, err)
		}
		frozen[i] = content
	}
	return frozen, sizeOf(rows), nil
}

// tidy returns a cell as it is frozen.
func tidy(cell event.Cell, plainly bool) event.Cell {
	y := cell.Time.Year()
	// JSON has no time outside of these years; a time zone can lead there.
	if plainly || y < 0 || y > 9999 || len(cell.Link) > maxLink {
		cell = event.Cell{Header: cell.Header, Type: event.CellText, Text: words(cell)}
	}
	cell.Text = cut(visible(cell.Text), maxText)
	return cell
}

// visible drops control characters that no cell shows and that the API may refuse.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' {
			return -1
		}
		return r
	}, text)
}

// cut shortens a text that has more UTF-16 units than fit into a cell, and marks it.
func cut(text string, limit int) string {
	if len(text) <= limit { // no text has more UTF-16 units than bytes
		return text
	}
	units := 0
	for i, r := range text {
		units += utf16.RuneLen(r)
		if units > limit {
			return text[:i] + cutMark
		}
	}
	return text
}
