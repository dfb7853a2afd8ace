package slack

import (
	"math"
	"sync"
	"time"
)

// rates are the limits on how often methods may be called (docs.slack.dev/apis/web-api/rate-limits): a message a second
// in a channel with bursts above that, a number of messages a minute in the workspace, and a tier for each other method.
type rates struct {
	options Options

	mu      sync.Mutex
	buckets map[string]*bucket
	refused int
}

// bucket leaks. A drop that does not fit is refused.
type bucket struct {
	size  float64
	leak  float64 // drops a second
	level float64
	last  time.Time
}

func newRates(options Options) *rates {
	return &rates{options: options, buckets: map[string]*bucket{}}
}

// full leaks until now, and returns how long it takes until a drop fits.
func (b *bucket) full(now time.Time) time.Duration {
	b.level = max(0, b.level-b.leak*now.Sub(b.last).Seconds())
	b.last = now
	if b.level+1 <= b.size {
		return 0
	}
	return time.Duration(math.Ceil((b.level + 1 - b.size) / b.leak * float64(time.Second)))
}

// post takes a message of a channel, or refuses it.
func (r *rates) post(channel string) error {
	perMinute := orElse(r.options.Switches.WorkspaceRate, 300)
	return r.take(
		r.bucket("post "+channel, orElse(r.options.Switches.ChannelBurst, 10), 1),
		r.bucket("post", perMinute, float64(perMinute)/60),
	)
}

// call takes a call of another method, or refuses it. A tier of 0 has no limit.
func (r *rates) call(method string, tier int) error {
	if tier == 0 {
		return nil
	}
	return r.take(r.bucket(method, tier, float64(tier)/60))
}

func (r *rates) bucket(name string, size int, leak float64) *bucket {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.buckets[name]
	if b == nil {
		b = &bucket{size: float64(size), leak: leak, last: time.Now()}
		r.buckets[name] = b
	}
	return b
}

func (r *rates) take(buckets ...*bucket) error {
	if r.options.Unlimited {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	wait := time.Duration(0)
	for _, b := range buckets {
		wait = max(wait, b.full(now))
	}
	if wait > 0 {
		r.refused++
		return &refusal{code: "ratelimited", after: wait}
	}
	for _, b := range buckets {
		b.level++
	}
	return nil
}

func orElse(value, otherwise int) int {
	if value == 0 {
		return otherwise
	}
	return value
}
