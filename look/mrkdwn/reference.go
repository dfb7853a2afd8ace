package mrkdwn

import (
	"net/url"
	"strconv"
	"strings"
)

// reference reads what stands between < and >: a link, a mention, a moment. What is none of these is text.
func (p *parser) reference(i, to int, within styles) (node Node, end int) {
	if end = p.referenceEnd(i, to); end == 0 {
		return Node{}, 0
	}
	address, label, _ := strings.Cut(p.text[i+1:end-1], "|")
	label = decode(label)
	ok := false
	switch address[0] {
	case '@':
		node, ok = mention(User, address[1:], label)
	case '#':
		node, ok = mention(Channel, address[1:], label)
	case '!':
		node, ok = p.command(address[1:], label)
	default:
		node, ok = p.link(i+1, end-1, address, within)
	}
	if !ok {
		return Node{}, 0
	}
	return node, end
}

// referenceEnd returns where <…> ends that begins at i; 0 = it is text. It has no < within it, and is of one line.
func (p *parser) referenceEnd(i, to int) int {
	at := i + 1 + p.until(i+1, to, "<>\n")
	if at == to || at == i+1 || p.text[at] != '>' || isSpace(p.text[i+1]) || p.text[i+1] == '|' {
		return 0
	}
	return at + 1
}

func mention(kind Kind, id, label string) (node Node, ok bool) {
	return Node{Kind: kind, Name: id, Text: label}, isID(id)
}

// isID reports whether this could be an id of Slack's.
func isID(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// command reads what begins with <!.
func (p *parser) command(command, label string) (node Node, ok bool) {
	name, rest, _ := strings.Cut(command, "^")
	switch name {
	case "here", "channel", "everyone":
		return Node{Kind: Broadcast, Name: name}, true
	case "subteam":
		return mention(Group, rest, label)
	case "date":
		return p.moment(rest, label)
	}
	return Node{}, false
}

// LastSecond is the end of the year 9999. What is behind it is no moment: nobody could read it.
const LastSecond = 253_402_300_799

// moment reads timestamp^format^link, the link of which may be missing.
func (p *parser) moment(command, fallback string) (node Node, ok bool) {
	stamp, format, ok := strings.Cut(command, "^")
	format, link, linked := strings.Cut(format, "^")
	unix, err := strconv.ParseInt(stamp, 10, 64)
	if !ok || err != nil || unix < 0 || unix > LastSecond {
		return Node{}, false
	}
	node = Node{Kind: Moment, Unix: unix, Format: decode(format), Text: fallback}
	if linked {
		node.Target, ok = target(decode(link))
	}
	return node, ok && (format != "" || fallback != "")
}

// link reads address|label between two places.
func (p *parser) link(from, to int, address string, within styles) (node Node, ok bool) {
	plain := decode(address)
	node = Node{Kind: Link}
	if node.Target, ok = target(plain); !ok {
		return Node{}, false
	}
	if label := from + len(address) + 1; label < to {
		node.Children = p.inline(label, to, within)
	} else {
		node.Children = []Node{{Kind: Text, Text: strings.TrimPrefix(plain, "mailto:")}}
	}
	return node, true
}

// target returns an address as it may stand in an href, if it leads where links may lead. What browsers would read in
// their own way is encoded, which no host can be.
func target(address string) (href string, ok bool) {
	encoded := strings.NewReplacer(" ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", `\`, "%5C", "`", "%60").Replace(address)
	parsed, err := url.Parse(encoded)
	if err != nil {
		return "", false
	}
	switch parsed.Scheme {
	case "http", "https":
		return parsed.String(), parsed.Host != ""
	case "mailto":
		return parsed.String(), parsed.Opaque != ""
	default:
		return "", false
	}
}
