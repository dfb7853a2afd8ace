package mrkdwn

import (
	"strings"
	"time"
)

// Reader is who reads a text: what they call whom, and what their clock shows. The zero Reader knows nobody and has no
// clock, and sees ids, and moments as the text says them for that case.
type Reader struct {
	Zone    *time.Location                // of the reader's clock; nil = not known
	Now     time.Time                     // for today and yesterday, and for leaving out the year; zero = no words for days
	User    func(id string) (name string) // what a person is called, "" = not known; may be nil, as the next two
	Channel func(id string) (name string)
	Group   func(id string) (name string)
}

// Words returns what the reader sees of a node that has no children.
func (r Reader) Words(n Node) string {
	switch n.Kind {
	case User:
		return "@" + called(r.User, n)
	case Channel:
		return "#" + called(r.Channel, n)
	case Group:
		return "@" + called(r.Group, n)
	case Broadcast:
		return "@" + n.Name
	case Moment:
		return r.moment(n)
	default:
		return n.Text
	}
}

func called(name func(string) string, n Node) string {
	if name != nil {
		if known := name(n.Name); known != "" {
			return known
		}
	}
	if label := strings.TrimLeft(n.Text, "@#"); label != "" {
		return label
	}
	return n.Name
}

func (r Reader) moment(n Node) string {
	if r.Zone == nil && n.Text != "" || n.Format == "" {
		return n.Text
	}
	at := time.Unix(n.Unix, 0).In(r.zone())
	var out strings.Builder
	for rest := n.Format; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		token, behind, closed := strings.Cut(after, "}")
		if !found || !closed {
			out.WriteString(rest)
			break
		}
		out.WriteString(before)
		words, known := r.token(at, token)
		if !known {
			out.WriteString("{")
			rest = after
			continue
		}
		if out.Len() == 0 {
			words = capital(words) // as Slack does
		}
		out.WriteString(words)
		rest = behind
	}
	return out.String()
}

func (r Reader) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

// token returns what stands for one of Slack's tokens for moments, as it is written in British English with a clock of
// 24 hours.
func (r Reader) token(at time.Time, token string) (words string, known bool) {
	if name, pretty := strings.CutSuffix(token, "_pretty"); pretty {
		if words = r.dayWord(at); words != "" || r.format(name) == "" {
			return words, r.format(name) != ""
		}
		token = name
	}
	switch token {
	case "time":
		return at.Format("15:04"), true
	case "time_secs":
		return at.Format("15:04:05"), true
	case "ago":
		return r.ago(at), true
	case "date_num":
		return at.Format(time.DateOnly), true
	case "date_slash":
		return at.Format("02/01/2006"), true
	}
	format := r.format(token)
	if !r.far(at) {
		format = strings.TrimSuffix(format, " 2006")
	}
	return at.Format(format), format != ""
}

// format returns how a date is written in full.
func (r Reader) format(token string) string {
	switch token {
	case "date", "date_long_full":
		return "2 January 2006"
	case "date_short":
		return "2 Jan 2006"
	case "date_long", "day_divider":
		return "Monday, 2 January 2006"
	default:
		return ""
	}
}

// far reports whether a day is so far away that its year is told, which Slack leaves out within six months.
func (r Reader) far(at time.Time) bool {
	return r.Now.IsZero() || at.Before(r.Now.AddDate(0, -6, 0)) || at.After(r.Now.AddDate(0, 6, 0))
}

// dayWord returns today, yesterday or tomorrow; empty = another day.
func (r Reader) dayWord(at time.Time) string {
	if r.Now.IsZero() {
		return ""
	}
	now := r.Now.In(r.zone())
	for i, word := range [...]string{"yesterday", "today", "tomorrow"} {
		if sameDay(at, now.AddDate(0, 0, i-1)) {
			return word
		}
	}
	return ""
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// Day returns what Slack writes above the messages of a day.
func (r Reader) Day(at time.Time) string {
	words, _ := r.token(at.In(r.zone()), "day_divider_pretty")
	return capital(words)
}

// Clock returns the time of a day.
func (r Reader) Clock(at time.Time) string { return at.In(r.zone()).Format("15:04") }
