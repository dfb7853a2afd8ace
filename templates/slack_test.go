package templates

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// live lists what would do something in a text of mrkdwn, in order, as strictly as any reader of it might: links,
// mentions and dates in <…>, emphasis at the edge of a word, code, emoji, quotations. Two texts with the same list do
// the same.
func live(mrkdwn string) []string {
	var found []string
	for line := range strings.SplitSeq(mrkdwn, "\n") {
		found = append(found, "line")
		if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "&gt;") {
			found = append(found, "quotation")
		}
		found = append(found, liveInLine(line)...)
	}
	return found
}

func liveInLine(line string) []string {
	angle := regexp.MustCompile(`^<([^>]*)>`)
	emoji := regexp.MustCompile(`^:[A-Za-z0-9_+'-]+:`)
	var found []string
	for i := 0; i < len(line); i++ {
		rest := line[i:]
		switch line[i] {
		case '<':
			m := angle.FindStringSubmatch(rest)
			if m == nil {
				found = append(found, "bare <")
				continue
			}
			address, label, _ := strings.Cut(m[1], "|")
			found = append(found, "<"+address+">")
			found = append(found, liveInLine(label)...)
			i += len(m[0]) - 1
		case '>':
			found = append(found, "bare >")
		case '`':
			found = append(found, "code") // nothing inside is formatted
			if end := strings.IndexByte(rest[1:], '`'); end >= 0 {
				i += end + 1
			}
		case '*', '_', '~':
			if !inertAt(line, i) {
				found = append(found, line[i:i+1])
			}
		case ':':
			if name := emoji.FindString(rest); name != "" && !timeAt(line, i, len(name)) {
				found = append(found, "emoji")
			}
		}
	}
	return found
}

// inertAt reports whether no reader would take the character for emphasis: it stands inside a word, or alone.
func inertAt(line string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(line[:i], line[i:i+1]))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeft(line[i:], line[i:i+1]))
	word := func(r rune) bool {
		return r < 128 && regexp.MustCompile(`[0-9A-Za-z]`).MatchString(string(r))
	}
	return word(before) && word(after) || before == ' ' && after == ' '
}

func timeAt(line string, i, length int) bool {
	digit := func(at int) bool { return at >= 0 && at < len(line) && line[at] >= '0' && line[at] <= '9' }
	return digit(i-1) && digit(i+length) && strings.Trim(line[i:i+length], ":0123456789") == ""
}

// unseen finds a character that nobody sees, or that turns the direction of text. A line break is seen.
func unseen(s string) string {
	const hidden = "\u00ad\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\ufeff"
	at := strings.IndexFunc(s, func(r rune) bool {
		return r < ' ' && r != '\n' || r >= 0x7f && r <= 0x9f || r > 0x9f && strings.ContainsRune(hidden, r)
	})
	if at < 0 {
		return ""
	}
	_, size := utf8.DecodeRuneInString(s[at:])
	return s[at : at+size]
}

func TestCheckerOfMarkup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want []string
	}{
		{"2 * 3 and snake_case", []string{"line"}},
		{"*bold* _it_ ~st~", []string{"line", "*", "*", "_", "_", "~", "~"}},
		{"<!channel> <https://a|*b*>", []string{"line", "<!channel>", "<https://a>", "*", "*"}},
		{"&gt; q\n:tada: 10:30:20 `*c*`", []string{"line", "quotation", "line", "emoji", "code"}},
		{"a < b > c", []string{"line", "< b >"}},
	}
	for _, test := range tests {
		if got := live(test.text); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

// attacks are texts that would like to act. Each has no more characters than a name may have.
func attacks() []string {
	return []string{
		"<!channel>", "<!here|x>", "<@U012AB3CD>", "<#C012AB3CD>", "<!subteam^S012AB3CD>", "<https://evil.example/|click>",
		"<mailto:a@evil.example|mail>", "<!date^1392734382^{date}^https://evil.example/|x>", "&lt;!channel&gt;", "&amp;lt;",
		"*bold*", "_italic_", "~struck~", "`code`", "```block```", "*", "_", "~", "`", "x*", "*x", "a *b* c", "(*b*)", "*b*,",
		"é*b*é", "**b**", "*_b_*", "> quote", ">>> quote", "line\n> quote", "line\r\n:tada:", "a\u2028> b", ":tada:", ":+1:", ":100:",
		"@here", "@channel", "@everyone", "#general", "\u202egnp.exe", "zero\u200bwidth", "soft\u00adhyphen", "a\x00b\x1b[31m",
		"{{ .Secrets }}", "%s %d %!", "|", ">", "<", "&", "a|b>c", "https://evil.example/", "*Status*: _x_ → `y`",
		"name\n*Status*: Done\n>> By nobody", "\xff\xfe*x*", "ends with <", "ends with &lt",
		":fire", "Team :fire", "fire: x", "fire:", "100:", ":100", "+1: x", "Team :",
	}
}

// customTemplates are templates as people write them.
func customTemplates() map[string]string {
	return map[string]string{
		"design":    "*{{ .Entity }}* {{ range .Changes }}\n{{ .Label }}: {{ .Before }} → {{ .After }}{{ end }}",
		"emphasis":  "*{{ .Entity.Name }}* _{{ .By }}_ ~{{ .Parent }}~\n{{ range .Changes }}*{{ .Label }}*_{{ .After }}_\n{{ end }}",
		"functions": `{{ bold .Entity.Name }} {{ code .Entity.Name }} {{ link "https://example.com/?a=1&b=2" .Entity.Name }} {{ bold (link .Entity.Link .Entity) }}`,
		"printf":    "{{ printf `%s and %q` .Entity .By }}{{ range .Changes }}\n{{ print .Label `: ` .After }} {{ .After | printf `%s` | bold }}{{ end }}",
		"fields":    `x {{ field "Name" }} {{ field "Description" }} {{ range field "Tags" }}• {{ . }} {{ end }}{{ with field "Manager" }}{{ . | bold }}{{ end }}`,
		"lists":     "x {{ .Changes }} {{ .Facts }} {{ range $i, $c := .Changes }}{{ $i }}{{ $c }}\n{{ end }}",
		"partials":  `{{ define "line" }}{{ .Label }} = {{ .After }}{{ end }}x {{ range .Changes }}{{ template "line" . }} {{ end }}`,
		"last line": `x{{ define "context" }}{{ .By }} {{ .Initiator }} {{ .Trail }} {{ .Occurred }}{{ end }}`,
		"conditions": `{{ if eq .Action "Deleted" }}gone{{ else if gt (len .Changes) 3 }}many {{ (index .Changes 0).Label }}{{ else }}{{ .Entity }}{{ end }}` +
			`{{ with .LastKnown }} {{ . }}{{ end }}`,
		"tight": "{{ .Entity.Name }}:{{ .By }} {{ range .Changes }}\n{{ .Label }}:{{ .Before }} {{ .After }}: {{ .Label }}:{{ .After }}{{ end }}",
		"raw":   "{{ .Type }} {{ .Action }} {{ .Entity.ID }} {{ .Entity.Kind }} {{ .When }} {{ .Emoji }} {{ slice `abc` 0 1 }}",
	}
}

// speakers are all ways in which a net becomes a message.
func speakers(t *testing.T, w *Words) map[string]func(event.Net) event.Message {
	t.Helper()
	all := map[string]func(event.Net) event.Message{
		"built-in": w.Message,
		"bulk":     func(net event.Net) event.Message { return w.Bulk([]event.Net{net, net}) },
	}
	for name, source := range customTemplates() {
		template, err := w.Compile(name, source)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = func(net event.Net) event.Message {
			message, err := template.Message(net)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return message
		}
	}
	return all
}

// Whatever stands in the texts of an event, the message does what it would do with harmless texts in their place.
func TestNoTextActs(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	all := speakers(t, w)
	for _, file := range []string{
		"Project-Updated", "Project-Created", "Project-Deleted", "Idea-Created", "Task-Updated", "Task-Deleted", "KeyDate-Created",
	} {
		e := named(sampleFile(t, file), "Customer Portal")
		for name, say := range all {
			want := live(text(say(netOf(replaced(e, "harmless")))))
			for _, attack := range attacks() {
				got := text(say(netOf(replaced(e, attack))))
				if !slices.Equal(live(got), want) {
					t.Errorf("%s of %s with %q acts:\n%s\ngot  %q\nwant %q", name, file, attack, got, live(got), want)
				}
				if found := unseen(got); found != "" {
					t.Errorf("%s of %s with %q shows %q", name, file, attack, found)
				}
			}
		}
	}
}

// replaced returns the event with another text wherever people can write one.
func replaced(e event.Event, text string) event.Event {
	e.Entity.Name, e.Parent.Name, e.Initiator.Name = text, text, text
	e.Attributes, e.Before = replacedIn(e.Attributes, text), replacedIn(e.Before, text+" before")
	return e
}

func replacedIn(attributes event.Attributes, text string) event.Attributes {
	all := slices.Clone(attributes)
	for i := range all {
		all[i].Value = replacedValue(all[i].Value, text)
		if all[i].Rank >= event.RankCustom {
			all[i].Label = text
		}
	}
	return all
}

func replacedValue(v event.Value, text string) event.Value {
	switch v.Kind {
	case event.Text:
		v.Text = text
	case event.PersonRef, event.Reference:
		v.Ref.Name = text
	case event.List:
		v.List = slices.Clone(v.List)
		for i := range v.List {
			v.List[i] = replacedValue(v.List[i], text)
		}
	default:
	}
	return v
}

// Every payload of the samples becomes a message by every template, within the limits of Slack, in which nothing is
// live but what is ours.
func TestSamplesBecomeMessages(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	all := speakers(t, w)
	ours := regexp.MustCompile(`^<(` + regexp.QuoteMeta(projectPage) + `[^<>|]*|!date\^[0-9]+\^[^<>|]*|https://example\.com/[^<>|]*)>$`)
	files, err := filepath.Glob("../samples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	hostile, err := filepath.Glob("../samples/hostile/*.json")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, path := range append(files, hostile...) {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range []event.Type{"Project:Updated", "Project:Created", "Idea:Deleted", "Task:Updated", "KeyDate:Created", "Risk:Escalated", ""} {
			e, err := ppm.Decode(body, typ)
			if err != nil {
				break // quarantined: there is nothing to say
			}
			told++
			for name, say := range all {
				m := say(netOf(e))
				for _, construct := range live(text(m)) {
					if strings.HasPrefix(construct, "<") && !ours.MatchString(construct) || strings.HasPrefix(construct, "bare") {
						t.Errorf("%s as %s by %s: %s is live in\n%s", filepath.Base(path), typ, name, construct, text(m))
					}
				}
				checkLimits(t, filepath.Base(path)+" by "+name, m)
			}
		}
	}
	if told < 7*35 {
		t.Errorf("only %d messages were told", told)
	}
}

func checkLimits(t *testing.T, name string, m event.Message) {
	t.Helper()
	section := strings.Join(append([]string{m.Head}, m.Lines...), "\n")
	switch {
	case strings.TrimSpace(m.Head) == "":
		t.Errorf("%s: no headline", name)
	case units(section) > 3000, units(m.Context) > 3000, units(m.Text) > 3000:
		t.Errorf("%s: %d + %d units, text %d: too long", name, units(section), units(m.Context), units(m.Text))
	case m.Text == "" || strings.Contains(m.Text, "\n"):
		t.Errorf("%s: text %q", name, m.Text)
	case !utf8.ValidString(section + m.Context + m.Text):
		t.Errorf("%s: not valid UTF-8", name)
	}
}
