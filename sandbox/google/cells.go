package google

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode/utf16"

	"google.golang.org/api/sheets/v4"
)

const maxCharacters = 50_000 // of one cell

// appendCells writes rows behind the last one with data, whatever column it is in, and adds rows to the grid as needed.
func (b *book) appendCells(r *sheets.AppendCellsRequest) error {
	if r.TableId != "" {
		return notBuilt("tables")
	}
	t, err := b.tab(r.SheetId)
	if err != nil {
		return err
	}
	start := t.lastData(false)
	if visible := t.lastData(true); b.options.AppendAfterVisible && visible < start {
		start = visible
		t.lines = slices.Insert(t.lines, start, t.blank(len(r.Rows))...)
	}
	for start+len(r.Rows) > len(t.lines) {
		t.lines = append(t.lines, b.newLine(t))
	}
	if err := b.grow(); err != nil {
		return err
	}
	return b.write(t, start, 0, r.Rows, r.Fields)
}

// newLine returns a row that is added behind the last one.
func (b *book) newLine(t *tab) line {
	fresh := line{id: t.next()}
	if b.options.NewRowsPlain {
		return fresh
	}
	above := t.lines[len(t.lines)-1]
	fresh.cells = make([]*sheets.CellData, len(above.cells))
	for i, cell := range above.cells {
		if cell != nil && cell.UserEnteredFormat != nil {
			fresh.cells[i] = &sheets.CellData{UserEnteredFormat: cell.UserEnteredFormat}
		}
	}
	return fresh
}

func (b *book) updateCells(r *sheets.UpdateCellsRequest) error {
	start := r.Start
	if start == nil {
		if r.Range == nil {
			return invalid("No area was given.")
		}
		start = &sheets.GridCoordinate{
			SheetId: r.Range.SheetId, RowIndex: r.Range.StartRowIndex, ColumnIndex: r.Range.StartColumnIndex,
		}
	}
	t, err := b.tab(start.SheetId)
	if err != nil {
		return err
	}
	return b.write(t, int(start.RowIndex), int(start.ColumnIndex), r.Rows, r.Fields)
}

// write changes the fields of cells from a place on.
func (b *book) write(t *tab, row, column int, rows []*sheets.RowData, fields string) error {
	paths, err := cellPaths(fields)
	if err != nil {
		return err
	}
	for i, data := range rows {
		where := area{row: row + i, rowEnd: row + i + 1, column: column, columnEnd: column + len(data.Values)}
		if where.rowEnd > len(t.lines) || where.columnEnd > t.columns {
			return invalid("Range (%s!%s%d) exceeds grid limits. Max rows: %d, max columns: %d",
				t.title, letters(where.columnEnd-1), where.rowEnd, len(t.lines), t.columns)
		}
		if err := b.guard(t, where); err != nil {
			return err
		}
		cells := make([]*sheets.CellData, max(len(t.lines[row+i].cells), where.columnEnd))
		copy(cells, t.lines[row+i].cells)
		for j, cell := range data.Values {
			if err := checkCell(cell); err != nil {
				return err
			}
			cells[column+j] = merge(cells[column+j], cell, paths)
			if !b.person && cell != nil && cell.UserEnteredValue != nil {
				t.service[t.ids[column+j]] = true
			}
		}
		t.lines[row+i].cells = cells
	}
	return nil
}

func (b *book) repeatCell(r *sheets.RepeatCellRequest) error {
	paths, err := cellPaths(r.Fields)
	if err != nil {
		return err
	}
	t, err := b.tab(r.Range.SheetId)
	if err != nil {
		return err
	}
	where := t.area(r.Range)
	if where.row >= len(t.lines) || where.column >= t.columns {
		return invalid("Range exceeds grid limits. Max rows: %d, max columns: %d", len(t.lines), t.columns)
	}
	if err := b.guard(t, where); err != nil {
		return err
	}
	if err := checkCell(r.Cell); err != nil {
		return err
	}
	blank := merge(nil, r.Cell, paths)
	for i := where.row; i < where.rowEnd; i++ {
		cells := make([]*sheets.CellData, max(len(t.lines[i].cells), where.columnEnd))
		copy(cells, t.lines[i].cells)
		for j := where.column; j < where.columnEnd; j++ {
			if cells[j] == nil {
				cells[j] = blank
				continue
			}
			cells[j] = merge(cells[j], r.Cell, paths)
		}
		t.lines[i].cells = cells
	}
	for j := where.column; j < where.columnEnd && !b.person && blank.UserEnteredValue != nil; j++ {
		t.service[t.ids[j]] = true
	}
	return nil
}

func checkCell(cell *sheets.CellData) error {
	if cell == nil || cell.UserEnteredValue == nil {
		return nil
	}
	v := cell.UserEnteredValue
	kinds := 0
	for _, set := range []bool{v.BoolValue != nil, v.FormulaValue != nil, v.NumberValue != nil, v.StringValue != nil} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds > 1 || v.ErrorValue != nil:
		return invalid("Only one value can be set.")
	case v.StringValue != nil && len(utf16.Encode([]rune(*v.StringValue))) > maxCharacters:
		return invalid("Your input contains more than the maximum of %d characters in a single cell.", maxCharacters)
	case v.NumberValue != nil && (math.IsNaN(*v.NumberValue) || math.IsInf(*v.NumberValue, 0)):
		return invalid("Invalid number value.")
	default:
		return nil
	}
}

// maskPaths reads the mask of an update, which must name at least one field.
func maskPaths(fields string) ([]string, error) {
	wanted, rest, ok := parseMask(fields)
	if !ok || rest != "" {
		return nil, invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
	}
	var paths []string
	for _, path := range wanted.paths() {
		paths = append(paths, strings.Join(path, "."))
	}
	slices.Sort(paths)
	return paths, nil
}

// cellPaths reads a mask whose root is a cell.
func cellPaths(fields string) ([][]string, error) {
	if fields == "*" {
		fields = "userEnteredValue,userEnteredFormat,note,textFormatRuns,dataValidation"
	}
	joined, err := maskPaths(fields)
	if err != nil {
		return nil, err
	}
	var paths [][]string
	for _, path := range joined {
		names := strings.Split(path, ".")
		t := reflect.TypeFor[sheets.CellData]()
		for _, name := range names {
			field, ok := fieldOf(t, name)
			if !ok {
				return nil, invalid("Invalid field: %s", path)
			}
			t = field.Type
			if t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
		}
		paths = append(paths, names)
	}
	return paths, nil
}

// merge returns a cell that has the named fields from another one, empty ones too. Neither is changed.
func merge(old, from *sheets.CellData, paths [][]string) *sheets.CellData {
	var merged sheets.CellData
	if old != nil {
		merged = *old
	}
	if from == nil {
		from = &sheets.CellData{}
	}
	for _, path := range paths {
		set(reflect.ValueOf(&merged).Elem(), reflect.ValueOf(from).Elem(), path)
	}
	return &merged
}

// set copies one field; what lies between is copied before it is changed, as other cells may share it.
func set(into, from reflect.Value, path []string) {
	field, _ := fieldOf(into.Type(), path[0])
	target, source := into.FieldByIndex(field.Index), reflect.Zero(field.Type)
	if from.IsValid() {
		source = from.FieldByIndex(field.Index)
	}
	if len(path) == 1 {
		target.Set(source)
		return
	}
	inner := reflect.New(field.Type.Elem())
	if !target.IsNil() {
		inner.Elem().Set(target.Elem())
	}
	var deeper reflect.Value
	if !source.IsNil() {
		deeper = source.Elem()
	}
	set(inner.Elem(), deeper, path[1:])
	target.Set(inner)
	if inner.Elem().IsZero() {
		target.SetZero()
	}
}
