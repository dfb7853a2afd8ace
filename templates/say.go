package templates

import (
	"fmt"
	"reflect"
	"strings"
)

// say says a thing in a voice. It is the one place through which everything that is printed goes.
func say(to voice, x any) string {
	switch v := x.(type) {
	case nil:
		return ""
	case string:
		return sayText(to, v)
	case Name:
		return sayText(to, string(v))
	case Markup:
		if to == marked {
			return v.mrkdwn
		}
		return v.plain
	case Entity:
		return v.say(to)
	case Time:
		if to == marked && !v.fixed {
			return (&Words{zone: v.zone}).moment(v.moment, "{date_short} at {time}", "2 Jan 2006 15:04 UTC").mrkdwn
		}
		return v.String()
	case Value:
		return v.text(to)
	case Item:
		return v.text(to)
	case Change:
		if v.words == nil {
			return ""
		}
		return v.words.changeLine(to, v)
	case Fact:
		return sayText(to, v.Label) + ": " + v.Value.text(to)
	case bool:
		return yesNo(v)
	case int:
		return count(v)
	default:
		return sayList(to, x)
	}
}

func sayText(to voice, s string) string {
	switch to {
	case celled:
		return limited(paragraphs(s))
	case marked:
		return escape(short(s, maxText))
	default:
		return short(s, maxText)
	}
}

// sayList says what is printed whole though it is a list, like .Changes; anything else as Go prints it.
func sayList(to voice, x any) string {
	list := reflect.ValueOf(x)
	if list.Kind() != reflect.Slice {
		return sayText(to, sprint(x))
	}
	var all []string
	for i := range min(list.Len(), 100) {
		all = append(all, say(to, list.Index(i).Interface()))
	}
	return strings.Join(all, "; ")
}

func (e Entity) say(to voice) string {
	switch to {
	case celled:
		return paragraphs(e.Name)
	case spoken:
		return e.String()
	default:
	}
	name, address := escape(e.String()), escapeAddress(e.Link)
	if address == "" || len(address) > maxAddress {
		return name
	}
	return "<" + address + "|" + name + ">"
}

// sprint is print for one thing: in plain words.
func sprint(x any) string {
	switch v := x.(type) {
	case nil:
		return ""
	case string:
		return v
	case fmt.Stringer:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}
