package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// jsonForm is JSON lines (jsonlines.org): one object per row, its members named by the headers and in their order, text
// as it is. It is for programs.
type jsonForm struct {
	headers []string
}

// link is a cell of the type link.
type link struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

func (f jsonForm) head() []byte      { return nil }
func (f jsonForm) missing() []string { return nil } // each line has its own columns

func (f jsonForm) line(row event.Row) []byte {
	values := map[string]any{}
	for _, cell := range row.Cells {
		values[cell.Header] = jsonValue(cell)
	}
	values[keyHeader] = row.Key
	var out bytes.Buffer
	for i, header := range f.headers {
		out.WriteByte("{,"[min(i, 1)])
		write(&out, header)
		out.WriteByte(':')
		write(&out, values[header])
	}
	out.WriteString("}\n")
	return out.Bytes()
}

// write adds a value as compact JSON. The values of cells can always be encoded.
func write(out *bytes.Buffer, value any) {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	out.Truncate(out.Len() - 1) // its line break
}

// jsonValue returns what a cell is in JSON; nil for an empty one.
func jsonValue(cell event.Cell) any {
	switch cell.Type {
	case event.CellBoolean:
		return cell.Bool
	case event.CellDate:
		return textOrNil(timeText(cell.Time, time.DateOnly))
	case event.CellDateTime:
		return textOrNil(timeText(cell.Time, time.RFC3339))
	case event.CellNumber:
		if isNumber(cell.Text) {
			return json.Number(cell.Text)
		}
	case event.CellLink:
		if cell.Link != "" {
			return link{Text: cell.Text, URL: cell.Link}
		}
	case event.CellText:
	}
	return textOrNil(cell.Text)
}

func textOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (f jsonForm) records(r io.Reader) next {
	buffered := bufio.NewReaderSize(r, 64<<10)
	var end int64
	number := 0
	return func() (string, int64, error) {
		for {
			line, err := buffered.ReadBytes('\n')
			if len(line) == 0 || (err != nil && !errors.Is(err, io.EOF)) {
				return "", 0, err
			}
			end += int64(len(line))
			number++
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			key, err := keyOf(line)
			if err != nil {
				return "", 0, fmt.Errorf("line %d: %w", number, err)
			}
			return key, end, nil
		}
	}
}

// keyOf returns the key of a line, empty when the object has none.
func keyOf(line []byte) (string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return "", err
	}
	var key string
	_ = json.Unmarshal(members[keyHeader], &key) // what is no text is no key of ours
	return key, nil
}
