package journal

import (
	"context"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Cause says why events may have been missed.
type Cause string

// The causes of gaps.
const (
	CauseMissing Cause = "missing" // a type was not registered any more, or not yet
	CauseDown    Cause = "down"    // this program did not run, or could not write
	CauseRefused Cause = "refused" // events were answered with 413 or 503
	CauseChain   Cause = "chain"   // an event of one entity begins with another state than the one before it has left
)

// Gap is a time in which events may have been missed. All but those of a broken chain are about the whole tenant.
type Gap struct {
	Number int64 // given by the journal
	Cause  Cause
	Types  []event.Type // that were missed, in order; empty = all
	Detail string       // why, in plain words
	Since  time.Time    // the first moment at which an event could be missed
	Until  time.Time    // the last one; zero while it goes on

	Entity event.Ref // of a broken chain: Kind and ID
	Due    time.Time // of a broken chain: when it is looked at again
	Event  int64     // of a broken chain: the event that does not follow
	Base   int64     // of a broken chain: the event whose state it does not follow; 0 = that state was read
	Known  []byte    // of a broken chain: what of that state it does not follow, a JSON object

	Closed time.Time // when it was dealt with; zero while it is open
	Sweep  int64     // that closed it
	Found  string    // of a broken chain: what became of it
}

// Span is a time between two moments.
type Span = event.Span

// ChainPatience is how long the events before one that does not follow may take to arrive.
const ChainPatience = time.Minute

// Mode says what a sweep is for.
type Mode string

// The modes of sweeps.
const (
	Baseline Mode = "baseline" // what is not known becomes known; nobody is told
	Compare  Mode = "compare"  // what differs becomes recovered events
	Adopt    Mode = "adopt"    // everything as it is becomes known; nobody is told
	Rehearse Mode = "rehearse" // what differs is only counted
)

// Stage is how far a sweep is.
type Stage string

// The stages, in order. A sweep that was broken off begins its stage again; visits that are done stay done.
const (
	StageLists  Stage = "lists"  // projects, ideas, programs, portfolios
	StageVisits Stage = "visits" // the tasks and key dates of each project
	StageUnseen Stage = "unseen" // what is known and was in no list
	StageAgain  Stage = "again"  // what differs is read a second time, until nothing is left
)

// Sweep is one reading of the whole tenant. At most one is under way.
type Sweep struct {
	Number   int64 // given by the journal
	Mode     Mode
	Stage    Stage
	Began    time.Time
	Ended    time.Time // zero while it is under way
	Gap      Span      // of all gaps that it is made for
	Progress Progress
}

// Progress is what a sweep has read and found so far.
type Progress struct {
	Requests   int `json:"requests"`
	Entities   int `json:"entities"`   // read
	Projects   int `json:"projects"`   // whose tasks and key dates are to be read
	Visited    int `json:"visited"`    // of these, read
	Unreadable int `json:"unreadable"` // of these, refused
	Adopted    int `json:"adopted"`    // entities whose state became known, told to nobody
	Differ     int `json:"differ"`     // entities that differed from what was known
	Updated    int `json:"updated"`    // of these, told as updated
	Created    int `json:"created"`    // of these, told as created
	Passed     int `json:"passed"`     // of these, the same again by the second reading
	Hidden     int `json:"hidden"`     // of these, no longer visible
	Visible    int `json:"visible"`    // entities that are visible again
	Odd        int `json:"odd"`        // elements of lists that could not be understood
	Rounds     int `json:"rounds"`     // of second readings
	Restless   int `json:"restless"`   // entities that differed, and of which no two readings agreed

	IdeasRefused bool `json:"ideas_refused"` // they are neither there nor absent

	// The list had an element without an id that can be read: what it did not name is not absent.
	ProjectsUnclear bool `json:"projects_unclear,omitempty"`
	IdeasUnclear    bool `json:"ideas_unclear,omitempty"`
}

// Sort says how a reading differs from what is known.
type Sort string

// The sorts of suspects.
const (
	SortChanged Sort = "changed" // an attribute has another value
	SortNew     Sort = "new"     // nothing is known of it, or that it was deleted
	SortAbsent  Sort = "absent"  // it was in no list
)

// Suspect is an entity whose reading differs from what is known.
type Suspect struct {
	Sort       Sort
	Entity     event.Ref
	Parent     event.Ref
	Attributes []byte    // as read first, JSON spelled as in webhooks; nil of an absent one
	Read       time.Time // the vendor's clock then
	Seen       time.Time // our clock then
	Occurred   time.Time // version of the state that it differs from; zero = there was none
	Number     int64     // the same
	Agreed     bool      // a second reading said the same
}

// Reading is what a sweep has just read, to be kept in one commit with its progress.
type Reading struct {
	Seen     []string      // ids of entities that are there
	Known    []EntityState // become known where nothing is known of the entity
	Adopt    []EntityState // become known unless something newer is
	Suspects []Suspect     // take the place of earlier ones of the same entities
	Drop     []string      // ids of suspects that are none any more
	Visits   []string      // ids of projects to visit
	Visited  string        // id of a project that was visited
	// Skipped is the id of a project that could not be read: what is below it is neither there nor absent. In a sweep that
	// tells nobody it becomes unread.
	Skipped string
	// Unclear is the id of a project that was visited and had an element without an id that can be read: the same holds.
	Unclear string
}

// Recovery is an event that nobody sent.
type Recovery struct {
	Incoming

	Missing Span      // when events were missing
	Suspect string    // id of the entity whose suspect it settles; empty for a broken chain
	At      time.Time // version of the state that it follows; zero = there is none
	Number  int64     // the same
}

// Settled is what became of a Recovery.
type Settled string

// The ways a Recovery ends.
const (
	SettledTold    Settled = "told"    // it is in the journal
	SettledMoved   Settled = "moved"   // the entity has another version by now: it has to be read again
	SettledWaiting Settled = "waiting" // an event of the entity is not planned yet: try again
)

// SilentAfter is how often a field has to change without an event until that alone is no gap any more.
const SilentAfter = 3

// SilentField is how often a field changed without an event, though nothing was missed.
type SilentField struct {
	Kind  string // of entity
	Field string // as sent
	Times int
}

// Recoverer is the part of the journal that keeps gaps, and what is done about them.
type Recoverer interface {
	// Beat notes that the program runs, LastBeat returns when it last did, or ErrNotFound.
	Beat(ctx context.Context, at time.Time) error
	LastBeat(ctx context.Context) (time.Time, error)

	// RecordGap keeps a gap. One of the same cause and types that is open, and goes on or ended less than a minute before,
	// becomes longer instead.
	RecordGap(ctx context.Context, gap Gap) error
	// Gaps returns the newest gaps, newest first: the open ones alone, or all.
	Gaps(ctx context.Context, open bool, limit int) ([]Gap, error)
	// SetBack makes what is open and lies in the future end now, because the clock is not there any more: gaps end now,
	// broken chains are looked at when they are due at the latest, sweeps have begun before now.
	SetBack(ctx context.Context, now, due time.Time) error
	// Explained reports whether a gap about the whole tenant touches that time.
	Explained(ctx context.Context, when Span) (bool, error)
	// DueChains returns broken chains that are due, oldest first.
	DueChains(ctx context.Context, now time.Time, limit int) ([]Gap, error)
	// CloseChain ends a broken chain with the events that were recovered and the fields that changed silently. Where nothing
	// was found the gap is forgotten: there was none.
	CloseChain(ctx context.Context, number int64, at time.Time, found string, told []Recovery, silent []SilentField) error
	// SilentFields returns all fields that were ever seen to change silently.
	SilentFields(ctx context.Context) ([]SilentField, error)
	// PostponeChain makes a broken chain due at another time.
	PostponeChain(ctx context.Context, number int64, due time.Time) error
	// Between returns the planned events of a broken chain's entity, oldest number first: those that are newer than the
	// state that was known, by number and by time, and the one that does not follow.
	Between(ctx context.Context, chain Gap, limit int) ([]Entry, error)
	// Recovered returns the newest recovered events of an entity, newest first.
	Recovered(ctx context.Context, entity string, limit int) ([]Entry, error)

	// BeginSweep begins a sweep and returns it with its number. ErrConflict when one is under way.
	BeginSweep(ctx context.Context, sweep Sweep) (Sweep, error)
	// KnownSince returns when the first sweep began, or the first event came: since then something is known that can be
	// missed. ErrNotFound before.
	KnownSince(ctx context.Context) (time.Time, error)
	// Sweeps returns the newest sweeps, newest first.
	Sweeps(ctx context.Context, limit int) ([]Sweep, error)
	// KeepReading commits what a sweep has read, with its stage and progress, in which it counts what is visible again.
	KeepReading(ctx context.Context, sweep *Sweep, reading Reading) error
	// NextVisit returns the id of a project that is to be visited, or ErrNotFound.
	NextVisit(ctx context.Context) (string, error)
	// AnotherProject returns the id of a project that a sweep has seen, any but one, or ErrNotFound.
	AnotherProject(ctx context.Context, sweep int64, but string) (string, error)
	// Unread reports whether what is below a project was never read: sweeps that tell nobody skipped it, or found it unclear.
	// Its first visit by a sweep that changes anything ends that; a second reading does not.
	Unread(ctx context.Context, project string) (bool, error)
	// Unseen returns entities that a sweep reads and has not seen, in the order of their keys: those behind a key.
	Unseen(ctx context.Context, sweep int64, after string, limit int) ([]EntityState, error)
	// HiddenEntities returns entities that are no longer visible, newest first: which they are, without their attributes.
	HiddenEntities(ctx context.Context, limit int) ([]EntityState, error)
	// Suspect returns what is suspected of an entity, or ErrNotFound.
	Suspect(ctx context.Context, id string) (Suspect, error)
	// Suspects returns some suspects, in the order of their keys: those behind a key.
	Suspects(ctx context.Context, agreed bool, after string, limit int) ([]Suspect, error)
	// Doubtful returns how many suspects were not read again yet, by kind, and when the newest of them was seen.
	Doubtful(ctx context.Context) (map[string]int, time.Time, error)
	// VisitDoubtful makes the projects of such tasks and key dates the ones to visit.
	VisitDoubtful(ctx context.Context) error
	// ListedAgain ends a second reading of all entities of a kind, or of those below one project: suspects that it did not
	// meet and that were seen before are absent for good, or no suspects any more. It is many commits where they are many.
	ListedAgain(ctx context.Context, sweep Sweep, kind, parent string, before time.Time) error
	// Recover turns agreed suspects into events, or says why not, and counts them in the sweep's progress.
	Recover(ctx context.Context, sweep *Sweep, told []Recovery) ([]Settled, error)
	// Hide marks the agreed absent entities as no longer visible, unless their version changed, and counts them. It is many
	// commits where they are many.
	Hide(ctx context.Context, sweep *Sweep, at time.Time) error
	// EndSweep ends a sweep. In mode Compare or Adopt it closes the gaps that ended before it began.
	EndSweep(ctx context.Context, sweep Sweep, at time.Time) error
}
