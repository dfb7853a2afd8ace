package reconcile

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// How many events are read that came since the last look.
const (
	firstsPage  = 1000
	firstsPages = 10
)

// Firsts returns when each webhook brought its first event, by lower-case id: as of the last look, and of what came since,
// up to a bound. All reports whether one that is not there has brought nothing. Without arrivals nobody knows what came
// since.
func Firsts(ctx context.Context, memory Memory, arrivals Arrivals) (firsts map[string]time.Time, all bool, _ error) {
	kept, err := hear(ctx, memory)
	if err != nil || arrivals == nil {
		return kept.Firsts, false, err
	}
	since := map[string]time.Time{}
	filter := journal.Filter{Limit: firstsPage}
	for range firstsPages {
		page, err := arrivals.Events(ctx, filter)
		if err != nil {
			return nil, false, err
		}
		all = len(page) < firstsPage
		for _, summary := range page {
			e := summary.Entry
			filter.Before = e.Number
			if all = all || e.Number <= kept.Number; e.Number <= kept.Number {
				break
			}
			if e.WebhookID != "" {
				since[strings.ToLower(e.WebhookID)] = e.Received
			}
		}
		if all {
			break
		}
	}
	maps.Copy(since, kept.Firsts)
	return since, all, nil
}
