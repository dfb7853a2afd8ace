package config

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// surroundings is what a file refers to outside itself.
type surroundings struct {
	folder string                      // of the file; relative paths start here
	lookup func(string) (string, bool) // an environment variable
	read   *[]string                   // paths of the files that were read, or could not be; nil = nobody asks
}

// note remembers that a file was read, or should have been.
func (s surroundings) note(path string) {
	if s.read != nil {
		*s.read = append(*s.read, path)
	}
}

func (s surroundings) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.folder, path)
}

// Secret is a literal, env:NAME for an environment variable, or file:PATH for what a file holds, without the line break
// at its end. It never shows itself: printed, logged or marshalled it is [secret].
type Secret struct {
	value *string // a pointer, so that printing a struct around an unexported field shows an address at most
}

const (
	redacted       = "[secret]"
	maxSecretBytes = 64 << 10
)

// NewSecret makes a secret of its value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the value; empty for the zero Secret.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Format prints [secret], whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

func (s Secret) String() string { return redacted }

// LogValue logs [secret].
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText writes [secret].
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

func (s Secret) expects() string { return "a secret: the text itself, env:NAME or file:PATH" }

func (s Secret) parse(text string, from surroundings) (scalar, error) {
	value := text
	var err error
	if name, found := strings.CutPrefix(text, "env:"); found {
		value, err = from.variable(name)
	} else if path, found := strings.CutPrefix(text, "file:"); found {
		value, err = from.content(path)
	} else if looksLikeVariable(text) {
		err = wrong("write env: and the variable's name", "variables are not filled in here")
	}
	if err != nil {
		return nil, err
	}
	return NewSecret(value), nil
}

// looksLikeVariable reports whether the text is $NAME or ${NAME}.
func looksLikeVariable(text string) bool {
	name, found := strings.CutPrefix(text, "$")
	name = strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}")
	return found && isVariable(name) && strings.ToUpper(name) == name
}

// isVariable reports whether the text can be the name of an environment variable.
func isVariable(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

func (s surroundings) variable(name string) (string, error) {
	if !isVariable(name) {
		return "", wrong("write env:NAME, with no space between them", "env: is not followed by the name of a variable")
	}
	value, found := s.lookup(name)
	switch {
	case !found:
		return "", wrong("set "+name+" before the start", "the environment variable %s is not set", name)
	case strings.TrimSpace(value) == "":
		return "", wrong("give it a value", "the environment variable %s is empty", name)
	}
	return value, nil
}

// content reads a secret's file. Only a regular file is opened: a pipe or a device could block for ever.
func (s surroundings) content(path string) (string, error) {
	if path == "" {
		return "", wrong("write file:PATH, with no space between them", "file: is not followed by a path")
	}
	full := s.resolve(path)
	s.note(full)
	info, err := os.Stat(full)
	switch {
	case os.IsNotExist(err):
		return "", wrong("put the secret into it, or correct the path", "the file %s is not there", full)
	case err != nil:
		return "", wrong("", "the file %s cannot be read: %s", full, reason(err))
	case !info.Mode().IsRegular():
		return "", wrong("", "%s is not a file", full)
	case info.Size() > maxSecretBytes:
		return "", wrong("", "the file %s is too large for a secret", full)
	}
	data, err := os.ReadFile(full) //nolint:gosec // the path is what the file's owner wrote
	if err != nil {
		return "", wrong("", "the file %s cannot be read: %s", full, reason(err))
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if strings.TrimSpace(value) == "" {
		return "", wrong("put the secret into it", "the file %s is empty", full)
	}
	return value, nil
}
