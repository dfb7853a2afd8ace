package fields

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// maxFile bounds what is read of a file. An answer is some hundred kilobytes long.
const maxFile = 64 << 20

// about begins a file of ours, and tells people what it is.
const about = "fields of a tenant of PPM Express, written by ppmrelay"

// stored is the file. What is added later must be optional: an older version reads it, too.
type stored struct {
	About    string                     `json:"about"`
	Tenant   string                     `json:"tenant"`
	Pulled   time.Time                  `json:"pulled"`
	Entities map[string]json.RawMessage `json:"entities"` // answers by kind of entity, as they came
}

// Load reads a file that Save wrote. Where there is none the error is fs.ErrNotExist.
func Load(path string) (*Feed, error) {
	text, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, withoutPath(err))
	}
	var file stored
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("reading %s: it is damaged%s", path, lineOf(text, err))
	}
	if len(file.Entities) == 0 {
		return nil, fmt.Errorf("reading %s: there are no fields in it", path)
	}
	return newFeed(file.Tenant, file.Pulled, file.Entities), nil
}

// lineOf says in which line of a text something is wrong; nothing where that is not known.
func lineOf(text []byte, err error) string {
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf(", at line %d", 1+bytes.Count(text[:min(int(wrong.Offset), len(text))], []byte("\n")))
	}
	return ""
}

func read(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the path is what the configuration names
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New("it is too large")
	}
	return text, errors.Join(err, file.Close())
}

// Save writes the feed to a file, in one step that a crash cannot halve. It reports whether it did: a file with the same
// answers stays as it is, so that one that is kept with a configuration does not change each day. A file that is not ours
// is never written over.
func (f *Feed) Save(path string) (written bool, err error) {
	switch old, err := read(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, fmt.Errorf("writing %s: %w", path, withoutPath(err))
	case !isOurs(old):
		return false, fmt.Errorf("writing %s: it is there and holds something else, so it stays as it is: name another file", path)
	}
	if old, err := Load(path); err == nil && f.Same(old) {
		return false, nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(stored{about, f.Tenant, f.Pulled, f.answers}); err != nil {
		return false, fmt.Errorf("writing %s: %w", path, err)
	}
	if err := replace(path, text.Bytes()); err != nil {
		return false, fmt.Errorf("writing %s: %w", path, withoutPath(err))
	}
	return true, nil
}

// isOurs reports whether a file may be written over: it is one of ours, perhaps damaged, or holds nothing.
func isOurs(text []byte) bool {
	const head = 200
	return len(bytes.TrimSpace(text)) == 0 || bytes.Contains(text[:min(len(text), head)], []byte(about))
}

// replace writes a file beside the one that is meant and gives it its name. A link stays one.
func replace(path string, text []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // nobody reads it
		}
	}()
	_, err = file.Write(text)
	if there, unknown := os.Stat(path); err == nil && unknown == nil {
		err = file.Chmod(there.Mode().Perm())
	}
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}

// withoutPath is an error of the file system without the path, which is told already.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// compact is a JSON text without blanks.
func compact(text json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, text) != nil {
		return string(text)
	}
	return out.String()
}
