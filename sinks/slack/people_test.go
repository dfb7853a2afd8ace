package slack

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
)

const lookups = "users.lookupByEmail"

// crowd is People of a stand-in, in a bubble whose clock the test moves.
type crowd struct {
	*People

	workspace *sandbox.Server
	log       lockedBuffer
	answered  atomic.Int32 // calls of the Web API
}

// lockedBuffer is written to while it is read.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// gather lets People run against a workspace in which Anna and John are known.
func gather(t *testing.T, options sandbox.Options) *crowd {
	t.Helper()
	options.Token, options.Unlimited = token, true
	options.Users = map[string]string{"anna@x.com": "U0ANNA123", "john@x.com": "U0JOHN123"}
	c := &crowd{workspace: sandbox.New(options)}
	c.People = NewPeople(slog.New(slog.NewTextHandler(&c.log, nil)))
	c.Follow(wired(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.answered.Add(1)
		c.workspace.ServeHTTP(w, r)
	}), Options{Token: token}))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return c
}

// settle waits until nothing happens any more but by the clock.
func (c *crowd) settle(after time.Duration) {
	time.Sleep(after)
	synctest.Wait()
}

func (c *crowd) calls() int { return int(c.answered.Load()) }

func (c *crowd) expect(t *testing.T, what, email, want string, calls int) {
	t.Helper()
	if got := c.Member(email); got != want || c.calls() != calls {
		t.Errorf("%s: got %q for %s after %d calls, want %q after %d", what, got, email, c.calls(), want, calls)
	}
}

// Nobody waits: an address is not known at first, and known a moment later, whether somebody has it or not. It is asked for
// again when that is old, and what was known stays in use meanwhile.
func TestMembersAreFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, sandbox.Options{})
		began := time.Now()
		c.expect(t, "at first", "anna@x.com", "", 0)
		c.expect(t, "asked again at once", "Anna@X.com", "", 0)
		c.expect(t, "somebody else", "zoe@x.com", "", 0)
		if took := time.Since(began); took != 0 {
			t.Errorf("asking took %v", took)
		}
		c.settle(time.Second)
		c.expect(t, "a second later", "anna@x.com", "U0ANNA123", 2)
		c.expect(t, "in other letters", "ANNA@x.com", "U0ANNA123", 2)
		c.expect(t, "nobody", "zoe@x.com", "", 2)
		c.settle(notFoundFor + time.Minute)
		c.expect(t, "an hour later", "anna@x.com", "U0ANNA123", 2)
		c.expect(t, "nobody may have come", "zoe@x.com", "", 2)
		c.settle(time.Second)
		c.expect(t, "nobody came", "zoe@x.com", "", 3)
		c.settle(foundFor)
		c.expect(t, "somebody may have left", "anna@x.com", "U0ANNA123", 3)
		c.settle(time.Second)
		c.expect(t, "somebody is still there", "anna@x.com", "U0ANNA123", 4)
		if why := c.Trouble().Why; why != "" || c.log.String() != "" {
			t.Errorf("got trouble %q and the log %s", why, c.log.String())
		}
	})
}

// A fault is said once, is over when a lookup works, and is tried again after a while: the sooner the more likely it passes.
func TestLookupsThatFail(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		begin, end func(*crowd)
		why        string
		soon       time.Duration // until then there is one call only
		late       time.Duration // by then there is a second one
	}{
		"missing scope": {
			func(c *crowd) { c.workspace.SetScopes("chat:write") }, func(c *crowd) { c.workspace.SetScopes("users:read.email") },
			"looking up a member by e-mail: missing_scope (needed: users:read.email): add the scope", longPause - time.Second, longPause + time.Second,
		},
		"revoked token": {
			func(c *crowd) { c.workspace.Revoke(true) }, func(c *crowd) { c.workspace.Revoke(false) }, "install the app again", longPause - time.Second, longPause + time.Second,
		},
		"server error": {
			func(c *crowd) { c.workspace.Board.Always(lookups, fault.Before) }, func(c *crowd) { c.workspace.Board.Repair() }, "Slack answers 500", 900 * time.Millisecond, 2 * time.Second,
		},
		"reset": {
			func(c *crowd) { c.workspace.Board.Always(lookups, fault.Reset) }, func(c *crowd) { c.workspace.Board.Repair() }, "no answer", 900 * time.Millisecond, 2 * time.Second,
		},
		"too many": {
			func(c *crowd) { c.workspace.Board.Script(lookups, fault.TooMany) }, func(*crowd) {}, "", 500 * time.Millisecond, 90 * time.Second,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := gather(t, sandbox.Options{})
				test.begin(c)
				c.expect(t, "at first", "anna@x.com", "", 0)
				c.settle(test.soon)
				c.expect(t, "after a fault", "anna@x.com", "", 1)
				trouble := c.Trouble()
				why, since, next := trouble.Why, trouble.Since, trouble.Next
				if !strings.Contains(why, test.why) || why == "" != (test.why == "") || test.why != "" && (since.IsZero() || !next.After(time.Now())) {
					t.Errorf("got trouble %q since %v, next %v, want %q", why, since, next, test.why)
				}
				if strings.Contains(why, token) {
					t.Errorf("%q shows the token", why)
				}
				c.settle(test.late - test.soon)
				if test.why != "" && c.calls() < 2 || strings.Count(c.log.String(), "cannot be looked up") > 1 {
					t.Errorf("got %d calls and the log\n%s", c.calls(), c.log.String())
				}
				test.end(c)
				c.settle(longPause + time.Minute)
				if got := c.Member("anna@x.com"); got != "U0ANNA123" {
					t.Errorf("got %q in the end", got)
				}
				if why := c.Trouble().Why; why != "" || test.why != "" && !strings.Contains(c.log.String(), "members are looked up again") {
					t.Errorf("got trouble %q in the end, and the log\n%s", why, c.log.String())
				}
			})
		})
	}
}

// Slack may be slow: others are not known meanwhile, and nobody waits for that.
func TestLookupWithoutAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPeople(slog.New(slog.DiscardHandler))
		p.Follow(wired(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else the server does not learn that nobody waits any more
			<-r.Context().Done()
		}), Options{Token: token}))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.Run(ctx)
		}()
		if got := p.Member("anna@x.com"); got != "" {
			t.Errorf("got %q", got)
		}
		time.Sleep(patience + time.Second)
		synctest.Wait()
		if why := p.Trouble().Why; !strings.Contains(why, "no answer within 30s") {
			t.Errorf("got trouble %q", why)
		}
		stop()
		<-ended
	})
}

// A flood of addresses is asked for at the pace that Slack allows, and fills no memory.
func TestManyPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, sandbox.Options{})
		for i := range 2 * mostPeople {
			c.Member(strconv.Itoa(i) + "@x.com")
		}
		c.settle(time.Minute)
		if c.calls() < 40 || c.calls() > 50 {
			t.Errorf("got %d calls in a minute, want 40 to 50", c.calls())
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.known) > mostPeople || len(c.asked) > mostPeople {
			t.Errorf("%d are known and %d asked for, want at most %d", len(c.known), len(c.asked), mostPeople)
		}
	})
}

// Another workspace has other people; the same client has the same ones.
func TestPeopleFollowTheClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := gather(t, sandbox.Options{})
		c.Member("anna@x.com")
		c.settle(time.Second)
		same := c.client
		c.Follow(same)
		c.expect(t, "the same client", "anna@x.com", "U0ANNA123", 1)
		other := sandbox.New(sandbox.Options{Token: token, Users: map[string]string{"anna@x.com": "U0OTHER12"}})
		c.Follow(wired(t, other, Options{Token: token}))
		c.expect(t, "another one", "anna@x.com", "", 1)
		c.settle(time.Second)
		c.expect(t, "a second later", "anna@x.com", "U0OTHER12", 1)
		c.Follow(nil)
		c.expect(t, "none", "anna@x.com", "", 1)
		c.settle(time.Hour)
		c.expect(t, "nobody to ask", "anna@x.com", "", 1)
	})
}

// What Slack does not take as an address keeps nobody else waiting; somebody who was removed is nobody.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := map[string]string{
			"odd@x.com": `{"ok":false,"error":"invalid_arguments"}`, "gone@x.com": `{"ok":true,"user":{"id":"U0GONE123","deleted":true}}`,
			"new@x.com": `{"ok":false,"error":"a_code_of_tomorrow"}`, "anna@x.com": `{"ok":true,"user":{"id":"U0ANNA123"}}`,
		}
		p := NewPeople(slog.New(slog.DiscardHandler))
		p.Follow(wired(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(answers[r.FormValue("email")]))
		}), Options{Token: token}))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.Run(ctx)
		}()
		for _, email := range []string{"odd@x.com", "gone@x.com", "new@x.com", "anna@x.com"} {
			p.Member(email)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for email, want := range map[string]string{"odd@x.com": "", "gone@x.com": "", "new@x.com": "", "anna@x.com": "U0ANNA123"} {
			if got := p.Member(email); got != want {
				t.Errorf("%s: got %q, want %q", email, got, want)
			}
		}
		if why := p.Trouble().Why; why != "" {
			t.Errorf("got trouble %q", why)
		}
		stop()
		<-ended
	})
}
