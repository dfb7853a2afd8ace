package sheets

import (
	"slices"

	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
)

// headerColour is the background of the header row.
const headerColour = 0xeceff2

// status is a word that has a colour of its own, as a background that dark text is well read on.
type status struct {
	word   string
	colour uint32
}

// statuses are the words of PPM Express' own choices. A tenant's other words stay without colour.
func statuses() []status {
	return []status{
		{"On track", 0xe0f3eb},
		{"At risk", 0xfdf0d8},
		{"Critical", 0xfde7ec},
		{"Done", 0xe4edfb},
		{"Not set", 0xeceff2},
	}
}

// dressed returns what an empty tab is dressed with.
func dressed(tab int64, columns []Column) []*sheets.Request {
	requests := columnsAt(tab, 0, columns)
	requests = append(requests, &sheets.Request{SetBasicFilter: &sheets.SetBasicFilterRequest{
		Filter: &sheets.BasicFilter{Range: &sheets.GridRange{SheetId: tab, EndColumnIndex: int64(len(columns))}},
	}})
	return append(requests, coloured(tab, columns)...)
}

// coloured returns the conditional formats by word, on the columns where such a word can stand.
func coloured(tab int64, columns []Column) []*sheets.Request {
	var ranges []*sheets.GridRange
	for i, c := range columns {
		if c.Type == Auto || c.Type == "" || (c.Type == event.CellText && slices.Contains([]string{"Status", "State"}, c.Header)) {
			ranges = append(ranges, &sheets.GridRange{
				SheetId: tab, StartRowIndex: 1, StartColumnIndex: int64(i), EndColumnIndex: int64(i + 1),
			})
		}
	}
	if ranges == nil {
		return nil
	}
	var requests []*sheets.Request
	for i, s := range statuses() {
		requests = append(requests, &sheets.Request{AddConditionalFormatRule: &sheets.AddConditionalFormatRuleRequest{
			Index: int64(i),
			Rule: &sheets.ConditionalFormatRule{Ranges: ranges, BooleanRule: &sheets.BooleanRule{
				Condition: &sheets.BooleanCondition{
					Type: "TEXT_EQ", Values: []*sheets.ConditionValue{{UserEnteredValue: s.word}},
				},
				Format: &sheets.CellFormat{BackgroundColorStyle: colour(s.colour)},
			}},
		}})
	}
	return requests
}

// colour turns 0xrrggbb into the API's form.
func colour(rgb uint32) *sheets.ColorStyle {
	part := func(shift uint) float64 { return float64(rgb>>shift&0xff) / 255 }
	return &sheets.ColorStyle{RgbColor: &sheets.Color{Red: part(16), Green: part(8), Blue: part(0)}}
}
