package sqlite

import (
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// scanner is a row of a result.
type scanner interface{ Scan(dest ...any) error }

// failed is a row that could not be asked for.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// micros is how times are stored: microseconds since 1970 UTC, nothing for the zero time. It holds every year that a
// time stamp can name.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// timeColumn reads what micros wrote.
type timeColumn struct{ to *time.Time }

// Scan implements sql.Scanner.
func (c timeColumn) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*c.to = time.Time{}
	case int64:
		*c.to = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("%T is not a time", value)
	}
	return nil
}

// idColumn reads a UUID of 16 bytes as text, and nothing as no text.
type idColumn struct{ to *string }

// Scan implements sql.Scanner.
func (c idColumn) Scan(value any) error {
	if value == nil {
		*c.to = ""
		return nil
	}
	raw, _ := value.([]byte)
	id, err := uuid.FromBytes(raw)
	if err != nil {
		return fmt.Errorf("%d bytes are not an id", len(raw))
	}
	*c.to = id.String()
	return nil
}

// idsColumn reads UUIDs of 16 bytes each, one after the other.
type idsColumn struct{ to *[]string }

// Scan implements sql.Scanner.
func (c idsColumn) Scan(value any) error {
	raw, _ := value.([]byte)
	if len(raw)%16 != 0 {
		return fmt.Errorf("%d bytes are not a list of ids", len(raw))
	}
	ids := make([]string, 0, len(raw)/16)
	for ; len(raw) > 0; raw = raw[16:] {
		ids = append(ids, uuid.UUID(raw[:16]).String())
	}
	*c.to = ids
	return nil
}

// packIDs is what idColumn and idsColumn read.
func packIDs(ids ...string) ([]byte, error) {
	packed := make([]byte, 0, 16*len(ids))
	for _, id := range ids {
		parsed, err := uuid.Parse(id)
		if err != nil {
			return nil, fmt.Errorf("%q is not a UUID", id)
		}
		packed = append(packed, parsed[:]...)
	}
	return packed, nil
}

func bit(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// jsonList is what json_each reads.
func jsonList(numbers []int64) string {
	list := []byte("[")
	for i, n := range numbers {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, n, 10)
	}
	return string(append(list, ']'))
}

// orZero stores a time in a column that is never NULL.
func orZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// spanColumn reads what orZero wrote, and NULL, as the zero time.
type spanColumn struct{ to *time.Time }

// Scan implements sql.Scanner.
func (c spanColumn) Scan(value any) error {
	if value == int64(0) {
		value = nil
	}
	return timeColumn(c).Scan(value)
}

var _ sql.Scanner = spanColumn{}
