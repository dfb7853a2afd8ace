package google

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/api/sheets/v4"
)

// order is how rows were sorted: by which column, by its id; 0 = they were not.
type order struct {
	column     int64
	descending bool
}

func (b *book) sortRange(r *sheets.SortRangeRequest) error {
	t, err := b.tab(r.Range.SheetId)
	if err != nil {
		return err
	}
	if len(r.SortSpecs) != 1 {
		return notBuilt("sorting by more or less than one column")
	}
	where := t.area(r.Range)
	column := int(r.SortSpecs[0].DimensionIndex)
	if where.column != 0 || where.columnEnd != t.columns || column < 0 || column >= t.columns {
		return notBuilt("sorting a part of the columns")
	}
	if err := b.guard(t, where); err != nil {
		return err
	}
	t.sorted = order{t.ids[column], r.SortSpecs[0].SortOrder == "DESCENDING"}
	lines := t.lines[where.row:where.rowEnd]
	hidden := make([]bool, len(lines))
	for i, l := range lines {
		hidden[i] = l.hidden
	}
	slices.SortStableFunc(lines, t.sorted.comparing(column))
	for i := range lines { // a person hides a place, a filter hides what stands there
		lines[i].hidden = hidden[i]
	}
	return nil
}

// comparing orders rows as Google does: numbers and dates, then texts in any case, then FALSE and TRUE. Blank cells come
// last, whichever way the others go.
func (o order) comparing(column int) func(x, y line) int {
	return func(x, y line) int {
		first, second := sortKey(x.cell(column)), sortKey(y.cell(column))
		if first.rank == blankRank || second.rank == blankRank {
			return cmp.Compare(first.rank, second.rank)
		}
		result := cmp.Or(cmp.Compare(first.rank, second.rank), cmp.Compare(first.number, second.number),
			strings.Compare(first.text, second.text))
		if o.descending {
			return -result
		}
		return result
	}
}

const blankRank = 3

// sortable is a cell's value for sorting: of its kind, then by number or text.
type sortable struct {
	rank   int
	number float64
	text   string
}

func sortKey(cell *sheets.CellData) sortable {
	switch value := plain(cell).(type) {
	case float64:
		return sortable{number: value}
	case bool:
		if value {
			return sortable{rank: 2, number: 1}
		}
		return sortable{rank: 2}
	case string:
		if value == "" {
			return sortable{rank: blankRank}
		}
		return sortable{rank: 1, text: strings.ToLower(value)}
	default:
		return sortable{rank: blankRank}
	}
}

// inOrder reports whether the rows below the frozen ones still are as they were sorted last, and by which column. Rows
// that came later stand below.
func (t *tab) inOrder() (order, bool) {
	column := slices.Index(t.ids, t.sorted.column)
	if t.sorted.column == 0 || column < 0 {
		return order{}, false
	}
	rows := t.lines[t.body():max(t.body(), t.lastData(false))]
	return t.sorted, slices.IsSortedFunc(rows, t.sorted.comparing(column))
}

// body is the index of the first row that a person's sorting moves.
func (t *tab) body() int { return max(1, int(t.frozen.FrozenRowCount)) }
