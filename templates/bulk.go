package templates

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// Bounds of a bulk message.
const (
	maxBulkFields = 5  // that are summed up
	maxBulkWays   = 4  // in which one field changed, each with its count
	maxBulkNamed  = 10 // entities that are named, the ones that matter most
)

// Bulk says at once what happened to many entities: nets of one type of event, at least one, by one initiator.
func (w *Words) Bulk(nets []event.Net) event.Message {
	nets = slices.Clone(nets)
	all, changes := event.Net{}, 0
	for i, net := range nets {
		nets[i] = w.told(net)
		all.Events = append(all.Events, net.Events...)
		changes += len(nets[i].Changes)
	}
	slices.SortStableFunc(all.Events, func(a, b event.Event) int { return a.When().Compare(b.When()) })
	title, sentence := bulkTitle(nets, all)
	markedSums, spokenSums := w.bulkSums(nets)
	markedNames, spokenNames := w.bulkNamed(nets)
	context := w.when(event.Net{Events: all.Events[len(all.Events)-1:]}).mrkdwn
	if recovered(all.Events) {
		context = w.found(all.Events).mrkdwn
	}
	if changes > 0 {
		context += " · " + plural(changes, "change")
	}
	head := ":card_index_dividers: " + title
	spokenLines := bulkLines(spokenSums, spokenNames, maxBlock-units(sentence)-reservedFor, func(s string) string { return short(s, maxLine) })
	return event.Message{
		Head: head, Lines: bulkLines(markedSums, markedNames, maxBlock-units(head), fittingLine),
		Context: context, Text: aloud(sentence, spokenLines, "line", 0),
	}
}

// bulkLines returns the lines that fit: of the fields, which get no more than half of the room, then of the entities.
// Each kind ends with how many more there are.
func bulkLines(sums, names []string, room int, fit func(string) string) []string {
	lines, left := fill(sums, maxBulkFields, room/2, fit)
	if left > 0 {
		lines = append(lines, "and "+plural(left, "more field"))
	}
	for _, text := range lines {
		room -= units(text) + len(". ")
	}
	named, left := fill(names, maxBulkNamed, room, fit)
	lines = append(lines, named...)
	if left > 0 {
		lines = append(lines, "and "+count(left)+" more")
	}
	return lines
}

// bulkTitle says who did what to how many, in mrkdwn and in plain words.
func bulkTitle(nets []event.Net, all event.Net) (title, sentence string) {
	t := nets[0].Last().Type
	what, did := plural(len(nets), lower(t.Entity())), strings.ToLower(t.Action())
	within := " within " + span(all.First().When(), all.Last().When())
	switch who := people(all.Events); {
	case recovered(all.Events) && known(t):
		what += " were " + did
		return "*" + what + "* (" + foundLater + ")", what + " (" + foundLater + ")"
	case !known(t):
		what = plural(len(nets), "event") + " of unknown type"
		return "*" + what + "*" + within, what + within
	case who == nobody:
		return "*" + what + " were " + did + "*" + within, what + " were " + did + within + ", no person named"
	default:
		return "*" + escape(who) + " " + did + " " + what + "*" + within, who + " " + did + " " + what + within
	}
}

// twice is a text in mrkdwn and in plain words.
type twice struct{ marked, spoken string }

// bulkSums says, field by field, which changes were made how often.
func (w *Words) bulkSums(nets []event.Net) (markedLines, spokenLines []string) {
	type ways map[twice]int
	var fields []event.Change
	kind := nets[0].Last().Entity.Kind
	counts := map[string]ways{}
	for _, net := range nets {
		for _, c := range net.Changes {
			if counts[c.Field] == nil {
				counts[c.Field] = ways{}
				fields = append(fields, c)
			}
			counts[c.Field][w.bulkWay(net, c)]++
		}
	}
	slices.SortStableFunc(fields, func(a, b event.Change) int { return cmp.Compare(a.Rank, b.Rank) })
	for _, c := range fields {
		label := short(w.called(kind, c.Field, c.Label), maxName)
		sum := summed(counts[c.Field])
		markedLines = append(markedLines, escape(label)+": "+sum.marked)
		spokenLines = append(spokenLines, label+": "+sum.spoken)
	}
	return markedLines, spokenLines
}

// bulkWay is how one change is counted: a date by how far it moved, anything else by what it says.
func (w *Words) bulkWay(net event.Net, c event.Change) twice {
	change := w.change(net.Last().Entity.Kind, &c)
	change.Steps = 1
	if change.Days != 0 {
		return twice{change.Difference, change.Difference}
	}
	if change.long != nil {
		return twice{"changed", "changed"}
	}
	return twice{changeBody(marked, change), changeBody(spoken, change)}
}

// summed says "14 days later in 186, 7 days later in 14".
func summed(ways map[twice]int) twice {
	var all []twice
	for way := range ways {
		all = append(all, way)
	}
	slices.SortFunc(all, func(a, b twice) int {
		return cmp.Or(cmp.Compare(ways[b], ways[a]), cmp.Compare(a.spoken, b.spoken))
	})
	rest := 0
	if len(all) > maxBulkWays {
		for _, way := range all[maxBulkWays-1:] {
			rest += ways[way]
		}
		all = all[:maxBulkWays-1]
		if ways[all[0]] == 1 { // all differ
			total := "changed in " + count(rest+len(all))
			return twice{total, total}
		}
	}
	var sum twice
	for i, way := range all {
		if i > 0 {
			sum.marked, sum.spoken = sum.marked+", ", sum.spoken+", "
		}
		in := " in " + count(ways[way])
		sum.marked, sum.spoken = sum.marked+way.marked+in, sum.spoken+way.spoken+in
	}
	if rest > 0 {
		in := ", otherwise in " + count(rest)
		sum.marked, sum.spoken = sum.marked+in, sum.spoken+in
	}
	return sum
}

// bulkLine is the line of one entity, and how much it matters.
type bulkLine struct {
	twice

	severity int // of the new status
	days     int // that its end moved, either way
}

// bulkNamed returns a line for each entity, the ones that matter most first: by the new status, then by how far the end
// moved.
func (w *Words) bulkNamed(nets []event.Net) (markedLines, spokenLines []string) {
	lines := make([]bulkLine, len(nets))
	for i, net := range nets {
		lines[i] = w.bulkLine(net)
	}
	slices.SortStableFunc(lines, func(a, b bulkLine) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(b.days, a.days))
	})
	for _, l := range lines {
		markedLines, spokenLines = append(markedLines, l.marked), append(spokenLines, l.spoken)
	}
	return markedLines, spokenLines
}

// bulkLine says ":octagonal_sign: P: At risk → Critical, finish 14 Apr 2022 → 28 Apr 2022".
func (w *Words) bulkLine(net event.Net) bulkLine {
	e := net.Last()
	entity := w.entity(e.Entity)
	if e.Type.Action() == event.Deleted {
		entity.Link = ""
	}
	line := bulkLine{twice: twice{emoji(e, net.Changes).mrkdwn + " " + entity.say(marked), entity.String()}}
	separator := ": "
	add := func(label string, c Change) {
		line.marked += separator + label + fromTo(marked, c.Before, c.After)
		line.spoken += separator + label + fromTo(spoken, c.Before, c.After)
		separator = ", "
	}
	for _, c := range net.Changes {
		switch {
		case isMainStatus(e.Entity.Kind, c.Field):
			line.severity = severity(c.After.Text)
			add("", w.change(e.Entity.Kind, &c))
		case isMainDate(c.Field):
			days, _ := c.DaysMoved()
			line.days = max(days, -days)
			add(strings.ToLower(c.Label)+" ", w.change(e.Entity.Kind, &c))
		}
	}
	return line
}

func severity(status string) int {
	switch category(status) {
	case statusCritical:
		return 3
	case statusAtRisk:
		return 2
	case statusDone:
		return 1
	default:
		return 0
	}
}
