package selftest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

const (
	clients  = 16
	patience = 10 * time.Second // of a client with an answer
)

// Load is the clients and what they were promised.
type Load struct {
	secret  string
	clients []*client

	mu     sync.Mutex
	clock  int64 // rises with every sending and every answer
	upTo   int   // how many changes may have been made by now
	posts  []*post
	again  int // how often a change was posted that had been acknowledged
	resent int // how often one that had not
}

// Sums are what the clients did.
type Sums struct {
	Posted       int // changes
	Acknowledged int // of these
	Redelivered  int // postings of a change that had been acknowledged before
	Resent       int // postings of a change that had been posted before without an answer
}

// entity is what a client changes. Its priority goes up and down between few values, so that changes that wait together
// can take each other back.
type entity struct {
	number   int
	kind     string
	priority int
	stuck    *post // the newest change, when it was not acknowledged
}

func (e *entity) id() string { return fmt.Sprintf("28e92b4c-3b0c-4100-83c8-%012d", e.number) }

// NewLoad returns clients that have posted nothing yet. The secret is the daemon's.
func NewLoad(seed uint64, secret string) *Load {
	l := &Load{secret: secret}
	for i := range uint64(clients) {
		c := &client{load: l, random: rand.New(rand.NewPCG(seed, i))} //nolint:gosec // nothing is secret about it
		for k, kind := range []string{event.Project, event.Task, event.KeyDate, event.Idea} {
			c.entities = append(c.entities, &entity{number: int(i)*10 + k, kind: kind})
		}
		l.clients = append(l.clients, c)
	}
	return l
}

// Run lets all clients post to the daemon at that base URL until ctx ends. Together they have then made at most upTo
// changes, counted from the first Run; who has made them all goes on posting old ones now and then.
func (l *Load) Run(ctx context.Context, url string, upTo int) {
	l.mu.Lock()
	l.upTo = upTo
	l.mu.Unlock()
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	to := door{client: &http.Client{Transport: transport, Timeout: patience}, url: url, secret: l.secret}
	var posting sync.WaitGroup
	for _, c := range l.clients {
		posting.Go(func() {
			for ctx.Err() == nil && c.act(ctx, to) {
			}
		})
	}
	posting.Wait()
}

// Sums returns what was done until now.
func (l *Load) Sums() Sums {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Sums{Posted: len(l.posts), Redelivered: l.again, Resent: l.resent}
	for _, p := range l.posts {
		if p.answer > 0 {
			s.Acknowledged++
		}
	}
	return s
}

// change makes the next change of an entity, or none when enough were made.
func (l *Load) change(e *entity, to int) *post {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.posts) >= l.upTo {
		return nil
	}
	p := &post{n: len(l.posts) + 1, entity: e, before: e.priority, after: to}
	l.posts = append(l.posts, p)
	return p
}

// sending notes that a change is sent, and reports whether it was sent before.
func (l *Load) sending(p *post) (before bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	switch {
	case p.sent == 0:
		p.sent = l.clock
		return false
	case p.answer > 0:
		l.again++
	default:
		l.resent++
	}
	return true
}

func (l *Load) acknowledged(p *post, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	if p.answer == 0 {
		p.answer, p.id = l.clock, id
	} else if p.id != id {
		p.others = append(p.others, id)
	}
}
