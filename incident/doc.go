// Package incident makes failures loud once: what is wrong for a while is written down, logged, and told to whoever runs
// the relay; so is its end. It knows nothing of what can go wrong, and nothing of Slack.
//
// # The life of an incident
//
//	state    happening                                -> state    what follows
//	(none)   a problem is seen, for less than 30 s    -> (none)   nothing
//	(none)   it lasts, or it is something that has happened
//	                                                  -> lasts    a row in the journal, a line in the log, an event: "stopped"
//	lasts    it is seen again, in whatever words      -> lasts    nothing
//	lasts    it was not seen for 30 s                 -> over     an event: "over", a line in the log, the end of the row
//	lasts    somebody else is to be told                -> lasts    an event: "stopped", once for each
//	lasts    the process died                         -> lasts    the next start goes on with the row
//
// An event here is one of the journal, as those of PPM Express: the channel for operators is told it by delivery, with all
// that this means for crashes and for answers that get lost.
//
// # Invariants
//
//   - The row is there before its "stopped", and "over" is there before the row has ended. Both have a fingerprint of their
//     own, so that whatever is done again after a crash makes no second event.
//   - A key is told three times in an hour at the most, what has happened once. What was not told is counted in what is
//     told next.
//   - While nobody can know whether a problem is over, it is not.
package incident

import "time"

// Problem is something that is wrong now.
type Problem struct {
	Key   string    // what makes it the same, whatever its words
	Part  string    // of the relay
	Parts []string  // all parts that have it; Part alone when empty
	Why   string    // plain words, without secrets
	Since time.Time // zero = not known
	Next  time.Time // when it is tried again; zero = not known
	Once  bool      // it has happened, rather than lasts: it is told at once, and has no end
	Count int       // of Once, how often so far; 0 = nobody counts
	Words Words     // where whoever found it knows them; no Title = those of Config.Begins
}

// Sight is what one look sees.
type Sight struct {
	Problems []Problem
	Blind    []string // beginnings of the keys of problems that could be there unseen
}

// Words are what people are told of a problem.
type Words struct {
	Title    string // what is wrong: "Google Sheets refuses writes"
	Rest     string // what follows the title in plain type; mostly nothing
	Over     string // what is said of its end: "Google Sheets takes writes again"
	Lines    []Line // why, what it means, what to do
	Silences string // the beginning of the targets by which it would be told, and that cannot be told while it lasts; mostly empty
}

// labelWhy is the label of the line that says why.
const labelWhy = "Why"

// Line is one line below a title.
type Line struct {
	Label string `json:"label"` // "Why", "Means", "To do"
	Text  string `json:"text"`  // a part in backticks at its beginning is shown as code
}

// merged returns the problems by key. What several parts have is one problem, in the words of the first.
func merged(problems []Problem) map[string]Problem {
	all := make(map[string]Problem, len(problems))
	for _, p := range problems {
		if len(p.Parts) == 0 {
			p.Parts = []string{p.Part}
		}
		if first, twice := all[p.Key]; twice {
			first.Parts = append(first.Parts, p.Parts...)
			if first.Next.IsZero() {
				first.Next = p.Next
			}
			p = first
		}
		all[p.Key] = p
	}
	return all
}
