package ppm

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Delivery is one attempt to tell a webhook.
type Delivery struct {
	WebhookID string
	MessageID string
	Type      event.Type
	Entity    event.Ref
	URL       string
	Attempt   int           // from 1; a duplicate begins at 1 again
	At        time.Time     // when it was sent
	Took      time.Duration // until it ended
	Status    int           // of the answer; 0 = there was none
	Err       string        // why there was none
}

// Acknowledged reports whether the receiver took it.
func (d Delivery) Acknowledged() bool { return d.Status >= 200 && d.Status < 300 }

// parcel is what waits for delivery.
type parcel struct {
	webhook Webhook
	message map[string]any
	about   Delivery
	delay   time.Duration
}

// lane is a row of parcels that are sent one after the other.
type lane struct {
	waiting []*parcel
	busy    bool
}

// Run delivers until ctx ends. What is queued then stays queued.
func (s *Server) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	defer lanes.Wait()
	for {
		for _, key := range s.due() {
			lanes.Go(func() { s.drain(ctx, key) })
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
	}
}

// due claims the lanes in which something waits.
func (s *Server) due() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for key, l := range s.lanes {
		if !l.busy {
			l.busy = true
			keys = append(keys, key)
		}
	}
	return keys
}

// drain sends what waits in a lane.
func (s *Server) drain(ctx context.Context, key string) {
	for {
		p := s.head(key)
		if p == nil {
			return
		}
		s.deliver(ctx, p)
		if ctx.Err() != nil {
			s.release(key)
			return
		}
		s.finish(key)
	}
}

// head returns the parcel that is next, or ends the lane.
func (s *Server) head(key string) *parcel {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lanes[key]; len(l.waiting) > 0 {
		return l.waiting[0]
	}
	delete(s.lanes, key)
	return nil
}

func (s *Server) finish(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lanes[key].waiting = s.lanes[key].waiting[1:]
	s.open--
	if s.open == 0 {
		close(s.idle)
	}
}

// release leaves a lane to the next Run.
func (s *Server) release(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lanes[key].busy = false
	s.nudge()
}

// Idle waits until nothing is queued or under way, or returns the error of ctx.
func (s *Server) Idle(ctx context.Context) error {
	for {
		s.mu.Lock()
		open, idle := s.open, s.idle
		s.mu.Unlock()
		if open == 0 {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Deliveries returns every attempt that has ended, in that order.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// deliver sends a parcel, and again where it is not taken and the switches say so.
func (s *Server) deliver(ctx context.Context, p *parcel) {
	if !wait(ctx, p.delay) {
		return
	}
	for attempt := 1; ; attempt++ {
		about := p.about
		about.Attempt, about.At = attempt, time.Now()
		about.Status, about.Err = s.post(ctx, p.webhook, p.message)
		about.Took = time.Since(about.At)
		if ctx.Err() != nil {
			return // it is told again by the next Run
		}
		s.keep(about)
		if s.took(about) || attempt > s.options.Switches.Retries {
			return
		}
		pause := s.options.Switches.RetryPause
		if pause == 0 {
			pause = defaultRetryPause
		}
		if !wait(ctx, pause) {
			return
		}
		if s.options.Switches.RetryNewMessageID {
			s.rename(p)
		}
	}
}

// took reports whether an attempt counts as taken, which decides what follows from it.
func (s *Server) took(attempt Delivery) bool {
	if s.options.Switches.OnlyOK {
		return attempt.Status == http.StatusOK
	}
	return attempt.Acknowledged()
}

func (s *Server) rename(p *parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.about.MessageID = s.newID()
	p.message["MessageId"] = p.about.MessageID
}

// keep records an attempt, and removes a webhook that fails too often.
func (s *Server) keep(attempt Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, attempt)
	i := s.indexOf(attempt.WebhookID)
	if i < 0 {
		return
	}
	s.webhooks[i].failures++
	if s.took(attempt) {
		s.webhooks[i].failures = 0
	}
	if most := s.options.Switches.RemovedAfter; most > 0 && s.webhooks[i].failures >= most {
		s.remove(attempt.WebhookID)
	}
}
