package google

import (
	"slices"

	"google.golang.org/api/sheets/v4"
)

// This file is what people see in a spreadsheet.

// Tabs returns the titles of a spreadsheet's tabs, nil when there is no such spreadsheet.
func (s *Server) Tabs(spreadsheet string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.books[spreadsheet]
	if b == nil {
		return nil
	}
	titles := make([]string, len(b.tabs))
	for i, t := range b.tabs {
		titles[i] = t.title
	}
	return titles
}

// Rows returns what a person sees in a tab, with its header row and without what is empty at the end; nil when there is
// no such tab.
func (s *Server) Rows(spreadsheet, title string) [][]string {
	var all [][]string
	for _, cells := range s.Cells(spreadsheet, title) {
		row := make([]string, len(cells))
		for i, cell := range cells {
			row[i] = shown(cell)
		}
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		all = append(all, row)
	}
	return all
}

// Cells returns the cells of a tab up to the last row with data, nil for blank ones. They must not be changed.
func (s *Server) Cells(spreadsheet, title string) [][]*sheets.CellData {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.books[spreadsheet]
	if b == nil || b.titled(title) == nil {
		return nil
	}
	t := b.titled(title)
	var all [][]*sheets.CellData
	for _, l := range t.lines[:t.lastData(false)] {
		all = append(all, slices.Clone(l.cells))
	}
	return all
}

// Metadata returns the developer metadata of a spreadsheet. It must not be changed.
func (s *Server) Metadata(spreadsheet string) []*sheets.DeveloperMetadata {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.books[spreadsheet]; b != nil {
		return slices.Clone(b.metadata)
	}
	return nil
}
