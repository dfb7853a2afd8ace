package journaltest

import (
	"fmt"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

func previousChecks() []check {
	return []check{
		{"the previous events of an entity come newest first, whole", previousEvents},
		{"what is not planned, or in quarantine, is no previous event", previousPlannedOnly},
	}
}

func previousEvents(r *rig) {
	t := r.t
	var want []int64 // of the entity, oldest first
	for i := range 10 {
		in := r.incoming()
		in.Entity.ID = []string{"aB-1", "x"}[i%2]
		number := r.append(in).Number
		r.must(r.Plan(t.Context(), []journal.Planned{planOf(number, "a")}))
		if i%2 == 0 {
			want = append(want, number)
		}
	}
	r.reopen()
	for _, c := range []struct {
		before int64
		limit  int
		want   []int64
	}{
		{want[4] + 1, 9, []int64{want[4], want[3], want[2], want[1], want[0]}},
		{want[4], 9, []int64{want[3], want[2], want[1], want[0]}},
		{want[4], 2, []int64{want[3], want[2]}},
		{want[0], 9, []int64{}},
		{1 << 40, 1, []int64{want[4]}},
	} {
		for _, id := range []string{"aB-1", "AB-1", "ab-1"} {
			got, err := r.Previous(t.Context(), id, c.before, c.limit)
			r.must(err)
			same(t, fmt.Sprintf("before %d of %s", c.before, id), numbersOf(got), c.want)
			for _, e := range got {
				same(t, "entry", e, r.story(e.Number).Entry)
			}
		}
	}
	if got, err := r.Previous(t.Context(), "none", 1<<40, 9); err != nil || len(got) != 0 {
		t.Errorf("got %+v (%v) of an entity that nobody told of, want none", got, err)
	}
}

func previousPlannedOnly(r *rig) {
	t := r.t
	first := r.planned("a")
	r.add() // not planned
	in := r.incoming()
	in.Quarantine = "it is not JSON"
	r.append(in)
	last := r.planned()
	got, err := r.Previous(t.Context(), strings.ToUpper(in.Entity.ID), last.Number, 9)
	r.must(err)
	same(t, "previous events", numbersOf(got), []int64{first.Number})
}
