package templates

import (
	"errors"
	"strconv"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Bounds of the rows of one event. A body of some megabytes could ask for hundreds of thousands, each with the same long
// name.
const (
	maxRows     = 1000
	maxRowsText = 1 << 20 // bytes of text; beyond it every text is cut so that all have about that much together
	minCell     = 200     // characters that are left of a text even then
)

// Rows returns the rows of an event, in the order in which its changes are read. An update in which nothing changed that
// is told has none. Above maxRows the last one counts the other changes; together they hold no more text than about
// maxRowsText. When a column fails, its cells say so, the rows are there, and the error holds each *Error to
// report.
func (t *Table) Rows(e event.Event) ([]event.Row, error) {
	rows, err := t.rows(e)
	t.words.failures.add(err)
	return rows, err
}

func (t *Table) rows(e event.Event) ([]event.Row, error) {
	net := event.NetOf([]event.Event{e}, t.words.Ignored)
	data := t.words.data(net)
	return t.rowsOf(net, data, t.words.rowChanges(e, data), maxTime)
}

// rowsOf makes the rows of some changes of an event, each of which may take some time.
func (t *Table) rowsOf(net event.Net, data *Data, changes []Change, within time.Duration) ([]event.Row, error) {
	e := net.Last()
	if t.perRow == RowPerEvent && len(changes) > 0 {
		changes = changes[:1]
	}
	if unsaid := len(changes) - maxRows; unsaid > 0 {
		changes = append(changes[:maxRows:maxRows], Change{Label: "and " + more(unsaid, "change")})
	}
	r, err := t.runner()
	if err != nil {
		return nil, err
	}
	defer t.runners.Put(r)
	r.run.within = within
	rows := make([]event.Row, len(changes))
	faults := make([]error, len(t.columns))
	room := textRoom{cells: len(changes) * len(t.columns)}
	for i, change := range changes {
		var dot any = &RowData{data, change}
		if t.perRow == RowPerEvent {
			dot = data
		}
		rows[i] = event.Row{Key: e.ID + "/" + strconv.Itoa(i+1), Cells: make([]event.Cell, len(t.columns))}
		for n, c := range t.columns {
			switch {
			case faults[n] != nil: // one failure is enough: it may have used up a whole budget
				rows[i].Cells[n] = failedCell(c)
			case c.same && i > 0:
				rows[i].Cells[n] = rows[0].Cells[n]
			default:
				rows[i].Cells[n], faults[n] = t.cell(r, n, net, dot)
			}
		}
		room.take(rows[:i+1])
	}
	return rows, errors.Join(faults...)
}

// rowChanges returns what the rows of an event tell, one each.
func (w *Words) rowChanges(e event.Event, data *Data) []Change {
	switch {
	case known(e.Type) && e.Type.Action() == event.Created:
		var changes []Change
		for _, a := range w.said(e) {
			changes = append(changes, Change{
				Label: w.called(e.Entity.Kind, a.Name, a.Label), Field: a.Name, After: w.attribute(e.Entity.Kind, a), Steps: 1,
			})
		}
		if len(changes) > 0 {
			return changes
		}
	case len(data.Changes) > 0:
		return data.Changes
	case e.Type.Action() == event.Updated && e.Before != nil:
		return nil
	}
	return []Change{{}}
}

// cell executes one column. An error is an *Error.
func (t *Table) cell(r *tableRunner, n int, net event.Net, dot any) (event.Cell, error) {
	c := t.columns[n]
	r.run.start(celled, net)
	if err := r.columns[n].ExecuteTemplate(&r.run, root, dot); err != nil {
		return failedCell(c), c.source.failure(err)
	}
	if c.typed {
		return cellOf(c.Column, r.run.captured), nil
	}
	return cellOf(c.Column, r.run.text()), nil
}

func failedCell(c column) event.Cell {
	return event.Cell{Header: c.Header, Type: event.CellText, Text: "(template failed)"}
}

func (t *Table) runner() (*tableRunner, error) {
	if r, ok := t.runners.Get().(*tableRunner); ok {
		r.run.words = t.words
		return r, nil
	}
	r := &tableRunner{run: run{words: t.words}}
	functions := r.run.functions()
	for _, c := range t.columns {
		bound, err := c.cells.bind(functions)
		if err != nil {
			return nil, err
		}
		r.columns = append(r.columns, bound)
	}
	return r, nil
}

// textRoom keeps the texts of an event's rows within maxRowsText, as they are made.
type textRoom struct {
	cells int // of all rows
	taken int // bytes of the rows so far
	most  int // characters of a text; 0 as long as there is room
}

// take counts the last of the rows so far. When there is no room left it cuts all of them, later rows at once.
func (t *textRoom) take(rows []event.Row) {
	last := rows[len(rows)-1:]
	for _, c := range last[0].Cells {
		t.taken += len(c.Text) + len(c.Link)
	}
	switch {
	case t.most > 0:
		cutTexts(last, t.most)
	case t.taken > maxRowsText:
		t.most = max(minCell, maxRowsText/t.cells)
		cutTexts(rows, t.most)
	}
}

func cutTexts(rows []event.Row, most int) {
	for _, row := range rows {
		for i, c := range row.Cells {
			if c.Type == event.CellText || c.Type == event.CellLink {
				row.Cells[i].Text = limitedTo(c.Text, most)
			}
		}
	}
}
