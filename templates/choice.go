package templates

import "strings"

// The numbers of the five status categories, and of the stages of an idea. PPM Express does not publish them: they
// follow from the payloads of its help pages, so labels of the configuration come first.
const (
	statusNotSet   = "-1"
	statusOnTrack  = "0"
	statusAtRisk   = "1"
	statusCritical = "2"
	statusDone     = "10"
)

// label returns what people call a choice: by the configuration, else by the tenant, else by the built-in default, else as
// it was sent.
func (w *Words) label(entity, field, sent string) string {
	if label := w.configuredOrKnown(entity, field, sent); label != "" {
		return label
	}
	if label := assumed(entity, field, sent); label != "" {
		return label
	}
	w.miss(entity, field, sent)
	return sent
}

// configuredOrKnown returns the label of a choice that somebody has written, in the configuration or in PPM Express; empty
// where nobody has.
func (w *Words) configuredOrKnown(entity, field, sent string) string {
	if label := w.labels[plainName(entity+"."+field)][sent]; label != "" {
		return label
	}
	known, found := w.known(entity, field)
	if !found {
		return ""
	}
	for _, other := range known.Others {
		if label := w.labels[plainName(entity+"."+other)][sent]; label != "" {
			return label
		}
	}
	return known.Choices[sent]
}

// isLabel reports whether some choice of a field has a label that somebody has written.
func (w *Words) isLabel(entity, field, label string) bool {
	has := func(labels map[string]string) bool {
		for _, known := range labels {
			if known == label {
				return true
			}
		}
		return false
	}
	known, _ := w.known(entity, field)
	return has(w.labels[plainName(entity+"."+field)]) || has(known.Choices)
}

// Labelled reports whether somebody has written a label for a choice, in the configuration or in PPM Express.
func (w *Words) Labelled(entity, field, sent string) bool {
	return w.configuredOrKnown(entity, field, sent) != ""
}

// Assumed reports whether the label of a choice is only a built-in default: neither configured nor known from the
// tenant, and which label that is. Field is the name as sent: "OverallStatus".
func (w *Words) Assumed(entity, field, sent string) (label string, ok bool) {
	if w.Labelled(entity, field, sent) {
		return "", false
	}
	label = assumed(entity, field, sent)
	return label, label != ""
}

func assumed(entity, field, sent string) string {
	switch {
	case isStatus(field):
		return assumedStatus(sent)
	case entity == "Idea" && field == "Stage":
		return assumedStage(sent)
	default:
		return ""
	}
}

// isStatus reports whether a field holds one of the status categories: OverallStatus, ScheduleStatus, Status.
func isStatus(field string) bool { return strings.HasSuffix(field, "Status") }

func assumedStatus(sent string) string {
	switch sent {
	case statusNotSet:
		return "Not set"
	case statusOnTrack:
		return "On track"
	case statusAtRisk:
		return "At risk"
	case statusCritical:
		return "Critical"
	case statusDone:
		return "Done"
	default:
		return ""
	}
}

func assumedStage(sent string) string {
	switch sent {
	case "0":
		return "Draft"
	case "1":
		return "Proposed"
	case "2":
		return "Active"
	case "3":
		return "Selected"
	case "4":
		return "Not selected"
	case "5":
		return "Archived"
	default:
		return ""
	}
}

// category returns the number of the category of a status, which may be sent by its name; a tenant's own as it is.
func category(sent string) string {
	for _, number := range [...]string{statusNotSet, statusOnTrack, statusAtRisk, statusCritical, statusDone} {
		if strings.EqualFold(sent, assumedStatus(number)) {
			return number
		}
	}
	return sent
}

// statusEmoji returns the emoji of a status by its category; empty for a tenant's own.
func statusEmoji(sent string) string {
	switch category(sent) {
	case statusNotSet:
		return ":white_circle:"
	case statusOnTrack:
		return ":large_green_circle:"
	case statusAtRisk:
		return ":large_orange_diamond:"
	case statusCritical:
		return ":octagonal_sign:"
	case statusDone:
		return ":white_check_mark:"
	default:
		return ""
	}
}
