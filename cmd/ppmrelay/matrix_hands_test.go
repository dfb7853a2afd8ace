package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// forgetTokens makes Google refuse every token that it gave out: new ones are needed.
func forgetTokens(_ context.Context, s *rowPlay) error {
	s.sandbox.Google.ForgetTokens()
	return nil
}

// noteMoved notes that a person moves every row of the tab.
func noteMoved(_ context.Context, s *rowPlay) error {
	s.auditor.moved[atLog] = append(s.auditor.moved[atLog], s.keys()...)
	return nil
}

// noteGone notes that a person takes away every row of the tab.
func noteGone(_ context.Context, s *rowPlay) error {
	s.auditor.gone[atLog] = append(s.auditor.gone[atLog], s.keys()...)
	return nil
}

// keys returns the keys that stand in the tab.
func (s *rowPlay) keys() (all []string) {
	for mark := range s.auditor.look(s.sandbox, atLog).times {
		all = append(all, mark)
	}
	return all
}

// keyHeader gives the key column another header.
func keyHeader(header string) deed {
	return func(_ context.Context, s *rowPlay) error {
		rows := s.sandbox.Google.Rows(sandbox.Spreadsheet, "Changes")
		if len(rows) == 0 {
			return errors.New("the tab has no headers")
		}
		at := slices.IndexFunc(rows[0], func(have string) bool { return have == sinks.KeyHeader || have == "Number" })
		if at < 0 {
			return fmt.Errorf("no key column among %q", rows[0])
		}
		s.sandbox.Google.TypeInto(sandbox.Spreadsheet, "Changes", 0, at, header)
		return nil
	}
}

// rowAbove inserts a row above the headers, or deletes it.
func rowAbove(there bool) deed {
	return func(_ context.Context, s *rowPlay) error {
		if there {
			s.sandbox.Google.InsertRow(sandbox.Spreadsheet, "Changes", 0)
		} else {
			s.sandbox.Google.DeleteRow(sandbox.Spreadsheet, "Changes", 0)
		}
		return nil
	}
}
