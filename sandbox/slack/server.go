// Package slack stands in for Slack: it speaks the part of the Web API that a bot needs which posts messages and reads
// them back, with Slack's limits, error codes and rewriting of what is stored (docs.slack.dev/reference/methods), and
// with faults on demand.
//
// # The life of a message
//
// chat.postMessage checks token, scope, rate, channel and content in this order, and refuses with Slack's code for it.
// What passes gets the next time stamp of its channel, is rewritten as Slack rewrites, and stays until it is updated or
// deleted. conversations.history and .replies show it, with its metadata only where that is asked for.
//
// # Invariants
//
//   - A time stamp is unique in its channel and later than all before it.
//   - A refused request has changed nothing.
//   - A request that meets a fault of the board either has its whole effect or none, as the fault's name says.
//
// What Slack does not publish is decided by Switches, so that nobody has to believe our guess.
package slack

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// maxBody is what a request may send; Slack publishes no limit, and no message comes near this one.
const maxBody = 1 << 20

// Options say what kind of workspace it is.
type Options struct {
	Token     string            // the bot's; other tokens are refused; default DefaultToken
	Scopes    []string          // what the token may do; nil = everything that the methods here ask for
	Channels  []Channel         // more can be added by Server.SetChannel
	Users     map[string]string // user id by e-mail address
	Board     *fault.Board      // faults by method name: "chat.postMessage"; nil = none
	Unlimited bool              // no rate limits, for tests in a hurry
	Switches  Switches
}

// DefaultToken is the token of a workspace that was given none.
const DefaultToken = "xoxb-sandbox" //nolint:gosec // it opens nothing but this stand-in

// Switches are what Slack does not publish, or what is only known from what others observed. The zero value is the more
// probable side of each.
type Switches struct {
	MetadataDropped  bool          // metadata of an event type that no app manifest declares is accepted and forgotten
	BlockIDsReplaced bool          // history shows block ids of Slack's own instead of those that were sent
	VisibleAfter     time.Duration // how long after it was posted history begins to show a message; default at once
	LongTextRefused  bool          // text above 4,000 characters is refused (msg_too_long) instead of split
	CountRunes       bool          // lengths are counted in code points instead of UTF-16 units
	RetryAfter       RetryAfter    // how a 429 says how long to wait
	ChannelBurst     int           // messages that a channel takes at once, beside 1 a second; default 10
	WorkspaceRate    int           // messages a minute over all channels; default 300
	BlocksSize       int           // characters over all blocks of a message; default 13,200
	MetadataSize     int           // bytes of metadata of a message; default 8,000
	ClockAhead       time.Duration // how far Slack's clock is ahead of ours; may be negative
}

// RetryAfter is a form of the header Retry-After.
type RetryAfter string

// The forms of Retry-After. Slack documents seconds.
const (
	RetrySeconds  RetryAfter = ""         // "1"
	RetryFraction RetryAfter = "fraction" // "1.5"
	RetryDate     RetryAfter = "date"     // "Mon, 02 Jan 2006 15:04:05 GMT"
	RetryMissing  RetryAfter = "missing"
)

// Server is the stand-in. Its methods may be called at any time from anywhere.
type Server struct {
	// Board holds the faults, by the name of a method: see Endpoints.
	Board *fault.Board

	options Options
	store   *store
	rates   *rates
	mux     *http.ServeMux
	names   []string     // of the methods
	ahead   atomic.Int64 // nanoseconds that Slack's clock is ahead of ours
}

// New makes a workspace without messages. Its API is served below /api/.
func New(options Options) *Server {
	if options.Token == "" {
		options.Token = DefaultToken
	}
	if options.Board == nil {
		options.Board = fault.NewBoard()
	}
	s := &Server{Board: options.Board, options: options, mux: http.NewServeMux()}
	s.SetClock(options.Switches.ClockAhead)
	s.store = newStore(s.now, options)
	s.rates = newRates(options)
	for name, serve := range map[string]endpoint{
		"auth.test":             {serve: s.authTest},
		"chat.postMessage":      {serve: s.postMessage, scopes: []string{"chat:write"}, posts: true},
		"chat.update":           {serve: s.update, scopes: []string{"chat:write"}, tier: 50},
		"conversations.info":    {serve: s.info, scopes: []string{"channels:read", "groups:read"}, tier: 50},
		"conversations.history": {serve: s.history, scopes: []string{"channels:history", "groups:history"}, tier: 50},
		"conversations.replies": {serve: s.replies, scopes: []string{"channels:history", "groups:history"}, tier: 50},
		"users.lookupByEmail":   {serve: s.lookup, scopes: []string{"users:read.email"}, tier: 50},
	} {
		serve.name = name
		s.names = append(s.names, name)
		s.mux.Handle("/api/"+name, options.Board.Wrap(name, s.tooMany, s.handle(serve)))
	}
	slices.Sort(s.names)
	s.mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { s.answer(w, nil, refuse("unknown_method")) })
	return s
}

// Endpoints returns the names of all methods, as the board knows them.
func (s *Server) Endpoints() []string { return slices.Clone(s.names) }

// SetClock sets how far Slack's clock is ahead of ours; it may be negative.
func (s *Server) SetClock(ahead time.Duration) { s.ahead.Store(int64(ahead)) }

// now is Slack's clock.
func (s *Server) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// ServeHTTP serves the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Read first: a server learns that the caller went away only once it has read the whole request.
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	s.mux.ServeHTTP(w, r)
}

// tooMany is the answer of a 429 that the board ordered.
func (s *Server) tooMany(w http.ResponseWriter, after time.Duration) {
	s.answer(w, nil, &refusal{code: "ratelimited", after: after})
}

// endpoint is one method of the API.
type endpoint struct {
	name   string
	scopes []string // one of them is needed
	tier   int      // requests a minute; 0 = no limit of its own
	posts  bool     // limited by channel and workspace instead
	serve  func(a arguments) (fields, error)
}

// fields are what an answer says beside "ok".
type fields map[string]any

// refusal is an error with Slack's code.
type refusal struct {
	code     string
	messages []string // what is wrong with blocks, with json pointers
	needed   string
	provided string
	after    time.Duration // of a 429
}

func (r *refusal) Error() string { return r.code }

func refuse(code string, messages ...string) *refusal {
	return &refusal{code: code, messages: messages}
}

func (s *Server) handle(e endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, token, err := read(r)
		if err == nil {
			err = s.admit(e, a, token)
		}
		if err != nil {
			s.answer(w, nil, err)
			return
		}
		w.Header().Set("X-OAuth-Scopes", strings.Join(s.store.scopes(), ","))
		answer, err := e.serve(a)
		s.answer(w, answer, err)
	})
}

// admit checks token, scope and rate.
func (s *Server) admit(e endpoint, a arguments, token string) error {
	if err := s.store.authenticate(token); err != nil {
		return err
	}
	if err := s.store.permit(e.scopes); err != nil {
		return err
	}
	if e.posts && s.store.overPlan() {
		return refuse("message_limit_exceeded")
	}
	if e.posts {
		return s.rates.post(a["channel"])
	}
	return s.rates.call(e.name, e.tier)
}

// answer writes an answer as Slack does: a refusal is a 200, unless it is for too many requests.
func (s *Server) answer(w http.ResponseWriter, answer fields, err error) {
	status := http.StatusOK
	if err != nil {
		answer, status = s.refused(w.Header(), err)
	} else {
		answer["ok"] = true
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err) // unreachable: answers are made of JSON
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // who went away does not read it
}

func (s *Server) refused(header http.Header, err error) (fields, int) {
	r, ok := err.(*refusal) //nolint:errorlint // refusals are never wrapped
	if !ok {
		r = refuse("internal_error")
	}
	answer := fields{"ok": false, "error": r.code}
	if len(r.messages) > 0 {
		answer["response_metadata"] = fields{"messages": r.messages}
	}
	if r.needed != "" {
		answer["needed"], answer["provided"] = r.needed, r.provided
	}
	if r.after == 0 {
		return answer, http.StatusOK
	}
	header.Del("Retry-After")
	switch s.options.Switches.RetryAfter {
	case RetrySeconds:
		header.Set("Retry-After", strconv.Itoa(int((r.after+time.Second-1)/time.Second)))
	case RetryFraction:
		header.Set("Retry-After", strconv.FormatFloat(r.after.Seconds()+0.5, 'f', 1, 64))
	case RetryDate:
		header.Set("Retry-After", s.now().Add(r.after+time.Second).UTC().Format(http.TimeFormat))
	case RetryMissing:
	}
	return answer, http.StatusTooManyRequests
}
