package control

import (
	"context"
	"time"
)

// Backfill asks to read all of PPM Express now, and to tell what differs from what is known.
type Backfill struct {
	AsBaseline bool `json:"as_baseline,omitempty"` // what is there becomes known, and nobody is told
	Dry        bool `json:"dry,omitempty"`         // only find out what would be told
}

// Backfilling is a reading that was asked for.
type Backfilling struct {
	Mode  string `json:"mode"`  // as Sweep.Mode
	After int64  `json:"after"` // it is the first of this mode with a larger number
}

// Recovery asks how the search for missed changes is doing.
type Recovery struct{}

// RecoveryState is how it is doing.
type RecoveryState struct {
	Sweeps  []Sweep       `json:"sweeps"`            // the newest, newest first
	Waiting int           `json:"waiting"`           // readings that were asked for and have not begun
	Rate    float64       `json:"rate"`              // requests in a second
	Left    time.Duration `json:"left,omitempty"`    // nanoseconds, as far as that is known
	Trouble string        `json:"trouble,omitempty"` // why it waits
	Lines   []Difference  `json:"lines"`             // what the last dry reading found, at most 200
}

// Sweep is one reading of all of PPM Express.
type Sweep struct {
	Number     int64     `json:"number"`
	Mode       string    `json:"mode"`  // baseline, compare, adopt, rehearse
	Stage      string    `json:"stage"` // lists, visits, unseen, again
	Began      time.Time `json:"began"`
	Ended      time.Time `json:"ended,omitzero"`
	Requests   int       `json:"requests"`
	Entities   int       `json:"entities"`   // that were read
	Projects   int       `json:"projects"`   // whose tasks and key dates are read
	Visited    int       `json:"visited"`    // of these, read
	Unreadable int       `json:"unreadable"` // of these, refused
	Odd        int       `json:"odd"`        // elements that could not be understood
	Restless   int       `json:"restless"`   // entities of which no two readings agreed
	Adopted    int       `json:"adopted"`    // became known, told to nobody
	Differ     int       `json:"differ"`     // differed from what was known
	Updated    int       `json:"updated"`    // told as updated
	Created    int       `json:"created"`    // told as created
	Hidden     int       `json:"hidden"`     // no longer visible
	Visible    int       `json:"visible"`    // visible again

	IdeasRefused bool `json:"ideas_refused"` // they could not be read
}

// Difference is what a dry reading found about one entity.
type Difference struct {
	Sort   string   `json:"sort"` // changed, new, absent
	Kind   string   `json:"kind"`
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Fields []string `json:"fields"` // that differ
}

// Backfill asks to read all of PPM Express.
func (c *Client) Backfill(ctx context.Context, ask Backfill) (done Backfilling, err error) {
	err = c.ask(ctx, "/backfill", ask, &done)
	return done, err
}

// Recovery asks how the search for missed changes is doing.
func (c *Client) Recovery(ctx context.Context, ask Recovery) (done RecoveryState, err error) {
	err = c.ask(ctx, "/recovery", ask, &done)
	return done, err
}
