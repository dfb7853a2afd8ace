package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	honestSenders  = 8
	honestPause    = 5 * time.Millisecond // between an answer and the next event
	freshAfter     = 8                    // events until an honest sender opens another connection
	honestPatience = 10 * time.Second
)

// trial is how honest senders fared for a while.
type trial struct {
	answered int
	failed   int   // events without an acknowledgement
	err      error // of one that failed
	p99      float64
	most     float64 // the longest answer, ms
}

// honest is one sender. It opens a new connection now and then, as senders do that keep a pool of them: a server that
// only serves those that are open already is no use.
type honest struct {
	address string
	draft   *draft
	client  *client
	posted  int
}

// post sends one event, and forgets a connection that failed.
func (h *honest) post(ctx context.Context) error {
	if h.posted%freshAfter == 0 {
		h.leave()
	}
	h.posted++
	ctx, cancel := context.WithTimeout(ctx, honestPatience)
	defer cancel()
	if h.client == nil {
		c, err := dial(ctx, h.address, h.draft)
		if err != nil {
			return err
		}
		h.client = c
	}
	err := h.client.conn.SetDeadline(time.Now().Add(honestPatience))
	if err == nil {
		err = h.client.post()
	}
	if err != nil {
		h.leave()
	}
	return err
}

func (h *honest) leave() {
	if h.client != nil {
		_ = h.client.conn.Close() // nothing is under way
		h.client = nil
	}
}

// behave lets honest senders send for a while.
func behave(ctx context.Context, address string, d *draft, long time.Duration) trial {
	return behaveBy(ctx, honestSenders, address, d, long)
}

// behaveBy is behave with so many senders.
func behaveBy(ctx context.Context, senders int, address string, d *draft, long time.Duration) trial {
	more := until(time.Now().Add(long))
	var all trial
	var took []time.Duration
	var mu sync.Mutex
	var sending sync.WaitGroup
	for range senders {
		sending.Go(func() {
			h := &honest{address: address, draft: d}
			defer h.leave()
			for more() && ctx.Err() == nil {
				begin := time.Now()
				err := h.post(ctx)
				mu.Lock()
				if err == nil {
					took = append(took, time.Since(begin))
				} else {
					all.failed++
					all.err = err
				}
				mu.Unlock()
				_ = pause(ctx, honestPause) // it ends with ctx, which is looked at
			}
		})
	}
	sending.Wait()
	slices.Sort(took)
	all.answered, all.p99, all.most = len(took), ms(percentile(took, 99)), ms(percentile(took, 100))
	return all
}
