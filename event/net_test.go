package event

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// edit is one update of one field, at that second.
func edit(number, second int, field string, before, after Value) Event {
	e := updated(Attributes{attribute(field, before)}, Attributes{attribute(field, after)})
	e.Number = int64(number)
	e.Received = time.Unix(1000, 0)
	if second >= 0 {
		e.Occurred = time.Unix(int64(second), 0)
	}
	return e
}

func TestNetMergesWhatFollows(t *testing.T) {
	a, b, c, x := text("A"), text("B"), text("C"), text("X")
	tests := []struct {
		name      string
		events    []Event
		want      []string // before, after …
		steps     []int
		takenBack int
	}{
		{"one", []Event{edit(1, 1, "f", a, b)}, []string{"A", "B"}, []int{1}, 0},
		{"chain", []Event{edit(1, 1, "f", a, b), edit(2, 2, "f", b, c)}, []string{"A", "C"}, []int{2}, 0},
		{"chain in the wrong order", []Event{edit(1, 2, "f", b, c), edit(2, 1, "f", a, b)}, []string{"A", "C"}, []int{2}, 0},
		{"same time, by number", []Event{edit(2, 1, "f", b, c), edit(1, 1, "f", a, b)}, []string{"A", "C"}, []int{2}, 0},
		{"without a time, by receipt", []Event{edit(1, -1, "f", b, c), edit(2, 1, "f", a, b)}, []string{"A", "C"}, []int{2}, 0},
		{"taken back", []Event{edit(1, 1, "f", a, b), edit(2, 2, "f", b, a)}, nil, nil, 1},
		{
			"taken back, then on",
			[]Event{edit(1, 1, "f", a, b), edit(2, 2, "f", b, a), edit(3, 3, "f", a, c)},
			[]string{"A", "C"},
			[]int{3},
			0,
		},
		{
			"a step is missing",
			[]Event{edit(1, 1, "f", a, b), edit(2, 2, "f", c, x)},
			[]string{"A", "B", "C", "X"},
			[]int{1, 1},
			0,
		},
		{
			"goes on after the missing step",
			[]Event{edit(1, 1, "f", a, b), edit(2, 2, "f", c, x), edit(3, 3, "f", x, a)},
			[]string{"A", "B", "C", "A"},
			[]int{1, 2},
			0,
		},
		{
			"two fields",
			[]Event{edit(1, 1, "g", a, b), edit(2, 2, "f", a, b), edit(3, 3, "g", b, c)},
			[]string{"A", "B", "A", "C"},
			[]int{1, 2},
			0,
		},
		{"the same again", []Event{edit(1, 1, "f", a, b), edit(2, 2, "f", a, b)}, []string{"A", "B", "A", "B"}, []int{1, 1}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			net := NetOf(tt.events, nil)
			if len(net.Events) != len(tt.events) || net.TakenBack != tt.takenBack {
				t.Errorf("got %d events, %d taken back, want %d, %d", len(net.Events), net.TakenBack, len(tt.events), tt.takenBack)
			}
			if len(net.Changes)*2 != len(tt.want) {
				t.Fatalf("got %d changes, want %d", len(net.Changes), len(tt.want)/2)
			}
			for i, got := range net.Changes {
				before, after, steps := tt.want[2*i], tt.want[2*i+1], tt.steps[i]
				if got.Before.Text != before || got.After.Text != after || got.Steps != steps {
					t.Errorf("change %d: got %s to %s in %d, want %s to %s in %d",
						i, got.Before.Text, got.After.Text, got.Steps, before, after, steps)
				}
			}
		})
	}
}

func TestNetTellsListsOverAllSteps(t *testing.T) {
	anna, brian, john := person("a", "Anna"), person("b", "Brian"), person("j", "John")
	net := NetOf([]Event{
		edit(1, 1, "Manager", list(john), list(john, anna)),
		edit(2, 2, "Manager", list(anna, john), list(anna, brian)),
	}, nil)
	if len(net.Changes) != 1 {
		t.Fatalf("got %d changes, want 1", len(net.Changes))
	}
	if got := names(net.Changes[0].Added) + " - " + names(net.Changes[0].Removed); got != "Anna,Brian - John" {
		t.Errorf("got %q, want Anna and Brian added, John removed", got)
	}
}

func TestNetOfALife(t *testing.T) {
	created := Event{Number: 1, Type: TypeOf(Project, Created), Occurred: time.Unix(1, 0)}
	deleted := Event{Number: 3, Type: TypeOf(Project, Deleted), Occurred: time.Unix(3, 0)}
	net := NetOf([]Event{deleted, edit(2, 2, "f", text("A"), text("B")), created}, nil)
	if net.First().Number != 1 || net.Last().Number != 3 {
		t.Errorf("got %d to %d, want 1 to 3", net.First().Number, net.Last().Number)
	}
	if got := fields(net.Changes); got != "f" {
		t.Errorf("got changes of %q, want the update's", got)
	}
	if got := NetOf(nil, nil); got.Events != nil || got.Changes != nil {
		t.Errorf("of nothing: got %v, want nothing", got)
	}
}

func TestNetLeavesItsEventsAsTheyAre(t *testing.T) {
	events := []Event{edit(2, 2, "f", text("B"), text("C")), edit(1, 1, "f", text("A"), text("B"))}
	NetOf(events, func(string) bool { return true })
	if events[0].Number != 2 {
		t.Error("the given events were sorted in place")
	}
}

func TestNetOfAChainIsFirstToLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		states := rapid.SliceOfN(anyValue(), 2, 8).Draw(t, "states")
		var events []Event
		told := 0
		for i := 1; i < len(states); i++ {
			events = append(events, edit(i, i, "f", states[i-1], states[i]))
			if !states[i-1].Equal(states[i]) {
				told++
			}
		}
		shuffled := rapid.Permutation(events).Draw(t, "order")
		net := NetOf(shuffled, nil)
		before, after := states[0], states[len(states)-1]
		if before.Equal(after) {
			if len(net.Changes) != 0 || net.TakenBack != min(told, 1) {
				t.Fatalf("back again: got %d changes, %d taken back", len(net.Changes), net.TakenBack)
			}
			return
		}
		if len(net.Changes) != 1 {
			t.Fatalf("got %d changes, want 1", len(net.Changes))
		}
		if c := net.Changes[0]; !c.Before.Equal(before) || !c.After.Equal(after) || c.Steps != told {
			t.Fatalf("got %v to %v in %d, want %v to %v in %d", c.Before, c.After, c.Steps, before, after, told)
		}
	})
}

func TestTypes(t *testing.T) {
	all := Types()
	if len(all) != 12 || all[0] != "Project:Created" || all[11] != "KeyDate:Deleted" {
		t.Errorf("got %v, want the twelve in the vendor's order", all)
	}
	if got := Type("Risk:Escalated"); got.Entity() != "Risk" || got.Action() != "Escalated" {
		t.Errorf("got %q, %q", got.Entity(), got.Action())
	}
	if got := Type(""); got.Entity() != "" || got.Action() != "" {
		t.Errorf("unknown: got %q, %q, want nothing", got.Entity(), got.Action())
	}
}
