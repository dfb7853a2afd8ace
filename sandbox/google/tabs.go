package google

import (
	"slices"
	"strconv"

	"google.golang.org/api/sheets/v4"
)

func itoa(n int) string { return strconv.Itoa(n) }

const (
	defaultRows    = 1000
	defaultColumns = 26
	maxColumns     = 18_278
	maxTabs        = 200
)

func (b *book) addSheet(r *sheets.AddSheetRequest) (*sheets.Response, error) {
	p := r.Properties
	if p == nil {
		p = &sheets.SheetProperties{}
	}
	grid := p.GridProperties
	if grid == nil {
		grid = &sheets.GridProperties{}
	}
	if p.Title == "" {
		p.Title = "Sheet" + itoa(len(b.tabs)+1)
	}
	if p.SheetId == 0 {
		b.nextID++
		p.SheetId = b.nextID
	}
	if err := b.checkTitle(p.Title, -1); err != nil {
		return nil, err
	}
	if _, err := b.tab(p.SheetId); err == nil {
		return nil, invalid("A sheet with the ID %d already exists. Please enter another ID.", p.SheetId)
	}
	if len(b.tabs) >= maxTabs {
		return nil, invalid("This action would increase the number of sheets in the workbook above the limit of %d sheets.", maxTabs)
	}
	t := newTab(p.SheetId, p.Title, orElse(int(grid.RowCount), defaultRows), orElse(int(grid.ColumnCount), defaultColumns))
	if err := t.freeze(grid); err != nil {
		return nil, err
	}
	b.tabs = append(b.tabs, t)
	return &sheets.Response{AddSheet: &sheets.AddSheetResponse{Properties: b.properties(t)}}, b.grow()
}

func (b *book) checkTitle(title string, except int64) error {
	if other := b.titled(title); other != nil && other.id != except {
		return invalid("A sheet with the name %q already exists. Please enter another name.", title)
	}
	return nil
}

func (t *tab) freeze(grid *sheets.GridProperties) error {
	if int(grid.FrozenRowCount) >= len(t.lines) || int(grid.FrozenColumnCount) >= t.columns {
		return invalid("You can't freeze all visible rows or columns on the sheet.")
	}
	t.frozen.FrozenRowCount, t.frozen.FrozenColumnCount = grid.FrozenRowCount, grid.FrozenColumnCount
	return nil
}

func (b *book) deleteSheet(r *sheets.DeleteSheetRequest) error {
	if _, err := b.tab(r.SheetId); err != nil {
		return err
	}
	if len(b.tabs) == 1 {
		return invalid("You can't remove all the sheets in a document.")
	}
	b.tabs = slices.DeleteFunc(b.tabs, func(t *tab) bool { return t.id == r.SheetId })
	b.metadata = slices.DeleteFunc(b.metadata, func(m *sheets.DeveloperMetadata) bool {
		return !m.Location.Spreadsheet && m.Location.SheetId == r.SheetId // it dies with its place
	})
	return nil
}

func (b *book) updateSheetProperties(r *sheets.UpdateSheetPropertiesRequest) error {
	paths, err := maskPaths(r.Fields)
	if err != nil {
		return err
	}
	t, err := b.tab(r.Properties.SheetId)
	if err != nil {
		return err
	}
	grid := r.Properties.GridProperties
	if grid == nil {
		grid = &sheets.GridProperties{}
	}
	for _, path := range paths {
		switch path {
		case "title":
			if err := b.checkTitle(r.Properties.Title, t.id); err != nil {
				return err
			}
			t.title = r.Properties.Title
		case "gridProperties.frozenRowCount":
			frozen := sheets.GridProperties{FrozenRowCount: grid.FrozenRowCount, FrozenColumnCount: t.frozen.FrozenColumnCount}
			if err := t.freeze(&frozen); err != nil {
				return err
			}
		case "gridProperties.columnCount":
			if err := t.resize(int(grid.ColumnCount)); err != nil {
				return err
			}
		default:
			return notBuilt("changing the property " + path)
		}
	}
	return b.grow()
}

func (b *book) addRule(r *sheets.AddConditionalFormatRuleRequest) error {
	if r.Rule == nil || len(r.Rule.Ranges) == 0 {
		return invalid("No range was given.")
	}
	t, err := b.tab(r.Rule.Ranges[0].SheetId)
	if err != nil {
		return err
	}
	if r.Rule.BooleanRule == nil || r.Rule.BooleanRule.Condition == nil {
		return notBuilt("conditional formats without a condition")
	}
	if err := built(r.Rule.BooleanRule.Condition); err != nil {
		return err
	}
	if int(r.Index) > len(t.rules) {
		return invalid("There are only %d rules.", len(t.rules))
	}
	t.rules = slices.Insert(t.rules, int(r.Index), r.Rule)
	return nil
}
