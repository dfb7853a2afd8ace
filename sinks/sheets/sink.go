// Package sheets is the sink that writes rows to a tab of a Google spreadsheet.
//
// # The life of a row
//
// Compose freezes the rows of one effect: their keys, and typed values by the headers of their columns. Perform reads
// the tab's header row, adds what the tab lacks, and sends one batchUpdate that creates a fence and appends all rows.
// Google applies both or neither. Then the header row is read once more: where a person moved columns in between, the
// rows are put right, found by their keys. Where that look fails, or no answer came at all, the next Perform or Recall of
// this process looks.
//
// # The fence
//
// A fence is developer metadata with an id that follows from the effect's id. Ids are unique in a spreadsheet: a second
// batch with the same fence is refused as a whole. So when nobody knows whether a batch was applied, Recall burns the
// fence: it creates the metadata alone, with another value. If that is refused, the value that is there tells whose it
// is. If it is taken, the batch was not applied, and a copy of it that is still on its way never will be.
//
// That ids are unique is what others have met, not what Google promises. So Recall burns twice: the second one must be
// refused. Where Google should take it, Recall waits until no copy can be on its way any more (190 s, as Google works on
// a request for 180), and trusts the key column alone. (The alternative is to try it once, at the start. That costs
// writes at each start, proves it of another id, and would have to be remembered; what is proven here is what is relied
// on, at the moment when it is.)
//
// # Invariants
//
//   - A fence is deleted 15 minutes after its effect ended at the earliest, when no copy of its batch can be on its way
//     any more. While its effect is open it stays; a burnt one goes 15 minutes after it was burnt at the earliest.
//   - A cell is never a formula: values are sent typed, and text as literal text.
//   - Columns are found by header and rows by key, freshly for each write. Nothing but header cells that are missing, and
//     rows of our own, is written into a tab that has content; a person's columns, filters and order stay.
//   - Provisioning is one batchUpdate, so that no tab is ever half made.
//
// # What a person should know
//
// A tab that we made is found under any title. One that a person made is found by its title alone, and made anew under it
// after it was renamed. Rows are added behind the last row that has a value in any column: checkboxes that fill a column
// are values, so the rows come below the last checkbox. Rows are written from the first column on, without values in a
// person's columns; a protected column in front of our last one is in the way all the same, and the error names it.
//
// (values.append, the call made for adding rows, is not used: it searches for a table, finds the wrong one when anything
// stands beside the data, and a copy of it that arrives late adds the rows again.)
package sheets

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// keyHeader is the header of the column that holds Row.Key. It comes last unless it was given a place.
const keyHeader = sinks.KeyHeader

// Auto is the type of a column whose cells are shown as the type of each value asks.
const Auto event.CellType = "auto"

// Config says where the rows go. Which rows and columns there are is not for the sink to say.
type Config struct {
	Spreadsheet string `yaml:"spreadsheet"` // the id in its address, after /spreadsheets/d/
	Tab         string `yaml:"tab"`         // its title; made when it is not there
}

// Validate returns what is wrong with the configuration, in words for the person who wrote it.
func (c Config) Validate() error {
	switch {
	case c.Spreadsheet == "":
		return errors.New("spreadsheet is missing: the id in its address, after /spreadsheets/d/")
	case strings.ContainsAny(c.Spreadsheet, "/:?# "):
		return fmt.Errorf("spreadsheet %q must be the id alone, what stands in its address after /spreadsheets/d/", c.Spreadsheet)
	case c.Tab == "":
		return errors.New("tab is missing: the title of a tab, which is made when it is not there")
	case len([]rune(c.Tab)) > 100 || strings.TrimSpace(c.Tab) != c.Tab || strings.ContainsAny(c.Tab, "\r\n\x00"):
		return fmt.Errorf("tab %q must be one line of at most 100 characters without spaces around it", c.Tab)
	default:
		return nil
	}
}

// Column is one column of the tab as it is made. What a person changes later stays.
type Column struct {
	Header string         // first line, unique
	Type   event.CellType // Auto or one of event's; empty = Auto
	Width  int            // pixels; 0 = as the type needs
	Format string         // number format; empty = the type's: "yyyy-mm-dd", "#,##0"
}

// Sink writes rows to one tab.
type Sink struct {
	config  Config
	columns []Column // with the key column
	client  *Client
	landing time.Duration // how long after it was sent a batch can still be applied

	// busy lets Recall wait for a Perform that its caller gave up.
	busy   sync.Mutex
	sent   time.Time // when the last batch was sent; at first when the sink was made, as another process may have sent one
	view   *view     // what the last Perform saw in the end
	viewed time.Time
	unseen []placed // rows of which nobody knows whether they stand in the right columns
	fences fences
}

var _ sinks.Sink = (*Sink)(nil)

// lateLanding is longer than Google works on a request before it gives up, 180 s.
const lateLanding = 190 * time.Second

// New makes a sink. The columns are those of a tab that is yet to be made; the key column "Event id" is added last when
// it is not among them. Nothing is sent.
func New(config Config, columns []Column, client *Client) (*Sink, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if err := sinks.CheckHeaders(names(columns)); err != nil {
		return nil, err
	}
	columns = slices.Clone(columns)
	if !slices.ContainsFunc(columns, func(c Column) bool { return c.Header == keyHeader }) {
		columns = append(columns, Column{Header: keyHeader, Type: event.CellText, Width: 80})
	}
	return &Sink{config: config, columns: columns, client: client, landing: lateLanding, sent: time.Now()}, nil
}

// place is where the rows stand, in receipts.
func (s *Sink) place() string { return s.config.Spreadsheet + " " + s.config.Tab }

// name says which tab this is, in errors.
func (s *Sink) name() string {
	return fmt.Sprintf("tab %q of spreadsheet %s", s.config.Tab, s.config.Spreadsheet)
}
