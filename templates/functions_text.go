package templates

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/rivo/uniseg"
)

// textFunctions make text of what they are given.
func textFunctions() []function {
	return []function{
		{
			name: "truncate", group: "Texts and lists", of: func(r *run) any { return r.truncate }, sure: whereCounted(1, maxCell), written: writtenLength,
			does: "at most so many characters, as people count them: a flag, a letter with its accent is one",
			examples: []example{
				{`{{ field "Description" | truncate 20 }}`, "Finish moved: the t…"}, {`{{ "Zoë 🏳️‍🌈🇩🇪" | truncate 5 }}`, "Zoë…"},
			},
		},
		{
			name: "join", of: func(r *run) any { return r.join }, sure: never, written: writtenSeparator, demands: true,
			does: "a list with this between its parts, which has to be written in quotes",
			examples: []example{
				{`{{ field "Manager" | join " and " }}`, "John Doe and Brian Adams"}, {`{{ field "Tags" | join " · " }}`, "#portal · #late"},
			},
		},
		{
			name: "print", also: "println", of: func(r *run) any { return r.print },
			does:     "all of it as one text; with a line break behind it",
			examples: []example{{`{{ print "“" .Entity "”" }}`, "“Customer Portal”"}},
		},
		{name: "println", of: func(r *run) any { return r.println }},
		{
			name: "printf", of: func(r *run) any { return r.printf }, written: writtenFormat,
			does:     "text with gaps: `%s` for a text, `%d` for a whole number, `%.1f` for another one",
			examples: []example{{`{{ printf "%s by %s" .Entity .By }}`, "Customer Portal by Anna Doe"}},
		},
	}
}

func (r *run) truncate(most int, x any) (string, error) {
	if most < 1 || most > maxCell {
		return "", errLength
	}
	to := spoken
	if r.voice == celled {
		to = celled
	}
	text := say(to, x)
	kept, count, rest, state := 0, 0, text, -1
	for rest != "" && count < most {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if count++; count < most {
			kept += len(cluster)
		}
	}
	if rest == "" {
		return r.charged(text)
	}
	return r.charged(strings.TrimRight(text[:kept], " ") + ellipsis)
}

var errLength = errors.New("truncate takes how many characters may stay, from 1 on")

func writtenLength(args []argument) (int, any) {
	if args[0].counted && (args[0].number < 1 || args[0].number > maxCell) {
		return 0, errLength
	}
	return 0, nil
}

// maxJoined is how many parts of a list are joined; the others are counted.
const maxJoined = 100

func (r *run) join(between string, list any) (Markup, error) {
	parts := reflect.ValueOf(list)
	if !parts.IsValid() || parts.Kind() != reflect.Slice || parts.Len() == 0 {
		return Markup{mrkdwn: say(marked, list), plain: say(r.plain(), list)}, r.spend(1)
	}
	var in, aloud []string
	for i := range min(parts.Len(), maxJoined) {
		part := parts.Index(i).Interface()
		in, aloud = append(in, say(marked, part)), append(aloud, say(r.plain(), part))
	}
	joined := Markup{mrkdwn: strings.Join(in, separator(between)), plain: strings.Join(aloud, between)}
	if left := parts.Len() - maxJoined; left > 0 {
		joined.mrkdwn += " and " + count(left) + " more"
		joined.plain += " and " + count(left) + " more"
	}
	if r.bytes += len(joined.mrkdwn) + len(joined.plain); r.bytes > maxOutput {
		return Markup{}, errOutput
	}
	return joined, r.spend(1 + len(in))
}

// plain is the voice of plain words where the run speaks: a cell holds all of a text.
func (r *run) plain() voice {
	if r.voice == celled {
		return celled
	}
	return spoken
}

// separator is what an author wrote between parts of a list. With what stands beside it, it must not become an emoji or
// a mention.
func separator(between string) string {
	lines := strings.Split(between, "\n")
	for i := range lines {
		lines[i] = escape(lines[i])
		if strings.HasSuffix(lines[i], ":") || strings.HasSuffix(lines[i], "@") {
			lines[i] += zeroWidth
		}
	}
	return strings.Join(lines, "\n")
}

func writtenSeparator(args []argument) (int, any) {
	if len(args) == 0 || !args[0].written {
		return 0, "join takes what stands between in quotes, so that no field can begin a line of its own"
	}
	return 0, nil
}

func (r *run) print(all ...any) (string, error) {
	args, err := r.printable(all)
	if err != nil {
		return "", err
	}
	return r.charged(fmt.Sprint(args...))
}

func (r *run) println(all ...any) (string, error) {
	args, err := r.printable(all)
	if err != nil {
		return "", err
	}
	return r.charged(fmt.Sprintln(args...))
}

func (r *run) printf(format string, all ...any) (string, error) {
	if err := checkFormat(format); err != nil {
		return "", err
	}
	args, err := r.printable(all)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf(format, args...)
	if strings.Contains(text, "%!") && !strings.Contains(fmt.Sprint(args...), "%!") {
		return "", fmt.Errorf("printf %q does not fit what is printed", format)
	}
	return r.charged(text)
}

// printable turns what is ours into words, so that no verb shows how it is made, and refuses what is too long before it
// is copied.
func (r *run) printable(all []any) ([]any, error) {
	out, length := make([]any, len(all)), 0
	for i, x := range all {
		switch v := x.(type) {
		case string:
			out[i] = v
			length += len(v)
		case Name:
			out[i] = string(v)
			length += len(v)
		case bool, int, float64:
			out[i] = v
		default:
			if isWhole(reflect.TypeOf(x)) {
				return nil, errWhole
			}
			text := say(spoken, v)
			out[i] = text
			length += len(text)
		}
		if r.bytes+length > maxOutput {
			return nil, errOutput
		}
	}
	return out, nil
}

// checkFormat refuses what printf could fill the memory with, or show Go's insides with.
func checkFormat(format string) error {
	const most = 1000
	_, rest, found := strings.Cut(format, "%")
	for ; found; _, rest, found = strings.Cut(rest, "%") {
		verb := strings.TrimLeft(rest, "-+# 0")
		verb = withoutDigits(verb)
		if after, ok := strings.CutPrefix(verb, "."); ok {
			verb = withoutDigits(after)
		}
		if verb == "" || strings.IndexByte("vsqdtfgexXc%", verb[0]) < 0 {
			return errFormat(format)
		}
		rest = verb[1:]
	}
	if strings.Contains(format, "#v") || len(format) > most {
		return errFormat(format)
	}
	return nil
}

func errFormat(format string) error {
	return fmt.Errorf("printf %q: only %%s %%d %%f %%q %%t %%v %%x %%%% with widths up to 999", short(format, maxName))
}

// withoutDigits takes up to three digits from the beginning of a text.
func withoutDigits(s string) string {
	for n := 0; n < 3 && s != "" && s[0] >= '0' && s[0] <= '9'; n++ {
		s = s[1:]
	}
	return s
}

func writtenFormat(args []argument) (int, any) {
	if len(args) > 0 && args[0].written {
		if err := checkFormat(args[0].text); err != nil {
			return 0, err
		}
	}
	return 0, nil
}
