package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// Problem is something that is wrong now, told so that whoever runs the relay knows what to do.
type Problem struct {
	Part   string    `json:"part"`           // "journal", "slack C0123", "webhooks"
	Why    string    `json:"why"`            // plain words, without secrets
	Since  time.Time `json:"since,omitzero"` // zero when it is not known
	Blocks bool      `json:"blocks"`         // no event can be taken while it lasts: /readyz answers 503
	Key    string    `json:"key,omitempty"`  // what makes it the same though its words change; empty = the part
	Next   time.Time `json:"next,omitzero"`  // when it is tried again; zero when that is not known
	Once   bool      `json:"-"`              // it has happened, rather than lasts: nobody will see it end
	Count  int       `json:"-"`              // of Once, how often so far; 0 = nobody counts
}

// Probe looks at one part of the program and returns its problems; none when all is well. It is called with each
// request to /readyz, also at the same time, and returns when ctx ends.
type Probe func(ctx context.Context) []Problem

// Problems is the Probe of receiving itself.
func (r *Receiver) Problems(context.Context) []Problem {
	return r.refused.problems(time.Now(), r.door.Load().maxBody)
}

// problems tells what was refused. A journal that refused blocks only as long as senders were asked to wait: with no
// event coming in, nothing would ever show that it works again.
func (r *refusals) problems(now time.Time, maxBody int64) []Problem {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := []Problem{}
	if t := r.unwritten; t.count > 0 {
		why := plural(t.count, "event") + " could not be written down; the log tells why, and the next one that can be ends this"
		found = append(found, Problem{
			Key: "receiving unwritten", Part: "receiving", Why: why, Since: t.first.UTC(), Blocks: now.Sub(t.last) < retryAfter,
		})
	}
	if t := r.large; t.count > 0 {
		why := fmt.Sprintf("%s of more than %d bytes refused and lost, the last at %s; raise server.max_body",
			plural(t.count, "event"), maxBody, stamp(t.last))
		found = append(found, Problem{
			Key: "receiving large", Part: "receiving", Why: why, Since: t.first.UTC(), Once: true, Count: int(t.count),
		})
	}
	if t := r.unauthorized; t.count > 0 && now.Sub(t.last) < turnedAwayFresh {
		why := fmt.Sprintf("%s without a valid secret turned away, the last at %s; if PPM Express sent them, "+
			"its webhooks carry another secret", plural(t.count, "request"), stamp(t.last))
		found = append(found, Problem{Key: "receiving unauthorized", Part: "receiving", Why: why, Since: t.first.UTC()})
	}
	return found
}

// readiness is what /readyz tells.
type readiness struct {
	Status   string        `json:"status"` // "ready", "ready, with problems", "not ready"
	Problems []Problem     `json:"problems"`
	Started  time.Time     `json:"started"`
	Secrets  []secretUsage `json:"secrets"`
}

// secretUsage tells whether a secret is still in use, by its place in the list.
type secretUsage struct {
	Position int       `json:"position"`           // 1 is the one that is registered
	Added    time.Time `json:"added"`              // when it came into the list: at the start, or by a reload
	LastUsed time.Time `json:"last_used,omitzero"` // absent: not since it was added
}

// ready gathers the problems of all parts.
func (r *Receiver) ready(ctx context.Context, probes []Probe) (state readiness, code int) {
	state = readiness{Status: "ready", Problems: r.Problems(ctx), Started: r.started}
	for _, probe := range probes {
		state.Problems = append(state.Problems, probe(ctx)...)
	}
	code = http.StatusOK
	for _, problem := range state.Problems {
		if problem.Blocks {
			code = http.StatusServiceUnavailable
		}
	}
	switch {
	case code != http.StatusOK:
		state.Status = "not ready"
	case len(state.Problems) > 0:
		state.Status = "ready, with problems"
	}
	state.Secrets = r.door.Load().secrets.usage()
	return state, code
}

// readyz answers in plain words, or in JSON to whoever asks for that.
func (r *Receiver) readyz(probes []Probe) gin.HandlerFunc {
	return func(c *gin.Context) {
		state, code := r.ready(c.Request.Context(), probes)
		if strings.Contains(c.GetHeader("Accept"), "json") {
			c.IndentedJSON(code, state)
			return
		}
		c.String(code, "%s", state.text())
	}
}

// text says the same in plain words.
func (s readiness) text() string {
	var out strings.Builder
	fmt.Fprintln(&out, s.Status)
	for _, problem := range s.Problems {
		fmt.Fprintf(&out, "- %s: %s", problem.Part, problem.Why)
		if !problem.Since.IsZero() {
			fmt.Fprintf(&out, " (since %s)", stamp(problem.Since))
		}
		fmt.Fprintln(&out)
	}
	for _, secret := range s.Secrets {
		used := "last used " + stamp(secret.LastUsed)
		if secret.LastUsed.IsZero() {
			used = "not used since " + s.since(secret)
		}
		fmt.Fprintf(&out, "secret %d: %s\n", secret.Position, used)
	}
	return out.String()
}

// since says when a secret came into the list.
func (s readiness) since(secret secretUsage) string {
	if secret.Added.Equal(s.Started) {
		return "the start at " + stamp(s.Started)
	}
	return "it was added at " + stamp(secret.Added)
}

// healthz says that the process serves. It looks at nothing else: a restart would not mend a disk or a vendor.
func healthz(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "alive"}) }

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func plural(count int64, thing string) string {
	if count == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", count, thing)
}
