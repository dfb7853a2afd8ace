package templates

import (
	"errors"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// Name is the name of who made a change, or the names. It prints as one; `mention` rings those who made the change, which
// no other text of an event can.
type Name string

// String returns the name.
func (n Name) String() string { return string(n) }

// mention rings a member or a group whose id is written, the member with an e-mail address that is written, or, given a
// Name, who made the change: that text itself is never looked at. Who is not known, or not yet, is named.
func (r *run) mention(x any) (Markup, error) {
	switch v := x.(type) {
	case Name:
		return r.mentionOf(v), r.spend(maxListed)
	case string: // it is written in the template, says the check
		if isEmail(v) {
			return r.member(v, v), r.spend(1)
		}
		rung, err := mentionID(v)
		return rung, errors.Join(err, r.spend(1))
	default:
		return Markup{}, errMention
	}
}

var errMention = errors.New("mention takes .By, .Initiator, or an id or e-mail address that is written in quotes, so that no field can ring people")

// mentionOf rings those who made the changes that are told, where they are meant, else who made the newest. More than are
// named one by one are only named.
func (r *run) mentionOf(name Name) Markup {
	events := r.net.Events
	if len(events) == 0 {
		return Markup{mrkdwn: escape(short(string(name), maxText)), plain: string(name)}
	}
	if string(name) != people(events) {
		events = events[len(events)-1:]
	}
	var rung, named []string
	seen := map[string]bool{}
	for _, e := range events {
		if name := personName(e.Initiator); name != "" && !seen[name] {
			seen[name] = true
			one := r.member(e.Initiator.Account, name)
			rung, named = append(rung, one.mrkdwn), append(named, one.plain)
		}
	}
	if len(rung) == 0 || len(rung) > maxListed {
		said := people(events)
		return Markup{mrkdwn: escape(said), plain: said}
	}
	return Markup{mrkdwn: strings.Join(rung, ", "), plain: strings.Join(named, ", ")}
}

// member rings the member with an e-mail address, where it is known who that is. On samples it is.
func (r *run) member(email, name string) Markup {
	said := Markup{mrkdwn: escape(short(name, maxName)), plain: short(name, maxName)}
	var id string
	switch {
	case r.voice != marked || !isEmail(email):
	case r.within == tryTime:
		id = "U012AB3CD"
	case r.words.display.Member != nil:
		id = r.words.display.Member(email)
	}
	if isID(id, "UW") {
		said.mrkdwn = "<@" + id + ">"
	}
	return said
}

// mentionID rings a member or a group by its id.
func mentionID(id string) (Markup, error) {
	switch {
	case isID(id, "UW"):
		return Markup{mrkdwn: "<@" + id + ">"}, nil
	case isID(id, "S"):
		return Markup{mrkdwn: "<!subteam^" + id + ">"}, nil
	default:
		return Markup{}, errors.New("mention takes the id of a member or group, like U012AB3CD, or an e-mail address; write <!here> or <!channel> as it is")
	}
}

// isID reports whether a text is an id of Slack that begins with one of some letters: U012AB3CD.
func isID(text, first string) bool {
	return len(text) >= 6 && len(text) <= 21 && strings.IndexByte(first, text[0]) >= 0 &&
		strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isEmail reports whether a text looks like an e-mail address that somebody could have. Which it is, Slack knows.
func isEmail(text string) bool {
	const most = 254 // RFC 5321, section 4.5.3.1
	local, domain, ok := strings.Cut(text, "@")
	odd := func(r rune) bool {
		return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>|&",;:()[]\@`, r) || !visible(r, 0)
	}
	return ok && local != "" && strings.Contains(domain, ".") && len(text) <= most && !strings.ContainsFunc(local+domain, odd)
}

func writtenMention(args []argument) (int, any) {
	switch {
	case len(args) == 0 || !args[0].written && !args[0].name:
		return 0, errMention
	case args[0].name || isEmail(args[0].text):
		return 0, nil
	}
	if _, err := mentionID(args[0].text); err != nil {
		return 0, err
	}
	return 0, nil
}

// emails asks early who has the e-mail addresses that are written in a template, so that its first message can ring them.
func (w *Words) emails(s *source) {
	if w.display.Member != nil {
		for _, email := range s.emails {
			w.display.Member(email)
		}
	}
}

// nameOf makes a Name of who made events.
func nameOf(events []event.Event) Name { return Name(people(events)) }
