package google

import (
	"slices"

	"google.golang.org/api/sheets/v4"
)

// resize gives the tab another number of columns. What stands in those that go is lost.
func (t *tab) resize(columns int) error {
	if columns < 1 || columns > maxColumns {
		return invalid("The column count must be between 1 and %d.", maxColumns)
	}
	t.columns = columns
	for i, l := range t.lines {
		if len(l.cells) > columns {
			t.lines[i].cells = l.cells[:columns:columns]
		}
	}
	for len(t.ids) < columns {
		t.ids = append(t.ids, t.next())
	}
	t.ids = t.ids[:columns]
	return nil
}

// arrange puts the columns into another order, by their old index; -1 stands for a new one. What is said of columns goes
// with them: widths, the filter, colours, protection.
func (t *tab) arrange(order []int) {
	widths, ids := map[int]int64{}, make([]int64, len(order))
	for i, from := range order {
		if from < 0 {
			ids[i] = t.next()
			continue
		}
		ids[i] = t.ids[from]
		if width, ok := t.widths[from]; ok {
			widths[i] = width
		}
	}
	for i, l := range t.lines {
		if len(l.cells) == 0 {
			continue
		}
		cells := make([]*sheets.CellData, len(order))
		for j, from := range order {
			if from >= 0 {
				cells[j] = l.cell(from)
			}
		}
		t.lines[i].cells = cells
	}
	t.arrangeRanges(order)
	t.columns, t.widths, t.ids = len(order), widths, ids
}

func (t *tab) arrangeRanges(order []int) {
	if t.filter != nil {
		t.arrangeFilter(order)
	}
	for i, rule := range t.rules {
		moved := *rule
		moved.Ranges = nil
		for _, r := range rule.Ranges {
			moved.Ranges = append(moved.Ranges, follow(r, order)...)
		}
		t.rules[i] = &moved
	}
	t.rules = slices.DeleteFunc(t.rules, func(rule *sheets.ConditionalFormatRule) bool { return len(rule.Ranges) == 0 })
	for i, p := range t.protected {
		moved := *p
		moved.Range = hull(follow(p.Range, order))
		t.protected[i] = &moved
	}
	t.protected = slices.DeleteFunc(t.protected, func(p *sheets.ProtectedRange) bool { return p.Range == nil })
}

// arrangeFilter keeps the filter one range, as Google knows no other, and its criteria at their columns.
func (t *tab) arrangeFilter(order []int) {
	where := hull(follow(t.filter.Range, order))
	if where == nil {
		t.filter = nil
		return
	}
	var specs []*sheets.FilterSpec
	for _, spec := range t.filter.FilterSpecs {
		if at := slices.Index(order, int(spec.ColumnIndex)); at >= 0 {
			moved := *spec
			moved.ColumnIndex = int64(at)
			specs = append(specs, &moved)
		}
	}
	t.filter = newFilter(where, specs)
}

// follow returns where a range is when its columns were arranged: one range for each stretch of them. A column that was
// inserted between two of them belongs to them; one without an end on either side stays as it is.
func follow(r *sheets.GridRange, order []int) []*sheets.GridRange {
	if r.StartColumnIndex == 0 && r.EndColumnIndex == 0 {
		return []*sheets.GridRange{r}
	}
	inside := func(from int) bool {
		return from >= int(r.StartColumnIndex) && (r.EndColumnIndex == 0 || from < int(r.EndColumnIndex))
	}
	var all []*sheets.GridRange
	before, open := false, false // whether the old column in front is inside; whether the last range goes on here
	for i, from := range order {
		belongs := from >= 0 && inside(from)
		if from < 0 {
			next := slices.IndexFunc(order[i:], func(from int) bool { return from >= 0 })
			belongs = before && next >= 0 && inside(order[i+next])
		} else {
			before = belongs
		}
		switch {
		case belongs && open:
			all[len(all)-1].EndColumnIndex++
		case belongs:
			stretch := *r
			stretch.StartColumnIndex, stretch.EndColumnIndex = int64(i), int64(i)+1
			all = append(all, &stretch)
		}
		open = belongs
	}
	return all
}

// hull is the one range around several, nil around none.
func hull(all []*sheets.GridRange) *sheets.GridRange {
	if len(all) == 0 {
		return nil
	}
	around := *all[0]
	around.EndColumnIndex = all[len(all)-1].EndColumnIndex
	return &around
}
