package templates

import (
	"errors"
	"strings"
)

// markupFunctions are those whose result is formatted. Each makes what it is given safe itself.
func markupFunctions() []function {
	return []function{
		{
			name: "bold", group: "Formatting", of: func(r *run) any { return r.bold }, sure: never,
			does:     "in bold, also where its text holds asterisks",
			examples: []example{{`{{ bold .By }}`, "*Anna Doe*"}},
		},
		{
			name: "code", of: func(r *run) any { return r.code }, sure: never,
			does: "as code", examples: []example{{`{{ code .Type }}`, "`Project:Updated`"}},
		},
		{
			name: "link", of: func(r *run) any { return r.linked }, sure: never,
			does: "a link, if the address is http or https, else the text alone. `.Entity` is one by itself",
			examples: []example{
				{`{{ link "https://wiki.example.com/pmo" "our rules" }}`, "<https://wiki.example.com/pmo|our rules>"},
				{`{{ field "Tags" | link "https://wiki.example.com/tags" }}`, "<https://wiki.example.com/tags|#portal, #late>"},
			},
		},
		{
			name: "emoji", of: func(r *run) any { return r.emoji }, sure: never, least: 1, written: writtenEmoji,
			does: "the emoji of a value: by itself of a status, of anything else by pairs that you write. Nothing where none fits",
			examples: []example{
				{`{{ field "OverallStatus" | emoji }} {{ field "OverallStatus" }}`, ":large_orange_diamond: At risk"},
				{`{{ .Action | emoji "Created" ":seedling:" "Updated" ":wrench:" }}`, ":wrench:"},
			},
		},
		{
			name: "mention", of: func(*run) any { return mention }, sure: never, written: writtenMention,
			does: "rings a member, or a group. Only an id that you write, never a value: Slack knows nobody by an e-mail address " +
				"in a message, and nothing is looked up. In Slack the id stands in the menu of a profile, under *Copy member ID*",
			examples: []example{{`{{ mention "U012AB3CD" }} {{ mention "S012AB3CD" }}`, "<@U012AB3CD> <!subteam^S012AB3CD>"}},
		},
	}
}

func (r *run) bold(x any) (Markup, error) {
	text := say(marked, x)
	if text == "" {
		return Markup{}, nil
	}
	return Markup{mrkdwn: "*" + text + "*", plain: say(spoken, x)}, r.spend(1)
}

func (r *run) code(x any) (Markup, error) {
	text := say(spoken, x)
	if text == "" {
		return Markup{}, nil
	}
	return Markup{mrkdwn: "`" + escapeCode(text) + "`", plain: text}, r.spend(1)
}

func (r *run) linked(address, x any) (Markup, error) {
	label := say(spoken, x)
	to := strings.TrimSpace(bare(address))
	escaped := escapeAddress(to)
	if !webAddress(to) || len(escaped) > maxAddress || label == "" {
		return Markup{mrkdwn: escape(label), plain: label}, r.spend(1)
	}
	return Markup{mrkdwn: "<" + escaped + "|" + escape(label) + ">", plain: label, link: to}, r.spend(1)
}

// emoji is given pairs of a value and its emoji, then what to show: emoji "High" ":fire:" (field "Priority").
func (r *run) emoji(all ...any) (Markup, error) {
	if len(all)%2 == 0 {
		return Markup{}, errPairs
	}
	x := all[len(all)-1]
	for i := 0; i+1 < len(all); i += 2 {
		drawn, _ := all[i+1].(string)
		if !isEmoji(drawn) {
			return Markup{}, errEmoji
		}
		if is(x, all[i]) {
			return Markup{mrkdwn: drawn}, r.spend(1)
		}
	}
	for _, known := range [...]string{sent(x), bare(x)} {
		if drawn := statusEmoji(known); drawn != "" && len(all) == 1 {
			return Markup{mrkdwn: drawn}, r.spend(1)
		}
	}
	return Markup{}, r.spend(1)
}

var (
	errPairs = errors.New(`emoji takes pairs, a value and its emoji: emoji "High" ":fire:" "Low" ":zzz:"`)
	errEmoji = errors.New(`an emoji is written by its name in Slack, between colons: ":fire:"`)
)

// isEmoji reports whether a text is :name:, perhaps with :skin-tone-3: behind it.
func isEmoji(text string) bool {
	const most = 100
	if len(text) > most || !strings.HasPrefix(text, ":") || strings.ToLower(text) != text {
		return false
	}
	end := nameEnd(text, 1)
	if end == 1 || !strings.HasPrefix(text[end:], ":") {
		return false
	}
	tone := text[end+1:]
	return tone == "" || strings.HasPrefix(tone, ":skin-tone-") && nameEnd(tone, 1) == len(tone)-1 && strings.HasSuffix(tone, ":")
}

// writtenEmoji demands that each emoji is written, so that no field can draw one.
func writtenEmoji(args []argument) (int, any) {
	if len(args)%2 == 0 {
		return 0, errPairs
	}
	for i := 1; i < len(args); i += 2 {
		if !args[i].written || !isEmoji(args[i].text) {
			return i, errEmoji
		}
	}
	return 0, nil
}

func mention(id string) (Markup, error) {
	switch {
	case isID(id, "UW"):
		return Markup{mrkdwn: "<@" + id + ">"}, nil
	case isID(id, "S"):
		return Markup{mrkdwn: "<!subteam^" + id + ">"}, nil
	case strings.Contains(id, "@"):
		return Markup{}, errors.New("in a message Slack knows nobody by an e-mail address: write the id that stands in the menu of the member's profile, like U012AB3CD")
	default:
		return Markup{}, errors.New("mention takes the id of a member or group, like U012AB3CD; write <!here> or <!channel> as it is")
	}
}

// isID reports whether a text is an id of Slack that begins with one of some letters: U012AB3CD.
func isID(text, first string) bool {
	return len(text) >= 6 && len(text) <= 21 && strings.IndexByte(first, text[0]) >= 0 &&
		strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

func writtenMention(args []argument) (int, any) {
	if len(args) == 0 || !args[0].written {
		return 0, "mention takes a written id, so that no field can ring people"
	}
	if _, err := mention(args[0].text); err != nil {
		return 0, err
	}
	return 0, nil
}
