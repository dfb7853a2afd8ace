package main

import (
	"strings"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// trouble says in a few words why a target is told nothing; empty when nothing waits, or only the pace is waited for.
func (w waiting) trouble(vendor string) string {
	switch {
	case w.changes == 0:
		return ""
	case w.state.Hold != "":
		return hindrance(vendor, w.state.Reason)
	case w.unsure:
		return "Looking it up"
	default:
		return ""
	}
}

// hindrance puts the reason of a hold into a few words. A reason names its cause between colons: "cannot look up what is
// there: server-error: reading the history: …".
func hindrance(vendor, reason string) string {
	for cause := range strings.SplitSeq(reason, ": ") {
		switch sinks.Reason(cause) {
		case sinks.ReasonUnreachable, sinks.ReasonNoAnswer, sinks.ReasonBadAnswer, sinks.ReasonServerError:
			return vendor + " down"
		case sinks.ReasonRateLimited:
			return "Out of quota"
		case sinks.ReasonTargetGone:
			return "Gone"
		case sinks.ReasonTargetRefuses, sinks.ReasonContent, sinks.ReasonUnknown:
			return "Refused"
		case sinks.ReasonCredentials:
			return "Key refused"
		case sinks.ReasonPermission:
			return "Not allowed"
		case sinks.ReasonStorage:
			return "Disk full"
		case sinks.ReasonInterrupted:
			return "Looking it up"
		}
	}
	return "Again soon"
}
