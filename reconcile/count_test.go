package reconcile

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// earlier are the twelve of an earlier installation: at our addresses, with another secret.
func earlier() []standin.Webhook {
	var all []standin.Webhook
	for _, w := range wanted() {
		all = append(all, standin.Webhook{
			EventTypes: []string{string(typeOf(w))}, HTTPVerb: "POST", URL: w.URL, Headers: []standin.Header{{Name: secretHeader, Value: "Bearer earlier"}},
		})
	}
	return all
}

// TestAnOutageWearsNothingOut: a type that was never replaced, because creating failed, is replaced when that works again,
// and the outage is one problem for all types.
func TestAnOutageWearsNothingOut(t *testing.T) {
	for name, kind := range map[string]fault.Kind{"500": fault.Before, "no answer": fault.Reset} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRelay("@every 5m", standin.Options{Webhooks: earlier()})
				r.board.Script("webhooks.create", slices.Repeat([]fault.Kind{kind}, 8)...)
				r.during(t, func() {
					time.Sleep(time.Hour)
					if len(r.Problems()) != 0 || r.carry(secret) != 12 || len(r.ours()) != 12 {
						t.Errorf("got %v and %d with our secret, want no problem and 12", r.Problems(), r.carry(secret))
					}
				})
				if told, over := r.log.count("webhooks need attention"), r.log.count("in order again"); told != 1 || over != 1 {
					t.Errorf("got %d problems and %d times that it is over, want 1 and 1:\n%s", told, over, &r.log.text)
				}
			})
		})
	}
}

// TestAnOutageIsOneProblem: whichever call it meets first.
func TestAnOutageIsOneProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.board.Script("webhooks.create", fault.None, fault.Reset, fault.Before, fault.None, fault.Before)
		r.board.Script("webhooks.list", fault.None, fault.None, fault.None, fault.Before)
		r.during(t, func() {
			if p := r.Problems(); len(p) != 1 || !strings.Contains(p[0].Why, "ppm_express.url, and at proxies between here and there; it is tried again") {
				t.Errorf("got %v, want what to do about it", p)
			}
			time.Sleep(time.Hour)
		})
		if told, over := r.log.count("webhooks need attention"), r.log.count("in order again"); told != 1 || over != 1 {
			t.Errorf("got %d problems and %d times that it is over, want 1 and 1:\n%s", told, over, &r.log.text)
		}
	})
}

// TestNoLoopBehindLostAnswers: creations that happened although the answer was 500 count, also where the list is late; and
// so do those that are made where one had to be deleted for them.
func TestNoLoopBehindLostAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		late  time.Duration
		full  bool
		kinds []fault.Kind
	}{
		"answers are lost":                    {kinds: []fault.Kind{fault.After}},
		"answers are lost, the list is late":  {kinds: []fault.Kind{fault.After}, late: 5 * time.Second},
		"no place, every second one is lost":  {kinds: []fault.Kind{fault.After, fault.None}, full: true},
		"no place, every second one is a 500": {kinds: []fault.Kind{fault.Before, fault.None}, full: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options := standin.Options{Switches: standin.Switches{HeaderEcho: standin.EchoChanged, ListedAfter: test.late}}
				most := 12 * (1 + replacedMost)
				if test.full {
					options.Webhooks = filled(38)
				}
				r := newRelay("@every 15m", options)
				r.during(t, func() {
					r.board.Script("webhooks.create", slices.Repeat(test.kinds, 500/len(test.kinds))...)
					time.Sleep(6 * time.Hour)
					made := r.tenant.Calls("webhooks.create")
					if test.kinds[0] == fault.Before {
						most *= 2
					}
					if made > most || len(r.ours()) < 12 {
						t.Errorf("got %d creations in 6 hours and %d webhooks, want at most %d, and 12", made, len(r.ours()), most)
					}
					worn := slices.ContainsFunc(r.Problems(), func(p Problem) bool { return strings.Contains(p.Why, "replaced 3 times within a day") })
					if !worn {
						t.Errorf("got %v after %d creations, want to be told", r.Problems(), made)
					}
				})
			})
		})
	}
}
