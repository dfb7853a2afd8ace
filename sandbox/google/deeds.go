package google

import (
	"slices"

	"google.golang.org/api/sheets/v4"
)

// undo takes back what a person did, in a spreadsheet in which others have gone on working.
type undo func(*book) error

// deed is something that a person does in a tab and can take back.
type deed struct {
	name, words string

	do func(b *book, t *tab) (undo, error)
}

func deeds() []deed {
	return []deed{
		{"tab-protected", "somebody protected the tab from the service account", func(b *book, t *tab) (undo, error) {
			return b.protect(t, sheets.GridRange{})
		}},
		{"range-protected", "somebody protected the first column of the tab from the service account", func(b *book, t *tab) (undo, error) {
			return b.protect(t, sheets.GridRange{EndColumnIndex: 1})
		}},
		{"tab-deleted", "somebody deleted the tab", deleteTab},
		{"tab-renamed", "somebody gave the tab another title", renameTab},
		{"column-moved", "somebody moved the first column behind the last one", moveColumn},
		{"column-renamed", "somebody gave the first column another header", renameColumn},
		{"row-inserted", "somebody inserted an empty row below the headers", insertRow},
		{"rows-sorted", "somebody sorted the rows by the first column, downwards; and upwards when it is over", sortRows},
		{"rows-filtered", "somebody filters the tab, so that none of its rows is shown", filterRows},
	}
}

// once applies one request.
func (b *book) once(request sheets.Request) error {
	_, err := b.applyAll([]*sheets.Request{&request})
	return err
}

// in makes an undo of what is done in a tab, which is nothing when the tab is gone.
func in(id int64, do func(b *book, t *tab) error) undo {
	return func(b *book) error {
		t, err := b.tab(id)
		if err != nil {
			return nil //nolint:nilerr // what was done there is gone, too
		}
		return do(b, t)
	}
}

func (b *book) protect(t *tab, part sheets.GridRange) (undo, error) {
	part.SheetId = t.id
	added, err := b.addProtectedRange(&sheets.AddProtectedRangeRequest{ProtectedRange: &sheets.ProtectedRange{Range: &part}})
	if err != nil {
		return nil, err
	}
	id := added.AddProtectedRange.ProtectedRange.ProtectedRangeId
	return in(t.id, func(_ *book, t *tab) error {
		t.protected = slices.DeleteFunc(t.protected, func(p *sheets.ProtectedRange) bool { return p.ProtectedRangeId == id })
		return nil
	}), nil
}

// deleteTab keeps what the editor's "undo" brings back: the tab and the metadata that died with it. A tab that has been
// made anew meanwhile stays.
func deleteTab(b *book, t *tab) (undo, error) {
	kept := slices.Clone(b.metadata)
	if err := b.once(sheets.Request{DeleteSheet: &sheets.DeleteSheetRequest{SheetId: t.id}}); err != nil {
		return nil, err
	}
	kept = slices.DeleteFunc(kept, func(m *sheets.DeveloperMetadata) bool { return slices.Contains(b.metadata, m) })
	return func(b *book) error {
		if _, err := b.tab(t.id); err == nil || b.titled(t.title) != nil {
			return nil
		}
		b.tabs = append(b.tabs, t)
		b.metadata = append(b.metadata, kept...)
		return nil
	}, nil
}

func renameTab(b *book, t *tab) (undo, error) {
	before := t.title
	rename := func(b *book, t *tab, title string) error {
		return b.once(sheets.Request{UpdateSheetProperties: &sheets.UpdateSheetPropertiesRequest{
			Properties: &sheets.SheetProperties{SheetId: t.id, Title: title}, Fields: "title",
		}})
	}
	if err := rename(b, t, before+" (renamed)"); err != nil {
		return nil, err
	}
	return in(t.id, func(b *book, t *tab) error {
		if b.titled(before) != nil {
			return nil // made anew meanwhile
		}
		return rename(b, t, before)
	}), nil
}

// moveColumn moves the first column, and back to where it was, wherever it is by then.
func moveColumn(b *book, t *tab) (undo, error) {
	header, last := t.header(0), len(t.lines[0].cells)
	move := func(b *book, t *tab, from, to int) error {
		return b.once(sheets.Request{MoveDimension: &sheets.MoveDimensionRequest{
			Source:           &sheets.DimensionRange{SheetId: t.id, Dimension: "COLUMNS", StartIndex: int64(from), EndIndex: int64(from) + 1},
			DestinationIndex: int64(to),
		}})
	}
	if last < 2 {
		return nil, invalid("the tab has no columns to move")
	}
	if err := move(b, t, 0, last); err != nil {
		return nil, err
	}
	return in(t.id, func(b *book, t *tab) error {
		if at := t.column(header); at > 0 {
			return move(b, t, at, 0)
		}
		return nil
	}), nil
}

func renameColumn(b *book, t *tab) (undo, error) {
	before := t.header(0)
	after := before + " (renamed)"
	rename := func(b *book, t *tab, column int, header string) error {
		return b.once(sheets.Request{UpdateCells: &sheets.UpdateCellsRequest{
			Start:  &sheets.GridCoordinate{SheetId: t.id, ColumnIndex: int64(column)},
			Rows:   []*sheets.RowData{{Values: []*sheets.CellData{{UserEnteredValue: &sheets.ExtendedValue{StringValue: &header}}}}},
			Fields: "userEnteredValue",
		}})
	}
	if err := rename(b, t, 0, after); err != nil {
		return nil, err
	}
	return in(t.id, func(b *book, t *tab) error {
		if at := t.column(after); at >= 0 {
			return rename(b, t, at, before)
		}
		return nil
	}), nil
}

// insertRow inserts an empty row; it is deleted again if nobody wrote into it.
func insertRow(b *book, t *tab) (undo, error) {
	rows := func(t *tab, at int) *sheets.DimensionRange {
		return &sheets.DimensionRange{SheetId: t.id, Dimension: rowsDimension, StartIndex: int64(at), EndIndex: int64(at) + 1}
	}
	if err := b.once(sheets.Request{InsertDimension: &sheets.InsertDimensionRequest{Range: rows(t, 1)}}); err != nil {
		return nil, err
	}
	return in(t.id, func(b *book, t *tab) error {
		for i := 1; i < t.lastData(false); i++ {
			if !t.lines[i].hasData() {
				return b.once(sheets.Request{DeleteDimension: &sheets.DeleteDimensionRequest{Range: rows(t, i)}})
			}
		}
		return nil
	}), nil
}

func sortRows(b *book, t *tab) (undo, error) {
	by := func(b *book, t *tab, order string) error {
		return b.once(sheets.Request{SortRange: &sheets.SortRangeRequest{
			Range:     &sheets.GridRange{SheetId: t.id, StartRowIndex: 1},
			SortSpecs: []*sheets.SortSpec{{SortOrder: order}},
		}})
	}
	return in(t.id, func(b *book, t *tab) error { return by(b, t, "ASCENDING") }), by(b, t, "DESCENDING")
}

func filterRows(_ *book, t *tab) (undo, error) {
	for i := 1; i < len(t.lines); i++ {
		t.lines[i].filtered = t.lines[i].hasData()
	}
	return in(t.id, func(_ *book, t *tab) error {
		t.refilter()
		return nil
	}), nil
}

// header returns what stands above a column.
func (t *tab) header(column int) string { return shown(t.lines[0].cell(column)) }

// column finds a column by its header, -1 when there is none.
func (t *tab) column(header string) int {
	for i := range t.lines[0].cells {
		if t.header(i) == header {
			return i
		}
	}
	return -1
}
