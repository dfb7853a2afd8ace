// Package control is how a command reaches the daemon that runs on the same journal: what changes the journal is done
// by the one process that writes it. A command only asks, and prints the answer.
//
// # The life of a request
//
// The daemon listens at a Unix socket beside its journal's file. A command connects, posts one JSON object to the path
// of a verb, and reads one JSON object:
//
//	POST /replay    Replay  -> Replayed    tell events again
//	POST /release   Release -> Released    take bodies out of quarantine
//	POST /backup    Backup  -> BackedUp    copy the journal to another file
//	POST /webhooks  Webhooks -> WebhooksDone  look after the registered webhooks now
//	POST /backfill  Backfill -> Backfilling    read all of PPM Express
//	POST /recovery  Recovery -> RecoveryState  how the search for missed changes is doing
//
// Whatever is not answered with 200 is {"error": "..."} in words for the person at the command, with "usage": true where
// what was typed names something that is not there.
//
// # Invariants
//
//   - Only the owner of the socket (and root) may connect: the mode of the file is the whole authentication.
//   - The socket of a process that died is removed by the next one. Whoever listens holds the journal's lock, so it is
//     nobody else's.
//   - A request is bounded in size, an answer in time.
//   - Fields are added, never renamed. A daemon refuses what it does not know, rather than do half of it: a command and a
//     daemon of different versions meet when one of them was updated.
package control

import (
	"context"
	"errors"
	"time"
)

// Errors that callers tell apart.
var (
	// ErrNoDaemon says that nobody listens.
	ErrNoDaemon = errors.New("no ppmrelay runs on this journal")
	// ErrTooLong says that the system's sockets have no room for the path.
	ErrTooLong = errors.New("the path is too long for a socket")
	// ErrUsage is about what was typed: the same command can never be done.
	ErrUsage = errors.New("wrong usage")
)

// Usage makes an error one that is ErrUsage, at the command as well, and says nothing more.
func Usage(err error) error { return usageError{err} }

type usageError struct{ error }

func (e usageError) Unwrap() error      { return e.error }
func (usageError) Is(target error) bool { return target == ErrUsage }

// Daemon is what a daemon does for the person at a command. Client does it by asking.
type Daemon interface {
	Replay(ctx context.Context, ask Replay) (Replayed, error)
	Release(ctx context.Context, ask Release) (Released, error)
	Backup(ctx context.Context, ask Backup) (BackedUp, error)
	Webhooks(ctx context.Context, ask Webhooks) (WebhooksDone, error)
	Backfill(ctx context.Context, ask Backfill) (Backfilling, error)
	Recovery(ctx context.Context, ask Recovery) (RecoveryState, error)
}

// SocketOf returns where the daemon of a journal listens. The path is the real one, without links, so that every name of
// the journal leads there.
func SocketOf(journal string) string { return journal + ".sock" }

// Replay asks to tell events again, by today's routes: those with the numbers, or those that match the filter.
type Replay struct {
	Numbers []int64 `json:"numbers,omitempty"`
	Filter  *Filter `json:"filter,omitempty"`
	Target  string  `json:"target,omitempty"` // only to this channel, tab or file
	Dry     bool    `json:"dry,omitempty"`    // only say what would be told
}

// Filter narrows events. Empty fields do not narrow, but at least one has to.
type Filter struct {
	Type   string    `json:"type,omitempty"`   // Project:Updated
	Entity string    `json:"entity,omitempty"` // id
	State  string    `json:"state,omitempty"`  // of at least one delivery; only these are told again
	Since  time.Time `json:"since,omitzero"`   // received at that time or later
	Until  time.Time `json:"until,omitzero"`   // received before
}

// Empty reports whether the filter takes everything.
func (f Filter) Empty() bool { return f == Filter{} }

// Replayed is what is told again, or would be.
type Replayed struct {
	Events  int      `json:"events"`  // that were asked for
	Targets []Target `json:"targets"` // in the order of the configuration
	Waiting []int64  `json:"waiting"` // of which something is not told yet: that stays as it is
	Untaken []int64  `json:"untaken"` // that no route takes today
}

// Target is how much is told to one channel, tab or file.
type Target struct {
	Target     string `json:"target"`
	Deliveries int    `json:"deliveries"`
}

// Left is an event that is left as it is, and why.
type Left struct {
	Number int64  `json:"number"`
	Why    string `json:"why"`
}

// Release asks to take bodies out of quarantine that can be read by now: those with the numbers, or all.
type Release struct {
	Numbers []int64 `json:"numbers,omitempty"`
	All     bool    `json:"all,omitempty"`
	Dry     bool    `json:"dry,omitempty"` // only say which can be read
}

// Released is what became of the bodies, in the order of their numbers.
type Released struct {
	Released   []int64 `json:"released"`   // are told like any other event
	Duplicates []Left  `json:"duplicates"` // were there already
	Left       []Left  `json:"left"`       // stay in quarantine, or never were in it
}

// Backup asks for a copy of the journal.
type Backup struct {
	File string `json:"file"` // absolute; must not be there
}

// BackedUp is the copy.
type BackedUp struct {
	File  string    `json:"file"`
	Bytes int64     `json:"bytes"`
	Made  time.Time `json:"made"`
}
