package mrkdwn

import (
	"strconv"
	"strings"
	"time"
)

// ago says how far away a moment is, in one unit.
func (r Reader) ago(at time.Time) string {
	if r.Now.IsZero() {
		return at.Format("2 January 2006 15:04")
	}
	past := r.Now.Sub(at)
	away := count(past.Abs())
	switch {
	case away == "":
		return "just now"
	case past < 0:
		return "in " + away
	default:
		return away + " ago"
	}
}

// count returns a duration in the largest unit that it has; empty = less than a second.
func count(d time.Duration) string {
	const day = 24 * time.Hour
	for _, unit := range [...]struct {
		name string
		long time.Duration
	}{{"year", 365 * day}, {"month", 30 * day}, {"day", day}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		switch n := int64(d / unit.long); n {
		case 0:
		case 1:
			return "1 " + unit.name
		default:
			return strconv.FormatInt(n, 10) + " " + unit.name + "s"
		}
	}
	return ""
}

// capital makes the first letter large. What Reader writes begins with a letter of ASCII or a digit.
func capital(words string) string {
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}
