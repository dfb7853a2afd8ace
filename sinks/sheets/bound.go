package sheets

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

const (
	maxItem = 1_200_000 // of the request's JSON, for one item
	minText = 200       // what is left of a cell at the least, in UTF-16 units
)

// bound makes the rows of one item fit into a request, as an item cannot be divided. First long texts are cut, down to
// 200 characters. What is still too much are rows: the last one that fits then says how many are left out.
func bound(rows []event.Row) []event.Row {
	cells := 0
	for _, row := range rows {
		cells += len(row.Cells)
	}
	limit := max(minText, maxItem/max(1, cells))
	for sizeOf(rows) > maxItem {
		for _, row := range rows {
			for i := range row.Cells {
				row.Cells[i].Text = shorten(row.Cells[i].Text, limit)
			}
		}
		if limit == minText {
			return firstOf(rows)
		}
		limit = max(minText, limit/3) // a character can take more than one byte
	}
	return rows
}

// shorten cuts a text so that it has at most limit units with its mark.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	if short := cut(strings.TrimSuffix(text, cutMark), limit-len(cutMark)); len(short) < len(text) {
		return short
	}
	return text
}

// firstOf returns the first rows that fit.
func firstOf(rows []event.Row) []event.Row {
	size, fit := 0, 0
	for fit < len(rows) && size <= maxItem {
		size += sizeOf(rows[fit : fit+1])
		fit++
	}
	if size <= maxItem {
		return rows
	}
	fit = max(1, fit-1)
	if left := len(rows) - fit + 1; left > 1 {
		rows[fit-1] = summary(rows[max(0, fit-2)], rows[fit-1], left)
	}
	return rows[:fit]
}

// summary turns a row into one that stands for many. What it shares with the row above is said of the event, and stays;
// the rest is of one change, and its first cell says how many there are.
func summary(above, row event.Row, changes int) event.Row {
	var its []int
	for i, cell := range row.Cells {
		if i >= len(above.Cells) || cell != above.Cells[i] {
			its = append(its, i)
		}
	}
	if len(its) == 0 && len(row.Cells) > 0 {
		its = []int{len(row.Cells) - 1}
	}
	row.Cells = slices.Clone(row.Cells)
	for n, i := range its {
		row.Cells[i] = event.Cell{Header: row.Cells[i].Header, Type: event.CellText}
		if n == 0 {
			row.Cells[i].Text = fmt.Sprintf("and %d more changes", changes)
		}
	}
	return row
}

// sizeOf returns the length of the rows' cells in the request. It stops counting where it is too much for any item.
func sizeOf(rows []event.Row) int {
	size := 0
	for _, row := range rows {
		size += len(row.Key) + 100
		for _, cell := range row.Cells {
			sent, _ := json.Marshal(cellData(cell)) // text, numbers that are finite and booleans: all that JSON has
			size += len(sent) + 1
			if size > maxItem {
				return size
			}
		}
	}
	return size
}
