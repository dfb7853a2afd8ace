package ppm

import "github.com/ppmrelay/ppmrelay/event"

// TypeByShape returns the type that a body tells by itself: only updates carry the attributes before the change, so
// "Project:Updated" and its like, or empty. Creations and deletions look the same and are never guessed.
func (m *Message) TypeByShape() event.Type {
	kind := m.kindByShape()
	if kind == "" || m.before == none {
		return ""
	}
	return event.TypeOf(kind, event.Updated)
}

// kindByShape returns the kind of entity that has these attributes, or empty where none or several have.
func (m *Message) kindByShape() string {
	tree, child := m.tree, m.tree.says(m.tree.field(m.data, "ParentEntityId"))
	found := ""
	for _, kind := range []string{event.Project, event.Idea, event.Task, event.KeyDate} {
		first, second, ofParent := characteristic(kind)
		if ofParent != child ||
			tree.attribute(m.attributes, first) == none || tree.attribute(m.attributes, second) == none {
			continue
		}
		if found != "" {
			return ""
		}
		found = kind
	}
	return found
}

// characteristic returns two attributes that every entity of a kind has and no other kind, and whether it belongs to a
// parent.
func characteristic(kind string) (first, second string, child bool) {
	switch kind {
	case event.Project:
		return "OverallStatus", "ScheduleStatus", false
	case event.Idea:
		return "Submitter", "Challenge", false
	case event.Task:
		return "DueDate", "IsMilestone", true
	default:
		return "Date", "IsComplete", true
	}
}
