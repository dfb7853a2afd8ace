package google

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// skew is how far a clock is off that is wrong. An assertion is good for an hour.
const skew = 2 * time.Hour

// Conditions returns the states that Google and a spreadsheet can be in for a while. A place is the title of a tab, with
// the id of its spreadsheet and a slash before it where there are several.
func (s *Server) Conditions() []fault.Condition {
	all := []fault.Condition{
		{Name: "token-server-down", Words: "the token server answers every request with 503", Set: s.holding(func(on bool) { s.down = on })},
		{Name: "key-revoked", Words: "the service account's key was revoked (invalid_grant)", Set: s.setRevoked},
		{Name: "clock-ahead", Words: "Google's clock is two hours ahead", Set: s.skewed(skew)},
		{Name: "clock-behind", Words: "Google's clock is two hours behind", Set: s.skewed(-skew)},
		{Name: "quota-used-up", Words: "somebody else has used up the reads and writes of every minute", Set: s.holding(func(on bool) { s.quota.gone = on })},
		{Name: "not-shared", Words: "the spreadsheet is not shared with the service account", Where: "spreadsheet", Set: s.setShared},
	}
	for _, deed := range deeds() {
		all = append(all, fault.Condition{Name: deed.name, Words: deed.words, Where: "tab", Set: s.doing(deed)})
	}
	return all
}

func (s *Server) holding(change func(on bool)) func(bool, string) error {
	return func(on bool, _ string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		change(on)
		return nil
	}
}

func (s *Server) setRevoked(on bool, _ string) error {
	if on {
		s.Revoke()
	} else {
		s.Restore()
	}
	return nil
}

func (s *Server) skewed(ahead time.Duration) func(bool, string) error {
	return func(on bool, _ string) error {
		if on {
			s.SetClock(ahead)
		} else {
			s.SetClock(0)
		}
		return nil
	}
}

func (s *Server) setShared(not bool, spreadsheet string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.books[spreadsheet] == nil {
		return fmt.Errorf("there is no spreadsheet %q, but %s", spreadsheet, strings.Join(slices.Sorted(maps.Keys(s.books)), ", "))
	}
	return s.handle(spreadsheet, func(b *book) error {
		b.shared = !not
		return nil
	})
}

// doing makes a condition's Set of what a person does in a tab.
func (s *Server) doing(d deed) func(bool, string) error {
	return func(on bool, where string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		spreadsheet, title, err := s.place(where)
		if err != nil {
			return err
		}
		key := d.name + " " + spreadsheet + "/" + strings.ToLower(title)
		back, done := s.undo[key]
		if on == done {
			return nil
		}
		if on {
			return s.handle(spreadsheet, func(b *book) error {
				t := b.titled(title)
				if t == nil {
					return fmt.Errorf("there is no tab %q, but %s", title, strings.Join(b.titles(), ", "))
				}
				back, err := d.do(b, t)
				if err == nil {
					s.undo[key] = back
				}
				return err
			})
		}
		delete(s.undo, key)
		return s.handle(spreadsheet, back)
	}
}

// place reads "Changes" or "spreadsheet-id/Changes". The lock is held.
func (s *Server) place(where string) (spreadsheet, title string, _ error) {
	if id, rest, found := strings.Cut(where, "/"); found && s.books[id] != nil {
		return id, rest, nil
	}
	ids := slices.Sorted(maps.Keys(s.books))
	if len(ids) != 1 {
		return "", "", fmt.Errorf("of which spreadsheet: %s? Write it before the tab, as in %q", strings.Join(ids, ", "), "ID/"+where)
	}
	return ids[0], where, nil
}

func (b *book) titles() []string {
	titles := make([]string, len(b.tabs))
	for i, t := range b.tabs {
		titles[i] = t.title
	}
	return titles
}
