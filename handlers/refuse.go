package handlers

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ppmrelay/ppmrelay/event"
)

const (
	retryAfter      = 30 * time.Second // what a sender is asked to wait after a 503
	turnedAwayEvery = time.Minute      // at most one line in the log about requests without a secret
	turnedAwayFresh = time.Hour        // how long /readyz speaks of the last of them
	maxReasons      = 8                // that the log hears while the journal refuses
)

// words says what each refusal means to whoever set up the sender. Nothing of the request is repeated in it.
func words(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "the body did not arrive completely"
	case http.StatusUnauthorized:
		return "the request needs one Authorization header with the word Bearer and the secret of this relay"
	case http.StatusNotFound:
		return "there is nothing here; events go to /events/{Entity}/{Action}"
	case http.StatusMethodNotAllowed:
		return "this method is not served here; the Allow header names those that are"
	case http.StatusRequestTimeout:
		return "the body took too long to arrive"
	case http.StatusRequestEntityTooLarge:
		return "the body is larger than this relay takes"
	case http.StatusServiceUnavailable:
		return "the event could not be written down now; send it again later"
	default:
		return "an error in this relay; its log tells more"
	}
}

// refuse answers with a status and its words.
func refuse(c *gin.Context, status int) {
	c.AbortWithStatusJSON(status, gin.H{"error": words(status)})
}

// turnAway answers a request without a valid secret. The log gets a line a minute, since anybody can cause these.
func (r *Receiver) turnAway(c *gin.Context) {
	if count := r.refused.turnedAway(time.Now()); count > 0 {
		r.log.WarnContext(c.Request.Context(), "requests were turned away because their secret is missing or wrong",
			"count", count, "last_from", c.Request.RemoteAddr)
	}
	c.Header("WWW-Authenticate", `Bearer realm="ppmrelay"`)
	refuse(c, http.StatusUnauthorized)
}

// refuseBody answers when the body did not arrive. The rest of it is not waited for.
func (r *Receiver) refuseBody(c *gin.Context, door *door, kind event.Type, err error) {
	status := bodyStatus(err)
	if status == http.StatusRequestEntityTooLarge {
		now := time.Now()
		r.refused.tooLarge(now)
		r.missed(kind, now, "an event was larger than this relay takes (413)")
		r.log.ErrorContext(c.Request.Context(), "an event was refused because it is too large and is lost here",
			"type", kind, "content_length", c.Request.ContentLength, "limit", door.maxBody)
	} else {
		r.log.WarnContext(c.Request.Context(), "a body did not arrive", "type", kind, "status", status, "error", err)
	}
	c.Header("Connection", "close")
	refuse(c, status)
}

// refuseForJournal answers when the event may not be on disk. A full disk refuses every event, so the log hears of each
// reason once, and how many there were when it is over.
func (r *Receiver) refuseForJournal(c *gin.Context, kind event.Type, err error) {
	now := time.Now()
	r.missed(kind, now, "events could not be written down (503)")
	if r.refused.journalFails(now, err.Error()) {
		r.log.ErrorContext(c.Request.Context(), "an event could not be written down", "type", kind, "error", err)
	}
	c.Header("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	refuse(c, http.StatusServiceUnavailable)
}

// refusals remembers what was refused, for /readyz.
type refusals struct {
	mu           sync.Mutex
	unauthorized tally
	unlogged     int64     // of those, not in the log yet
	logged       time.Time // when the log last spoke of them
	large        tally
	unwritten    tally           // since the journal last worked
	reasons      map[string]bool // why not, as far as the log heard of it
}

// tally is how often something happened.
type tally struct {
	count       int64
	first, last time.Time
}

func (t *tally) add(now time.Time) {
	if t.count == 0 {
		t.first = now
	}
	t.count++
	t.last = now
}

// turnedAway counts a request without a secret, and returns how many the log should speak of now; 0 = none.
func (r *refusals) turnedAway(now time.Time) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unauthorized.add(now)
	r.unlogged++
	if now.Sub(r.logged) < turnedAwayEvery {
		return 0
	}
	count := r.unlogged
	r.unlogged, r.logged = 0, now
	return count
}

func (r *refusals) tooLarge(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.large.add(now)
}

// journalFails counts an event that could not be written down, and reports whether the reason is new.
func (r *refusals) journalFails(now time.Time, reason string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unwritten.add(now)
	if r.reasons[reason] || len(r.reasons) >= maxReasons {
		return false
	}
	if r.reasons == nil {
		r.reasons = map[string]bool{}
	}
	r.reasons[reason] = true
	return true
}

// journalWorks ends a spell of refusals, and returns what it was; nothing when there was none.
func (r *refusals) journalWorks() tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	spell := r.unwritten
	r.unwritten, r.reasons = tally{}, nil
	return spell
}
