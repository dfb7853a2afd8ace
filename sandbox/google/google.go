// Package google is a stand-in for the parts of Google that the relay talks to: the OAuth token endpoint of a service
// account and the Sheets API v4, as far as a writer of rows needs them. Real client libraries speak to it over HTTP.
//
// # What it is true to
//
// A batchUpdate is applied to a copy, wholly or not at all. Ids and titles are unique, grids have limits, cells hold at
// most 50,000 characters, a service account may send 60 reads and 60 writes a minute, and a request with a field that the
// API does not know is refused. Errors have Google's status, body and text. (Sources: the discovery document of the API,
// developers.google.com/workspace/sheets/api/limits, and reports of live answers.)
//
// # What people see and do
//
// View is a tab as a person sees it, and Person the hands of one who sorts, filters and types. A filter hides rows when it
// is applied; what comes later is shown until it is applied again. Rows and columns have ids of the stand-in's own, which
// stay with them wherever they are moved, so that a hand finds what the eye saw.
//
// # What nobody outside Google knows
//
// is a switch in Options: how it behaves by default is our reading of the documents, and the other value is what else
// could be true. Whoever relies on one of them plays its tests both ways.
//
// What a request kind that is not built is answered with is 501, in plain words: never an empty success.
package google

import (
	"crypto/rsa"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// Options are the limits of the stand-in and the switches for what is not known. Zero values are Google's limits, and
// our reading of what is not known.
type Options struct {
	ReadsPerMinute  int // of one service account; 0 = 60, below 0 = no limit
	WritesPerMinute int // of one service account; 0 = 60, below 0 = no limit
	MaxCells        int // of one spreadsheet; 0 = 10,000,000
	MaxMetadata     int // characters of developer metadata at one place; 0 = 30,000

	DuplicateMetadata    bool // a second metadata with the same id is accepted (default: refused with 400)
	DeleteMissingRefused bool // deleting metadata that is not there is refused with 400 (default: done, nothing to do)
	AppendAfterVisible   bool // appendCells inserts after the last row that is not hidden (default: after the last row)
	ProtectedForbidden   bool // a write to a protected range is refused with 403 (default: 400)
	Localised            bool // texts of errors are in Spanish (default: English)
	AllSheetsInGet       bool // spreadsheets.get with ranges lists every tab (default: only those in the ranges)
	NewRowsPlain         bool // rows that are added have no format (default: that of the row above)
}

// Server is the stand-in. Its methods may be called at any time from anywhere.
type Server struct {
	// Board holds the faults, by the name of an endpoint: see Endpoints.
	Board *fault.Board

	options Options
	key     *rsa.PrivateKey

	mu      sync.Mutex
	books   map[string]*book
	tokens  map[string]time.Time // when each expires
	revoked bool                 // the service account's key
	down    bool                 // the token server
	ahead   time.Duration        // how far Google's clock is ahead of ours
	undo    map[string]undo      // what persons did that can be taken back, by condition and place
	quota   quota
	calls   map[string]int
	largest int
	changes int64 // of all spreadsheets
}

// New returns a stand-in without spreadsheets. It makes the service account's key.
func New(options Options) *Server {
	options.ReadsPerMinute = orElse(options.ReadsPerMinute, 60)
	options.WritesPerMinute = orElse(options.WritesPerMinute, 60)
	options.MaxCells = orElse(options.MaxCells, 10_000_000)
	options.MaxMetadata = orElse(options.MaxMetadata, 30_000)
	return &Server{
		Board: fault.NewBoard(), options: options, key: newKey(),
		books: map[string]*book{}, tokens: map[string]time.Time{}, calls: map[string]int{}, undo: map[string]undo{},
	}
}

func orElse(value, otherwise int) int {
	if value == 0 {
		return otherwise
	}
	return value
}

// Endpoints returns the names of all endpoints, as the board knows them.
func (s *Server) Endpoints() []string {
	return []string{
		"batchUpdate", "developerMetadata.get", "developerMetadata.search", "spreadsheets.get", "token", "values.append", "values.get",
	}
}

// put makes a book, which nobody changes from now on, the one that everybody sees. The lock is held.
func (s *Server) put(b *book) {
	s.changes++
	b.version = s.changes
	s.books[b.id] = b
}

// SetClock sets how far Google's clock is ahead of ours; it may be negative.
func (s *Server) SetClock(ahead time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead = ahead
}

// now is Google's clock. The lock is held.
func (s *Server) now() time.Time { return time.Now().Add(s.ahead) }

// Calls returns how many requests of an endpoint were served, with those whose answer a fault took away.
func (s *Server) Calls(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[endpoint]
}

// LargestWrite returns the length in bytes of the longest batchUpdate that was served. Google recommends at most 2 MB.
func (s *Server) LargestWrite() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.largest
}

// ServeHTTP serves POST /token, and the API under /v4/spreadsheets/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint, serve := s.route(r)
	s.mu.Lock()
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	s.mu.Unlock()
	if serve == nil {
		answerError(w, notFound("there is no %s %s here", r.Method, r.URL.Path))
		return
	}
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls[endpoint]++
		s.mu.Unlock()
		serve(w, r)
	})
	s.Board.Wrap(endpoint, s.tooMany, counted).ServeHTTP(w, r)
}

// route returns the endpoint that a request is for. The range in a path is percent-encoded, so that a colon that is not
// encoded is always that of a verb.
func (s *Server) route(r *http.Request) (string, http.HandlerFunc) {
	path := r.URL.EscapedPath()
	if path == "/token" && r.Method == http.MethodPost {
		return "token", s.token
	}
	path, ok := strings.CutPrefix(path, "/v4/spreadsheets/")
	if !ok {
		return "", nil
	}
	path, verb, _ := cutLast(path, ":")
	id, rest, _ := strings.Cut(path, "/")
	kind, name, _ := strings.Cut(rest, "/")
	name, err := url.PathUnescape(name)
	if err != nil {
		return "", nil
	}
	call := call{id: id, name: name}
	switch r.Method + " " + kind + ":" + verb {
	case "GET :":
		return "spreadsheets.get", s.reading(call, getSpreadsheet)
	case "POST :batchUpdate":
		return "batchUpdate", s.writing(call, batchUpdate)
	case "GET values:":
		return "values.get", s.reading(call, getValues)
	case "POST values:append":
		return "values.append", s.writing(call, appendValues)
	case "GET developerMetadata:":
		return "developerMetadata.get", s.reading(call, getMetadata)
	case "POST developerMetadata:search":
		return "developerMetadata.search", s.reading(call, searchMetadata)
	default:
		return "", nil
	}
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}
