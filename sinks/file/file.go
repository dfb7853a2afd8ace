// Package file is the sink that writes rows to a CSV or JSON lines file, for those who want a table without an account
// anywhere.
//
// # The life of a row
//
// Compose freezes the rows of one effect together with the headers they were made for. Perform opens the file, finds
// its columns by the names in its first line, appends all rows with one write and calls fsync. Each row carries its key
// in the column "Event id". When nobody knows whether that write happened, Recall reads the key column: the rows are
// there, or they are not, or a part of them is, and then the rest is appended.
//
// # Invariants
//
//   - A key stands in the file at most once, and a row stands there whole or not at all.
//   - A write that fails is taken back: the file is cut to the length it had.
//   - Only the torn beginning of a row of the effect in question is ever cut off. What a person wrote stays, also a last
//     line without a line break; where a row could not be told from that text, the target waits for the person.
//   - Text cannot become a formula in CSV. JSON lines hold it as it is.
//
// The file is opened for each write and closed after it, so that it can be moved away or deleted at any time: the next
// write begins a new one. (A file kept open would save some microseconds of the milliseconds that fsync takes, and would
// go on writing to a file that is no longer there.) Moving it away while an effect is unsure hides that effect's rows
// from Recall: they are then told again, in the new file.
package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// keyHeader is the header of the column that holds Row.Key. It comes last unless it was given a place.
const keyHeader = sinks.KeyHeader

// What one effect holds at most. A write of this size takes some milliseconds, and the journal keeps it as one value.
const (
	maxRows  = 2000
	maxBytes = 1 << 20 // of frozen JSON
)

// Config says where the rows go. Which rows and columns there are is not for the sink to say.
type Config struct {
	Path string `yaml:"path"` // ends in .csv or .jsonl; its folder must exist
}

// Validate returns what is wrong with the configuration, in words for the person who wrote it.
func (c Config) Validate() error {
	if c.Path == "" {
		return errors.New("path is missing: the name of a file that ends in .csv or .jsonl")
	}
	switch c.extension() {
	case ".csv", ".jsonl":
		return nil
	default:
		return fmt.Errorf("path %q must end in .csv or .jsonl", c.Path)
	}
}

func (c Config) extension() string { return strings.ToLower(filepath.Ext(c.Path)) }

// Sink writes rows to one file. It is the only writer of our own: two sinks of one file would not see each other.
type Sink struct {
	config  Config
	headers []string // with keyHeader
	sync    func(*os.File) error

	// busy lets Recall wait for a Perform that its caller gave up, so that DidNot stays true.
	busy sync.Mutex
}

var _ sinks.Sink = (*Sink)(nil)

// New makes a sink. The headers are those of the columns in their order, for a file that is yet to be written; the key
// column is added last when it is not among them. Neither the file nor its folder is touched.
func New(config Config, headers []string) (*Sink, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if err := sinks.CheckHeaders(headers); err != nil {
		return nil, err
	}
	headers = slices.Clone(headers)
	if !slices.Contains(headers, keyHeader) {
		headers = append(headers, keyHeader)
	}
	return &Sink{config: config, headers: headers, sync: (*os.File).Sync}, nil
}

// Compose freezes the rows of the first items, up to 2000 rows or 1 MiB, but at least those of one item. A file takes
// any text, so there is no plainer form. An item that has no rows, or a row that has no key or a cell without a column,
// cannot be written.
func (s *Sink) Compose(items []sinks.Item, _ bool) ([]byte, int, error) {
	// Columns that the configuration gains or loses later do not change what was frozen: it carries its headers.
	frozen := sinks.Batch{Headers: s.headers}
	bytes, taken := 0, 0
	for i, item := range items {
		item.Rows = tidy(item.Rows)
		size, err := s.measure(item)
		if err != nil && i == 0 {
			return nil, 0, err
		}
		full := len(frozen.Rows)+len(item.Rows) > maxRows || bytes+size > maxBytes
		if err != nil || (full && i > 0) {
			break
		}
		frozen.Rows = append(frozen.Rows, item.Rows...)
		bytes += size
		taken++
	}
	if taken == 0 {
		return nil, 0, errors.New("nothing to write")
	}
	content, err := json.Marshal(frozen)
	return content, taken, err
}

// tidy turns times that JSON does not have into text: a time zone can lead out of the years 0 to 9999.
func tidy(rows []event.Row) []event.Row {
	tidied := slices.Clone(rows)
	for i, row := range tidied {
		for j, cell := range row.Cells {
			if y := cell.Time.Year(); y >= 0 && y <= 9999 {
				continue
			}
			layout := "2006-01-02 15:04"
			if cell.Type == event.CellDate {
				layout = time.DateOnly
			}
			tidied[i].Cells = slices.Clone(tidied[i].Cells)
			tidied[i].Cells[j] = event.Cell{Header: cell.Header, Type: event.CellText, Text: timeText(cell.Time, layout)}
		}
	}
	return tidied
}

// measure checks an item and returns how long its rows are when frozen.
func (s *Sink) measure(item sinks.Item) (int, error) {
	if len(item.Rows) == 0 {
		return 0, errors.New("there is no row to write")
	}
	for _, row := range item.Rows {
		if row.Key == "" {
			return 0, errors.New("a row has no key")
		}
		for _, cell := range row.Cells {
			if !slices.Contains(s.headers, cell.Header) {
				return 0, fmt.Errorf("row %s has a cell %q, but there is no such column", row.Key, cell.Header)
			}
		}
	}
	frozen, err := json.Marshal(item.Rows)
	return len(frozen), err
}
