package google

import (
	"math"

	"google.golang.org/api/sheets/v4"
)

func (b *book) addProtectedRange(r *sheets.AddProtectedRangeRequest) (*sheets.Response, error) {
	if r.ProtectedRange == nil || r.ProtectedRange.Range == nil {
		return nil, invalid("No range was given.")
	}
	t, err := b.tab(r.ProtectedRange.Range.SheetId)
	if err != nil {
		return nil, err
	}
	p := *r.ProtectedRange
	b.nextID++
	p.ProtectedRangeId = b.nextID
	p.RequestingUserCanEdit = !b.person // who protects a range may edit it, and the service account is who asks
	t.protected = append(t.protected, &p)
	return &sheets.Response{AddProtectedRange: &sheets.AddProtectedRangeResponse{ProtectedRange: &p}}, nil
}

// guard refuses a change in an area that is protected from the service account.
func (b *book) guard(t *tab, where area) error {
	if b.person {
		return nil
	}
	for _, p := range t.protected {
		all := t.area(p.Range)
		if p.Range.EndRowIndex == 0 { // also rows and columns that are yet to be added
			all.rowEnd = math.MaxInt
		}
		if p.Range.EndColumnIndex == 0 {
			all.columnEnd = math.MaxInt
		}
		if p.WarningOnly || p.RequestingUserCanEdit || !all.overlaps(where) {
			continue
		}
		if b.options.ProtectedForbidden {
			return forbidden(protectedText)
		}
		return invalid("%s", protectedText)
	}
	return nil
}

// Protect protects a whole tab from the service account.
func (s *Server) Protect(spreadsheet, title string) {
	s.ProtectRange(spreadsheet, title, sheets.GridRange{})
}

// ProtectRange protects a part of a tab from the service account. The tab's id in the range is filled in.
func (s *Server) ProtectRange(spreadsheet, title string, part sheets.GridRange) {
	s.ask(spreadsheet, title, func(id int64) *sheets.Request {
		part.SheetId = id
		return &sheets.Request{AddProtectedRange: &sheets.AddProtectedRangeRequest{
			ProtectedRange: &sheets.ProtectedRange{Range: &part},
		}}
	})
}

// Unprotect takes back Protect and ProtectRange.
func (s *Server) Unprotect(spreadsheet, title string) {
	s.hand(spreadsheet, func(b *book) error {
		t := b.titled(title)
		if t == nil {
			return invalid("no tab %q", title)
		}
		t.protected = nil
		return nil
	})
}
