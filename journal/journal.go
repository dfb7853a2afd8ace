// Package journal is the contract of the durable record: every event that was received, what was decided about it, and
// every write to the outside, from before it began until its end.
//
// # The life of a record
//
//	Append    handlers     an event, or a body that could not be read (quarantine); on disk when it returns
//	Plan      delivery     the event's deliveries, the verdicts of all routes, its entity's new state: one commit
//	Begin     delivery     an open effect that claims deliveries of one target, before anything is sent
//	Settle    delivery     what became of the effect, of its deliveries and of the target's queue: one commit
//	Replay    a person     what has ended is pending once more, as a new generation of its deliveries
//	Trim      by the clock what has ended long ago is forgotten; what has not is never
//
// The table of states stands in package delivery. An implementation lives in a folder of its own (sqlite) and passes
// journaltest unchanged.
//
// # Invariants
//
//   - When a call that writes returns nil, the write survives a crash of the process and of the machine.
//   - A call that writes is one transaction: all of it or nothing.
//   - A delivery is claimed by at most one open effect; a target has at most one open effect.
//   - An effect that was unsure ends as Delivered or DidNot, or by Abandon; never by a refusal.
//   - Fingerprints are forgotten by age and number. What was forgotten leaves a low-water mark behind: an event that is
//     not newer than it could have been told already, and is marked TooOld.
//   - Numbers are given once, rise in the order of commit for each caller, and stay inside. Ids are UUIDv7.
package journal

import (
	"context"
	"errors"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Errors that callers tell apart. Everything else is a fault of the disk or the database.
var (
	ErrNotFound = errors.New("not in the journal")
	ErrConflict = errors.New("the effect is not in a state that allows this") // a bug or a second process; never retried
	ErrClosed   = errors.New("the journal is closed")
)

// Incoming is an authentic request as the handlers hand it over.
type Incoming struct {
	Body        []byte // as received, after bounds were checked
	Received    time.Time
	Type        event.Type // by path, registry or shape; empty when unknown
	MessageID   string
	WebhookID   string
	Entity      event.Ref
	Parent      event.Ref
	Initiator   string    // full name, for lists
	Occurred    time.Time // zero when not sent
	Fingerprint []byte    // 32 bytes: equal means the same event; nil = never compared
	Quarantine  string    // why the body could not be read; empty = it could
}

// Appended is the answer to an Incoming.
type Appended struct {
	Number    int64
	ID        string // UUIDv7
	Duplicate bool   // this fingerprint is known: Number and ID are the original's; no ID when that was forgotten
}

// Entry is an event as the journal keeps it. Body is exactly what was received.
type Entry struct {
	Incoming

	Number   int64
	ID       string
	Planned  bool // also true for quarantined bodies: there is nothing to plan
	ReusedID bool // its MessageID had been used by another event
	Late     bool // newer changes of the entity were known when it was planned
	TooOld   bool // not newer than the low-water mark: whether it was told before has been forgotten

	Recovered bool // nobody sent it: it was found by comparing
	Missing   Span // of a recovered one: when events were missing
}

// EntityState is the newest known state of an entity.
type EntityState struct {
	Entity     event.Ref
	Parent     event.Ref
	Occurred   time.Time // of the event that set it: capped at received + 5 min, received when there was none
	Number     int64     // of the event that set it; 0 = it was read, and told to nobody
	Deleted    bool
	Attributes []byte // JSON as sent

	Recovered time.Time // time stamp of the newest event of the entity that was recovered; zero = none was
	Hidden    time.Time // since when it is no longer visible; zero while it is
}

// NewDelivery is one target that an event is to be told to.
type NewDelivery struct {
	Target string
	Route  string
	Urgent bool // told before everything else of its target, and alone
}

// Verdict is why a route, or everybody (empty Route), did not take an event.
type Verdict struct {
	Route  string
	Reason string
}

// Planned is everything that planning one event decided.
type Planned struct {
	Number     int64
	Deliveries []NewDelivery
	Verdicts   []Verdict
	Entity     *EntityState // nil when the event changes nothing that is known
	Late       bool
	Gap        *Gap // a broken chain; nil when the event follows
}

// Waiting is a pending delivery that no open effect has claimed.
type Waiting struct {
	Delivery int64
	Route    string
	Urgent   bool      // see Queue
	Again    bool      // a person asked for it once more
	Restored time.Time // a backup made then was restored: it may have been told since; zero = none was
	Entry    Entry
}

// State is where a delivery is in its life.
type State string

// The states of a delivery. Pending also covers those that an open effect has claimed.
const (
	Pending   State = "pending"
	Uncertain State = "unsure"
	Delivered State = "delivered"
	Skipped   State = "skipped"
	Buried    State = "buried"
)

// Ending is a delivery that ends without being written.
type Ending struct {
	Delivery int64
	State    State // Skipped or Buried; Delivered when the target was found to have it
	Reason   string
}

// Effect is one write to the outside, from its intent to its end.
type Effect struct {
	ID         string // UUIDv7
	Target     string
	Content    []byte
	Deliveries []int64  // what it claims, in order
	Events     []string // ids of the events it tells
	Started    time.Time
	Double     bool      // a possible double: at Begin, what it tells may be there already; later also Settlement.Double
	Unsure     bool      // it was ever unsure
	Ended      time.Time // when the ambiguous answer came, or the effect was settled; zero while it runs
	Outcome    Outcome   // empty while it is open
	Reason     string
	Receipt    string
}

// Outcome is what became of an effect.
type Outcome string

// The outcomes. BecameUnsure leaves the effect open. Refused is a definite "nothing happened" of an attempt that was
// never unsure; DidNot is the same, found out by looking. Both set the deliveries pending again, to be composed anew,
// but for those that the settlement ends. Abandoned ends an open effect that nobody can look up any more. What an effect
// was begun with as a possible double is none after Refused and DidNot: nothing is there.
const (
	Told         Outcome = "told"
	BecameUnsure Outcome = "unsure"
	Refused      Outcome = "refused"
	DidNot       Outcome = "did-not"
	Abandoned    Outcome = "abandoned"
)

// Settlement is what became of an effect, committed at once with what follows for its deliveries and its target.
type Settlement struct {
	Effect  string
	Outcome Outcome
	At      time.Time
	Receipt string
	Reason  string      // of every outcome but Told
	Double  bool        // of DidNot: the effect could still appear, so that telling again may double it
	Endings []Ending    // deliveries of a void effect that are buried rather than tried again; all of them when Abandoned
	Target  TargetState // the queue's new state
}

// Hold says who has to act before a queue goes on.
type Hold string

// The holds. A queue that is not held has none.
const (
	Paused  Hold = "paused"  // passing: a fault, a quota
	Parked  Hold = "parked"  // this target refuses until a person acts
	Stopped Hold = "stopped" // its sink refuses every target
)

// TargetState is what is remembered about a target's queue.
type TargetState struct {
	Target   string
	Take     int  // most deliveries in one effect; 0 = no limit but the sink's
	Plain    bool // the next effect is composed in its plainest form
	Failures int  // in a row; sets the back-off
	Hold     Hold
	Until    time.Time // the next try; zero = at once
	Reason   string    // of the hold
}

// Journal is the whole contract. Its users declare the part that they need.
type Journal interface {
	// Append makes an event durable, unless its fingerprint is known. Concurrent calls share commits. Once it was handed
	// over, it goes on whatever becomes of ctx.
	Append(ctx context.Context, in Incoming) (Appended, error)

	// Unplanned returns the oldest events that are not planned yet: at least one where there is any, and fewer than the
	// limit where their bodies are large.
	Unplanned(ctx context.Context, limit int) ([]Entry, error)
	// Plan commits the plans of several events. An event that is planned already is left as it is.
	Plan(ctx context.Context, plans []Planned) error
	// Entity returns the newest known state, or ErrNotFound. Ids are compared without case.
	Entity(ctx context.Context, id string) (EntityState, error)
	// Previous returns the newest planned events of an entity with smaller numbers, newest first: at least one where there
	// is any, and fewer than the limit where their bodies are large. What is in quarantine is none of them.
	Previous(ctx context.Context, entity string, before int64, limit int) ([]Entry, error)

	// Targets returns the state of every target that has, or had, deliveries.
	Targets(ctx context.Context) ([]TargetState, error)
	// SetTarget stores the state of a target's queue on its own.
	SetTarget(ctx context.Context, state TargetState) error
	// Queue returns the target's oldest waiting deliveries, in the order of their events' numbers: at least one where
	// there is any, and fewer than the limit where the events' bodies are large. While an urgent one waits, the answer is
	// the oldest urgent one, last, behind what waits of the same entity (ids without case) before it, and nothing else.
	Queue(ctx context.Context, target string, limit int) ([]Waiting, error)
	// End settles deliveries that were never claimed: nothing was to be told, or it cannot be said in any form.
	End(ctx context.Context, at time.Time, endings []Ending) error

	// Begin commits an open effect and its claim. ErrConflict when a delivery is not waiting any more, or the target
	// has an open effect.
	Begin(ctx context.Context, effect Effect) error
	// OpenEffects returns the effects that have not ended, oldest first.
	OpenEffects(ctx context.Context) ([]Effect, error)
	// Settle commits an outcome. ErrConflict when the effect's state does not allow it.
	Settle(ctx context.Context, settlement Settlement) error

	// Replay makes the deliveries of the plans pending as a new generation, in one commit, and stores nothing else of
	// the plans. A delivery that is still pending or unsure is left as it is; so is an event that is not planned yet, or is
	// in quarantine. It returns what is new. ErrNotFound when an event is not in the journal.
	Replay(ctx context.Context, plans []Planned) ([]NewDelivery, error)
	// Release takes a body out of quarantine that can be read by now: the event keeps its number, its id, its body and the
	// time when it came, and is to be planned. It is never TooOld: a person asks that it be told. When its fingerprint is
	// known it stays, with the original named as the reason, and the answer says Duplicate. ErrNotFound when no body of that
	// number is in quarantine.
	Release(ctx context.Context, number int64, in Incoming) (Appended, error)
	// Restored notes that the journal is a backup made at that time: everything that has not ended may have been told
	// since, see Waiting.Restored. It returns how many deliveries that concerns.
	Restored(ctx context.Context, made time.Time) (int64, error)
	// Trim forgets what the policy does not keep, in several short commits.
	Trim(ctx context.Context, policy Policy) (Trimmed, error)

	// Recollect returns what was remembered under a name, or ErrNotFound.
	Recollect(ctx context.Context, name string) ([]byte, error)
	// Remember keeps a value under a name, in place of the one before; nil forgets it. It is for the little that a part of
	// the program has to know over restarts: Trim leaves it alone.
	Remember(ctx context.Context, name string, value []byte) error

	// SetIncident stores an incident, in place of the one with its id.
	SetIncident(ctx context.Context, incident Incident) error

	Recoverer
	Reader
	Close() error
}

// Reader is what looking needs.
type Reader interface {
	// Events lists the newest events that match, newest first.
	Events(ctx context.Context, filter Filter) ([]Summary, error)
	// Story returns everything that is known about one event, or ErrNotFound.
	Story(ctx context.Context, number int64) (Story, error)
	// Count returns how many events, deliveries by state, and open effects there are.
	Count(ctx context.Context) (Counts, error)
	// Backlogs returns what waits for each target, by the targets' names; nothing of those for which nothing does.
	Backlogs(ctx context.Context) ([]Backlog, error)
	// Incidents lists the newest incidents that match, newest first.
	Incidents(ctx context.Context, filter IncidentFilter) ([]Incident, error)
}

// Policy says what is kept. Zero fields keep everything. What has not ended (unplanned, pending, unsure), and what is in
// quarantine, is always kept.
type Policy struct {
	Now    time.Time
	Events time.Duration // events received longer ago are forgotten, with all that was decided about them
	Size   int64         // bytes of the database; the oldest events go until it is below
	Memory time.Duration // fingerprints of events received longer ago are forgotten, ...
	Least  int64         // ... but for the newest of this number
}

// Trimmed is what was forgotten.
type Trimmed struct {
	Events       int64
	Fingerprints int64
}

// Filter narrows a list. Zero fields do not narrow.
type Filter struct {
	Type       event.Type
	Entity     string    // id
	State      State     // an event with at least one delivery in it
	Quarantine bool      // only bodies that could not be read
	Since      time.Time // received at that time or later
	Until      time.Time // received before
	Before     int64     // only smaller numbers: the next page
	Limit      int       // 0 = 50
}

// Summary is one line of a list. Entry has no Body.
type Summary struct {
	Entry  Entry
	States map[State]int // its deliveries
}

// Story is everything about one event.
type Story struct {
	Entry      Entry
	Deliveries []DeliveryStory
	Verdicts   []Verdict
}

// DeliveryStory is a delivery with the effect that last claimed it.
type DeliveryStory struct {
	Delivery   int64
	Target     string
	Route      string
	State      State
	Reason     string
	Generation int  // 1, and one more for each replay
	Double     bool // a possible double: one of its effects may stand beside another one, see Effect.Double
	Attempts   int  // effects that have claimed it
	Changed    time.Time
	Effect     *Effect // without Content; nil when it was never claimed
}

// Counts is the journal in figures.
type Counts struct {
	Events      int64
	Unplanned   int64
	Quarantined int64
	Open        int64 // effects
	Doubles     int64 // effects that may stand beside another one that tells the same: possible doubles
	Deliveries  map[State]int64
}

// Backlog is what waits for a target: its deliveries that are pending or unsure.
type Backlog struct {
	Target  string
	Waiting int64
	Oldest  time.Time // when the event of the oldest one was received
}

// Incident is something that went wrong, from its beginning to its end. It is kept apart from what retention trims: the
// newest 10,000, and all that last.
type Incident struct {
	ID    string    // UUIDv7; orders incidents
	Key   string    // what makes it the same when it comes again, whatever its words
	Part  string    // of the relay
	Title string    // what is wrong, in a few words
	Why   string    // as it was known last
	Since time.Time // when it began
	Until time.Time // when it was over; zero while it lasts
	Told  time.Time // when it was handed over to be told; zero = it was not
	Event int64     // the number of the event that tells its beginning; 0 where none does
	Notes []byte    // of whoever stores it
}

// IncidentFilter narrows a list of incidents. Zero fields do not narrow.
type IncidentFilter struct {
	Open  bool      // only those that last
	Key   string    // only of this key
	Since time.Time // only those that began then or later
	Limit int       // 0 = 50
}
