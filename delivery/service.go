package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// service is what targets have in common that one set of credentials opens. When those are refused, every queue of the
// service stops; then one of them tries every five minutes, and its success wakes all.
type service struct {
	name string

	mu      sync.Mutex
	stopped bool
	until   time.Time // the next try
	why     string
}

// stop holds every queue of the service until the given time.
func (s *service) stop(why string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped, s.why, s.until = true, why, until
}

// retry lets a service that is stopped be tried at once: something about it was changed.
func (s *service) retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = time.Time{}
}

// resume ends a stop, and reports whether there was one.
func (s *service) resume() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.stopped
	s.stopped, s.why, s.until = false, "", time.Time{}
	return was
}

// enter reports whether a request may be made now. While the service is stopped one gets leave, and the next only when
// as much time has passed again.
func (s *service) enter(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		return true
	}
	if now.Before(s.until) {
		return false
	}
	s.until = now.Add(probe)
	return true
}

// held reports whether the service is stopped, why, and until when its queues wait.
func (s *service) held() (stopped bool, why string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped, s.why, s.until
}

// stopService stops all queues of a queue's service, and makes the other lanes say so.
func (l *lane) stopService(q *queue, why string, until time.Time) {
	q.service.stop(why, until)
	l.wakeLanes()
}

// resumeService ends a stop after the service has answered somebody: its credentials are accepted.
func (l *lane) resumeService(ctx context.Context, q *queue) {
	if q.service.resume() {
		l.log.InfoContext(ctx, "a service is told again", "service", q.service.name)
		l.wakeLanes()
	}
}

// follow makes the lane's queues show whether their service is stopped. A queue that waits for a reason of its own
// keeps that one.
func (l *lane) follow(ctx context.Context, now time.Time) {
	for _, q := range l.queues {
		if q.leaving || q.unread {
			continue
		}
		stopped, why, until := q.service.held()
		next := q.state
		switch {
		case stopped && !q.state.Until.After(now) && until.After(now):
			next.Hold, next.Reason, next.Until = journal.Stopped, why, until
		case !stopped && q.state.Hold == journal.Stopped:
			next.Hold, next.Reason, next.Until = "", "", time.Time{}
		default:
			continue
		}
		l.store(ctx, q, next)
	}
}
