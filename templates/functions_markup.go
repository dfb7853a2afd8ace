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
			name: "emoji", of: func(r *run) any { return r.emoji }, sure: never, least: 1, written: writtenEmoji, demands: true,
			does: "the emoji of a value: by itself of a status, of anything else by pairs that you write. Nothing where none fits",
			examples: []example{
				{`{{ field "OverallStatus" | emoji }} {{ field "OverallStatus" }}`, ":large_orange_diamond: At risk"},
				{`{{ .Action | emoji "Created" ":seedling:" "Updated" ":wrench:" }}`, ":wrench:"},
			},
		},
		{
			name: "mention", of: func(r *run) any { return r.mention }, sure: never, written: writtenMention, demands: true,
			does: "rings who made the change (`.By`, `.Initiator`), a member or a group by an id that you write, or a member by an " +
				"e-mail address that you write; no other text of an event can ring anybody. Who has an address is looked up in Slack " +
				"beside the work: until it is known, and where Slack knows nobody, the name stands there. The app needs the scopes " +
				"`users:read` and `users:read.email` for that. The id stands in the menu of a profile, under *Copy member ID*",
			examples: []example{
				{`{{ mention .By }}`, "Anna Doe"}, {`{{ mention "U012AB3CD" }} {{ mention "S012AB3CD" }}`, "<@U012AB3CD> <!subteam^S012AB3CD>"},
			},
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
