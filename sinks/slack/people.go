package slack

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// Bounds of what is known of people.
const (
	foundFor    = 24 * time.Hour // then somebody may have left, and is asked for again
	notFoundFor = time.Hour      // then somebody may have come
	mostPeople  = 10_000
	everyLookup = 1500 * time.Millisecond // users.lookupByEmail is of tier 3: 50 a minute (docs.slack.dev/apis/web-api/rate-limits)
	lookupBurst = 10
	longPause   = 5 * time.Minute // where only a person can help
)

// People find the members of a workspace by their e-mail addresses, beside everything else: nobody waits for an answer of
// Slack, and a lookup that fails costs nothing but the mention.
//
//	Member   an address is known: its id; not known: "", and it is asked for
//	Run      asks Slack for one after the other, and remembers who has it, or that nobody has
//	         an error: again after 1, 2, 4 … 60 s, after what Slack asks for, or after 5 minutes where a person must act
//
// What was known stays in use while it is asked for again. They are safe for concurrent use.
type People struct {
	log  *slog.Logger
	pace *rate.Limiter
	wake chan struct{} // something is to be asked for, or somebody else is to be asked

	mu     sync.Mutex
	client *Client
	known  map[string]person // by address in small letters
	asked  []string          // addresses in the order in which they are asked for
	failed int               // lookups in a row
	why    string            // why lookups fail; empty where they do not
	since  time.Time         // when that began
	next   time.Time         // no lookup before
	swept  time.Time         // when room was made last
}

type person struct {
	id    string    // empty = nobody has the address, or it is not known yet
	until time.Time // when it is asked for again
	asked bool
}

// NewPeople makes People of nobody's workspace.
func NewPeople(log *slog.Logger) *People {
	return &People{
		log: log, pace: rate.NewLimiter(rate.Every(everyLookup), lookupBurst), wake: make(chan struct{}, 1), known: map[string]person{},
	}
}

// Follow names the client that is asked from now on; nil is none. What another one said is forgotten, as it may be of
// another workspace.
func (p *People) Follow(client *Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client == client {
		return
	}
	if p.client != nil {
		p.known, p.asked = map[string]person{}, nil
	}
	p.client, p.failed, p.why, p.next = client, 0, "", time.Time{}
	p.awake()
}

// Member returns the id of who has an e-mail address; empty where that is not known, or not yet. It answers at once.
func (p *People) Member(email string) string {
	email = strings.ToLower(email)
	p.mu.Lock()
	defer p.mu.Unlock()
	one, there := p.known[email]
	if !one.asked && time.Now().After(one.until) && (there || p.room()) {
		one.asked = true
		p.known[email] = one
		p.asked = append(p.asked, email)
		p.awake()
	}
	return one.id
}

// room makes room for one more person, and reports whether there is some.
func (p *People) room() bool {
	if len(p.known) < mostPeople {
		return true
	}
	if time.Since(p.swept) < time.Minute {
		return false // nobody goes through all of them for each
	}
	p.swept = time.Now()
	for email, one := range p.known {
		if !one.asked && time.Now().After(one.until) {
			delete(p.known, email)
		}
	}
	return len(p.known) < mostPeople
}

func (p *People) awake() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already
	}
}

// Trouble is why members cannot be looked up.
type Trouble struct {
	Why   string    // in plain words, without secrets; empty where nothing is wrong
	Since time.Time // when it began
	Next  time.Time // when it is tried again
}

// Trouble says what is wrong now.
func (p *People) Trouble() Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Trouble{p.why, p.since, p.next}
}

// Run asks for those who are not known, until ctx ends.
func (p *People) Run(ctx context.Context) {
	for ctx.Err() == nil {
		email, client, pause := p.upNext()
		if email == "" {
			p.rest(ctx, pause)
			continue
		}
		if p.pace.Wait(ctx) != nil {
			return
		}
		id, err := client.lookup(ctx, email)
		if ctx.Err() == nil {
			p.learn(ctx, client, email, id, err)
		}
	}
}

// upNext returns whom to ask for. Without anybody it says how long to wait; 0 is until somebody is asked for.
func (p *People) upNext() (email string, client *Client, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client == nil || len(p.asked) == 0 {
		return "", nil, 0
	}
	if pause = time.Until(p.next); pause > 0 {
		return "", nil, pause
	}
	return p.asked[0], p.client, 0
}

func (p *People) rest(ctx context.Context, pause time.Duration) {
	var over <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
	case <-p.wake:
	case <-over:
	}
}

// learn keeps what a client said about an address.
func (p *People) learn(ctx context.Context, client *Client, email, id string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.client != client {
		return // it is of another workspace by now
	}
	if err != nil && p.fails(ctx, client.wrap("looking up a member by e-mail", err)) {
		return
	}
	if p.why != "" {
		p.log.InfoContext(ctx, "members are looked up again")
	}
	p.failed, p.why = 0, ""
	stays := foundFor
	if id == "" {
		stays = notFoundFor
	}
	p.known[email] = person{id: id, until: time.Now().Add(stays)}
	p.asked = p.asked[1:]
}

// fails waits, and says why once for as long as it stays the same. It reports false where it is the address that Slack does
// not take, as nobody else would have to wait for that.
func (p *People) fails(ctx context.Context, failure *sinks.Error) bool {
	pause := min(time.Second<<min(p.failed, 6), time.Minute)
	switch failure.Class {
	case sinks.Void, sinks.Bury, sinks.Unknown:
		p.log.WarnContext(ctx, "a member cannot be looked up", "error", failure)
		return false
	case sinks.Wait:
		pause = cmp.Or(failure.After, time.Minute)
	case sinks.Park, sinks.Stop:
		pause = longPause
	case sinks.Retry, sinks.Unsure:
	}
	p.failed++
	p.next = time.Now().Add(pause)
	if failure.Class == sinks.Wait {
		return true // Slack asks for patience: nothing is wrong
	}
	if why := failure.Error(); why != p.why {
		if p.why == "" {
			p.since = time.Now()
		}
		p.why = why
		p.log.WarnContext(ctx, "members cannot be looked up, their names are told instead", "error", failure, "retry_in", pause)
	}
	return true
}

// lookup returns the id of who has an e-mail address; empty where nobody has it, or nobody any more.
func (c *Client) lookup(ctx context.Context, email string) (string, error) {
	var user *slack.User
	unknown := false
	_, err := c.call(ctx, func(ctx context.Context, api *slack.Client) (err error) {
		user, err = api.GetUserByEmailContext(ctx, email)
		refusal, ok := errors.AsType[slack.SlackErrorResponse](err)
		unknown = ok && refusal.Err == "users_not_found"
		return err
	})
	switch {
	case unknown:
		return "", nil
	case err != nil:
		return "", err
	case user == nil || user.ID == "":
		return "", sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "the answer names nobody")
	case user.Deleted:
		return "", nil
	}
	return user.ID, nil
}
