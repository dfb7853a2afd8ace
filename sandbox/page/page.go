// Package page shows the stand-ins as people see them, on one page: left the tenant of PPM Express, in which one can edit
// and make things go wrong, right the Slack channel and the sheet. Where a relay runs between them, the way of an event
// from one to the others stands on top.
//
// # The life of a change
//
// A form is sent to the page, which does in the stand-in what a person does there. What comes of it is not known to the
// page: it looks ten times a second whether something is new, as long as somebody listens, and tells each browser which
// parts of the page are. The browser asks for these parts again and exchanges what differs in them.
//
// # Invariants
//
//   - The page works without script: each form is answered by a redirect to the page. Only news need a reload.
//   - What comes from outside is text, wherever it stands: html/template escapes it, and a part that others render is
//     made that way, too.
//   - Everything is bounded: what is shown, what is sent, and how often. The true counts stand beside what is left out.
//   - A field that was not changed in a form is not sent to PPM Express, so an old page takes nothing back.
package page

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/look"
	sheetview "github.com/ppmrelay/ppmrelay/look/sheet"
	"github.com/ppmrelay/ppmrelay/sandbox"
)

//go:embed page.js
var scripts embed.FS

//go:embed *.tmpl
var templates embed.FS

// Options say what is shown.
type Options struct {
	Sandbox *sandbox.Sandbox
	Relay   Relay          // between the stand-ins; nil = there is none
	Zone    *time.Location // of the reader; nil = that of this computer
	People  []event.Person // who can be named in forms; the first one is who edits; empty = those of ppm.NewPortfolio
	Hosts   []string       // under which the page is served beside this computer's own: "demo.example.com"
}

// Page serves the page. Its methods may be called at any time from anywhere.
type Page struct {
	options   Options
	handler   http.Handler
	templates *template.Template
	news      *news
	sheets    *sheetview.View
	said      memory
	way       wayfarer

	mu   sync.Mutex
	gone []missing // webhooks that were deleted here, oldest first
}

// maxForm is more than any form of the page needs.
const maxForm = 256 << 10

// New makes the page. Close ends its listeners.
func New(options Options) *Page {
	if options.Zone == nil {
		options.Zone = time.Local
	}
	if len(options.People) == 0 {
		options.People = defaultPeople()
	}
	assets, err := look.NewAssets(scripts)
	if err != nil {
		panic("page: " + err.Error()) // unreachable: they are a part of the program
	}
	p := &Page{options: options, sheets: sheetview.New(), way: wayfarer{relay: options.Relay}}
	p.templates = template.Must(template.Must(look.Templates(assets)).Funcs(p.functions()).ParseFS(templates, "*.tmpl"))
	p.news = newNews(p.look)
	p.handler = look.Secure(p.routes(assets), options.Hosts...)
	return p
}

func (p *Page) routes(assets http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", assets)
	mux.HandleFunc("GET /{$}", p.whole)
	mux.HandleFunc("GET /part/{name}", p.part)
	mux.HandleFunc("GET /live", p.news.serve)
	mux.HandleFunc("GET /events/{number}", p.story)
	for path, do := range map[string]func(form) outcome{
		"edit": p.edit, "create": p.create, "delete": p.remove,
		"trouble/bulk": p.bulk, "trouble/webhook": p.removeWebhook, "trouble/slack": p.slackDown, "trouble/google": p.googleOut, "trouble/repair": p.repair,
		"sheet/type": p.typeInto, "sheet/tick": p.tick, "sheet/sort": p.sort, "sheet/filter": p.filter, "sheet/column": p.addColumn,
	} {
		mux.HandleFunc("POST /"+path, p.doing(do))
	}
	return mux
}

// ServeHTTP serves the page.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Watched returns how many browsers listen for news.
func (p *Page) Watched() int { return p.news.listeners() }

// Close tells everybody who listens that there will be no more news. The page is still served.
func (p *Page) Close() { p.news.close() }

// render writes a template, whole or not at all.
func (p *Page) render(w http.ResponseWriter, status int, name string, data any) {
	var out bytes.Buffer
	if err := p.templates.ExecuteTemplate(&out, name, data); err != nil {
		http.Error(w, "This cannot be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // who went away does not read it
}
