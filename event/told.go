package event

import "time"

// Net is what happened to one entity over one or several events: the changes from before the first to after the last.
type Net struct {
	Events    []Event  // oldest first by (Occurred, Number), never empty
	Changes   []Change // ordered as people read them; empty for creations, deletions and when nothing is left
	TakenBack int      // changes that a later event undid, so that nothing of them is left
}

// First returns the oldest event.
func (n Net) First() Event { return n.Events[0] }

// Last returns the newest event; its entity, parent and attributes are the state that is told.
func (n Net) Last() Event { return n.Events[len(n.Events)-1] }

// Change is one attribute that has another value than before.
type Change struct {
	Field   string // the key as sent
	Label   string // what people call it
	Kind    Kind
	Rank    int    // as Attribute.Rank
	Unit    string // as Attribute.Unit
	Before  Value
	After   Value
	Added   []Value // of a list: what came, by id
	Removed []Value // of a list: what went, by id
	Steps   int     // how many events made it; 1 unless merged
}

// Message is how something is told in a chat: formatted text that is already escaped, and the same as plain words.
type Message struct {
	Head    string   `json:"head"`              // first line, mrkdwn
	Lines   []string `json:"lines,omitempty"`   // one fact each, mrkdwn
	Context string   `json:"context,omitempty"` // small last line, mrkdwn
	Text    string   `json:"text"`              // the same for notifications and screen readers, without markup
}

// Row is one row of a table.
type Row struct {
	Key   string `json:"key"` // "<event id>/<n>", unique in the table
	Cells []Cell `json:"cells"`
}

// CellType says how a cell is shown.
type CellType string

// The types of cells. Auto shows a value as its kind asks.
const (
	CellText     CellType = "text"
	CellNumber   CellType = "number"
	CellDate     CellType = "date"
	CellDateTime CellType = "datetime"
	CellBoolean  CellType = "boolean"
	CellLink     CellType = "link"
)

// Cell is one typed cell of a row, addressed by the header of its column.
type Cell struct {
	Header string    `json:"header"`
	Type   CellType  `json:"type"`             // never "auto": that is resolved when the cell is made
	Text   string    `json:"text,omitempty"`   // text, link's label, or the number's digits; empty = empty cell
	Time   time.Time `json:"time,omitzero"`    // date (midnight UTC) and datetime (zone already applied)
	Bool   bool      `json:"bool,omitempty"`   // boolean
	Link   string    `json:"link,omitempty"`   // link's address
	Format string    `json:"format,omitempty"` // number format where the type's own does not do: "#,##0.00"
}
