package google

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/sheets/v4"
)

// setBasicFilter sets the tab's filter and applies it. What is written later is not hidden until the filter is applied
// again.
func (b *book) setBasicFilter(r *sheets.SetBasicFilterRequest) error {
	if r.Filter == nil || r.Filter.Range == nil {
		return invalid("No range was given.")
	}
	if len(r.Filter.SortSpecs) > 0 || r.Filter.TableId != "" {
		return notBuilt("filters that sort, or that belong to a table")
	}
	t, err := b.tab(r.Filter.Range.SheetId)
	if err != nil {
		return err
	}
	specs, err := specsOf(r.Filter)
	if err != nil {
		return err
	}
	t.filter = newFilter(r.Filter.Range, specs)
	t.refilter()
	return nil
}

func (b *book) clearBasicFilter(r *sheets.ClearBasicFilterRequest) error {
	t, err := b.tab(r.SheetId)
	if err != nil {
		return err
	}
	t.filter = nil
	t.refilter()
	return nil
}

// specsOf reads the criteria in either of the two ways to write them, by column.
func specsOf(filter *sheets.BasicFilter) ([]*sheets.FilterSpec, error) {
	specs := slices.Clone(filter.FilterSpecs)
	if len(specs) == 0 {
		for _, name := range slices.Sorted(maps.Keys(filter.Criteria)) {
			column, err := strconv.ParseInt(name, 10, 32)
			if err != nil {
				return nil, invalid("Invalid column index %q in the criteria.", name)
			}
			criteria := filter.Criteria[name]
			specs = append(specs, &sheets.FilterSpec{ColumnIndex: column, FilterCriteria: &criteria})
		}
	}
	for _, spec := range specs {
		c := spec.FilterCriteria
		if c == nil || c.VisibleBackgroundColor != nil || c.VisibleBackgroundColorStyle != nil ||
			c.VisibleForegroundColor != nil || c.VisibleForegroundColorStyle != nil || spec.DataSourceColumnReference != nil {
			return nil, notBuilt("filters by colour or data source")
		}
		if err := built(c.Condition); err != nil {
			return nil, err
		}
	}
	return specs, nil
}

// newFilter writes the criteria in both ways, as the API's answers have them.
func newFilter(where *sheets.GridRange, specs []*sheets.FilterSpec) *sheets.BasicFilter {
	slices.SortStableFunc(specs, func(x, y *sheets.FilterSpec) int { return cmp.Compare(x.ColumnIndex, y.ColumnIndex) })
	filter := &sheets.BasicFilter{Range: where, FilterSpecs: specs}
	if len(specs) > 0 {
		filter.Criteria = map[string]sheets.FilterCriteria{}
	}
	for _, spec := range specs {
		filter.Criteria[strconv.FormatInt(spec.ColumnIndex, 10)] = *spec.FilterCriteria
	}
	return filter
}

// refilter applies the filter to all rows below its first one. Rows without data stay: whether Google hides those that
// are yet to be written is not known, and hidden ones would hide what is appended.
func (t *tab) refilter() {
	var where area
	if t.filter != nil {
		where = t.area(t.filter.Range)
	}
	for i := range t.lines {
		inside := t.filter != nil && i > where.row && i < where.rowEnd
		t.lines[i].filtered = inside && t.lines[i].hasData() && !passes(t.lines[i], t.filter.FilterSpecs)
	}
}

func passes(l line, specs []*sheets.FilterSpec) bool {
	for _, spec := range specs {
		text, criteria := shown(l.cell(int(spec.ColumnIndex))), spec.FilterCriteria
		if slices.Contains(criteria.HiddenValues, text) || (criteria.Condition != nil && !holds(criteria.Condition, text)) {
			return false
		}
	}
	return true
}

// built reports whether a condition of a filter or a colour is one that the stand-in can evaluate. None is.
func built(condition *sheets.BooleanCondition) error {
	if condition == nil {
		return nil
	}
	values := 1
	switch condition.Type {
	case "TEXT_CONTAINS", "TEXT_NOT_CONTAINS", "TEXT_STARTS_WITH", "TEXT_ENDS_WITH", "TEXT_EQ":
	case "BLANK", "NOT_BLANK":
		values = 0
	default:
		return notBuilt("conditions of the type " + condition.Type)
	}
	if len(condition.Values) != values {
		return invalid("A condition of the type %s takes %d values.", condition.Type, values)
	}
	return nil
}

// holds evaluates a condition that is built. Upper and lower case make no difference.
func holds(condition *sheets.BooleanCondition, text string) bool {
	text = strings.ToLower(text)
	value := ""
	if len(condition.Values) > 0 {
		value = strings.ToLower(condition.Values[0].UserEnteredValue)
	}
	switch condition.Type {
	case "TEXT_CONTAINS":
		return strings.Contains(text, value)
	case "TEXT_NOT_CONTAINS":
		return !strings.Contains(text, value)
	case "TEXT_STARTS_WITH":
		return strings.HasPrefix(text, value)
	case "TEXT_ENDS_WITH":
		return strings.HasSuffix(text, value)
	case "TEXT_EQ":
		return text == value
	case "NOT_BLANK":
		return text != ""
	default:
		return text == ""
	}
}
