package reconcile

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// rewriting is a tenant that keeps webhooks under addresses of its own, without their headers.
type rewriting struct {
	mu   sync.Mutex
	all  []ppm.Webhook
	mute bool // the answer to a creation tells no id
}

func (r *rewriting) Webhooks(context.Context) ([]ppm.Webhook, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]ppm.Webhook(nil), r.all...), nil
}

func (r *rewriting) CreateWebhook(_ context.Context, w ppm.Webhook) (ppm.Webhook, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.ID = fmt.Sprint("Made-", len(r.all))
	kept := w
	kept.ID, kept.Headers = strings.ToLower(w.ID), nil
	kept.URL = "https://gateway.example.net/?to=" + w.URL
	r.all = append(r.all, kept)
	if r.mute {
		w.ID = ""
	}
	return w, nil
}

func (r *rewriting) Webhook(_ context.Context, id string) (ppm.Webhook, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.all {
		if strings.EqualFold(w.ID, id) {
			return w, nil
		}
	}
	return ppm.Webhook{}, &ppm.CallError{What: "asking for webhook " + id, Status: http.StatusNotFound}
}

func (r *rewriting) DeleteWebhook(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = slices.DeleteFunc(r.all, func(w ppm.Webhook) bool { return strings.EqualFold(w.ID, id) })
	return nil
}

func (r *rewriting) Me(context.Context) (ppm.Identity, error) { return ppm.Identity{}, nil }

// keep changes what is there behind everybody's back, and returns how many there are before.
func (r *rewriting) keep(most int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.all)
	r.all = r.all[:min(n, most)]
	return n
}

func onRewriting(tenant *rewriting) *relay {
	r := newRelay("@every 5m", standin.Options{})
	r.config.Registry = tenant
	return r
}

// TestKnownByID: what was created is ours under whatever address it is listed, and that is said once.
func TestKnownByID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := &rewriting{}
		r := onRewriting(tenant)
		r.during(t, func() {
			time.Sleep(time.Hour)
			if n := tenant.keep(11); n != 12 || len(r.Problems()) != 0 { // and one is deleted
				t.Fatalf("got %d webhooks and %v, want 12 and no problem", n, r.Problems())
			}
			if n := r.log.count("webhooks are listed in another form"); n != 1 {
				t.Errorf("got %d lines, want one for all", n)
			}
			time.Sleep(5 * time.Minute)
			if n := tenant.keep(12); n != 12 {
				t.Errorf("got %d webhooks, want the twelfth again", n)
			}
		})
	})
}

// TestNotKnownAtAll: what is listed neither by id nor by address is created once, and told.
func TestNotKnownAtAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tenant := &rewriting{mute: true}
		r := onRewriting(tenant)
		r.during(t, func() {
			time.Sleep(time.Hour)
			p, n := r.Problems(), tenant.keep(50)
			if n != 12 || len(p) != 1 || !strings.Contains(p[0].Why, "lists none of them") || !strings.Contains(p[0].Why, "KeyDate:Deleted") {
				t.Errorf("got %d webhooks and %v, want 12 and one problem that says so", n, p)
			}
			if n := r.log.count("webhooks need attention"); n != 1 {
				t.Errorf("got %d lines, want 1", n)
			}
			time.Sleep(6 * time.Hour)
			if n := tenant.keep(50); n != 24 {
				t.Errorf("got %d webhooks after six more hours, want one more try", n)
			}
		})
	})
}

// TestListedVeryLate: nothing is created a second time while the list does not show it, and all is well when it does.
func TestListedVeryLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{Switches: standin.Switches{ListedAfter: 17 * time.Minute, LateAlone: true}})
		r.during(t, func() {
			time.Sleep(16 * time.Minute)
			if n := r.tenant.Calls("webhooks.create"); n != 12 || len(r.Problems()) != 1 {
				t.Errorf("got %d creations and %v, want 12 and a problem", n, r.Problems())
			}
			time.Sleep(time.Hour)
			if n := r.tenant.Calls("webhooks.create"); n != 12 || len(r.Problems()) != 0 || r.log.count("in order again") != 1 {
				t.Errorf("got %d creations and %v, want 12 and no problem", n, r.Problems())
			}
		})
	})
}

// TestDeletedBeforeTheNextPass: whoever deletes all of them right after they were created gets them again.
func TestDeletedBeforeTheNextPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.during(t, func() {
			for _, w := range r.tenant.Webhooks() {
				r.tenant.RemoveWebhook(w.ID)
			}
			time.Sleep(5 * time.Minute)
			if got := r.ours(); len(got) != 12 || len(r.Problems()) != 0 {
				t.Errorf("got %v and %v, want the twelve again", got, r.Problems())
			}
		})
	})
}

// TestSlashesSurviveARestart: a process that created nothing itself knows its own by the secret that they show. So does
// one whose answers got lost.
func TestSlashesSurviveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{Switches: standin.Switches{URLEcho: standin.URLSlashed}})
		r.board.Script("webhooks.create", fault.None, fault.After)
		if report := r.Pass(t.Context()); report.Failed != nil || len(report.Done) != 12 {
			t.Errorf("got %d done and %v, want the lost answer's webhook found", len(report.Done), report.Failed)
		}
		for range 3 {
			r.Reconciler = New(r.config)
			r.Pass(t.Context())
		}
		if n := r.tenant.Calls("webhooks.create"); n != len(event.Types()) {
			t.Errorf("got %d creations, want 12", n)
		}
	})
}

// TestCapitalsInOurAddress: our own address need not be in the form that PPM Express keeps.
func TestCapitalsInOurAddress(t *testing.T) {
	for public, kept := range map[string]string{
		"https://Relay.Example.com":        "https://relay.example.com",
		"HTTPS://relay.example.com:443":    "https://relay.example.com",
		"http://relay.example.com:80/Base": "http://Relay.example.com/Base",
		"https://[2001:DB8::1]:443":        "https://[2001:db8::1]",
		"https://[2001:DB8::1]:8443":       "https://[2001:db8::1]:8443",
	} {
		want := Wanted(public, secret, []event.Type{"Idea:Created"})
		listed := as(want[0], "1", at(kept+"/events/Idea/Created"), headers())
		if got := brief(Plan(Situation{Wanted: want, Registered: []ppm.Webhook{listed}})); got != "keep 1" {
			t.Errorf("%s listed as %s: got %s, want it kept", public, kept, got)
		}
	}
	for _, other := range []string{"http://relay.example.com", "https://relay.example.com:8443", "https://relay.example.com/base"} {
		if sameAddress(home+"/events", other+"/events") {
			t.Errorf("%s is taken for %s", other, home)
		}
	}
}
