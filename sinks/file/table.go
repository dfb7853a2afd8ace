package file

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// form is how rows stand in one file: CSV with the columns of its first line, or JSON lines.
type form interface {
	head() []byte              // the first line, while the file has none
	missing() []string         // headers of the effect that the file has no column for
	line(row event.Row) []byte // a row as it stands in the file, with its line break
	records(r io.Reader) next  // what stands in the file, from its first byte
}

// next returns the key of the next record, empty when it has none, and the offset at which the record ends. It returns
// io.EOF after the last one, and another error for a record that cannot be read, after which there are no more.
type next func() (key string, end int64, err error)

// table is the file while it is open.
type table struct {
	form

	path string
	file *os.File
	size int64
	sync func(*os.File) error
}

// open opens the file and learns its columns. Flag is os.O_CREATE or 0; without it, a file that is not there is
// fs.ErrNotExist.
func (s *Sink) open(frozen sinks.Batch, flag int) (*table, error) {
	//nolint:gosec // the path is the operator's, and others than the daemon's account read the file
	file, err := os.OpenFile(s.config.Path, os.O_RDWR|os.O_APPEND|flag, 0o644)
	if err != nil {
		return nil, err
	}
	t := &table{path: s.config.Path, file: file, sync: s.sync}
	if err := t.learn(s.config.extension(), frozen.Headers); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *table) close() {
	_ = t.file.Close() // what counts was synced before
}

func (t *table) learn(extension string, headers []string) error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses, "it is not a file that rows can be appended to")
	}
	t.size = info.Size()
	if extension == ".jsonl" {
		t.form = jsonForm{headers: headers}
		return nil
	}
	if err := t.dropTornHead(csvForm{headers: headers}.head()); err != nil {
		return err
	}
	t.form, err = readCSV(t.reader(), headers)
	return err
}

// dropTornHead empties a file that holds nothing but the beginning of our own first line: the process died while it
// began the file. Nothing of a person is lost, as the same line is written again.
func (t *table) dropTornHead(head []byte) error {
	if t.size == 0 || t.size >= int64(len(head)) {
		return nil
	}
	start, err := io.ReadAll(t.reader())
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(head, start) {
		return nil
	}
	return t.cut(0)
}

// reader reads the file from its beginning.
func (t *table) reader() io.Reader { return io.NewSectionReader(t.file, 0, t.size) }

// ended reports whether the file ends with a line break, or is empty. A file that does may still end inside a quoted
// cell, but only when the process died in mid-write: then Recall has looked before anything is written again.
func (t *table) ended() (bool, error) {
	if t.size == 0 {
		return true, nil
	}
	var last [1]byte
	_, err := t.file.ReadAt(last[:], t.size-1)
	return last[0] == '\n', err
}

// cut shortens the file for good.
func (t *table) cut(size int64) error {
	if err := t.file.Truncate(size); err != nil {
		return err
	}
	t.size = size
	return t.sync(t.file)
}

// survey reads the whole file, and returns those of the rows that are not there and whether the last line has its line
// break. When the file ends with the torn beginning of one of the rows, that is cut off first. A file in which records
// cannot be told apart is a Park error, as a row that is there could go unseen.
func (t *table) survey(ctx context.Context, rows []event.Row) (absent []event.Row, ended bool, err error) {
	if ended, err = t.ended(); err != nil {
		return nil, false, err
	}
	keys := map[string]bool{} // not seen yet; those of other rows are not kept, the file may be large
	for _, row := range rows {
		keys[row.Key] = true
	}
	read := t.records(t.reader())
	for whole := int64(0); ; { // where the last record that is surely whole ends
		key, end, err := read()
		done := errors.Is(err, io.EOF)
		if (err != nil && !done) || (err == nil && end == t.size && !ended) {
			cut, failed := t.cutTorn(whole, rows)
			if failed != nil {
				return nil, false, failed
			}
			done, ended = cut, cut || ended
		}
		switch {
		case done:
			return only(rows, keys), ended, nil
		case err != nil:
			return nil, false, unreadable(err)
		case ctx.Err() != nil:
			return nil, false, sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "the look was stopped")
		}
		delete(keys, key)
		whole = end
	}
}

func only(rows []event.Row, keys map[string]bool) []event.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(row event.Row) bool { return !keys[row.Key] })
}

// cutTorn cuts off what stands from offset on, if that is the beginning of one of the rows without its line break.
func (t *table) cutTorn(offset int64, rows []event.Row) (bool, error) {
	rest := bufio.NewReader(io.NewSectionReader(t.file, offset, t.size-offset))
	for {
		char, err := rest.ReadByte()
		if err != nil {
			return false, ignoreEOF(err)
		}
		if char != '\n' && char != '\r' { // empty lines before it
			break
		}
		offset++
	}
	for _, row := range rows {
		line := t.line(row)
		torn := make([]byte, min(t.size-offset, int64(len(line))))
		if _, err := t.file.ReadAt(torn, offset); err != nil {
			return false, err
		}
		if len(torn) < len(line) && bytes.HasPrefix(line, torn) {
			return true, t.cut(offset)
		}
	}
	return false, nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// add appends the rows with one write, after a line break if the last line has none, and makes them durable.
func (t *table) add(rows []event.Row, ended bool) error {
	fresh := t.size == 0
	var data []byte
	if !ended {
		data = append(data, '\n')
	}
	data = append(data, t.head()...)
	for _, row := range rows {
		data = append(data, t.line(row)...)
	}
	if _, err := t.file.Write(data); err != nil {
		if failed := t.cut(t.size); failed != nil {
			return unsynced(fmt.Errorf("%w, and taking back what was written: %w", err, failed))
		}
		return err
	}
	if err := t.sync(t.file); err != nil {
		// Pages that could not be written count as clean afterwards (lwn.net/Articles/752063), and Recall would read
		// them as if they were safe. Whether cutting them off works or not, it decides.
		_ = t.cut(t.size)
		return unsynced(err)
	}
	if fresh {
		return t.syncFolder()
	}
	return nil
}

// harden makes what is there survive a crash of the machine: its content, and its name in the folder.
func (t *table) harden() error {
	if err := t.sync(t.file); err != nil {
		return unsynced(err)
	}
	return t.syncFolder()
}

func (t *table) syncFolder() error {
	folder, err := os.Open(filepath.Dir(t.path))
	if err != nil {
		return unsynced(err)
	}
	defer func() { _ = folder.Close() }()
	if err := t.sync(folder); err != nil {
		return unsynced(err)
	}
	return nil
}
