package templates

import "github.com/ppmrelay/ppmrelay/event"

// foundLater is said of a change that nobody sent.
const foundLater = "found later"

// recovered reports whether nobody sent any of the events: they were found by comparing.
func recovered(events []event.Event) bool {
	for i := range events {
		if !events[i].Recovered {
			return false
		}
	}
	return len(events) > 0
}

// found is the last line of what was found by comparing: when events were missing, and what is not known therefore.
func (w *Words) found(events []event.Event) Markup {
	var all event.Span
	for i := range events {
		missing := events[i].Missing
		if !missing.Since.IsZero() && (all.Since.IsZero() || missing.Since.Before(all.Since)) {
			all.Since = missing.Since
		}
		if missing.Until.After(all.Until) {
			all.Until = missing.Until
		}
	}
	if all.Since.IsZero() || all.Until.IsZero() {
		const said = "Recovered: it was found by comparing, so who and when are not known"
		return Markup{mrkdwn: said, plain: said}
	}
	from := w.moment(all.Since, "{date_short} at {time}", "2 Jan 2006 15:04 UTC")
	to := w.moment(all.Until, "{date_short} at {time}", "2 Jan 2006 15:04 UTC")
	const begin, between, end = "Recovered: events were missing from ", " to ", ", so who and when are not known"
	return Markup{mrkdwn: begin + from.mrkdwn + between + to.mrkdwn + end, plain: begin + from.plain + between + to.plain + end}
}

// recoveredSentence says what was found: "Project Customer Portal was updated (found later)".
func (w *Words) recoveredSentence(e event.Event, what, did string) string {
	return kindWords(e.Entity.Kind) + " " + what + " was " + did + " (" + foundLater + ")"
}
