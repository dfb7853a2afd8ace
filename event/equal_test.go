package event

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func text(s string) Value        { return Value{Kind: Text, Text: s} }
func number(s string) Value      { return Value{Kind: Number, Text: s} }
func list(values ...Value) Value { return Value{Kind: List, List: values} }
func person(id, name string) Value {
	return Value{Kind: PersonRef, Ref: Ref{ID: id, Name: name}}
}

func day(s string) Value {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return Value{Kind: Date, Time: at}
}

func TestEqualComparesByMeaning(t *testing.T) {
	anna, brian := person("A1", "Anna"), person("B2", "Brian")
	noon := Value{Kind: Instant, Time: time.Date(2022, 3, 1, 12, 0, 0, 0, time.UTC)}
	berlin := noon
	berlin.Time = noon.Time.In(time.FixedZone("CET", 3600))
	tests := []struct {
		name string
		a, b Value
		want bool
	}{
		{"null and null", Value{}, Value{}, true},
		{"null and empty list", Value{}, list(), true},
		{"null and empty text", Value{}, text(""), true},
		{"null and list of null", Value{}, list(Value{}), true},
		{"null and zero", Value{}, number("0"), false},
		{"null and no", Value{}, Value{Kind: Boolean}, false},
		{"text and text", text("a"), text("a"), true},
		{"text by case", text("a"), text("A"), false},
		{"text and number", text("1"), number("1"), false},
		{"number and money", number("1"), Value{Kind: Money, Text: "1.0"}, true},
		{"choice as number and as text", Value{Kind: Choice, Text: "1"}, Value{Kind: Choice, Text: "1"}, true},
		{"choice and name", Value{Kind: Choice, Text: "1"}, Value{Kind: Choice, Text: "Active"}, false},
		{"yes and no", Value{Kind: Boolean, Bool: true}, Value{Kind: Boolean}, false},
		{"same day", day("2022-03-01"), day("2022-03-01"), true},
		{"another day", day("2022-03-01"), day("2022-03-02"), false},
		{"day and instant", day("2022-03-01"), Value{Kind: Instant, Time: day("2022-03-01").Time}, false},
		{"instants in two zones", noon, berlin, true},
		{"one person and a list of it", anna, list(anna), true},
		{"person renamed", anna, person("a1", "Anna Miller"), true},
		{"person of the same name", anna, person("C3", "Anna"), false},
		{"person and reference of one id", anna, Value{Kind: Reference, Ref: Ref{Kind: "x", ID: "a1"}}, true},
		{"persons without id", person("", "Anna"), person("", "Anna"), true},
		{"persons without id, other name", person("", "Anna"), person("", "Brian"), false},
		{"person with and without id", anna, person("", "Anna"), false},
		{"order", list(anna, brian), list(brian, anna), true},
		{"one more", list(anna), list(anna, brian), false},
		{"twice is not once", list(text("a"), text("a")), list(text("a")), false},
		{"as often, other ones", list(text("a"), text("a"), text("b")), list(text("a"), text("b"), text("b")), false},
		{"joined texts are not one text", list(text("a"), text("b"), text("c")), list(text("a"), text("b text c")), false},
		{"lists in lists", list(list(text("a"), text("b")), text("c")), list(text("c"), list(text("b"), text("a"))), true},
		{"object", Value{Kind: Object, Text: `{"a":1}`}, Value{Kind: Object, Text: `{"a":2}`}, false},
		{"object and text", Value{Kind: Object, Text: `{}`}, text("{}"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.a.Equal(tt.b); got != tt.want {
				t.Errorf("a.Equal(b): got %v, want %v", got, tt.want)
			}
			if got := tt.b.Equal(tt.a); got != tt.want {
				t.Errorf("b.Equal(a): got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNumbersAreExactDecimals(t *testing.T) {
	huge := strings.Repeat("9", 100_000)
	tests := []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true},
		{"-0", "0", true},
		{"0e99", "0.000", true},
		{"1e2", "100", true},
		{"1E+2", "100", true},
		{"1e-2", "0.01", true},
		{"0.10", "1e-1", true},
		{"-1.50", "-15e-1", true},
		{"1", "-1", false},
		{"0.1", "0.1000000000000000055511151231257827", false},
		{"9007199254740993", "9007199254740992", false},
		{"1e400", "10e399", true},
		{"1e400", "1e401", false},
		{"1e999999999", "10e999999998", true},
		{"1e99999999999999999", "10e99999999999999998", true},
		{"1e999999999999999999999999", "1e999999999999999999999999", true},
		{"1e999999999999999999999999", "1e999999999999999999999998", false},
		{huge, huge + ".0", true},
		{huge, huge + "1", false},
	}
	for _, tt := range tests {
		if got := number(tt.a).Equal(number(tt.b)); got != tt.want {
			t.Errorf("%.40s = %.40s: got %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestWhatIsNoNumberIsComparedAsText(t *testing.T) {
	for _, s := range []string{"x", "1.", ".5", "1e", "1e+", "--1", "+1", "1 ", "0x10", "1.2.3", "1e2e3", "١"} {
		if _, ok := parseDecimal(s); ok {
			t.Errorf("parseDecimal(%q): got a number, want none", s)
		}
		if !number(s).Equal(number(s)) || number(s).Equal(number("1")) {
			t.Errorf("%q is not compared as text", s)
		}
	}
}

func TestElementsLeaveOutWhatIsEmpty(t *testing.T) {
	values := list(text("a"), Value{}, text(""), text("b"))
	if got := len(values.Elements()); got != 2 {
		t.Errorf("elements: got %d, want 2", got)
	}
	if got := len(values.List); got != 4 || values.List[3].Text != "b" {
		t.Errorf("the list itself changed: %v", values.List)
	}
}

func TestGetTakesBothApostrophes(t *testing.T) {
	one := Attributes{{Name: "Idea’s sponsor", Value: text("x")}}
	for _, name := range []string{"Idea's sponsor", "Idea’s sponsor"} {
		if _, ok := one.Get(name); !ok {
			t.Errorf("Get(%q): got nothing, want the attribute", name)
		}
	}
	both := Attributes{{Name: "Idea's sponsor", Value: text("ascii")}, {Name: "Idea’s sponsor", Value: text("typographic")}}
	if got, _ := both.Get("Idea’s sponsor"); got.Value.Text != "typographic" {
		t.Errorf("both sent: got %q, want the exact one", got.Value.Text)
	}
	if _, ok := both.Get("Ideas sponsor"); ok {
		t.Error("another name: got an attribute, want none")
	}
}

// anyValue draws values that are often equal by meaning and differ in form.
func anyValue() *rapid.Generator[Value] {
	single := rapid.OneOf(
		rapid.Just(Value{}),
		rapid.Map(rapid.SampledFrom([]string{"", "a", "A", "1", "text a"}), text),
		rapid.Map(rapid.SampledFrom([]string{"0", "-0", "1", "1.0", "10e-1", "1e999999999", "x"}), number),
		rapid.Map(rapid.SampledFrom([]string{"1", "Active"}), func(s string) Value { return Value{Kind: Choice, Text: s} }),
		rapid.Map(rapid.SampledFrom([]string{"", "a", "A", "b"}), func(id string) Value { return person(id, "Anna") }),
		rapid.Map(rapid.Bool(), func(b bool) Value { return Value{Kind: Boolean, Bool: b} }),
		rapid.Map(rapid.IntRange(1, 3), func(d int) Value {
			return Value{Kind: Date, Time: time.Date(2022, 1, d, 0, 0, 0, 0, time.UTC)}
		}),
	)
	lists := rapid.Map(rapid.SliceOfN(single, 0, 4), func(values []Value) Value { return list(values...) })
	return rapid.OneOf(single, lists)
}

func TestEqualIsAnEquivalence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyValue().Draw(t, "a"), anyValue().Draw(t, "b"), anyValue().Draw(t, "c")
		if twin := a; !a.Equal(twin) {
			t.Fatal("not reflexive")
		}
		if a.Equal(b) != b.Equal(a) {
			t.Fatal("not symmetric")
		}
		if a.Equal(b) && b.Equal(c) && !a.Equal(c) {
			t.Fatal("not transitive")
		}
	})
}

func TestAddedAndRemovedTellTheDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyValue().Draw(t, "a"), anyValue().Draw(t, "b")
		added, removed := without(b.Elements(), a.Elements()), without(a.Elements(), b.Elements())
		if same := len(added)+len(removed) == 0; same != a.Equal(b) {
			t.Fatalf("+%d -%d, Equal %v", len(added), len(removed), a.Equal(b))
		}
		if len(a.Elements())+len(added)-len(removed) != len(b.Elements()) {
			t.Fatal("before + added - removed has not as many as after")
		}
	})
}
