package slack

import (
	"maps"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/look/mrkdwn"
)

// object is a JSON object of a message. What stands in it can be anything.
type object map[string]any

func (o object) string(name string) string {
	s, _ := o[name].(string)
	return s
}

func (o object) object(name string) object {
	inner, _ := o[name].(map[string]any)
	return inner
}

// objects returns a list of objects. Others in the list become empty ones.
func (o object) objects(name string) []object {
	list, _ := o[name].([]any)
	all := make([]object, len(list))
	for i, entry := range list {
		all[i], _ = entry.(map[string]any)
	}
	return all
}

func (w *writer) block(b object) {
	switch kind := b.string("type"); kind {
	case "section":
		w.section(b)
	case "context":
		w.open("div", class("sl-c"))
		for i, e := range b.objects("elements") {
			if i > 0 {
				w.text(" ")
			}
			w.inContext(e)
		}
		w.close("div")
	case "header":
		w.open("div", class("sl-b sl-h"))
		w.textObject(b.object("text"))
		w.close("div")
	case "divider":
		w.open("hr", class("sl-d"))
	case "actions":
		w.open("div", class("sl-a"))
		for _, e := range b.objects("elements") {
			w.control(e)
		}
		w.close("div")
	case "markdown":
		w.note("Slack shows this Markdown formatted. What was sent:")
		w.wrap("div", b.string("text"), class("sl-b"))
	case "image":
		w.picture(b)
	default:
		w.other(b, "a block")
	}
}

func (w *writer) section(b object) {
	if b["text"] != nil {
		w.open("div", class("sl-b"))
		w.textObject(b.object("text"))
		w.close("div")
	}
	if fields := b.objects("fields"); len(fields) > 0 {
		w.open("div", class("sl-f"))
		for _, field := range fields {
			w.open("div", class("sl-b"))
			w.textObject(field)
			w.close("div")
		}
		w.close("div")
	}
	if accessory := b.object("accessory"); accessory != nil {
		w.open("div", class("sl-a"))
		w.control(accessory)
		w.close("div")
	}
	if b["text"] == nil && b["fields"] == nil {
		w.note("This section has no text.")
	}
}

// textObject writes a text with or without markup.
func (w *writer) textObject(o object) {
	switch text := o.string("text"); {
	case text == "":
		w.wrap("span", "There is no text here.", class("sl-note"))
	case o.string("type") == "mrkdwn":
		w.nodes(mrkdwn.Parse(text))
	default:
		w.nodes(mrkdwn.PlainText(text, o["emoji"] != false))
	}
}

func (w *writer) inContext(e object) {
	switch e.string("type") {
	case "mrkdwn", "plain_text":
		w.textObject(e)
	case "image":
		w.picture(e)
	default:
		w.other(e, "an element")
	}
}

// picture says what is on a picture, which is not loaded: it is somewhere else.
func (w *writer) picture(o object) {
	words := "a picture without a description"
	if text := strings.TrimSpace(o.string("alt_text")); text != "" {
		words = "a picture: " + text
	}
	w.open("span", class("sl-note"))
	w.wrap("bdi", words)
	w.close("span")
}

// control shows what can be pressed or chosen in Slack, and not here.
func (w *writer) control(e object) {
	label := e.object("text")
	if label == nil {
		label = e.object("placeholder")
	}
	switch kind := e.string("type"); {
	case kind == "image":
		w.picture(e)
	case label == nil:
		w.other(e, "an element")
	default:
		w.open("span", class("sl-btn"))
		w.textObject(label)
		w.close("span")
	}
}

// other says in words what is not drawn, and shows its texts as they were sent.
func (w *writer) other(o object, what string) {
	kind := o.string("type")
	if kind == "" {
		kind = "unknown"
	}
	w.open("div", class("sl-note"))
	w.text("Slack shows " + what + " of the type ")
	w.wrap("bdi", kind)
	w.text(" here, which is not drawn. Its texts:")
	w.close("div")
	w.open("div", class("sl-b"))
	w.text(strings.Join(texts(map[string]any(o)), "\n"))
	w.close("div")
}

// texts collects what people would read somewhere within a value. Names without a text are as good: who is rung.
func texts(value any) (all []string) {
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			all = append(all, texts(entry)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			text, isText := v[name].(string)
			switch {
			case !isText:
				all = append(all, texts(v[name])...)
			case name == "text" || name == "alt_text" || name == "url":
				all = append(all, text)
			case name == "user_id" || name == "usergroup_id" || name == "range":
				all = append(all, "@"+text)
			case name == "channel_id":
				all = append(all, "#"+text)
			case name == "name" && v["type"] == "emoji":
				all = append(all, ":"+text+":")
			}
		}
	}
	return all
}
