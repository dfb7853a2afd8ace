package mrkdwn_test

import (
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here:", err)
	}
	return zone
}

func TestWordsOfNames(t *testing.T) {
	t.Parallel()
	reader := mrkdwn.Reader{
		User:    func(id string) string { return map[string]string{"U1": "Anna Doe"}[id] },
		Channel: func(id string) string { return map[string]string{"C1": "delivery-team"}[id] },
		Group:   func(id string) string { return map[string]string{"S1": "pmo"}[id] },
	}
	for text, want := range map[string]string{
		"<@U1>": "@Anna Doe", "<@U1|x>": "@Anna Doe", "<@U2>": "@U2", "<@U2|@bob>": "@bob", "<#C1|x>": "#delivery-team", "<#C2|general>": "#general",
		"<!subteam^S1>": "@pmo", "<!subteam^S2|@team>": "@team", "<!channel>": "@channel", "`a`": "a", ":tada:": "🎉", "\n": "\n",
	} {
		if got := reader.Words(mrkdwn.Parse(text)[0]); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// moments are those of docs.slack.dev/messaging/formatting-message-text, 18 February 2014, 15:39:42 in Berlin.
func TestWordsOfMoments(t *testing.T) {
	t.Parallel()
	at := time.Unix(1392734382, 0)
	near, far := at.Add(3*24*time.Hour), at.AddDate(1, 0, 0)
	tests := []struct {
		format string
		now    time.Time
		want   string
	}{
		{"Posted {date_num} {time_secs}", near, "Posted 2014-02-18 15:39:42"},
		{"{date} at {time}", near, "18 February at 15:39"},
		{"{date} at {time}", far, "18 February 2014 at 15:39"},
		{"{date} at {time}", time.Time{}, "18 February 2014 at 15:39"},
		{"{date_short}", near, "18 Feb"},
		{"{date_short}", at.AddDate(0, 7, 0), "18 Feb 2014"},
		{"{date_short}", at.AddDate(0, -7, 0), "18 Feb 2014"},
		{"{date_long}", near, "Tuesday, 18 February"},
		{"{date_long}", far, "Tuesday, 18 February 2014"},
		{"{date_long_full} {date_slash}", far, "18 February 2014 18/02/2014"},
		{"{date_short_pretty} at {time}", at, "Today at 15:39"},
		{"on {date_pretty}", at.Add(24 * time.Hour), "on yesterday"},
		{"{date_long_pretty}", at.Add(-24 * time.Hour), "Tomorrow"},
		{"{date_long_pretty}", at.Add(9 * time.Hour), "Yesterday"},
		{"{date_long_pretty}", near, "Tuesday, 18 February"},
		{"{day_divider_pretty}", far, "Tuesday, 18 February 2014"},
		{"{ago}", at, "Just now"},
		{"{ago}", at.Add(3 * time.Minute), "3 minutes ago"},
		{"{ago}", at.Add(4*time.Hour + time.Minute), "4 hours ago"},
		{"was {ago}", at.Add(49 * time.Hour), "was 2 days ago"},
		{"{ago}", at.Add(-time.Second), "In 1 second"},
		{"{ago}", at.AddDate(3, 0, 0), "3 years ago"},
		{"{ago}", time.Time{}, "18 February 2014 15:39"},
		{"{nothing} {} {date_pretty_pretty} {time_pretty} { {time", near, "{nothing} {} {date_pretty_pretty} {time_pretty} { {time"},
		{"{{time}}", near, "{15:39}"},
		{"no token", near, "no token"},
	}
	zone := berlin(t)
	for _, test := range tests {
		reader := mrkdwn.Reader{Zone: zone, Now: test.now}
		if got := reader.Words(mrkdwn.Parse("<!date^1392734382^" + test.format + "|fallback>")[0]); got != test.want {
			t.Errorf("%s, seen at %s: got %q, want %q", test.format, test.now, got, test.want)
		}
	}
}

func TestMomentsWithoutAClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<!date^1392734382^{date_short}|18 Feb 2014 14:39 UTC>": "18 Feb 2014 14:39 UTC",
		"<!date^1392734382^{date_short} {time}>":                "18 Feb 2014 14:39",
		"<!date^1392734382^|x>":                                 "x",
	} {
		if got := (mrkdwn.Reader{}).Words(mrkdwn.Parse(text)[0]); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestDayAndClock(t *testing.T) {
	t.Parallel()
	late := time.Date(2022, 2, 14, 23, 30, 0, 0, time.UTC) // in Berlin it is tomorrow
	reader := mrkdwn.Reader{Zone: berlin(t), Now: time.Date(2022, 2, 15, 12, 0, 0, 0, time.UTC)}
	for _, test := range []struct {
		at         time.Time
		day, clock string
	}{
		{late, "Today", "00:30"},
		{late.Add(-time.Hour), "Yesterday", "23:30"},
		{late.AddDate(0, 0, -7), "Tuesday, 8 February", "00:30"},
		{late.AddDate(-1, 0, 0), "Monday, 15 February 2021", "00:30"},
	} {
		if day, clock := reader.Day(test.at), reader.Clock(test.at); day != test.day || clock != test.clock {
			t.Errorf("%s: got %s %s, want %s %s", test.at, day, clock, test.day, test.clock)
		}
	}
	if got := (mrkdwn.Reader{}).Day(late); got != "Monday, 14 February 2022" {
		t.Errorf("without a clock: got %s", got)
	}
}
