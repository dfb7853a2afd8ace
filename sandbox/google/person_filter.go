package google

import (
	"slices"

	"google.golang.org/api/sheets/v4"
)

// contains is the condition of a filter that a person types a text for.
const contains = "TEXT_CONTAINS"

// Filter shows only rows whose cell contains a text, in any case. An empty text ends that, and keeps the criteria of other
// columns. Rows that come later, or are changed, stay as they are until the filter is applied again.
func (p Person) Filter(column int64, text string) error {
	return p.filter(column, func(*tab, int) *sheets.FilterCriteria {
		if text == "" {
			return nil
		}
		return &sheets.FilterCriteria{Condition: &sheets.BooleanCondition{
			Type: contains, Values: []*sheets.ConditionValue{{UserEnteredValue: text}},
		}}
	})
}

// Only shows only rows whose cell is one of the values, as they are shown: all other values that are there now are
// unticked. None of them ends that.
func (p Person) Only(column int64, values ...string) error {
	return p.filter(column, func(t *tab, at int) *sheets.FilterCriteria {
		var others []string
		for _, l := range t.lines[1:max(1, t.lastData(false))] {
			if text := shown(l.cell(at)); !slices.Contains(values, text) && !slices.Contains(others, text) {
				others = append(others, text)
			}
		}
		if len(values) == 0 || len(others) == 0 {
			return nil
		}
		slices.Sort(others)
		return &sheets.FilterCriteria{HiddenValues: others}
	})
}

// Reapply hides and shows rows by the filter as they are now.
func (p Person) Reapply() error {
	return p.do(func(_ *book, t *tab) error {
		t.refilter()
		return nil
	})
}

// ClearFilter shows all rows that the filter hides. The filter stays, without criteria.
func (p Person) ClearFilter() error {
	return p.do(func(_ *book, t *tab) error {
		if t.filter != nil {
			t.filter = newFilter(t.filter.Range, nil)
		}
		t.refilter()
		return nil
	})
}

// filter sets the criteria of a column, nil for none, and applies the filter. A tab without one gets one over all columns,
// and one that does not reach to the column is made anew, so that it does.
func (p Person) filter(column int64, criteria func(t *tab, at int) *sheets.FilterCriteria) error {
	return p.do(func(_ *book, t *tab) error {
		at, err := t.columnAt(column)
		if err != nil {
			return err
		}
		if t.filter == nil {
			t.filter = newFilter(&sheets.GridRange{SheetId: t.id, EndColumnIndex: int64(at + 1)}, nil)
		}
		where := *t.filter.Range
		where.StartColumnIndex = min(where.StartColumnIndex, int64(at))
		if where.EndColumnIndex != 0 {
			where.EndColumnIndex = max(where.EndColumnIndex, int64(len(t.seenColumns())), int64(at+1))
		}
		specs := slices.DeleteFunc(slices.Clone(t.filter.FilterSpecs), func(s *sheets.FilterSpec) bool { return int(s.ColumnIndex) == at })
		if c := criteria(t, at); c != nil {
			specs = append(specs, &sheets.FilterSpec{ColumnIndex: int64(at), FilterCriteria: c})
		}
		t.filter = newFilter(&where, specs)
		t.refilter()
		return nil
	})
}
