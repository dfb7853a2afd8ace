package slack

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	sandbox "github.com/ppmrelay/ppmrelay/sandbox/slack"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/sinktest"
)

// target is a channel whose requests meet the faults of a board, in turn those of one kind.
type target struct {
	workspace

	board *fault.Board
	turn  int
}

func (tg *target) Sink(*testing.T) sinks.Sink { return New(tg.client, channel) }

func (tg *target) Perform(
	ctx context.Context, t *testing.T, f sinktest.Fault, effect sinks.Effect,
) (sinks.Receipt, error) {
	t.Helper()
	kinds := map[sinktest.Fault][]fault.Kind{
		sinktest.Before: {fault.Before, fault.Reset, fault.TooMany},
		sinktest.After:  {fault.After, fault.AfterReset},
		sinktest.Hang:   {fault.Hang, fault.AfterHang},
	}[f]
	if len(kinds) > 0 {
		tg.turn++
		tg.board.Script("chat.postMessage", kinds[tg.turn%len(kinds)])
	}
	return tg.Sink(t).Perform(ctx, effect)
}

func (tg *target) Told(*testing.T) []string {
	var told []string
	for _, m := range tg.Messages(channel) {
		told = append(told, strings.Join(m.Lines(), "\n"))
	}
	return told
}

// TestContract runs the conformance kit, with each thing that Slack does not publish one way and the other. Under the race
// detector it is what makes something wait, or come at another time; the others change texts and numbers alone.
func TestContract(t *testing.T) {
	t.Parallel()
	racing := map[string]bool{"as observed": true, "history is late": true, "retry-after is a date": true}
	for name, switches := range map[string]sandbox.Switches{
		"as observed":                {},
		"metadata is forgotten":      {MetadataDropped: true},
		"block ids are replaced":     {BlockIDsReplaced: true},
		"history is late":            {VisibleAfter: 50 * time.Millisecond},
		"long text is refused":       {LongTextRefused: true},
		"code points are counted":    {CountRunes: true},
		"blocks may hold less":       {BlocksSize: maxTotal},
		"metadata may hold less":     {MetadataSize: 2300},
		"slack's clock is ahead":     {ClockAhead: 20 * time.Minute},
		"slack's clock is behind":    {ClockAhead: -20 * time.Minute},
		"retry-after is a date":      {RetryAfter: sandbox.RetryDate},
		"retry-after has a fraction": {RetryAfter: sandbox.RetryFraction},
		"retry-after is missing":     {RetryAfter: sandbox.RetryMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !racing[name] {
				raced.Calculates(t)
			}
			faults := []sinktest.Fault{sinktest.Before, sinktest.After}
			if switches == (sandbox.Switches{}) {
				faults = append(faults, sinktest.Hang) // waits for its end, so once is enough
			}
			sinktest.Run(t, sinktest.Harness{
				New: func(t *testing.T) sinktest.Target {
					t.Helper()
					board := fault.NewBoard()
					return &target{board: board, workspace: open(t, sandbox.Options{
						Board: board, Unlimited: true, Switches: switches,
					})}
				},
				Forgets:  switches.MetadataDropped,
				Faults:   faults,
				Secrets:  []string{token},
				Patience: 300 * time.Millisecond, // a busy machine serves the request in this time
				Many:     300,
				Steps:    15,
				Harmless: noMarkup,
			})
		})
	}
}

// noMarkup checks that nothing of what stands between < and > acts.
func noMarkup(t *testing.T, told []string) {
	t.Helper()
	for _, text := range told {
		if found := regexp.MustCompile(`<[^>]*>?`).FindString(text); found != "" {
			t.Errorf("a message holds %q", found)
		}
	}
}
