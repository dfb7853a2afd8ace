package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
)

const maxFile = 1 << 20

// Load reads the file at path as Parse does. Lookup finds environment variables, as os.LookupEnv does.
func Load(path string, lookup func(env string) (string, bool)) (*Config, error) {
	data, err := readBounded(path)
	if err != nil {
		return nil, Errors{{File: path, Message: "the file cannot be read: " + reason(err), Hint: missingHint(path, err)}}
	}
	return Parse(path, data, lookup)
}

// missingHint says how to name a file, where the usual one is not there.
func missingHint(path string, err error) string {
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(path) == path {
		return "name yours: ppmrelay check FILE, or --config FILE"
	}
	return ""
}

// patience is how long what is a pipe is waited for.
const patience = 2 * time.Second

// readBounded reads a file, or a pipe that somebody writes to. Nothing makes it wait for long: a configuration is also read
// while everything goes on.
func readBounded(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) //nolint:gosec // the path is what the caller was told to read
	if err != nil {
		return nil, err
	}
	limited := file.SetReadDeadline(time.Now().Add(patience)) // only a file that can keep its reader waiting takes a limit
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if errors.Is(err, os.ErrDeadlineExceeded) || limited == nil && err == nil && len(data) == 0 {
		err = errors.New("it is a pipe, and nobody writes a whole file to it")
	}
	return data, errors.Join(err, file.Close())
}

// reason is an error of the file system without the path, which is told already.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// Parse reads a whole file; name is its path, for faults and as the start of relative paths. The error is an Errors
// with everything that is wrong. The Config is not nil as soon as the file is YAML: with an error it holds what could be
// read, and serves for nothing but to look for further faults.
func Parse(name string, data []byte, lookup func(env string) (string, bool)) (*Config, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	src := newSource(name, data)
	root := src.tree(data)
	if root == nil {
		return nil, src.result()
	}
	files := []string{name}
	w := &walker{
		source: src,
		from:   surroundings{folder: filepath.Dir(name), lookup: lookup, read: &files},
		places: map[string]place{},
		next:   map[*yaml.Node]int{},
		bad:    map[*yaml.Node]bool{},
		meant:  map[string]bool{},
	}
	w.inspect(root)
	c := &Config{source: src, written: w.places}
	w.value("", place{value: root}, reflect.ValueOf(c).Elem())
	(&checker{walker: w, Config: c}).check()
	c.normalise()
	c.files = files
	return c, src.result()
}

// tree returns the file's only document, or nil after noting why there is none.
func (s *source) tree(data []byte) *yaml.Node {
	if len(data) > maxFile {
		s.faults = Errors{{File: s.file, Message: "the file is larger than 1 MiB"}}
		return nil
	}
	if !s.readable() {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF) || err == nil && isNull(document.Content[0]):
		s.add(1, 1, "a secret and one route are the least: see config.example.yaml", "the file is empty")
		return nil
	case err != nil:
		s.syntax(data, err)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		s.add(second.Line, second.Column, "remove what follows ---", "a second document begins here")
		return nil
	} else if !errors.Is(err, io.EOF) {
		s.syntax(data, err)
		return nil
	}
	return document.Content[0]
}

// normalise gives addresses the end that their users count on.
func (c *Config) normalise() {
	c.Server.PublicURL = c.Server.PublicURL.bare()
	if c.PPMExpress != nil {
		c.PPMExpress.URL = c.PPMExpress.URL.bare()
	}
	if c.Slack != nil {
		c.Slack.APIURL = c.Slack.APIURL.slashed()
	}
	if c.Google != nil {
		c.Google.Endpoint = c.Google.Endpoint.slashed()
	}
}

// Resolve returns where a path of the file leads: a relative one starts at the file's folder.
func (c *Config) Resolve(path string) string {
	return surroundings{folder: filepath.Dir(c.source.file)}.resolve(path)
}

// Files returns the paths of what the configuration consists of: the file itself, and the file of each secret that it
// names, also of one that is not there. When none of them changes, and no environment variable, nothing else is read.
func (c *Config) Files() []string { return slices.Compact(slices.Sorted(slices.Values(c.files))) }

// Sound reports whether the value at a path, "journal.url", can be relied on in a file that has faults: whether none of
// them is of it, or of a section around it.
func (c *Config) Sound(path string) bool {
	if c.source.more > 0 {
		return false // nobody knows of what they are
	}
	for ; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		at, found := c.written[path]
		if found && at.value != nil && slices.ContainsFunc(c.source.faults, func(f Fault) bool {
			return f.Line == at.value.Line && f.Column == at.value.Column
		}) {
			return false
		}
	}
	return true
}

// Fault returns a fault at a place of the file, for what is found wrong with a Text by those who know its language.
// Text.At gives the place.
func (c *Config) Fault(line, column int, message, hint string) Fault {
	return c.source.complete(Fault{File: c.source.file, Line: line, Column: column, Message: message, Hint: hint})
}

// Warnings returns what is no fault, but hardly meant: the file counts all the same.
func (c *Config) Warnings() Errors { return c.source.warnings() }

// Place returns where a value stands in the file, by its path: "google.credentials", "routes[0].file.path". What was not
// written is where the nearest section above it stands.
func (c *Config) Place(path string) (line, column int) {
	for {
		if at, found := c.written[path]; found && at.value != nil && at.value.Line > 0 {
			return at.value.Line, at.value.Column
		}
		if path == "" {
			return 1, 1
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// String names the file: the rest is too long, and partly secret.
func (c *Config) String() string {
	return "config " + c.source.file
}
