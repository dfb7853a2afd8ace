package sandbox

import (
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

func TestTroublesInWords(t *testing.T) {
	s := open(t)
	if got := s.Troubles(); len(got) != 0 {
		t.Errorf("got %v before anything was set", got)
	}
	s.Slack.Board.Always("chat.postMessage", fault.Before)
	s.Slack.Board.Always(fault.Every, fault.TooMany.With("none"))
	s.Google.Board.Script("batchUpdate", fault.After)
	s.Google.Board.Script("token", fault.None, fault.After)
	s.PPM.Board.Draw("me", 1, fault.Evenly(0.25, fault.Before, fault.Reset)...)
	for _, set := range []struct{ vendor, name, where string }{{"slack", "channel-archived", Channel}, {"ppm", "token-expired", ""}} {
		if err := s.Set(set.vendor, set.name, true, set.where); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"ppm|me|25 % of the requests to me fail, by chance", "ppm||the token has expired",
		"slack|*|every request that has no fault of its own: 429 with this Retry-After; date, none, or what it says (429:none)",
		"slack|chat.postMessage|every request to chat.postMessage: 500 with a page for people (before)",
		"slack||somebody archived the channel (channel C0SANDBOX01)",
		"google|batchUpdate|the next request to batchUpdate: 500 with a page for people (after)",
		"google|token|the next 2 requests to token, first: as usual",
	}
	var got []string
	for _, trouble := range s.Troubles() {
		got = append(got, trouble.Vendor+"|"+trouble.Endpoint+"|"+trouble.Words)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if err := s.Repair(); err != nil || len(s.Troubles()) != 0 {
		t.Errorf("got %v, %v after the repair", err, s.Troubles())
	}
}
