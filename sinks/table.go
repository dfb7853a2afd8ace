package sinks

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// KeyHeader is the header of the column in which every table keeps event.Row.Key. People see it, and what was written
// before is found by it, so it never changes.
const KeyHeader = "Event id"

// CheckHeaders returns what is wrong with the headers of a table: each must be one line without spaces around it, and
// stand there once.
func CheckHeaders(headers []string) error {
	for i, header := range headers {
		switch {
		case header == "":
			return fmt.Errorf("column %d has no header", i+1)
		case strings.TrimSpace(header) != header || strings.ContainsAny(header, "\r\n\x00"):
			return fmt.Errorf("header %q must be one line without spaces around it", header)
		case slices.Contains(headers[:i], header):
			return fmt.Errorf("header %q stands there twice", header)
		}
	}
	return nil
}

// Batch is the content of an effect of a table: its rows, and for a file the headers that they were made for.
type Batch struct {
	Headers []string    `json:"headers,omitempty"`
	Rows    []event.Row `json:"rows"`
}

// ThawBatch reads what a table's sink froze.
func ThawBatch(effect Effect) (Batch, error) {
	var frozen Batch
	err := Thaw(effect, &frozen)
	if err == nil && len(frozen.Rows) == 0 {
		err = spoilt(effect, errors.New("it holds no rows"))
	}
	return frozen, err
}

// Receipt says where the rows stand: at a place, from the first key to the last.
func (b Batch) Receipt(place string) Receipt {
	first, last := b.Rows[0].Key, b.Rows[len(b.Rows)-1].Key
	if first == last {
		return Receipt(place + " " + first)
	}
	return Receipt(place + " " + first + " to " + last)
}

// Thaw reads the content of an effect into what it was frozen from. What cannot be read will never be: it is buried.
func Thaw(effect Effect, into any) error {
	if err := json.Unmarshal(effect.Content, into); err != nil {
		return spoilt(effect, err)
	}
	return nil
}

func spoilt(effect Effect, err error) error {
	return Fail(Bury, ReasonContent, "reading effect %s: %w", effect.ID, err)
}

// EventOf returns the id of the event that a row's key belongs to; a key is the event's id, a slash and a number.
func EventOf(key string) string {
	id, _, _ := strings.Cut(key, "/")
	return id
}
