package slack

import "testing"

// TestVersionGrows: everything that people see in the workspace is a new version.
func TestVersionGrows(t *testing.T) {
	s := New(Options{Channels: []Channel{{ID: "C1", Name: "one"}}})
	last := s.Version()
	grown := func(what string) {
		t.Helper()
		if now := s.Version(); now <= last {
			t.Errorf("%s: got version %d after %d", what, now, last)
		}
		last = s.Version()
	}
	first := s.Say("C1", "first")
	grown("say")
	s.Say("C2", "elsewhere")
	s.Say("C1", "second")
	if got, all := s.Newest("C1", 1); all != 2 || len(got) != 1 || got[0].Text != "second" {
		t.Errorf("got %v of %d, want the second of 2", got, all)
	}
	if got, _ := s.Newest("C1", 9); len(got) != 2 || got[0].Text != "first" {
		t.Errorf("got %v, want both, oldest first", got)
	}
	s.SetChannel(Channel{ID: "C0", Name: "zero"})
	grown("channel")
	if got := s.Channels(); len(got) != 2 || got[0].ID != "C0" {
		t.Errorf("got %v, want C0 and C1", got)
	}
	if !s.Delete("C1", first.TS) {
		t.Error("the message is not there")
	}
	grown("delete")
	if err := s.changeChannel("C0", func(c *Channel) { c.Archived = true }); err != nil {
		t.Error(err)
	}
	grown("archive")
	if now := s.Version(); now != last {
		t.Errorf("got %d after nothing, want %d", now, last)
	}
}
