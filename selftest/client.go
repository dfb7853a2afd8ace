package selftest

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	recent = 32                   // acknowledged changes of a client that may be posted again
	idle   = 5 * time.Millisecond // of a client that has nothing to post
)

// client posts changes of its own entities, one at a time.
type client struct {
	load     *Load
	random   *rand.Rand
	entities []*entity
	known    []*post // acknowledged
	overdue  []*post // not acknowledged, and overtaken by newer changes of their entity
}

// act does one thing, and reports whether the daemon still answers.
func (c *client) act(ctx context.Context, to door) bool {
	switch dice := c.random.IntN(100); {
	case dice < 5 && len(c.known) > 0:
		return c.post(ctx, to, c.known[c.random.IntN(len(c.known))])
	case dice < 10 && len(c.overdue) > 0:
		if !c.post(ctx, to, c.overdue[0]) {
			return false
		}
		c.overdue = c.overdue[1:]
		return true
	default:
		return c.advance(ctx, to)
	}
}

// advance posts the next change of an entity. One that was not acknowledged is posted again before the next one, after
// it, or never: which of these PPM Express does is not published.
func (c *client) advance(ctx context.Context, to door) bool {
	e := c.entities[c.random.IntN(len(c.entities))]
	p := e.stuck
	if p != nil && c.random.IntN(10) >= 7 {
		if e.stuck = nil; c.random.IntN(3) > 0 {
			c.overdue = append(c.overdue, p)
		}
		p = nil
	}
	if p == nil {
		p = c.load.change(e, (e.priority+1+c.random.IntN(3))%4)
	}
	if p == nil {
		return rest(ctx)
	}
	e.priority, e.stuck = p.after, p
	if !c.post(ctx, to, p) {
		return false
	}
	e.stuck = nil
	return true
}

// post posts a change, and reports whether it was acknowledged.
func (c *client) post(ctx context.Context, to door, p *post) bool {
	delivery := 0
	if c.load.sending(p) {
		delivery = c.random.IntN(2)
	}
	id := to.knock(ctx, p.entity.kind, p.body(delivery))
	if id == "" {
		return false
	}
	c.load.acknowledged(p, id)
	c.known = append(c.known, p)
	c.known = c.known[max(0, len(c.known)-recent):]
	return true
}

// rest passes a moment, and reports whether there are more.
func rest(ctx context.Context) bool {
	timer := time.NewTimer(idle)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
