package google

import (
	"slices"

	"google.golang.org/api/sheets/v4"
)

const rowsDimension = "ROWS"

// span checks a range of rows or columns and returns its tab and ends.
func (b *book) span(r *sheets.DimensionRange) (t *tab, start, end int, err error) {
	if r == nil {
		return nil, 0, 0, invalid("No range was given.")
	}
	t, err = b.tab(r.SheetId)
	if err != nil {
		return nil, 0, 0, err
	}
	size := t.columns
	switch r.Dimension {
	case rowsDimension:
		size = len(t.lines)
	case "COLUMNS":
	default:
		return nil, 0, 0, invalid("No dimension specified.")
	}
	start, end = int(r.StartIndex), orElse(int(r.EndIndex), size)
	if start < 0 || start >= end || end > size {
		return nil, 0, 0, invalid("range exceeds the grid: %d to %d of %d", start, end, size)
	}
	return t, start, end, nil
}

func (b *book) updateDimension(r *sheets.UpdateDimensionPropertiesRequest) error {
	t, start, end, err := b.span(r.Range)
	if err != nil {
		return err
	}
	paths, err := maskPaths(r.Fields)
	if err != nil {
		return err
	}
	for i := start; i < end; i++ {
		switch {
		case slices.Equal(paths, []string{"pixelSize"}) && r.Range.Dimension != rowsDimension:
			t.widths[i] = r.Properties.PixelSize
		case slices.Equal(paths, []string{"hiddenByUser"}) && r.Range.Dimension == rowsDimension:
			t.lines[i].hidden = r.Properties.HiddenByUser
		default:
			return notBuilt("changing these properties of " + r.Range.Dimension)
		}
	}
	return nil
}

func (b *book) appendDimension(r *sheets.AppendDimensionRequest) error {
	t, err := b.tab(r.SheetId)
	if err != nil {
		return err
	}
	if r.Length < 1 {
		return invalid("length must be at least 1")
	}
	if r.Dimension == rowsDimension {
		t.lines = append(t.lines, t.blank(int(r.Length))...)
		return b.grow()
	}
	if err := t.resize(t.columns + int(r.Length)); err != nil {
		return err
	}
	return b.grow()
}

func (b *book) insertDimension(r *sheets.InsertDimensionRequest) error {
	size := int64(1 << 30)
	if t, err := b.tab(r.Range.SheetId); err == nil && r.Range.Dimension == rowsDimension {
		size = int64(len(t.lines))
	}
	t, start, end, err := b.span(&sheets.DimensionRange{
		SheetId: r.Range.SheetId, Dimension: r.Range.Dimension,
		StartIndex: r.Range.StartIndex, EndIndex: min(r.Range.EndIndex, size),
	})
	if err != nil {
		return err
	}
	if r.Range.Dimension == rowsDimension {
		t.lines = slices.Insert(t.lines, start, t.blank(int(r.Range.EndIndex-r.Range.StartIndex))...)
		return b.grow()
	}
	order := make([]int, 0, t.columns+end-start)
	for i := range t.columns {
		if i == start {
			order = append(order, slices.Repeat([]int{-1}, end-start)...)
		}
		order = append(order, i)
	}
	t.arrange(order)
	return b.grow()
}

// moveDimension moves rows or columns; the destination is an index as it was before.
func (b *book) moveDimension(r *sheets.MoveDimensionRequest) error {
	t, start, end, err := b.span(r.Source)
	if err != nil {
		return err
	}
	size := t.columns
	if r.Source.Dimension == rowsDimension {
		size = len(t.lines)
	}
	order := make([]int, 0, size)
	for i := range size + 1 {
		if i == int(r.DestinationIndex) {
			for j := start; j < end; j++ {
				order = append(order, j)
			}
		}
		if i < size && (i < start || i >= end) {
			order = append(order, i)
		}
	}
	if r.Source.Dimension != rowsDimension {
		t.arrange(order)
		return nil
	}
	moved := make([]line, size)
	for i, from := range order {
		moved[i] = t.lines[from]
	}
	t.lines = moved
	return nil
}

func (b *book) deleteDimension(r *sheets.DeleteDimensionRequest) error {
	t, start, end, err := b.span(r.Range)
	if err != nil {
		return err
	}
	if r.Range.Dimension == rowsDimension {
		t.lines = slices.Delete(t.lines, start, end)
		return nil
	}
	var order []int
	for i := range t.columns {
		if i < start || i >= end {
			order = append(order, i)
		}
	}
	t.arrange(order)
	return nil
}
