package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// slowly is a registry of which each creation takes a while.
type slowly struct{ Registry }

func (s slowly) CreateWebhook(ctx context.Context, w ppm.Webhook) (ppm.Webhook, error) {
	time.Sleep(70 * time.Millisecond)
	return s.Registry.CreateWebhook(ctx, w)
}

// TestWhatStopsTogetherIsOneGap: also where nobody looked between the creation of the types, one after the other, and the
// moment from which none of them came.
func TestWhatStopsTogetherIsOneGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gaps := &gathered{}
		r := newRelay("@every 5m", standin.Options{})
		r.again(func(c *Config) { c.Gap, c.Registry = gaps.take, slowly{r.client} })
		began := time.Now()
		r.Pass(t.Context())
		time.Sleep(time.Minute)
		r.again(func(c *Config) { c.Wanted = Wanted(moved, secret, event.Types()) })
		r.Pass(t.Context())
		all := gaps.all()
		if len(all) != 1 || len(all[0].Types) != 12 || all[0].Since.Sub(began) > 100*time.Millisecond || time.Since(all[0].Until) > time.Second {
			t.Errorf("got %v, want one gap of the twelve, from the first creation on", all)
		}
		if n := r.log.count("events were missed"); n != 1 {
			t.Errorf("got %d lines, want one", n)
		}
	})
}
