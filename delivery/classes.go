package delivery

import (
	"fmt"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// Rule is a row of the table of failures, in words: what is known after an attempt of one class failed, and what follows.
type Rule struct {
	Class      sinks.Class
	When       string          // what happened
	Outcome    journal.Outcome // of the effect
	Target     string          // what follows for the target's queue
	Deliveries string          // what follows for what the effect told
}

// Classes returns the table of failures, which fail carries out: a row for each class.
func Classes() []Rule {
	const anew = "pending, composed anew"
	every := fmt.Sprintf("tried every %d minutes", int(probe.Minutes()))
	return []Rule{
		{sinks.Retry, "a passing fault, nothing was sent", journal.Refused, "paused for 1, 2, 4 … 60 s", anew},
		{sinks.Wait, "it asks for patience", journal.Refused, "paused as long as it asks, at most an hour", anew},
		{sinks.Unsure, "no answer, or none that can be understood", journal.BecameUnsure, "looked up before all else", "wait for what the look finds"},
		{sinks.Void, "the content is refused", journal.Refused, "takes half as many; alone in plain form", anew + "; alone and plain: buried"},
		{sinks.Bury, "the content is refused in any form", journal.Refused, "takes half as many", anew + "; alone: buried"},
		{sinks.Park, "the target refuses", journal.Refused, "parked, " + every, anew},
		{sinks.Stop, "the credentials are refused", journal.Refused, "stopped with its whole service, one is " + every, anew},
		{sinks.Unknown, "refused for a cause in no list", journal.Refused, "paused for 3, then 6 minutes; then as bury, after one was buried: parked", anew + "; alone: buried, the next one waits"},
	}
}
