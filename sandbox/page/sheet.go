package page

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	sheetview "github.com/ppmrelay/ppmrelay/look/sheet"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
)

const (
	firstRows = 200
	moreRows  = 400 // with each "earlier"
	mostRows  = 1000
	maxCell   = 50_000 // characters that Google takes
)

// sheet is a tab of the spreadsheet as the page shows it.
type sheet struct {
	Spreadsheet string
	Tab         string
	Shown, All  int    // rows below the header
	Earlier     string // the address that shows more; empty = none
	Protected   []string
	Grid        template.HTML
	Wrong       string
}

func (p *Page) sheet(at address) sheet {
	tabs := p.options.Sandbox.Google.Tabs(sandbox.Spreadsheet)
	if len(tabs) == 0 {
		return sheet{Wrong: "There is no spreadsheet."}
	}
	most := at.number("rows", firstRows, mostRows)
	seen := p.view(p.tab(tabs, at.query.Get("tab")), most)
	s := sheet{Spreadsheet: seen.Spreadsheet, Tab: seen.Title, Shown: len(seen.Rows), All: seen.Shown + seen.Hidden, Protected: seen.Protected}
	if len(seen.Rows) < seen.Shown && most < mostRows {
		s.Earlier = at.with("rows", strconv.Itoa(min(most+moreRows, mostRows)))
	}
	grid, err := p.sheets.HTML(gridOf(seen, at))
	if err != nil {
		s.Wrong = "This tab cannot be shown: " + err.Error()
	}
	s.Grid = grid
	return s
}

// view looks at a tab. A register, whose first column is frozen, begins at its first row; a log ends with its last one.
func (p *Page) view(tab string, most int) google.Sheet {
	seen, _ := p.options.Sandbox.Google.View(sandbox.Spreadsheet, tab, 0, most)
	if seen.FrozenColumns > 0 && seen.First > 1 {
		seen, _ = p.options.Sandbox.Google.View(sandbox.Spreadsheet, tab, 1, most)
	}
	return seen
}

// tab chooses the tab that is wanted, else the first one with rows.
func (p *Page) tab(tabs []string, wanted string) string {
	if i := slices.IndexFunc(tabs, func(title string) bool { return strings.EqualFold(title, wanted) }); i >= 0 {
		return tabs[i]
	}
	for _, title := range tabs {
		if seen, there := p.options.Sandbox.Google.View(sandbox.Spreadsheet, title, 1, 1); there && len(seen.Columns) > 0 {
			return title
		}
	}
	return tabs[0]
}

// gridOf is a tab as the view wants it. One can type into the columns of people.
func gridOf(seen google.Sheet, at address) sheetview.Sheet {
	s := sheetview.Sheet{
		Title: seen.Title, Caption: captionOf(seen.Title), Total: seen.Shown + seen.Hidden + 1, Hidden: seen.Hidden,
		FirstFrozen: seen.FrozenColumns > 0, Newest: seen.FrozenColumns == 0, Action: "/sheet", Back: at.query.Encode(),
	}
	own := false
	for _, title := range seen.Tabs {
		s.Tabs = append(s.Tabs, sheetview.Tab{Title: title, Address: at.with("tab", title)})
	}
	for _, c := range seen.Columns {
		own = own || !c.Service
		column := sheetview.Column{
			Key: key(c.ID), Header: c.Header, Width: c.Width, Own: !c.Service, Filter: true,
			Contains: c.Contains, Filtered: c.Contains != "" || len(c.Without) > 0,
		}
		if seen.Sorted != 0 && c.ID == seen.Sorted {
			column.Sorted = "ascending"
			if seen.Descending {
				column.Sorted = "descending"
			}
		}
		s.Columns = append(s.Columns, column)
	}
	if own && len(seen.Columns) > 0 {
		s.Note = "Tinted columns belong to the PMO and are never written"
	}
	for _, r := range seen.Rows {
		s.Rows = append(s.Rows, rowOf(r, seen.Columns))
	}
	return s
}

// captionOf says what a row stands for in the tabs that the relay writes by default.
func captionOf(tab string) string {
	switch tab {
	case "Changes":
		return "one row per changed field"
	case "Register":
		return "one row per entity"
	default:
		return ""
	}
}

func rowOf(r google.SheetRow, columns []google.SheetColumn) sheetview.Row {
	row := sheetview.Row{Key: key(r.ID), Number: r.Number}
	for i, c := range r.Cells {
		cell := sheetview.Cell{Text: c.Text, Align: c.Align, Link: c.Link, Tone: sheetview.ToneOf(c.Background), Checked: c.Checked}
		switch {
		case c.Kind == google.Checkbox:
			cell.Input, cell.Align = sheetview.Checkbox, "center"
		case !columns[i].Service && c.Link == "":
			cell.Input = sheetview.Field
		}
		cell.Faint = cell.Tone == sheetview.Plain && c.Ink != "" && c.Link == ""
		row.Cells = append(row.Cells, cell)
	}
	return row
}

func key(id int64) string { return strconv.FormatInt(id, 10) }

// hand is a person at the cell that a form is about.
type hand struct {
	google.Person

	row, column int64
}

func (p *Page) hand(f form) hand {
	h := hand{Person: p.options.Sandbox.Google.Person(sandbox.Spreadsheet, f.Get("tab"))}
	h.row, _ = strconv.ParseInt(f.Get("row"), 10, 64)       // what is no number is the id of nothing
	h.column, _ = strconv.ParseInt(f.Get("column"), 10, 64) // ids of columns begin at 1
	return h
}

// typed makes an outcome of what a hand did.
func typed(err error, say string) outcome {
	if err != nil {
		return refused("Nothing was changed in the sheet: " + err.Error() + ".")
	}
	return done(say)
}

func (p *Page) typeInto(f form) outcome {
	h, text := p.hand(f), f.text("value")
	if len([]rune(text)) > maxCell {
		return refused(fmt.Sprintf("A cell takes at most %s characters.", count(maxCell)))
	}
	return typed(h.Type(h.row, h.column, text), "Typed into the sheet.")
}

func (p *Page) tick(f form) outcome {
	h := p.hand(f)
	return typed(h.Tick(h.row, h.column, f.Get("value") == "TRUE"), "Ticked in the sheet.")
}

func (p *Page) sort(f form) outcome {
	h := p.hand(f)
	return typed(h.Sort(h.column, f.Get("order") == "descending"), "The sheet is sorted.")
}

func (p *Page) filter(f form) outcome {
	h := p.hand(f)
	if !f.Has("column") {
		return typed(h.ClearFilter(), "All rows are shown.")
	}
	return typed(h.Filter(h.column, f.text("value")), "The sheet is filtered.")
}

func (p *Page) addColumn(f form) outcome {
	h, header := p.hand(f), strings.TrimSpace(f.text("header"))
	if len([]rune(header)) > maxName {
		return refused(fmt.Sprintf("A header takes at most %d characters here.", maxName))
	}
	if p.headed(f.Get("tab"), header) {
		return refused(fmt.Sprintf("Nothing was changed in the sheet: there is a column “%s” already, and nobody could tell the two apart.", header))
	}
	_, err := h.AddColumn(header, f.Get("boxes") == "yes")
	return typed(err, fmt.Sprintf("The column “%s” is there. It is yours: nobody else writes into it.", header))
}

// headed reports whether a tab has a column with a header. Who writes into a tab finds columns by their headers, and would
// have to stop at two of them; a column cannot be taken away on the page.
func (p *Page) headed(tab, header string) bool {
	seen, _ := p.options.Sandbox.Google.View(sandbox.Spreadsheet, tab, 1, 0)
	return header != "" && slices.ContainsFunc(seen.Columns, func(c google.SheetColumn) bool {
		return strings.EqualFold(strings.TrimSpace(c.Header), header)
	})
}
