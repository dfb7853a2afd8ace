package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"
)

const (
	fileEnding = ".tmpl"
	maxFiles   = 1000 // of a folder
)

// ReadFolder reads the templates of a folder, sorted by name: the file status.tmpl is the template "status". Hidden
// files, those that editors leave behind and folders are passed over. File of each Text is the name of its file.
//
// The error holds an *Error for each file that cannot be one, beside others that are about the folder.
func ReadFolder(folder fs.FS) ([]Text, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fmt.Errorf("the folder of templates: %w", err)
	}
	var texts []Text
	var faults []error
	spelt := map[string]string{} // in small letters -> as it is
	for _, entry := range entries {
		name, is := strings.CutSuffix(entry.Name(), fileEnding)
		if !is || strings.HasPrefix(name, ".") || isFolder(folder, entry.Name()) {
			continue
		}
		text, err := readFile(folder, name)
		if other := spelt[strings.ToLower(name)]; err == nil && other != "" {
			err = fmt.Errorf("%s differs from it by small and capital letters alone, which some disks do not tell apart", other+fileEnding)
		}
		spelt[strings.ToLower(name)] = name
		if err != nil {
			faults = append(faults, &Error{Template: name, Text: err.Error(), cause: err})
			continue
		}
		texts = append(texts, Text{Name: name, Text: text, File: entry.Name()})
	}
	if len(texts) > maxFiles {
		return nil, fmt.Errorf("the folder of templates holds more than %d files", maxFiles)
	}
	return texts, errors.Join(faults...)
}

func isFolder(folder fs.FS, name string) bool {
	info, err := fs.Stat(folder, name) // behind links: a mounted folder is made of them
	return err == nil && info.IsDir()
}

func readFile(folder fs.FS, name string) (string, error) {
	file := name + fileEnding
	if name == "" || strings.Trim(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") != "" {
		return "", errors.New("the name of a file is letters, digits, - and _, then .tmpl")
	}
	info, err := fs.Stat(folder, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.New("it is a link that leads nowhere")
	case err != nil:
		return "", fmt.Errorf("it cannot be read: %w", withoutPath(err))
	case !info.Mode().IsRegular():
		return "", errors.New("it is no file that can be read")
	case info.Size() > maxTemplate:
		return "", fmt.Errorf("it is longer than %d KB", maxTemplate>>10)
	}
	text, err := fs.ReadFile(folder, path.Clean(file))
	switch {
	case err != nil:
		return "", fmt.Errorf("it cannot be read: %w", withoutPath(err))
	case !utf8.Valid(text):
		return "", errors.New("it is no UTF-8: save it as that")
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil // which some editors write first
}

// withoutPath takes the name of the file out of an error: it stands before it.
func withoutPath(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
