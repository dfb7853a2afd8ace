package templates

import (
	"strconv"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// took returns the time from the first to the last of several events: "40 s".
func took(net event.Net) string {
	if len(net.Events) < 2 {
		return ""
	}
	return span(net.First().When(), net.Last().When())
}

// span says how long it is from one moment to another, counted in the seconds that people see.
func span(from, to time.Time) string {
	d := to.Truncate(time.Second).Sub(from.Truncate(time.Second))
	switch {
	case d < time.Second:
		return "1 s"
	case d < 2*time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	default:
		return plural(int(d/(24*time.Hour)), "day")
	}
}

// when returns the moment of a net, of several edits from the first to the last.
func (w *Words) when(net event.Net) Markup {
	first, last := net.First().When().UTC(), net.Last().When().UTC()
	at := w.moment(first, "{date_short} at {time}", "2 Jan 2006 15:04 UTC")
	if last.Truncate(time.Minute).Equal(first.Truncate(time.Minute)) {
		return at
	}
	until := w.moment(last, "{date_short} at {time}", "2 Jan 2006 15:04 UTC")
	if y, m, d := first.Date(); last.Year() == y && last.Month() == m && last.Day() == d {
		until = w.moment(last, "{time}", "15:04 UTC")
		until.plain = last.In(w.zone).Format("15:04")
	}
	return Markup{mrkdwn: at.mrkdwn + " to " + until.mrkdwn, plain: at.plain + " to " + until.plain}
}

// moment returns a moment that Slack shows in the reader's own zone (docs.slack.dev, date formatting), which it can
// from 1970 on.
func (w *Words) moment(t time.Time, form, fallback string) Markup {
	if t.IsZero() {
		return Markup{}
	}
	plain := Time{moment: t, zone: w.zone}.String()
	if t.Unix() <= 0 || t.Year() > 9999 {
		return Markup{mrkdwn: plain, plain: plain}
	}
	return Markup{
		mrkdwn: "<!date^" + strconv.FormatInt(t.Unix(), 10) + "^" + form + "|" + t.UTC().Format(fallback) + ">",
		plain:  plain,
	}
}
