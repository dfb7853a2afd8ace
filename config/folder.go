package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ppmrelay/ppmrelay/templates"
)

// folder adds the templates that stand in files of their own to those of the file. What is wrong with a file is told at
// that file, and it counts as a template that is broken.
func (c *checker) folder() {
	const path = "templates_folder"
	if c.TemplatesFolder == "" {
		return
	}
	folder := c.Resolve(c.TemplatesFolder)
	c.from.note(folder)
	texts, err := templates.ReadFolder(os.DirFS(folder))
	unread := templates.Errors(err)
	if err != nil && len(unread) == 0 {
		c.meant["templates"] = true // they may be in it
		c.complain(path, folderHint(err), "the folder %s cannot be read: %s", quoted(c.TemplatesFolder), reason(err))
		return
	}
	for _, fault := range unread {
		file := filepath.Join(folder, fault.Template+".tmpl")
		c.from.note(file)
		c.note(Fault{File: file, Message: fault.Text})
		c.file(file, Text{File: file, Line: 1, Column: 1}, fault.Template)
	}
	for _, text := range texts {
		file := filepath.Join(folder, text.File)
		c.from.note(file)
		c.others[file] = newSource(file, []byte(text.Text))
		if strings.TrimSpace(text.Text) == "" {
			c.note(Fault{File: file, Message: "the file is empty", Hint: "write what is to be told into it, or remove it"})
			text.Text = ""
		}
		c.file(file, Text{File: file, Value: text.Text, Line: 1, Column: 1}, text.Name)
	}
}

// file adds one file as a template.
func (c *checker) file(file string, text Text, name string) {
	if at, taken := c.places["templates."+name]; taken {
		c.fault(at.key, "keep one of them", "the template %s stands in %s:1:1 as well", quoted(name), file)
		return
	}
	if c.Templates == nil {
		c.Templates = map[string]Text{}
	}
	c.Templates[name] = text
}

func folderHint(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "make it, or leave the key out; a relative path starts at the folder of this file"
	}
	return ""
}

// FaultAt returns a fault at a place of a text, which counts from 1, for what is found wrong with it by those who know
// its language.
func (c *Config) FaultAt(text Text, line, column int, message, hint string) Fault {
	line, column = text.At(max(line, 1), max(column, 1))
	file := text.File
	if file == "" {
		file = c.source.file
	}
	return c.source.complete(Fault{File: file, Line: line, Column: column, Message: message, Hint: hint})
}
