package event

import (
	"cmp"
	"slices"
)

// NetOf returns what several events of one entity come to, in whatever order they are given. They are sorted by the
// time they stand for (Event.When), then by number.
//
// The changes of updates are merged field by field where one begins as the one before it ended: A to B and B to C is
// A to C in two steps. Where it does not, something in between was not seen, and both stay, as two lines. What ends as
// it began is left out and counted as taken back.
//
// A creation or deletion adds no changes: what is told of it is its state, that of Last. A Net that holds a creation
// and updates has the changes since the creation.
//
// No events give the zero Net, which has no First and Last.
func NetOf(events []Event, ignore func(field string) bool) Net {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b Event) int {
		return cmp.Or(a.When().Compare(b.When()), cmp.Compare(a.Number, b.Number))
	})
	lines := merge(sorted, ignore)
	net := Net{Events: sorted}
	net.Changes = slices.DeleteFunc(slices.Clone(lines), func(line Change) bool { return line.Before.Equal(line.After) })
	net.TakenBack = len(lines) - len(net.Changes)
	slices.SortStableFunc(net.Changes, byRank)
	return net
}

// merge returns the lines of all events: those of one field stand together, oldest first, and fields stand in the
// order in which they first changed.
func merge(sorted []Event, ignore func(field string) bool) []Change {
	var fields []string
	lines := map[string][]Change{}
	for i := range sorted {
		changes := Changes(sorted[i], ignore)
		for j := range changes {
			field := changes[j].Field
			if lines[field] == nil {
				fields = append(fields, field)
			}
			lines[field] = follow(lines[field], changes[j])
		}
	}
	var all []Change
	for _, field := range fields {
		all = append(all, lines[field]...)
	}
	return all
}

// follow adds a change to the lines of its field: to the end of the last where it goes on from there.
func follow(lines []Change, next Change) []Change {
	if len(lines) == 0 || !lines[len(lines)-1].After.Equal(next.Before) {
		return append(lines, next)
	}
	last := lines[len(lines)-1]
	next.Steps += last.Steps
	lines[len(lines)-1] = next.between(last.Before, next.After)
	return lines
}
