package reconcile

import (
	"context"
	"errors"
	"fmt"
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

// gathered are the gaps that a reconciler handed on.
type gathered struct {
	mu     sync.Mutex
	gaps   []Gap
	refuse bool
}

func (g *gathered) take(_ context.Context, gap Gap) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refuse {
		return errors.New("the disk is full")
	}
	g.gaps = append(g.gaps, gap)
	return nil
}

func (g *gathered) all() []Gap {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.gaps)
}

// types returns the types of all gaps, sorted.
func (g *gathered) types() []string {
	var all []string
	for _, gap := range g.all() {
		for _, t := range gap.Types {
			all = append(all, string(t))
		}
	}
	slices.Sort(all)
	return all
}

// again is the next process, or the one after a reload that changed something.
func (r *relay) again(change func(*Config)) {
	change(&r.config)
	r.Reconciler = New(r.config)
}

const newer = "secret-after-this-one"

func rotate(c *Config) {
	c.Wanted, c.Secrets = Wanted(home, newer, event.Types()), []string{newer, secret}
}

// carry counts our webhooks by the secret that they carry.
func (r *relay) carry(value string) int {
	n := 0
	for _, w := range r.tenant.Webhooks() {
		if len(w.Headers) == 1 && w.Headers[0].Value == "Bearer "+value {
			n++
		}
	}
	return n
}

// TestRotation: a new secret replaces each webhook, the new one first, whatever lists do to headers. Nothing is missed.
func TestRotation(t *testing.T) {
	for name, switches := range map[string]standin.Switches{
		"as sent":     {},
		"masked":      {HeaderEcho: standin.EchoMasked},
		"missing":     {HeaderEcho: standin.EchoMissing},
		"trimmed":     {HeaderEcho: standin.EchoTrimmed},
		"no answer":   {CreatedEmpty: true, Location: standin.LocationMissing},
		"late":        {ListedAfter: 7 * time.Minute},
		"late alone":  {ListedAfter: 7 * time.Minute, LateAlone: true},
		"one page":    {ListedMost: 8},
		"shuffled":    {ListOrder: standin.ListShuffled, HeaderEcho: standin.EchoMasked},
		"deleted 404": {DeletedIsMissing: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gaps := &gathered{}
				r := newRelay("@every 5m", standin.Options{Webhooks: others(), Switches: switches})
				r.config.Gap = gaps.take
				before := r.tenant.Webhooks()
				r.again(func(*Config) {})
				r.during(t, func() { time.Sleep(time.Hour) })
				r.again(rotate)
				least := 12
				r.during(t, func() {
					for range 600 {
						least = min(least, r.carry(newer)+r.carry(secret))
						time.Sleep(6 * time.Second)
					}
				})
				if r.carry(newer) != 12 || r.carry(secret) != 0 || least < 12 {
					t.Errorf("got %d with the new secret, %d with the former, and %d at least, want 12, 0, 12:\n%s", r.carry(newer), r.carry(secret), least, &r.log.text)
				}
				if len(gaps.all()) != 0 && switches.ListedMost == 0 && !switches.LateAlone {
					t.Errorf("got gaps %v, want none", gaps.all())
				}
				if r.tenant.Calls("webhooks.create") != 24 {
					t.Errorf("got %d creations, want 24", r.tenant.Calls("webhooks.create"))
				}
				if len(r.Problems()) != 0 {
					t.Errorf("got %v, want no problems", r.Problems())
				}
				r.untouched(t, before)
			})
		})
	}
}

// TestRotationWithoutPlace: with all places taken, or where no twin is allowed, one type at a time goes first, and that
// is a gap of each.
func TestRotationWithoutPlace(t *testing.T) {
	for name, options := range map[string]standin.Options{
		"50 of 50":        {Webhooks: filled(38)},
		"no twin allowed": {Webhooks: others(), Switches: standin.Switches{TwinRefused: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gaps := &gathered{}
				r := newRelay("@every 5m", options)
				r.config.Gap = gaps.take
				r.again(func(*Config) {})
				before := r.tenant.Webhooks()
				r.during(t, func() {})
				r.again(rotate)
				report := r.Pass(t.Context())
				if report.Failed != nil || r.carry(newer) != 12 || r.carry(secret) != 0 {
					t.Errorf("got %v, %d with the new secret and %d with the former, want 12 and 0", report.Failed, r.carry(newer), r.carry(secret))
				}
				if !slices.Equal(gaps.types(), twelve()) || gaps.all()[0].Cause != causeSwap || gaps.all()[0].Until.Sub(gaps.all()[0].Since) > time.Second {
					t.Errorf("got gaps %v, want a short one of each type", gaps.all())
				}
				r.untouched(t, before)
			})
		})
	}
}

// TestNothingGoesForWhatIsNotThere: a successor that was created and is not there is no reason to delete what it is to
// replace; an hour later another one is created.
func TestNothingGoesForWhatIsNotThere(t *testing.T) {
	for name, switches := range map[string]standin.Switches{"": {}, "ids are not told": {CreatedEmpty: true, Location: standin.LocationMissing}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRelay("@every 5m", standin.Options{Switches: switches})
				r.during(t, func() {})
				r.condition("webhooks-vanish", true)
				r.again(rotate)
				r.during(t, func() {
					time.Sleep(30 * time.Minute)
					if n := r.carry(secret); n != 12 || r.tenant.Calls("webhooks.delete") != 0 {
						t.Errorf("got %d of 12 left and %d deletions, want nothing deleted", n, r.tenant.Calls("webhooks.delete"))
					}
					if p := r.Problems(); len(p) != 1 || !strings.Contains(p[0].Why, "lists none of them") {
						t.Errorf("got %v, want that they are not there", p)
					}
					r.condition("webhooks-vanish", false)
					time.Sleep(time.Hour)
				})
				if r.carry(newer) != 12 || r.carry(secret) != 0 || len(r.Problems()) != 0 {
					t.Errorf("got %d with the new secret, %d with the former and %v, want 12, 0 and no problem", r.carry(newer), r.carry(secret), r.Problems())
				}
			})
		})
	}
}

func filled(n int) []standin.Webhook {
	all := make([]standin.Webhook, n)
	for i := range all {
		all[i] = standin.Webhook{ID: fmt.Sprint("f", i), EventTypes: []string{"Idea:Created"}, HTTPVerb: "POST", URL: fmt.Sprint("https://flow.example/", i), Headers: []standin.Header{{Name: "X", Value: "y"}}}
	}
	return all
}

// TestNoSecondSwap: when what was deleted to make place cannot be created, nothing else is deleted.
func TestNoSecondSwap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaps := &gathered{}
		r := newRelay("@every 5m", standin.Options{Webhooks: filled(38)})
		r.config.Gap = gaps.take
		r.again(func(*Config) {})
		r.during(t, func() {})
		r.again(rotate)
		r.config.Registry = &greedy{Registry: r.client, tenant: r.tenant}
		r.Reconciler = New(r.config)
		r.during(t, func() {
			time.Sleep(time.Hour)
			p := r.Problems()
			if n := len(r.ours()); n != 11 || r.carry(newer) != 0 {
				t.Errorf("got %d of ours, %d with the new secret, want 11 and 0", n, r.carry(newer))
			}
			if len(p) == 0 || !strings.Contains(p[0].Why, "39 of them not by this relay") {
				t.Errorf("got %v, want that there is no place", p)
			}
		})
	})
}

// greedy takes the place of what is deleted.
type greedy struct {
	Registry

	tenant *standin.Server
}

func (g *greedy) DeleteWebhook(ctx context.Context, id string) error {
	err := g.Registry.DeleteWebhook(ctx, id)
	if len(g.tenant.Webhooks()) < 50 {
		taken := filled(1)[0]
		taken.ID = ""
		g.tenant.AddWebhook(taken)
	}
	return err
}

const moved = "https://moved.example.com"

func move(c *Config) { c.Wanted = Wanted(moved, secret, event.Types()) }

// below counts webhooks below an address.
func (r *relay) below(base string) int {
	n := 0
	for _, w := range r.tenant.Webhooks() {
		if strings.HasPrefix(w.URL, base+"/events/") {
			n++
		}
	}
	return n
}

// TestMove: a live reload takes the webhooks along; a start with another address, perhaps of a copy, only tells of them,
// until a person asks.
func TestMove(t *testing.T) {
	for name, switches := range map[string]standin.Switches{"": {}, "masked": {HeaderEcho: standin.EchoMasked}, "late": {ListedAfter: 7 * time.Minute}} {
		synctest.Test(t, func(t *testing.T) {
			r := newRelay("@every 5m", standin.Options{Webhooks: others(), Switches: switches})
			before := r.tenant.Webhooks()
			r.during(t, func() { time.Sleep(10 * time.Minute) })

			r.again(move)
			r.during(t, func() {
				time.Sleep(time.Hour)
				p := r.Problems()
				if r.below(moved) != 12 || r.below(home) != 12 || len(p) != 1 || !strings.Contains(p[0].Why, "under a former server.public_url, such as "+home) {
					t.Errorf("%s: got %d here, %d there and %v, want 12, 12 and one problem", name, r.below(moved), r.below(home), p)
				}
			})
			if report := r.Apply(t.Context()); report.Failed != nil || r.below(moved) != 12 || r.below(home) != 0 {
				t.Errorf("%s: got %v, %d here, %d there, want what a person asks for", name, report.Failed, r.below(moved), r.below(home))
			}

			r.again(func(c *Config) { c.Wanted, c.Former = wanted(), []string{moved} })
			r.during(t, func() {
				time.Sleep(time.Hour)
				if r.below(moved) != 0 || r.below(home) != 12 || len(r.Problems()) != 0 {
					t.Errorf("%s: got %d there, %d here and %v, want 0, 12 and no problem", name, r.below(moved), r.below(home), r.Problems())
				}
			})
			r.untouched(t, before)
		})
	}
}

// TestMoveWithoutPlace: one type at a time, and only after a reload.
func TestMoveWithoutPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{Webhooks: filled(38)})
		r.during(t, func() {})
		r.again(move)
		report := r.Pass(t.Context())
		if r.below(home) != 12 || r.below(moved) != 0 || !strings.Contains(r.Problems()[0].Why, "which ppmrelay webhooks apply replaces") {
			t.Errorf("got %d there, %d here, %v, %v, want nothing touched", r.below(home), r.below(moved), report.Failed, r.Problems())
		}
		r.again(func(c *Config) { c.Former = []string{home} })
		r.Pass(t.Context())
		if r.below(home) != 0 || r.below(moved) != 12 {
			t.Errorf("got %d there, %d here, want 0 and 12", r.below(home), r.below(moved))
		}
	})
}

// TestMoveMissesNothing: the address that a live reload gives up led here until then, so that a gap is only where a webhook
// goes before its successor comes, for as long as that takes. Nobody knows that of an address that was another one at the
// last start.
func TestMoveMissesNothing(t *testing.T) {
	rotated := func(secrets ...string) func(*Config) {
		return func(c *Config) { c.Wanted, c.Secrets = Wanted(moved, newer, event.Types()), secrets }
	}
	late := standin.Switches{ListedAfter: 7 * time.Minute}
	for name, test := range map[string]struct {
		options standin.Options
		change  func(*Config)
		former  []string
		cause   string // of a gap of each type; empty = there is none
	}{
		"place for all":                {standin.Options{}, move, []string{home}, ""},
		"listed late":                  {standin.Options{Switches: late}, move, []string{home}, ""},
		"with a new secret":            {standin.Options{}, rotated(newer, secret), []string{home}, ""},
		"50 of 50":                     {standin.Options{Webhooks: filled(38)}, move, []string{home}, causeSwap},
		"the secret is let in no more": {standin.Options{}, rotated(newer), []string{home}, causeMissing},
		"not by a reload":              {standin.Options{}, move, nil, causeMissing},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gaps := &gathered{}
				r := newRelay("@every 5m", test.options)
				r.config.Gap = gaps.take
				r.again(func(*Config) {})
				r.during(t, func() { time.Sleep(10 * time.Minute) })
				time.Sleep(4 * time.Minute)
				r.again(func(c *Config) { test.change(c); c.Former = test.former })
				r.during(t, func() { time.Sleep(10 * time.Minute) })
				if r.below(moved) != 12 || test.former != nil && r.below(home) != 0 || (len(gaps.types()) == 12) != (test.cause != "") {
					t.Errorf("got %d here, %d there and gaps %v, want 12 here", r.below(moved), r.below(home), gaps.all())
				}
				for _, gap := range gaps.all() {
					if short := gap.Until.Sub(gap.Since) < time.Second; gap.Cause != test.cause || short != (test.cause == causeSwap) {
						t.Errorf("got %+v, want the cause %q", gap, test.cause)
					}
				}
			})
		})
	}
}

// TestAMoveHidesNoGap: once the first pass after a move is over, an address that was given up stands for nothing, however
// long webhooks are registered there.
func TestAMoveHidesNoGap(t *testing.T) {
	for name, test := range map[string]struct {
		fails  string // a call, from the move on
		mended bool   // after six hours; else what was created under the new address vanishes then
		types  int    // that have a webhook under the new address in the end, and missed something until then
	}{
		"creations are refused":                       {"webhooks.create", true, 12},
		"lists are refused":                           {"webhooks.list", true, 12},
		"deletions are refused, and the new one goes": {"webhooks.delete", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gaps := &gathered{}
				r := newRelay("@every 5m", standin.Options{})
				r.config.Gap = gaps.take
				r.again(func(*Config) {})
				r.during(t, func() { time.Sleep(10 * time.Minute) })
				r.again(func(c *Config) { move(c); c.Former = []string{home} })
				r.board.Always(test.fails, fault.Before)
				begun := time.Now()
				r.during(t, func() { time.Sleep(6 * time.Hour) })
				if test.mended {
					r.board.Repair()
				} else {
					begun = time.Now()
					for _, w := range r.tenant.Webhooks() {
						if strings.HasPrefix(w.URL, moved) {
							r.tenant.RemoveWebhook(w.ID)
						}
					}
				}
				r.again(func(*Config) {}) // as after a reload of something else
				r.during(t, func() { time.Sleep(time.Hour) })
				if r.below(moved) != test.types || len(gaps.types()) != test.types {
					t.Errorf("got %d here and gaps %v, want %d here, and a gap of each", r.below(moved), gaps.all(), test.types)
				}
				for _, gap := range gaps.all() {
					if gap.Since.After(begun.Add(time.Minute)) || gap.Until.Sub(begun) > 7*time.Hour || test.mended && gap.Until.Sub(begun) < 6*time.Hour {
						t.Errorf("got %+v, want the time from %v on", gap, begun)
					}
				}
			})
		})
	}
}

// TestMoveBrokenOff: a move that a crash interrupts goes on with the next start, also where that knows of no reload.
func TestMoveBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.during(t, func() {})
		r.board.Script("webhooks.delete", fault.None, fault.None, fault.Hang)
		r.again(func(c *Config) { move(c); c.Former = []string{home} })
		r.during(t, func() {})
		if r.below(home) == 0 {
			t.Fatal("the move was over already")
		}
		r.again(func(c *Config) { c.Former = nil })
		r.during(t, func() {})
		if r.below(home) != 0 || r.below(moved) != 12 {
			t.Errorf("got %d there, %d here, want 0 and 12", r.below(home), r.below(moved))
		}
	})
}

// TestGaps: what was registered and was not is a gap, from the last pass that found it to its return, also over a
// restart. What was never registered has missed nothing.
func TestGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaps := &gathered{}
		r := newRelay("@every 5m", standin.Options{})
		r.config.Gap = gaps.take
		r.again(func(*Config) {})
		r.during(t, func() {
			time.Sleep(10 * time.Minute)
			if len(gaps.all()) != 0 {
				t.Fatalf("got %v after the first start, want none", gaps.all())
			}
			for _, w := range r.tenant.Webhooks()[2:4] {
				r.tenant.RemoveWebhook(w.ID)
			}
			good := r.Last().Ended
			time.Sleep(5 * time.Minute)
			if len(gaps.all()) != 1 || len(gaps.all()[0].Types) != 2 || gaps.all()[0].Since.Sub(good).Abs() > time.Second || gaps.all()[0].Until.Sub(good) != 5*time.Minute {
				t.Errorf("got %v, want one of two types over 5 min", gaps.all())
			}
		})
		stopped := time.Now()
		r.tenant.RemoveWebhook(r.tenant.Webhooks()[0].ID)
		time.Sleep(24 * time.Hour)
		gaps.refuse = true
		r.again(func(*Config) {})
		r.during(t, func() {
			gaps.mu.Lock()
			gaps.refuse = false
			gaps.mu.Unlock()
			time.Sleep(5 * time.Minute)
		})
		if n := len(gaps.all()); n != 2 || gaps.all()[1].Until.Sub(gaps.all()[1].Since) < 24*time.Hour || gaps.all()[1].Since.After(stopped) {
			t.Errorf("got %v, want one over the day in which nobody looked, once it could be written", gaps.all())
		}
	})
}

// TestApplyingOneTypeLeavesTheOthers: what is in order, and was not asked for, has no gap.
func TestApplyingOneTypeLeavesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaps := &gathered{}
		r := newRelay("@every 5m", standin.Options{})
		r.again(func(c *Config) { c.Gap = gaps.take })
		r.Pass(t.Context())
		time.Sleep(time.Hour)
		if report := r.Apply(t.Context(), "Project:Updated"); report.Failed != nil || len(report.Done) != 0 {
			t.Errorf("got %+v, want nothing to do", report)
		}
		time.Sleep(time.Hour)
		r.Pass(t.Context())
		if all := gaps.all(); len(all) != 0 {
			t.Errorf("got %v, want no gap", all)
		}
	})
}

// TestGapWithoutTaker: a pass of a command finds a gap that only a daemon can write down: its next pass does.
func TestGapWithoutTaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaps := &gathered{}
		r := newRelay("@every 5m", standin.Options{})
		r.Pass(t.Context())
		r.tenant.RemoveWebhook(r.tenant.Webhooks()[0].ID)
		time.Sleep(time.Hour)
		if report := r.Apply(t.Context()); report.Failed != nil || len(report.Done) != 1 || r.log.count("events were missed") != 0 {
			t.Errorf("got %+v and %s, want one created, and nothing said of the gap yet", report, &r.log.text)
		}
		time.Sleep(time.Hour)
		r.again(func(c *Config) { c.Gap = gaps.take })
		r.Pass(t.Context())
		r.Pass(t.Context())
		if all := gaps.all(); len(all) != 1 || all[0].Until.Sub(all[0].Since) != time.Hour || r.log.count("events were missed") != 1 {
			t.Errorf("got %v and %s, want the one hour, once", all, &r.log.text)
		}
	})
}

// TestGapOfCorruption: what was registered, and was changed so that its events do not arrive, is a gap as well; an
// accepted former secret is none.
func TestGapOfCorruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaps := &gathered{}
		r := newRelay("@every 5m", standin.Options{})
		r.config.Gap, r.config.Secrets = gaps.take, []string{secret, older}
		r.again(func(*Config) {})
		r.during(t, func() {
			w := r.tenant.Webhooks()
			r.tenant.ChangeWebhook(w[0].ID, func(w *standin.Webhook) { w.Headers[0].Value = "Bearer " + older })
			r.tenant.ChangeWebhook(w[1].ID, func(w *standin.Webhook) { w.Headers[0].Value = "Bearer of-nobody" })
			r.tenant.ChangeWebhook(w[2].ID, func(w *standin.Webhook) { w.URL = "https://nobody.example/" })
			time.Sleep(5 * time.Minute)
		})
		if want := []string{"Project:Deleted", "Project:Updated"}; !slices.Equal(gaps.types(), want) || r.wrong() != "" {
			t.Errorf("got %v and %s, want gaps of %v", gaps.all(), r.wrong(), want)
		}
	})
}

// TestNoLoop: a tenant that shows a header differently each time has webhooks that are replaced three times a day at
// most, and then stay.
func TestNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 15m", standin.Options{Switches: standin.Switches{HeaderEcho: standin.EchoChanged}})
		r.during(t, func() {
			time.Sleep(26 * time.Hour)
			p := r.Problems()
			if n := r.tenant.Calls("webhooks.create"); n > 12*(1+3*2) || len(r.ours()) != 12 {
				t.Errorf("got %d creations in 26 hours, want at most %d", n, 12*7)
			}
			if len(p) == 0 || !strings.Contains(p[0].Why, "replaced 3 times within a day") {
				t.Errorf("got %v, want to be told", p)
			}
		})
	})
}

// TestSurplusNeedsItsTwin: what is superfluous is not deleted for the sake of a webhook that only a stale list shows.
func TestSurplusNeedsItsTwin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		r.Pass(t.Context())
		made := r.tenant.Webhooks()[0]
		twin := r.tenant.AddWebhook(standin.Webhook{EventTypes: made.EventTypes, HTTPVerb: "POST", URL: made.URL, Headers: made.Headers})
		stale, err := r.client.Webhooks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.tenant.RemoveWebhook(made.ID)
		r.config.Registry = &staleOnce{Registry: r.client, list: stale}
		r.Reconciler = New(r.config)
		report := r.Pass(t.Context())
		if n := len(r.ours()); n != 12 || len(report.Done) != 0 {
			t.Errorf("got %d of ours and %v done, want the twin left", n, report.Done)
		}
		r.Pass(t.Context())
		if got := r.ours(); !slices.Equal(got, twelve()) || r.tenant.Calls("webhooks.create") != 12 {
			t.Errorf("got %v, want the twin %s in its place", got, twin.ID)
		}
	})
}

// staleOnce answers with a list of before, once.
type staleOnce struct {
	Registry

	list []ppm.Webhook
}

func (s *staleOnce) Webhooks(ctx context.Context) ([]ppm.Webhook, error) {
	if list := s.list; list != nil {
		s.list = nil
		return list, nil
	}
	return s.Registry.Webhooks(ctx)
}

// TestToken: the end of the token is told 30 days before, once, and over when there is another one.
func TestToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 6h", standin.Options{Expires: time.Date(2000, 3, 1, 12, 0, 0, 0, time.UTC)})
		r.during(t, func() {
			time.Sleep(30*day - 12*time.Hour)
			if p := r.Problems(); len(p) != 0 || r.tenant.Calls("me") > 31 {
				t.Errorf("got %v and %d questions, want none yet, and one a day", p, r.tenant.Calls("me"))
			}
			time.Sleep(2 * day)
			p := r.Problems()
			if len(p) != 1 || !strings.Contains(p[0].Why, "expires on 2000-03-01") || r.log.count("need attention") != 1 {
				t.Fatalf("got %v, want the date, told once", p)
			}
			time.Sleep(31 * day)
			if p := r.Problems(); len(p) != 2 || !strings.Contains(p[0].Why, "the token expired on 2000-03-01") || !strings.Contains(p[1].Why, "expired on 2000-03-01") {
				t.Errorf("got %v, want that it did", p)
			}
		})
		other := newRelay("@every 1h", standin.Options{})
		other.config.Memory = r.config.Memory
		other.again(func(*Config) {})
		if other.Pass(t.Context()); len(other.Problems()) != 0 {
			t.Errorf("got %v with a new token, want none", other.Problems())
		}
	})
}

// TestBrokenMemory: what cannot be written down is told, and keeps nothing from being registered; what cannot be
// read ends the pass.
func TestBrokenMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		memory := r.notes
		memory.breakDown(true)
		r.during(t, func() {
			if p := r.Problems(); len(r.ours()) != 12 || len(p) != 1 || !strings.Contains(p[0].Why, "the disk is full") {
				t.Errorf("got %d of ours and %v, want 12 and why", len(r.ours()), p)
			}
			memory.breakDown(false)
			time.Sleep(5 * time.Minute)
			if len(r.Problems()) != 0 {
				t.Errorf("got %v, want that it is over", r.Problems())
			}
		})
		memory.values[stateName] = []byte("{")
		r.again(func(*Config) {})
		if report := r.Pass(t.Context()); report.Failed == nil || report.Steps != nil {
			t.Errorf("got %+v, want that nothing is decided", report)
		}
	})
}

// TestOnlyTypes: a person's pass for some types leaves the others alone.
func TestOnlyTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{})
		if report := r.Plan(t.Context(), true); len(report.Steps) != 12 || len(r.ours()) != 0 {
			t.Errorf("got %d steps and %d webhooks, want 12 and nothing done", len(report.Steps), len(r.ours()))
		}
		if report := r.Apply(t.Context(), "Idea:Created", "Task:Deleted"); len(report.Done) != 2 || !slices.Equal(r.ours(), []string{"Idea:Created", "Task:Deleted"}) {
			t.Errorf("got %v and %v, want two", report.Done, r.ours())
		}
		if known, err := Recollect(t.Context(), r.config.Memory); err != nil || len(known.Records) != 2 || known.Last.IsZero() {
			t.Errorf("got %+v, %v, want two records", known, err)
		}
	})
}

// TestNoSecretIsKept: neither what is remembered nor the log holds one.
func TestNoSecretIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay("@every 5m", standin.Options{Webhooks: others()})
		r.during(t, func() { time.Sleep(10 * time.Minute) })
		kept := string(r.notes.values[stateName])
		for _, hidden := range []string{secret, "sig=", standin.DefaultToken} {
			if strings.Contains(kept, hidden) || r.log.count(hidden) > 0 {
				t.Errorf("got %s, want no secret", kept)
			}
		}
	})
}
