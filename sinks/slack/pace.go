package slack

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// What Slack grants (docs.slack.dev/apis/web-api/rate-limits), and what is asked of it.
//
// A channel takes "generally 1 message per second", with bursts of a size that is not published. A workspace takes
// "several hundred messages per minute", which is at least 300; a fifth of that is left to be on the safe side. So 500
// messages over 20 channels take two minutes if each stands alone, and seconds when they are merged, as they are wherever
// more wait than fit. History, a method of the third tier, takes 50 calls a minute.
const (
	perChannel = 1   // messages a second in one channel
	perSecond  = 4   // messages a second over all channels, and so many at once
	looks      = 0.5 // calls of history a second
	lookBurst  = 20  // calls of history at once

	maxHold = time.Minute     // how long one channel's 429 holds the others
	slow    = 5 * time.Minute // how long the workspace's pace is halved after a 429
	slowest = 1               // message a second, whatever happens
)

// newLimiter returns a limiter with room for a third of a burst, which is one message unless the burst was configured.
// What the process before this one has posted, or looked at, is not known: it may have been a burst a moment ago, and a
// process that restarts again and again must not take one each time.
func newLimiter(perSecond rate.Limit, burst int) *rate.Limiter {
	limiter := rate.NewLimiter(perSecond, burst)
	limiter.AllowN(time.Now(), burst-max(1, burst/3))
	return limiter
}

// Pace returns what waits until the next message to a channel may be posted: a message a second for each channel, 240 a
// minute for all of them, none while Slack asks for patience. It returns early only with the context's error.
func (c *Client) Pace(channel string) func(context.Context) error {
	limiter := c.limiter(channel)
	return func(ctx context.Context) error {
		if err := limiter.Wait(ctx); err != nil {
			return err
		}
		for {
			if err := c.waitHeld(ctx); err != nil {
				return err
			}
			if err := c.workspace.Wait(ctx); err != nil {
				return err
			}
			if !time.Now().Before(c.heldUntil()) { // else a 429 came meanwhile
				return ctx.Err()
			}
		}
	}
}

// waitHeld returns when no 429 holds the workspace.
func (c *Client) waitHeld(ctx context.Context) error {
	for until := c.heldUntil(); time.Now().Before(until); until = c.heldUntil() {
		if err := waitUntil(ctx, until); err != nil {
			return err
		}
	}
	return nil
}

// heldUntil returns until when nothing may be posted, and lets the pace be what it was when its slow time is over.
func (c *Client) heldUntil() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.workspace.Limit() < perSecond && !time.Now().Before(c.slowed) {
		c.workspace.SetLimit(perSecond)
	}
	return c.held
}

func (c *Client) limiter(channel string) *rate.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	limiter := c.channels[channel]
	if limiter == nil {
		limiter = newLimiter(perChannel, c.burst)
		c.channels[channel] = limiter
	}
	return limiter
}

// hold stops all posting for as long as a 429 asks: it counts for the method in the workspace, says Slack. Since it may
// be one channel's alone, the others do not wait longer than a minute. Where Slack names no time it is 5 s, 10 s after
// the next one, up to a minute. Five minutes long the workspace gets half as much as before. Hold returns the time.
func (c *Client) hold(after time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if after == 0 {
		after = min(5*time.Second<<c.untold, maxHold)
		c.untold = min(c.untold+1, 4)
	}
	if until := now.Add(min(after, maxHold)); until.After(c.held) {
		c.held = until
	}
	c.workspace.SetLimit(max(c.workspace.Limit()/2, slowest))
	c.slowed = now.Add(slow)
	return after
}

// posted says that a message was taken.
func (c *Client) posted() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.untold = 0
}

// waitUntil returns at that time, or early with the reason why the context ended.
func waitUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
