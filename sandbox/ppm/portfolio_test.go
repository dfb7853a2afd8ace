package ppm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
)

func TestPortfolioIsTheSameEachTime(t *testing.T) {
	if a, b := NewPortfolio(), NewPortfolio(); !reflect.DeepEqual(a, b) {
		t.Error("two portfolios differ")
	}
}

func TestPortfolioHoldsTheSmallTenant(t *testing.T) {
	l := NewPortfolio()
	for _, e := range NewSmall().Entities {
		if !slices.ContainsFunc(l.Entities, func(other Entity) bool { return reflect.DeepEqual(e, other) }) {
			t.Errorf("%s %v is missing", e.Kind, e.Attributes["Name"])
		}
	}
	for i, p := range NewSmall().People {
		if l.People[i] != p {
			t.Errorf("got person %v, want %v", l.People[i], p)
		}
	}
}

func TestPortfolioOfThisSize(t *testing.T) {
	l, counts, ids := NewPortfolio(), map[string]int{}, map[string]bool{}
	var names []string
	for _, e := range l.Entities {
		counts[e.Kind]++
		if ids[e.Kind+e.ID] {
			t.Errorf("%s %v is there twice", e.Kind, e.Attributes["Name"])
		}
		ids[e.Kind+e.ID] = true
		if e.Kind == event.Project {
			names = append(names, fmt.Sprint(e.Attributes["Name"]))
		}
		if e.Parent.ID != "" && !ids[e.Parent.Kind+e.Parent.ID] {
			t.Errorf("%v comes before what it belongs to", e.Attributes["Name"])
		}
	}
	want := map[string]int{Portfolio: 2, Program: 1, event.Project: 207, event.Task: 14, event.KeyDate: 8, event.Idea: 3}
	if !reflect.DeepEqual(counts, want) {
		t.Errorf("got %v, want %v", counts, want)
	}
	first := strings.Join(names[:7], "\n")
	for _, name := range []string{"Customer Portal", "👩‍👩‍👧‍👦", "phase 2 (Benelux", "إطلاق", "Old Intranet"} {
		if !strings.Contains(first, name) {
			t.Errorf("%q is not among the first", name)
		}
	}
}

// TestVersionGrows: everything that people see in the tenant is a new version.
func TestVersionGrows(t *testing.T) {
	s := New(Options{Entities: NewSmall().Entities})
	last := s.Version()
	grown := func(what string) {
		t.Helper()
		if now := s.Version(); now == last {
			t.Errorf("%s: got the version %v again", what, now)
		}
		last = s.Version()
	}
	made := s.Create(Entity{Kind: event.Idea}, event.Person{})
	grown("create")
	if err := s.Edit(event.Idea, made.ID, map[string]any{"Name": "x"}, event.Person{}); err != nil || s.Touched(event.Idea) != made.ID {
		t.Errorf("got %v, touched %q, want %q", err, s.Touched(event.Idea), made.ID)
	}
	grown("edit")
	if err := s.Delete(event.Idea, made.ID, event.Person{}); err != nil {
		t.Error(err)
	}
	grown("delete")
	w := s.AddWebhook(Webhook{URL: "http://relay.example/", EventTypes: []string{"Idea:Created"}})
	grown("add a webhook")
	if all := s.Registrations(); len(all) != 1 || all[0].ByAPI || all[0].ID != w.ID || all[0].Created.IsZero() {
		t.Errorf("got %+v, want the webhook", all)
	}
	s.ChangeWebhook(w.ID, func(w *Webhook) { w.URL = "http://other.example/" })
	grown("change a webhook")
	s.RemoveWebhook(w.ID)
	grown("remove a webhook")
	s.keep(Delivery{MessageID: "1"})
	s.keep(Delivery{MessageID: "2"})
	grown("a delivery")
	if got := s.LastDeliveries(1); len(got) != 1 || got[0].MessageID != "2" || len(s.LastDeliveries(9)) != 2 {
		t.Errorf("got %v, want the last", got)
	}
	if now := s.Version(); now != last {
		t.Errorf("got %v after nothing, want %v", now, last)
	}
}

func TestChoose(t *testing.T) {
	s := New(Options{Entities: NewSmall().Entities})
	seen := 0
	got := s.Choose(event.Project, func(e *Entity) bool {
		seen++
		return e.Attributes["Name"] == "Data Platform"
	})
	if seen != 12 || len(got) != 1 || got[0].Attributes["Name"] != "Data Platform" {
		t.Fatalf("saw %d and got %v, want one of 12", seen, got)
	}
	got[0].Attributes["Name"] = "changed"
	if e, _ := s.Entity(event.Project, got[0].ID); e.Attributes["Name"] != "Data Platform" {
		t.Error("what was handed out is not a copy")
	}
}
