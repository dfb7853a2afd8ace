// Package ppm stands in for PPM Express: it keeps a small tenant in which persons edit, tells registered webhooks about
// it by real requests, and speaks the part of the Public API that manages webhooks and reads the tenant
// (help.ppm.express, "Working with Webhooks in PPM Express"; the vendor's connector definition in
// github.com/microsoft/PowerPlatformConnectors).
//
// # The life of a change
//
// Create, Edit, BulkEdit and Delete change the tenant at once and queue one delivery for each webhook that is registered
// for the type. Run posts what is queued: one request at a time for each webhook, in the order of the changes.
//
// # Invariants
//
//   - A change and its deliveries are one step: a webhook misses none of the changes made while it is registered.
//   - A time stamp is later than all before it, unless the clock was set back.
//   - A refused request has changed nothing. One that meets a fault of the board has its whole effect or none, as the
//     fault's name says.
//   - No request leaves for an address under a name that is reserved for documentation and tests (RFC 2606): webhooks of
//     others can be told apart from ours without calling anybody.
//
// What the vendor does not publish is decided by Switches, so that nobody has to believe our guess.
package ppm

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// What a tenant is called, and which token it takes, where Options do not say.
const (
	DefaultTenant = "contoso"
	DefaultToken  = "ppm-express-sandbox"
)

// Limit is how many webhooks a tenant may have, whoever made them.
const Limit = 50

// maxBody is what a request may send; the vendor publishes no limit, and no registration comes near this one.
const maxBody = 1 << 20

// Options say what kind of tenant it is.
type Options struct {
	Tenant   string       // default DefaultTenant
	Token    string       // others are refused; default DefaultToken
	Owner    event.Person // of the token
	Expires  time.Time    // of the token; default a year from now
	Entities []Entity     // what is there from the start, told to nobody
	Webhooks []Webhook    // what others have registered; ids are given where they are empty
	Board    *fault.Board // faults by endpoint, as Endpoints names them; nil = none
	Client   *http.Client // posts the deliveries; nil = one of its own
	Seed     uint64       // the same seed and calls give the same ids and chances
	Switches Switches

	// Choices adds to what the Fields feed says can be chosen, or takes its place, by "Project.Region".
	Choices map[string][]Choice
}

// Server is the stand-in. Its methods may be called at any time from anywhere.
type Server struct {
	// Board holds the faults, by the name of an endpoint: see Endpoints.
	Board *fault.Board

	options Options  // conditions change some of the switches, under the lock
	usual   Switches // as they were given
	routes  []route
	wake    chan struct{} // tells Run that something is queued

	mu        sync.Mutex
	ids       *rand.ChaCha8
	last      time.Time          // the last time stamp
	denied    bool               // the token's owner may not administrate the app
	revoked   bool               // the token
	expired   bool               // the token, before its time
	limited   bool               // every request comes too often
	vanishing bool               // what is created is not kept
	ahead     time.Duration      // how far the vendor's clock is ahead of ours
	missing   map[string]Webhook // what a condition removed, by what it was asked for
	webhooks  []*registration
	entities  []*Entity
	calls     map[string]int
	changes   uint64            // of the tenant and its webhooks
	touched   map[string]string // the entity that was changed last, by kind

	lanes map[string]*lane
	open  int           // deliveries that are queued or under way
	idle  chan struct{} // closed when open is 0
	log   []Delivery
}

// New makes a tenant. Its API is served below /@{tenant}/v1.0/. Deliveries wait until Run.
func New(options Options) *Server {
	if options.Tenant == "" {
		options.Tenant = DefaultTenant
	}
	if options.Token == "" {
		options.Token = DefaultToken
	}
	if options.Expires.IsZero() {
		options.Expires = time.Now().AddDate(1, 0, 0)
	}
	if options.Board == nil {
		options.Board = fault.NewBoard()
	}
	if options.Client == nil {
		options.Client = newClient()
	}
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], options.Seed)
	s := &Server{
		Board: options.Board, missing: map[string]Webhook{},
		options: options, usual: options.Switches, wake: make(chan struct{}, 1), ids: rand.NewChaCha8(seed),
		calls: map[string]int{}, touched: map[string]string{}, lanes: map[string]*lane{}, idle: make(chan struct{}),
	}
	close(s.idle)
	s.routes = s.table()
	s.load(options.Entities)
	for _, webhook := range options.Webhooks {
		s.register(webhook)
	}
	return s
}

// newClient does not follow redirects: no publisher of webhooks should be led elsewhere.
func newClient() *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ServeHTTP serves the API, and its description at /openapi.json.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Read first: a server learns that the caller went away only once it has read the whole request.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	s.mu.Unlock()
	w.Header().Set("Api-Supported-Versions", "1.0")
	if serveOpenAPI(w, r) {
		return
	}
	endpoint, parameter, found := s.match(r)
	if !found {
		refuse(http.StatusNotFound, "There is nothing at this address").write(w)
		return
	}
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if limited := s.count(endpoint.name); limited {
			w.Header().Set("Retry-After", "1")
			s.tooMany(w, time.Second)
			return
		}
		s.answer(endpoint, r, parameter, body).write(w)
	})
	s.Board.Wrap(endpoint.name, s.tooMany, serve).ServeHTTP(w, r)
}

// Calls returns how many requests of an endpoint were served, with those whose answer a fault took away.
func (s *Server) Calls(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[endpoint]
}

func (s *Server) count(endpoint string) (limited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[endpoint]++
	return s.limited
}

// SetAdministrator gives the token's owner the permission to manage webhooks, or takes it away.
func (s *Server) SetAdministrator(allowed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.denied = !allowed
}

// Revoke makes the token invalid, or valid again.
func (s *Server) Revoke(revoked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = revoked
}

// SetClock sets how far the vendor's clock is ahead of ours; it may be negative. After a clock was set back, time stamps
// are earlier than those before it.
func (s *Server) SetClock(ahead time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead, s.last = ahead, time.Time{}
}

// now is the vendor's clock. The lock is held.
func (s *Server) now() time.Time { return time.Now().Add(s.ahead) }

// newID draws an id. The lock is held.
func (s *Server) newID() string {
	return uuid.Must(uuid.NewRandomFromReader(s.ids)).String()
}

// tick returns the time, later than all it returned before. The lock is held.
func (s *Server) tick() time.Time {
	const step = 100 * time.Nanosecond // what a time stamp can tell
	now := s.now().UTC().Truncate(step)
	if !now.After(s.last) {
		now = s.last.Add(step)
	}
	s.last = now
	return now
}
