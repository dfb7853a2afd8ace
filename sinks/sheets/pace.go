package sheets

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// burst is how many requests may follow each other at once.
const burst = 5

// newLimiter returns a limiter of reads, or of writes: Google counts them apart. It allows 60 of each in a minute to a
// user, which a service account is one of, and 300 to its project (developers.google.com/workspace/sheets/api/limits): so
// one client for all tabs keeps to both, as long as not more than five accounts share a project. With the burst, 50 a
// minute are never more than 55 in the minute that Google counts.
//
// It begins with room for one request. What the process before this one has sent in this minute is not known.
func newLimiter(perMinute int) *rate.Limiter {
	limiter := rate.NewLimiter(rate.Every(time.Minute/time.Duration(perMinute)), burst)
	limiter.AllowN(time.Now(), burst-1)
	return limiter
}

// Pace returns when a write is allowed, or the error of ctx. It takes no allowance itself: the write does.
func (c *Client) Pace(ctx context.Context) error {
	for {
		// Reserve and Cancel would take a token: what is due at once can no longer be cancelled a moment later.
		lacking := 1 - c.writes.Tokens()
		if lacking <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(time.Duration(lacking / float64(c.writes.Limit()) * float64(time.Second)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// idle reports whether requests that can wait may be sent now.
func (c *Client) idle() bool { return c.reads.Tokens() >= 2 && c.writes.Tokens() >= 2 }
