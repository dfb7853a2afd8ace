package templates

import "github.com/ppmrelay/ppmrelay/event"

// emoji returns what an event means at a glance.
func emoji(e event.Event, changes []event.Change) Markup {
	switch {
	case !known(e.Type):
		return Markup{mrkdwn: ":grey_question:"}
	case e.Recovered:
		return Markup{mrkdwn: ":arrows_counterclockwise:"}
	case e.Type.Action() == event.Created:
		return Markup{mrkdwn: ":new:"}
	case e.Type.Action() == event.Deleted:
		return Markup{mrkdwn: ":wastebasket:"}
	}
	moved := 0
	for _, c := range changes {
		switch {
		case isMainStatus(e.Entity.Kind, c.Field) && statusEmoji(c.After.Text) != "":
			return Markup{mrkdwn: statusEmoji(c.After.Text)}
		case c.Field == "IsComplete" && c.After.Bool:
			return Markup{mrkdwn: statusEmoji(statusDone)}
		case isMainDate(c.Field) && moved == 0:
			moved, _ = c.DaysMoved()
		}
	}
	switch {
	case moved > 0:
		return Markup{mrkdwn: ":fast_forward:"}
	case moved < 0:
		return Markup{mrkdwn: ":rewind:"}
	case len(changes) == 1 && changes[0].Field == "Name":
		return Markup{mrkdwn: ":label:"}
	default:
		return Markup{mrkdwn: ":pencil2:"}
	}
}

// known reports whether an event is of one of the twelve types.
func known(t event.Type) bool {
	switch t.Entity() {
	case event.Project, event.Idea, event.Task, event.KeyDate:
	default:
		return false
	}
	switch t.Action() {
	case event.Created, event.Updated, event.Deleted:
		return true
	default:
		return false
	}
}

func isMainStatus(kind, field string) bool {
	return field == "OverallStatus" && kind == event.Project || field == "Status" && kind != event.Project
}

// isMainDate reports whether a field is the day on which the entity ends.
func isMainDate(field string) bool {
	return field == "FinishDate" || field == "DueDate" || field == "Date"
}
