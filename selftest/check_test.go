package selftest

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

// posted is a load whose clients posted four changes of one entity and one of another, in this order of sending and
// answering:
//
//	change   1  2  3        4        5
//	sent     1  3  5        6        9
//	answer   2  4  never    8        10
//	entity   a  a  a        a        b
//
// The third was on its way when the fourth was sent.
func posted() *Load {
	a, b := &entity{number: 1}, &entity{number: 2}
	return &Load{posts: []*post{
		{n: 1, entity: a, sent: 1, answer: 2, id: "id1"},
		{n: 2, entity: a, sent: 3, answer: 4, id: "id2"},
		{n: 3, entity: a, sent: 5},
		{n: 4, entity: a, sent: 6, answer: 8, id: "id4"},
		{n: 5, entity: b, sent: 9, answer: 10, id: "id5"},
	}}
}

// kept is a journal that has these changes, in this order.
func kept(changes ...int) []Kept {
	var all []Kept
	for i, n := range changes {
		all = append(all, Kept{
			Number: int64(i + 1), ID: "id" + strconv.Itoa(n), Occurred: epoch().Add(time.Duration(n) * time.Millisecond),
		})
	}
	return all
}

func TestCheck(t *testing.T) {
	another := kept(1, 2, 4, 5)
	another[1].ID = "another"
	tests := []struct {
		name    string
		journal []Kept
		want    Findings // without details
	}{
		{"as promised", kept(1, 2, 4, 5), Findings{}},
		{"with one that was not answered", kept(1, 2, 3, 4, 5), Findings{Unanswered: 1}},
		{"one that was not answered comes late", kept(1, 2, 4, 5, 3), Findings{Unanswered: 1}},
		{"another entity before", kept(5, 1, 2, 4), Findings{}},
		{"nothing", nil, Findings{Lost: 4}},
		{"one is missing", kept(1, 4, 5), Findings{Lost: 1}},
		{"one has another id", another, Findings{Lost: 1}},
		{"one is there twice", kept(1, 2, 4, 5, 2), Findings{Doubled: 1}},
		{"an unanswered one is there twice", kept(1, 2, 3, 4, 5, 3), Findings{Doubled: 1, Unanswered: 1}},
		{"one that nobody posted", kept(1, 2, 4, 5, 6), Findings{Doubled: 1}},
		{"two swapped", kept(2, 1, 4, 5), Findings{OutOfOrder: 1}},
		{"the last one first", kept(4, 1, 2, 5), Findings{OutOfOrder: 2}},
		{"an unanswered one first", kept(3, 1, 2, 4, 5), Findings{Unanswered: 1, OutOfOrder: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			slices.Reverse(tt.journal) // the order of the list says nothing
			got := posted().Check(tt.journal)
			if broken := got.Lost + got.Doubled + got.OutOfOrder; len(got.Details) != broken {
				t.Errorf("got %q, want words for each of %d", got.Details, broken)
			}
			if got.Lost != tt.want.Lost || got.Doubled != tt.want.Doubled || got.OutOfOrder != tt.want.OutOfOrder || got.Unanswered != tt.want.Unanswered {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// A change that was acknowledged twice, as two events, is doubled even if the journal has only one of them by now.
func TestCheckSeesTwoAnswers(t *testing.T) {
	load := posted()
	load.acknowledged(load.posts[1], "id2")
	if got := load.Check(kept(1, 2, 4, 5)); got.Doubled != 0 {
		t.Errorf("the same answer again: got %+v, want nothing", got)
	}
	load.acknowledged(load.posts[1], "another")
	if got := load.Check(kept(1, 2, 4, 5)); got.Doubled != 1 {
		t.Errorf("got %+v, want one doubled", got)
	}
}
