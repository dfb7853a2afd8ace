package ppm

import (
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// decodeTime reads a day or an instant. Kind Null means that nothing is known about the attribute: then the text
// itself tells. A day of the calendar is sent as noon in UTC, or without a time; it is never shifted into another zone.
//
// The year 1 is how .NET writes a date that was never set: nothing. A text that is no time is not ok: 30 February.
func decodeTime(text string, kind event.Kind) (value event.Value, ok bool) {
	at, zone, ok := parseTime(text)
	if !ok {
		return event.Value{}, false
	}
	if at.Year() == 1 {
		return event.Value{}, true
	}
	if kind == event.Date || kind == event.Null && isDay(at, zone) {
		return event.Value{Kind: event.Date, Time: at.Truncate(24 * time.Hour)}, true
	}
	return event.Value{Kind: event.Instant, Time: at}, true
}

// zone says how the zone of a time was sent.
type zone int

const (
	noTime zone = iota // a date alone
	noZone
	utc
	offset
)

func isDay(at time.Time, z zone) bool {
	hour, minute, second := at.Clock()
	sharp := minute == 0 && second == 0 && at.Nanosecond() == 0
	switch z {
	case noTime:
		return true
	case noZone:
		return sharp && (hour == 0 || hour == 12)
	case utc:
		return sharp && hour == 12
	default:
		return false
	}
}

// parseTime reads RFC 3339 with any fraction of a second, also without zone, which counts as UTC, and a date alone.
// The result is in UTC; years that four digits cannot tell are refused.
func parseTime(text string) (at time.Time, z zone, ok bool) {
	if len(text) < len(time.DateOnly) || text[4] != '-' { // most texts are no times: no error is made for them
		return time.Time{}, 0, false
	}
	const local = "2006-01-02T15:04:05"
	var err error
	switch last := text[len(text)-1]; {
	case len(text) == len(time.DateOnly):
		at, err = time.Parse(time.DateOnly, text)
	case last == 'Z':
		z = utc
		at, err = time.Parse(time.RFC3339, text)
	default:
		z = offset
		at, err = time.Parse(time.RFC3339, text)
		if err != nil {
			z = noZone
			at, err = time.Parse(local, text)
		}
	}
	at = at.UTC()
	return at, z, err == nil && 1 <= at.Year() && at.Year() <= 9999
}

// parseTimeStamp reads when an event occurred; zero when that was not sent or cannot be read.
func parseTimeStamp(text string) time.Time {
	at, _, ok := parseTime(text)
	if !ok || at.Year() == 1 {
		return time.Time{}
	}
	return at
}
