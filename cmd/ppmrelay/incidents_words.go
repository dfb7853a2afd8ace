package main

import (
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/incident"
)

// The beginnings of the keys of problems. What stands behind them is a service, a target, or what the part knows.
const (
	keyHeld      = "held "   // a service or a target that is no part of one: "held google"
	keyParked    = "parked " // a target that needs a person
	keyStuck     = "stuck "  // a target for which nothing can be begun
	keyTemplate  = "template "
	keyWebhooks  = "webhooks "
	keyMissed    = "missed changes"
	keyLeftOut   = "missed changes left out"
	keyJournal   = "journal unreadable"
	keyForgets   = "journal grows"
	keyConfig    = "configuration"
	keyPlanning  = "planning"
	keyBuried    = "buried"
	keyUnwritten = "receiving unwritten"
	keyLarge     = "receiving large"
	keyStrangers = "receiving unauthorized"
	keyMembers   = "slack members"
)

// opsTongue says what is wrong, for people who run the relay. It is the one place that knows all problems; one that it does
// not know is told by its part and its reason.
type opsTongue struct {
	cfg func() *config.Config // as it counts now
}

// begins says a problem: what has stopped, why, what that means and what to do.
func (o opsTongue) begins(p incident.Problem, waiting int64) incident.Words {
	key := func(prefix string) bool { return strings.HasPrefix(p.Key, prefix) }
	switch {
	case key(keyHeld), key(keyParked), key(keyStuck):
		return o.target(p, waiting)
	case key(keyWebhooks):
		return said("The webhooks need attention", o.orUnasked(p.Key, "The webhooks are in order again", "The webhooks are not looked after any more"), p,
			"what is edited while one is missing is not told; all else goes on",
			"what the reason says; ppmrelay webhooks plan shows what is missing")
	case key(keyTemplate):
		return templateFails(p)
	}
	switch p.Key {
	case keyJournal:
		return said("The journal cannot be read", "The journal can be read again", p,
			"nothing is told; whether events can be taken, the log says", "look at the disk that holds it")
	case keyMissed:
		over := o.orUnasked(p.Key, "Missed changes are looked for again", "Missed changes are not to be looked for any more")
		return said("Missed changes are not looked for", over, p,
			"what was edited in a gap is told later; all else goes on", "what the reason says; ppmrelay gaps list shows what is open")
	case keyLeftOut:
		return said("Not everything was read after a gap", "Everything was read again", p,
			"what was edited there in the gap is not told until it is read; all else goes on", "ppmrelay backfill, once it can be read")
	case keyForgets:
		return said("Old events cannot be forgotten", "Old events are forgotten again", p, "the journal grows; all else goes on", "look at the disk that holds it")
	case keyConfig:
		return said("The changed configuration does not count", "The configuration counts as it is written", p,
			"everything goes on with the one before", "correct it; ppmrelay check shows every mistake")
	case keyRestart:
		return said("A changed setting waits for a restart", "Every setting counts as it is written", p, "everything else of the configuration counts", "restart ppmrelay")
	case keyMembers:
		return said("Members of Slack cannot be looked up", "Members of Slack are looked up again", p,
			"who would be rung by e-mail is only named; all else goes on", "what the reason says; the app needs the scopes users:read and users:read.email")
	case keyPlanning:
		return said("Events are taken, but not passed on", "Events are passed on again", p, "they wait in the journal; nothing is lost", "look at the disk that holds the journal")
	case keyBuried:
		title := "A delivery was given up"
		if p.Count > 1 {
			title = thousands(p.Count) + " deliveries were given up"
		}
		return said(title, "", p, "it stands in no channel and no table; the event itself is kept",
			"ppmrelay events list --state buried names them, ppmrelay events replay tells them again")
	case keyUnwritten:
		return said("Events cannot be written down", "Events are written down again", p,
			"PPM Express was answered 503 each time; whether it sends them again is not known", "look at the disk that holds the journal")
	case keyLarge:
		return said("An event was too large", "", p, "it is lost here; its change can be seen in PPM Express", "raise server.max_body")
	case keyStrangers:
		return said("Requests come without a valid secret", "No more requests come without a valid secret", p,
			"they are turned away; if PPM Express sent them, its events are not told", "ppmrelay webhooks plan shows which webhooks carry another secret")
	}
	return said("Something is wrong with "+p.Part, "All is well again with "+p.Part, p, "", "ppmrelay's log and /readyz tell more")
}

// orUnasked is over, or what is said instead of a problem that is gone because PPM Express is not asked any more.
func (o opsTongue) orUnasked(key, over, unasked string) string {
	if o.unasked(key) {
		return unasked
	}
	return over
}

// unasked reports whether a problem is one of asking PPM Express, which the configuration does not say how to do. A silence
// is heard without asking.
func (o opsTongue) unasked(key string) bool {
	about := strings.HasPrefix(key, keyWebhooks) && !strings.HasPrefix(key, keyWebhooks+"silence") || key == keyMissed
	return about && o.cfg().PPMExpress == nil
}

// said are words in the usual lines. What is empty is left out.
func said(title, over string, p incident.Problem, means, do string) incident.Words {
	words := incident.Words{Title: title, Over: over}
	for _, line := range []incident.Line{{Label: "Why", Text: p.Why}, {Label: "Means", Text: means}, {Label: "To do", Text: do}} {
		if line.Text != "" {
			words.Lines = append(words.Lines, line)
		}
	}
	return words
}

// templateFails says that a template fails; the reason begins with its place.
func templateFails(p incident.Problem) incident.Words {
	return incident.Words{
		Title: "A template fails", Rest: "on real events",
		Lines: []incident.Line{
			{Label: "Where", Text: p.Why},
			{Label: "Means", Text: "the messages went out in the built-in wording; none is lost"},
			{Label: "To do", Text: "correct it; ppmrelay render shows what it makes of an event of the journal"},
		},
	}
}

// target says that a service or a target refuses what it is told.
func (o opsTongue) target(p incident.Problem, waiting int64) incident.Words {
	hold, name, _ := strings.Cut(p.Key, " ")
	words := incident.Words{}
	words.Title, words.Over = refuses(hold+" ", name)
	if gone, all := o.gone(p.Parts); all {
		words.Over = few(gone) + " left the configuration"
	}
	if ops := o.cfg().Ops; ops != nil && (name == "slack" || name == "slack:"+ops.Channel) {
		words.Silences = "slack:" + ops.Channel // where this would be told
	}
	means := "nothing is lost"
	if waiting > 0 {
		means = count1(int(waiting), "change") + " wait for " + o.routes(p.Parts) + "; nothing is lost"
		if waiting == 1 {
			means = "1 change waits for " + o.routes(p.Parts) + "; nothing is lost"
		}
	}
	if others := o.others(name); others != "" {
		means += "; " + others
	}
	words.Lines = said("", "", incident.Problem{Why: cause(p.Why)}, means, o.advice(hold+" ", p)).Lines
	return words
}

// refuses says that a service or a target is held, and that this is over.
func refuses(hold, name string) (title, over string) {
	kind, place, _ := strings.Cut(name, ":")
	switch {
	case hold == keyStuck:
		return "Nothing is told to " + name + " until a restart", name + " is told again"
	case name == "slack":
		return "Slack refuses messages", "Slack takes messages again"
	case name == "google":
		return "Google Sheets refuses writes", "Google Sheets takes writes again"
	case kind == "slack":
		return "Slack refuses messages to the channel " + place, "Slack takes messages to the channel " + place + " again"
	case kind == "sheet":
		_, tab, _ := strings.Cut(place, "/")
		return "Google Sheets refuses writes to the tab " + tab, "Google Sheets takes writes to the tab " + tab + " again"
	default:
		return "The file " + place + " cannot be written", "The file " + place + " is written again"
	}
}

// advice says what to do about what is held.
func (o opsTongue) advice(hold string, p incident.Problem) string {
	switch {
	case hold == keyStuck:
		return "start ppmrelay again"
	case hold == keyHeld && strings.HasPrefix(p.Why, "paused"):
		if p.Next.IsZero() {
			return "nothing yet, it is tried again and again"
		}
		return "nothing yet, next try at " + p.Next.In(o.zone()).Format("15:04")
	default:
		return "what the reason says; then it goes on by itself within 5 minutes, or at once after a restart"
	}
}

func (o opsTongue) zone() *time.Location {
	if zone := o.cfg().Display.TimeZone.Location; zone != nil {
		return zone
	}
	return time.UTC
}

// cause takes out of a reason what is said elsewhere: how it is held, and until when.
func cause(why string) string {
	why, _, _ = strings.Cut(why, "; next try ")
	for _, hold := range []string{"paused: ", "parked: ", "stopped: ", "refuses everything: "} {
		why = strings.TrimPrefix(why, hold)
	}
	return why
}
