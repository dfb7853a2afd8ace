package event

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// attribute is a custom one unless a rank is set.
func attribute(name string, v Value) Attribute {
	return Attribute{Name: name, Label: name, Rank: RankCustom, Value: v}
}

func updated(before, after Attributes) Event {
	return Event{Type: TypeOf(Project, Updated), Before: before, Attributes: after}
}

func fields(changes []Change) string {
	names := make([]string, len(changes))
	for i := range changes {
		names[i] = changes[i].Field
	}
	return strings.Join(names, ",")
}

func TestChangesNeedsBothSides(t *testing.T) {
	e := updated(
		Attributes{attribute("same", text("x")), attribute("only before", text("x")), attribute("changed", text("x"))},
		Attributes{attribute("same", text("x")), attribute("only after", text("y")), attribute("changed", text("y"))},
	)
	if got := fields(Changes(e, nil)); got != "changed" {
		t.Errorf("got %q, want %q", got, "changed")
	}
}

func TestChangesOnlyOfUpdates(t *testing.T) {
	before, after := Attributes{attribute("a", text("x"))}, Attributes{attribute("a", text("y"))}
	tests := []struct {
		kind   Type
		before Attributes
		want   int
	}{
		{"Project:Updated", before, 1},
		{"", before, 1}, // of unknown type, but the sender told what was before
		{"Risk:Escalated", before, 1},
		{"Project:Created", before, 0},
		{"Project:Deleted", before, 0},
		{"Project:Updated", nil, 0},
		{"Project:Updated", Attributes{}, 0},
	}
	for _, tt := range tests {
		got := Changes(Event{Type: tt.kind, Before: tt.before, Attributes: after}, nil)
		if len(got) != tt.want {
			t.Errorf("%q: got %d changes, want %d", tt.kind, len(got), tt.want)
		}
	}
}

func TestChangesLeavesOutNoiseAndIgnored(t *testing.T) {
	noise := attribute("noise", text("y"))
	noise.Noise = true
	e := updated(
		Attributes{attribute("noise", text("x")), attribute("ignored", text("x")), attribute("told", text("x"))},
		Attributes{noise, attribute("ignored", text("y")), attribute("told", text("y"))},
	)
	ignore := func(field string) bool { return field == "ignored" }
	if got := fields(Changes(e, ignore)); got != "told" {
		t.Errorf("got %q, want %q", got, "told")
	}
}

func TestChangesAreOrderedAsPeopleRead(t *testing.T) {
	var before, after Attributes
	for _, a := range []struct {
		name string
		rank int
	}{{"zebra", RankCustom}, {"second", 20}, {"ape", RankCustom}, {"third", 20}, {"first", 10}} {
		for _, side := range []*Attributes{&before, &after} {
			*side = append(*side, Attribute{Name: a.name, Label: a.name, Rank: a.rank, Value: text(string(rune(len(before))))})
		}
	}
	if got, want := fields(Changes(updated(before, after), nil)), "first,second,third,ape,zebra"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChangesFindsTheOtherApostrophe(t *testing.T) {
	e := updated(
		Attributes{attribute("Idea's sponsor", text("x")), attribute("Idea’s twin", text("a")), attribute("Idea's twin", text("b"))},
		Attributes{attribute("Idea’s sponsor", text("y")), attribute("Idea’s twin", text("a")), attribute("Idea's twin", text("b"))},
	)
	if got := fields(Changes(e, nil)); got != "Idea’s sponsor" {
		t.Errorf("got %q, want the sponsor alone", got)
	}
}

func TestKindAddedAndRemoved(t *testing.T) {
	anna, brian, john := person("a", "Anna"), person("b", "Brian"), person("j", "John")
	tests := []struct {
		name           string
		before, after  Value
		kind           Kind
		added, removed string
	}{
		{"person to list", anna, list(brian, anna), List, "Brian", ""},
		{"list to list", list(john, anna), list(anna, brian), List, "Brian", "John"},
		{"null to list", Value{}, list(anna), List, "Anna", ""},
		{"list to null", list(anna, john), Value{}, List, "", "Anna,John"},
		{"person to person", anna, brian, PersonRef, "", ""},
		{"person to null", anna, Value{}, PersonRef, "", ""},
		{"null to person", Value{}, anna, PersonRef, "", ""},
		{"number to text", number("1"), text("x"), Text, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changes := Changes(updated(Attributes{attribute("f", tt.before)}, Attributes{attribute("f", tt.after)}), nil)
			if len(changes) != 1 {
				t.Fatalf("got %d changes, want 1", len(changes))
			}
			c := changes[0]
			if c.Kind != tt.kind || c.Steps != 1 {
				t.Errorf("got kind %q in %d steps, want %q in 1", c.Kind, c.Steps, tt.kind)
			}
			if got := names(c.Added); got != tt.added {
				t.Errorf("added: got %q, want %q", got, tt.added)
			}
			if got := names(c.Removed); got != tt.removed {
				t.Errorf("removed: got %q, want %q", got, tt.removed)
			}
		})
	}
}

func names(values []Value) string {
	all := make([]string, len(values))
	for i := range values {
		all[i] = values[i].Ref.Name
	}
	return strings.Join(all, ",")
}

func TestDaysMoved(t *testing.T) {
	tests := []struct {
		before, after Value
		want          int
		ok            bool
	}{
		{day("2022-03-31"), day("2022-04-14"), 14, true},
		{day("2022-03-01"), day("2022-02-28"), -1, true},
		{day("2024-02-28"), day("2024-03-01"), 2, true},
		{day("0002-01-01"), day("9999-12-31"), 3_651_693, true},
		{Value{}, day("2022-03-31"), 0, false},
		{day("2022-03-31"), Value{}, 0, false},
		{day("2022-03-31"), Value{Kind: Instant, Time: time.Now()}, 0, false},
	}
	for _, tt := range tests {
		got, ok := Change{Before: tt.before, After: tt.after}.DaysMoved()
		if got != tt.want || ok != tt.ok {
			t.Errorf("%v to %v: got %d, %v, want %d, %v", tt.before.Time, tt.after.Time, got, ok, tt.want, tt.ok)
		}
	}
}

func TestDifferenceAndPercent(t *testing.T) {
	tests := []struct{ before, after, difference, percent string }{
		{"250000", "275000", "25000", "10"},
		{"275000", "240000", "-35000", "-12.7"},
		{"120000", "150000", "30000", "25"},
		{"10", "15", "5", "50"},
		{"0", "40", "40", ""},
		{"40", "0", "-40", "-100"},
		{"-10", "-15", "-5", "-50"},
		{"-10", "10", "20", "200"},
		{"3", "4", "1", "33.3"},
		{"3", "5", "2", "66.7"},
		{"1000", "1000.4", "0.4", ""},
		{"1000", "1000.5", "0.5", "0.1"},
		{"0.1", "0.3", "0.2", "200"},
		{"1.50", "1.5", "0", ""},
		{"1e-7", "2e-7", "0.0000001", "100"},
		{"100", "1e3", "900", "900"},
		{"9007199254740993", "9007199254740992", "-1", ""},
		{"1", "1e999999999", "", ""},
		{"1e-2000", "1", "", ""},
		{"1", "x", "", ""},
		{"1", strings.Repeat("7", 1001), "", ""},
	}
	for _, tt := range tests {
		c := Change{Before: number(tt.before), After: Value{Kind: Money, Text: tt.after}}
		got, ok := c.Difference()
		if got != tt.difference || ok != (tt.difference != "") {
			t.Errorf("%s to %s: got difference %q, %v, want %q", tt.before, tt.after, got, ok, tt.difference)
		}
		got, ok = c.Percent()
		if !ok {
			got = ""
		}
		if got != tt.percent {
			t.Errorf("%s to %s: got percent %q, want %q", tt.before, tt.after, got, tt.percent)
		}
	}
	if _, ok := (Change{Before: text("1"), After: text("2")}).Difference(); ok {
		t.Error("of texts: got a difference, want none")
	}
	if got, ok := (Change{Before: number("1"), After: number("1" + strings.Repeat("0", 900))}).Difference(); !ok || len(got) != 900 {
		t.Errorf("of 900 digits: got %d digits, %v", len(got), ok)
	}
}

func TestDifferenceOfIntegersIsSubtraction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int32().Draw(t, "a"), rapid.Int32().Draw(t, "b")
		as, bs := decimalOf(int64(a)), decimalOf(int64(b))
		c := Change{Before: number(as), After: number(bs)}
		if got, want := first(c.Difference()), decimalOf(int64(b)-int64(a)); got != want {
			t.Fatalf("%s to %s: got %s, want %s", as, bs, got, want)
		}
	})
}

func first(s string, _ bool) string { return s }

// decimalOf spells an integer without strconv's help being shared with the code under test.
func decimalOf(n int64) string {
	if n < 0 {
		return "-" + decimalOf(-n)
	}
	var digits []byte
	for {
		digits = append(digits, byte('0'+n%10))
		if n /= 10; n == 0 {
			break
		}
	}
	slices.Reverse(digits)
	return string(digits)
}
