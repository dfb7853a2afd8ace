package page

import (
	"context"
	"time"
)

// Relay is a daemon between the stand-ins, as far as the page shows it. Nil is a page of the stand-ins alone.
type Relay interface {
	// Way returns how far everything is now. It is asked a few times a second at most.
	Way(ctx context.Context) (Way, error)
	// Story returns what became of one event, in plain text of several lines; false = there is no such event.
	Story(ctx context.Context, number int64) (text string, found bool, err error)
}

// Way is the way of the events: how many got how far, and how long the newest one took.
type Way struct {
	Received   int // acknowledged
	Journalled int
	Messages   int // in Slack
	Rows       int // in the sheet
	Lost       int // taken, yet neither told nor on their way
	Twice      int

	Answered time.Duration // how long PPM Express waited for the newest answer; 0 = there was none yet
	Refused  string        // why the newest delivery was not taken: "answered 503"; empty = it was
	Slack    Stop
	Sheet    Stop
	Last     Track
}

// Stop is one of the two places where an event is told, and what waits for it.
type Stop struct {
	After   time.Duration // from the edit until the newest was told; 0 = there was none yet
	Waiting int           // changes
	Trouble string        // why they wait, in a few words: "Slack down", "Out of quota", "Looking it up"; empty = nothing is wrong
	Why     string        // the same in full, as the log has it
	Again   time.Time     // of the next attempt; zero = not known
}

// Track is how one event went. Durations are counted from Received; 0 = not there yet.
type Track struct {
	Number     int64  // in the journal; 0 = there is no event yet
	Title      string // "Project updated"
	Name       string // of the entity, as it was sent
	Received   time.Time
	Journalled time.Duration
	Told       time.Duration
	Written    time.Duration
	Slack      string // why it is not told: "skipped", "waits"; empty = it is told, or on its way
	Sheet      string // why it is not written
}
