// Package sheet shows a tab of a spreadsheet as Google Sheets does: letters and numbers at its edges, the header row
// frozen, cells clipped, dates and numbers on the right, yes and no in the middle.
//
// # The life of a cell
//
// Whoever knows the spreadsheet fills a Sheet. View.HTML makes a fragment of a page of it, by html/template alone: a text
// from outside is never more than a text. What a reader does is posted by plain forms, which work without script. Rows
// carry data-key, so that a script can exchange only those that differ.
//
// # What is posted
//
// Forms go to Action with a word behind it. Their address says which tab is meant, by their keys which row and column, and
// where to come back to; http.Request.FormValue reads it together with the fields. A text stands in the field "value".
//
//	/type    a text was typed into a cell
//	/tick    a checkbox was clicked; "value" is TRUE, or it is missing
//	/sort    rows are to be sorted by a column: "order" is an Order
//	/filter  rows are to be shown that contain a text in a column; empty = all of them; without a column, all filters end
//
// # Invariants
//
//   - There is no inline style and no script. Widths are classes, of which there are few: see WidthClass.
//   - A link leads to http, https or mailto, or is none.
//   - Every control has a name that says which row and column it belongs to.
package sheet

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
)

//go:embed sheet.tmpl
var templates embed.FS

// Sheet is a tab as it is to be shown.
type Sheet struct {
	Title   string // of the tab
	Caption string // what a row stands for: "one row per changed field"; may be empty
	Tabs    []Tab  // all tabs of the spreadsheet, from left to right; empty = they are not shown
	Note    string // stands beside the tabs, where there is room; may be empty

	Columns []Column
	Rows    []Row // a part of the rows of the tab, without the header row
	Total   int   // number of the last row of the tab, hidden ones and the header row counted
	Hidden  int   // how many of them a filter or a person hides

	FirstFrozen bool   // the first column stays when others are scrolled away
	Newest      bool   // the last rows are in view at first
	Action      string // where forms are posted to: "/sheet"; empty = nothing can be done
	Back        string // is posted along as "back"
}

// Tab is the title of a tab, and where it is shown.
type Tab struct {
	Title   string
	Address string // "?tab=Changes"
}

// Column is a column, from A on.
type Column struct {
	Key      string // what forms call it; unique and stable
	Header   string // may be empty
	Width    int    // in pixels; shown in steps
	Own      bool   // belongs to people: it is tinted
	Sorted   Order  // empty = the rows are not sorted by it
	Filter   bool   // rows can be filtered by it
	Contains string // what is filtered for; empty = nothing
	Filtered bool   // rows are hidden by it, for Contains or anything else
}

// Order is how rows are sorted, in the words of aria-sort.
type Order string

// Orders.
const (
	Ascending  Order = "ascending"
	Descending Order = "descending"
)

// Row is a row below the header row.
type Row struct {
	Key    string // what forms call it, and data-key; unique and stable
	Number int    // as shown at the left; the header row is 1
	New    bool   // it was not there before: it is marked
	Cells  []Cell // one for each column; those that are missing are blank
}

// Cell is a cell.
type Cell struct {
	Text    string // as shown
	Align   string // "right", "center"; all else is left
	Link    string // where a click leads to; what is no address of the web or of mail is ignored
	Tone    Tone   // its background
	Faint   bool   // its text is grey
	Input   Input  // what can be done in it, if the sheet has an Action
	Checked bool   // of a checkbox
}

// Tone is a background that means something.
type Tone string

// The tones are those of the look's states.
const (
	Plain    Tone = ""
	Good     Tone = "ok"
	Worse    Tone = "warn"
	Worst    Tone = "bad"
	Finished Tone = "done"
	Nothing  Tone = "none"
)

// ToneOf returns the tone of a background as the sheet has it, "#rrggbb". One that means nothing here is Plain.
func ToneOf(background string) Tone {
	switch background {
	case "#e0f3eb":
		return Good
	case "#fdf0d8":
		return Worse
	case "#fde7ec":
		return Worst
	case "#e4edfb":
		return Finished
	case "#eceff2":
		return Nothing
	default:
		return Plain
	}
}

// Input is what can be done in a cell.
type Input int

// Inputs.
const (
	Fixed    Input = iota // nothing
	Field                 // a text can be typed
	Checkbox              // it can be ticked; without an Action it is only shown
)

// View shows sheets. It may be used at any time from anywhere.
type View struct{ templates *template.Template }

// New returns a view.
func New() *View {
	return &View{template.Must(template.ParseFS(templates, "sheet.tmpl"))}
}

// HTML returns a region that scrolls and the tabs below it. Both belong into an element of the class "sheet".
func (v *View) HTML(s Sheet) (template.HTML, error) {
	var out bytes.Buffer
	if err := v.templates.ExecuteTemplate(&out, "sheet", s.laid()); err != nil {
		return "", fmt.Errorf("showing the tab %q: %w", s.Title, err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // made by html/template
}
