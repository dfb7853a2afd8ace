package slack

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Slack takes a message a second in a channel, with some bursts, and several hundred a minute in a workspace
// (docs.slack.dev/apis/web-api/rate-limits).
const (
	perSecond = 3           // messages over all channels
	maxHold   = time.Minute // how long one channel's 429 holds the others
)

// Pace returns what waits until the next message to a channel may be posted: a message a second for each channel, 180 a
// minute for all of them, none while Slack asks for patience. It returns early only with the context's error.
func (c *Client) Pace(channel string) func(context.Context) error {
	limiter := c.limiter(channel)
	return func(ctx context.Context) error {
		if err := limiter.Wait(ctx); err != nil {
			return err
		}
		if err := c.workspace.Wait(ctx); err != nil {
			return err
		}
		for {
			c.mu.Lock()
			until := c.held
			c.mu.Unlock()
			if !time.Now().Before(until) {
				return ctx.Err()
			}
			if err := waitUntil(ctx, until); err != nil {
				return err
			}
		}
	}
}

func (c *Client) limiter(channel string) *rate.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	limiter := c.channels[channel]
	if limiter == nil {
		limiter = rate.NewLimiter(1, c.burst)
		c.channels[channel] = limiter
	}
	return limiter
}

// hold stops all posting for as long as a 429 asks: it counts for the method in the workspace, says Slack. Since it may
// be one channel's alone, the others do not wait longer than a minute.
func (c *Client) hold(after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := time.Now().Add(min(after, maxHold)); until.After(c.held) {
		c.held = until
	}
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
