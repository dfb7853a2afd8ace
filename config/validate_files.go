package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

func (c *checker) fileRoute(path string, r *FileRoute, tables map[string]table) {
	if r == nil {
		return
	}
	c.require(path, "path", "write path: changes.csv")
	if r.Path == "" {
		return
	}
	c.filePath(path+".path", r)
	c.table(path, r.TableConfig)
	file := absolute(c.from.resolve(r.Path))
	if first, known := tables[file]; known && first.spelling != filepath.Clean(r.Path) {
		c.complain(path+".path", "write "+first.spelling, "this is the file of the route in line %d, spelt in another way", first.line)
		return
	}
	c.sameHeaders(path, "file", file, r.TableConfig, tables)
	first := tables[file]
	first.spelling = filepath.Clean(r.Path)
	tables[file] = first
}

// absolute returns a path by which a file can be compared with others, however each is written.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return filepath.Clean(path)
}

// filePath tells of a path that leads nowhere. A folder that is not there is a warning: another machine may have it.
func (c *checker) filePath(path string, r *FileRoute) {
	whole := "write the whole path, such as /var/lib/ppmrelay/changes.csv"
	switch folder := filepath.Dir(c.from.resolve(r.Path)); {
	case regexp.MustCompile(`^~[^/]*/`).MatchString(r.Path):
		c.complain(path, whole, "`~` stands for a folder in a terminal, and not here")
	case regexp.MustCompile(`^[A-Za-z]:[\\/]|^\\\\`).MatchString(r.Path):
		c.complain(path, whole, "%s is a path of Windows", quoted(r.Path))
	default:
		if err := r.Validate(); err != nil {
			c.complain(path, "", "%s", err)
			return
		}
		if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
			c.warn(c.places[path].value, "make it, on the machine that serves; a relative path starts at the folder of this file",
				"the folder of "+quoted(r.Path)+" is not there")
		}
	}
}
