// Package sinks is the contract between delivery and whatever carries words and rows out of the house.
//
// A sink is three verbs. Compose freezes what is to be written, Perform writes it once, Recall finds out whether a
// write whose answer never came did happen. (Told is for what a person does: after a replay, or a journal that was
// restored, it keeps rows and messages from standing there twice.) A sink serves one target (a Slack channel, a tab, a
// file), keeps no memory of what it wrote, and knows nothing of queues, retries or the journal: its errors say what
// happened and what would help, and delivery decides.
//
// # Invariants
//
//   - Compose does no input or output, and the same items give the same content.
//   - Perform is called at most once per effect. What it writes carries the effect's id or its rows' keys, so that
//     Recall can find it.
//   - An error that is not an *Error counts as Unsure. A sink claims "nothing happened" only where it knows.
//   - Only Recall's DidNot permits telling the same again, and DidNot must stay true: a copy of the write that is still
//     on its way must not land afterwards. A sink that cannot rule that out says so (Recollection.Late).
package sinks

import (
	"context"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Item is one thing to tell: a change of one entity, or what is said about many at once.
type Item struct {
	Events  []string      // ids of the events that it tells, never empty
	Message event.Message // for chats
	Rows    []event.Row   // for tables
}

// Effect is one write to the outside: one Slack message, one batch of rows.
type Effect struct {
	ID      string    // UUIDv7; what the write carries
	Events  []string  // ids of the events that it tells
	Content []byte    // what Compose froze; JSON of the sink's own
	Started time.Time // when the attempt began, committed before anything was sent
	Ended   time.Time // when an ambiguous answer came; zero when none is known (the process died)
}

// Receipt says where what was written can be found, in the sink's own words: "C0123 1700000000.000100".
type Receipt string

// Happened is what Recall found out.
type Happened int

// The answers of Recall. CannotTell means that looking is refused (a missing scope, not a member): looking again will
// not help until a person did something.
const (
	CannotTell Happened = iota
	DidNot
	Did
)

// Recollection is the answer of Recall.
type Recollection struct {
	Happened Happened
	Receipt  Receipt // when it happened
	Late     bool    // of DidNot: likely, not proven. A copy could still appear, and is counted as a possible double
	Reason   Reason  // when it cannot be told
	Detail   string  // plain words beside the reason
}

// Sink writes to one target.
type Sink interface {
	// Compose freezes the first items that fit into one write, and returns how many of them it took: at least one.
	// Plain asks for the simplest form that the target is sure to take, after it refused the content of a single
	// delivery. An error means that the first item cannot be written in any form.
	Compose(items []Item, plain bool) (content []byte, taken int, err error)

	// Perform writes the effect. A nil error means that it is there for good.
	Perform(ctx context.Context, effect Effect) (Receipt, error)

	// Recall finds out whether an effect happened that was begun earlier. An error means that the look itself failed
	// and is worth repeating.
	Recall(ctx context.Context, effect Effect) (Recollection, error)

	// Told returns which of the events the target has already, among those that a person replays (since is zero: a table
	// has each row once, so it looks for their keys; a chat is asked to say it again, and answers none), or that may have
	// been told since a backup was made which was restored. An error means that the look failed and is worth repeating.
	Told(ctx context.Context, events []string, since time.Time) ([]string, error)
}
