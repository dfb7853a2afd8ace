package google

import (
	"errors"
	"reflect"
	"strings"

	"google.golang.org/api/sheets/v4"
)

// batchUpdate serves spreadsheets.batchUpdate: all requests, or none. There is one reply for each, empty where the kind
// of request has nothing to say.
func batchUpdate(c call) (any, error) {
	var update sheets.BatchUpdateSpreadsheetRequest
	if err := decode(c.body, &update); err != nil {
		return nil, err
	}
	if len(update.Requests) == 0 {
		return nil, invalid("Must specify at least one request.")
	}
	if update.IncludeSpreadsheetInResponse {
		return nil, notBuilt("includeSpreadsheetInResponse")
	}
	replies, err := c.book.applyAll(update.Requests)
	if err != nil {
		return nil, err
	}
	return &sheets.BatchUpdateSpreadsheetResponse{SpreadsheetId: c.id, Replies: replies}, nil
}

func (b *book) applyAll(requests []*sheets.Request) ([]*sheets.Response, error) {
	var replies []*sheets.Response
	for i, request := range requests {
		kind := kindOf(request)
		reply, err := b.apply(request)
		if failure, ok := errors.AsType[*apiError](err); ok && failure.code != 501 {
			failure.message = "Invalid requests[" + itoa(i) + "]." + kind + ": " + failure.message
		}
		if err != nil {
			return nil, err
		}
		if reply == nil {
			reply = &sheets.Response{}
		}
		replies = append(replies, reply)
	}
	return replies, nil
}

// kindOf returns the name of the field that a request has set.
func kindOf(request *sheets.Request) string {
	value := reflect.ValueOf(request).Elem()
	for i := range value.NumField() {
		field := value.Field(i)
		if field.Kind() == reflect.Pointer && !field.IsNil() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return "none"
}

// apply changes the book. A nil reply stands for an empty one.
func (b *book) apply(r *sheets.Request) (*sheets.Response, error) {
	switch {
	case r.AddSheet != nil:
		return b.addSheet(r.AddSheet)
	case r.DeleteSheet != nil:
		return nil, b.deleteSheet(r.DeleteSheet)
	case r.UpdateSheetProperties != nil:
		return nil, b.updateSheetProperties(r.UpdateSheetProperties)
	case r.AppendCells != nil:
		return nil, b.appendCells(r.AppendCells)
	case r.UpdateCells != nil:
		return nil, b.updateCells(r.UpdateCells)
	case r.RepeatCell != nil:
		return nil, b.repeatCell(r.RepeatCell)
	case r.SetBasicFilter != nil:
		return nil, b.setBasicFilter(r.SetBasicFilter)
	case r.ClearBasicFilter != nil:
		return nil, b.clearBasicFilter(r.ClearBasicFilter)
	case r.AddConditionalFormatRule != nil:
		return nil, b.addRule(r.AddConditionalFormatRule)
	case r.AddProtectedRange != nil:
		return b.addProtectedRange(r.AddProtectedRange)
	case r.UpdateDimensionProperties != nil:
		return nil, b.updateDimension(r.UpdateDimensionProperties)
	case r.AppendDimension != nil:
		return nil, b.appendDimension(r.AppendDimension)
	case r.InsertDimension != nil:
		return nil, b.insertDimension(r.InsertDimension)
	case r.MoveDimension != nil:
		return nil, b.moveDimension(r.MoveDimension)
	case r.DeleteDimension != nil:
		return nil, b.deleteDimension(r.DeleteDimension)
	case r.SortRange != nil:
		return nil, b.sortRange(r.SortRange)
	case r.CreateDeveloperMetadata != nil:
		return b.createMetadata(r.CreateDeveloperMetadata)
	case r.DeleteDeveloperMetadata != nil:
		return b.deleteMetadata(r.DeleteDeveloperMetadata)
	default:
		return nil, notBuilt("requests of the kind " + kindOf(r))
	}
}
