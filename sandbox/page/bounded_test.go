package page

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// fill appends rows to the sheet by one request.
func (v visit) fill(t *testing.T, rows int) {
	t.Helper()
	service, err := sheets.NewService(t.Context(), option.WithAuthCredentialsJSON(option.ServiceAccount, v.Google.Credentials(v.GoogleURL)),
		option.WithScopes(sheets.SpreadsheetsScope), option.WithEndpoint(v.GoogleURL), option.WithTelemetryDisabled())
	if err != nil {
		t.Fatal(err)
	}
	data := make([]*sheets.RowData, rows)
	for i := range data {
		text := fmt.Sprintf("row %d.", i+1)
		cell := &sheets.CellData{UserEnteredValue: &sheets.ExtendedValue{StringValue: &text}}
		data[i] = &sheets.RowData{Values: []*sheets.CellData{cell, cell}}
	}
	request := &sheets.Request{AppendCells: &sheets.AppendCellsRequest{Rows: data, Fields: "userEnteredValue", ForceSendFields: []string{"SheetId"}}}
	_, err = service.Spreadsheets.BatchUpdate(sandbox.Spreadsheet, &sheets.BatchUpdateSpreadsheetRequest{Requests: []*sheets.Request{request}}).Context(t.Context()).Do()
	if err != nil {
		t.Fatal(err)
	}
}

// TestPartsAreBounded: however much there is, a part is small and quick, and says how much there is.
func TestPartsAreBounded(t *testing.T) {
	raced.Calculates(t)
	var entities []ppm.Entity
	for i := range 3000 {
		entities = append(entities, ppm.Entity{Kind: event.Project, ID: strconv.Itoa(i), Attributes: map[string]any{"Name": fmt.Sprintf("Project %d", i)}})
	}
	v := open(t, nil, entities...)
	for i := range 5000 {
		v.Slack.Say(sandbox.Channel, fmt.Sprintf("message %d.", i+1))
	}
	v.fill(t, 10_000)
	tests := []struct {
		address, says, first, never string
		most                        int
	}{
		{"/part/tenant", "12 of 3,000", "Project 11<", "Project 12<", 400 << 10},
		{"/part/tenant?project=1000000", "250 of 3,000", "Project 249<", "", 2 << 20},
		{"/part/channel", "5,000 messages", "message 4951.", "message 4950.", 100 << 10},
		{"/part/channel?messages=999999999999999999999", "5,000 messages", "message 4951.", "message 4950.", 100 << 10},
		{"/part/channel?messages=100000", "5,000 messages", "message 4501.", "message 4500.", 600 << 10},
		{"/part/sheet", "200 of 9,999 rows", "row 9801.", "row 9800.", 500 << 10},
		{"/part/sheet?rows=100000", "1,000 of 9,999 rows", "row 9001.", "row 9000.", 2 << 20},
		{"/part/sheet?rows=-5", "200 of 9,999 rows", "row 9801.", "row 9800.", 500 << 10},
	}
	for _, tt := range tests {
		began := time.Now()
		text := v.ask(http.MethodGet, tt.address, nil).Body.String()
		if len(text) > tt.most || !strings.Contains(text, tt.says) || !strings.Contains(text, tt.first) {
			t.Errorf("%s: got %d bytes, want at most %d, %q and %q", tt.address, len(text), tt.most, tt.says, tt.first)
		}
		if tt.never != "" && strings.Contains(strings.ReplaceAll(text, "<option", ""), ">"+tt.never) && !strings.Contains(tt.address, "tenant") {
			t.Errorf("%s: got %q, too", tt.address, tt.never)
		}
		t.Logf("%s: %d bytes in %v", tt.address, len(text), time.Since(began))
	}
}

// TestLookingIsCheap: it is done ten times a second.
func TestLookingIsCheap(t *testing.T) {
	v := open(t, fixed{})
	v.fill(t, 2000)
	began := time.Now()
	for range 50 {
		v.page.look(t.Context())
	}
	if got := time.Since(began) / 50; got > 10*time.Millisecond {
		t.Errorf("a look takes %v, want less than 10ms", got)
	}
}
