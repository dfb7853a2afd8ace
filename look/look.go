// Package look is what all pages of the relay share: the stylesheet, the head and the name on top of each page, and the
// headers and checks under which they are served. It knows nothing of what a page shows.
//
// # The life of a page
//
// Secure refuses who came under a foreign name or from a foreign page, and sets the headers. The page is made from
// templates that begin with Templates, and names what it loads by the addresses of Assets: each has the hash of its
// content in it, so that a browser may keep it for ever and never shows an old one.
//
// # Invariants
//
//   - A page needs nothing but its own origin: no script, style or font of anybody else, and none within the page.
//   - Light and dark follow the reader's system.
package look

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed look.css layout.tmpl
var own embed.FS

// prefix is below what assets are served.
const prefix = "/assets/"

// Assets serves the stylesheet and what a page adds to it, below /assets/.
type Assets struct {
	files     map[string]file   // by address
	addresses map[string]string // by name
}

type file struct {
	kind string // as the header Content-Type says it
	text []byte
}

// NewAssets takes look.css and the files in the root of each file system, under their names.
func NewAssets(more ...fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]file{}, addresses: map[string]string{}}
	css, err := own.ReadFile("look.css")
	if err != nil {
		return nil, err // unreachable: it is a part of the program
	}
	a.add("look.css", css)
	for _, files := range more {
		names, err := fs.Glob(files, "*.*")
		if err != nil {
			return nil, err // unreachable: the pattern is right
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", name, err)
			}
			a.add(name, text)
		}
	}
	return a, nil
}

func (a *Assets) add(name string, text []byte) {
	hash := sha256.Sum256(text)
	extension := path.Ext(name)
	address := prefix + strings.TrimSuffix(name, extension) + "." + hex.EncodeToString(hash[:6]) + extension
	a.files[address] = file{kind: kindOf(extension), text: text}
	a.addresses[name] = address
}

// kindOf does not ask the system for what pages consist of: systems differ.
func kindOf(extension string) string {
	switch extension {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return mime.TypeByExtension(extension)
	}
}

// Address returns where a file is served: "/assets/look.0f1e2d3c4b5a.css" for "look.css".
func (a *Assets) Address(name string) (string, error) {
	if address := a.addresses[name]; address != "" {
		return address, nil
	}
	return "", errors.New("there is no asset " + name)
}

// ServeHTTP serves a file under its address.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, found := a.files[r.URL.Path]
	if !found {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.text))
}

// Templates returns what pages begin with, to which they add their own templates:
//
//	{{template "head" "Demo"}}   the content of <head>, with that title
//	{{template "brand"}}         the link that skips to #main, and the name that leads to /
//	{{template "mark"}}          the sign alone, an svg
//	{{asset "page.js"}}          the address of an asset
func Templates(assets *Assets) (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{"asset": assets.Address}).ParseFS(own, "layout.tmpl")
}
