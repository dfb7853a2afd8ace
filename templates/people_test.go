package templates

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
)

// members are who is known in a workspace, and who was asked for.
type members struct {
	known map[string]string
	mu    sync.Mutex
	asked []string
}

func (m *members) id(email string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, email)
	return m.known[email]
}

// ringing returns Words of a workspace in which some people are known.
func ringing(t *testing.T, known map[string]string) (*Words, *members) {
	t.Helper()
	m := &members{known: known}
	w, err := New(Display{Member: m.id})
	if err != nil {
		t.Fatal(err)
	}
	return w, m
}

// by makes an event that somebody caused.
func by(t *testing.T, name, account string) event.Event {
	t.Helper()
	e := sampleFile(t, "Project-Updated")
	e.Initiator = event.Person{ID: "1", Name: name, Account: account}
	return e
}

func TestMentionByEmail(t *testing.T) {
	t.Parallel()
	w, asked := ringing(t, map[string]string{"anna@x.com": "U012AB3CD", "john@x.com": "W0JOHN123", "odd@x.com": "U012AB3CD> <!channel", "group@x.com": "S012AB3CD"})
	anna, john, nobody := by(t, "Anna Doe", "anna@x.com"), by(t, "John Doe", "john@x.com"), by(t, "", "")
	john.Number, john.Occurred = 2, anna.Occurred.Add(1)
	several := func(events ...event.Event) event.Net { return event.NetOf(events, w.Ignored) }
	tests := []struct {
		text         string
		net          event.Net
		want, spoken string
	}{
		{`x {{ mention .By }}`, several(anna), "x <@U012AB3CD>", "x Anna Doe"},
		{`x {{ .By | mention }}`, several(anna), "x <@U012AB3CD>", "x Anna Doe"},
		{`x {{ mention .Initiator }}`, several(anna), "x <@U012AB3CD>", "x Anna Doe"},
		{`x {{ $who := .By }}{{ with .Entity }}{{ mention $who }}{{ end }}`, several(anna), "x <@U012AB3CD>", "x Anna Doe"},
		{`x {{ mention .By }}`, several(anna, john), "x <@U012AB3CD>, <@W0JOHN123>", "x Anna Doe, John Doe"},
		{`x {{ mention .Initiator }}`, several(anna, john), "x <@W0JOHN123>", "x John Doe"},
		{`x {{ mention .By }}`, several(nobody), "x PPM Express, no person named", "x PPM Express, no person named"},
		{`x {{ mention .Initiator }}`, several(nobody), "x PPM Express, no person named", "x PPM Express, no person named"},
		{`x {{ mention .By }}`, several(by(t, "Zoë *Z*", "zoe@x.com")), "x Zoë ∗Z∗", "x Zoë *Z*"},
		{`x {{ mention .By }}`, several(by(t, "Odd", "odd@x.com")), "x Odd", "x Odd"},
		{`x {{ mention .By }}`, several(by(t, "Group", "group@x.com")), "x Group", "x Group"},
		{`x {{ mention .By }}`, several(by(t, "U012AB3CD", "a-login")), "x U012AB3CD", "x U012AB3CD"},
		{`x {{ mention .By }}`, several(by(t, "", "anna@x.com")), "x <@U012AB3CD>", "x anna@x.com"},
		{`x {{ mention .By }}`, several(by(t, "<!channel>", "<!here>@x.com")), "x &lt;!channel&gt;", "x <!channel>"},
		{`x {{ mention "john@x.com" }}`, several(anna), "x <@W0JOHN123>", "x john@x.com"},
		{`x {{ mention "new@x.com" }}`, several(anna), "x new@x.com", "x new@x.com"},
		{`x {{ mention "U0NEW1234" }} {{ mention "S0GROUP12" }}`, several(anna), "x <@U0NEW1234> <!subteam^S0GROUP12>", "x"},
	}
	for _, test := range tests {
		template, err := w.Compile("a", test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		m, err := template.Message(test.net)
		if err != nil || m.Head != test.want || !strings.HasSuffix(m.Text, test.spoken+".") {
			t.Errorf("%s by %v: got %q, %q, %v, want %q, %q", test.text, test.net.Last().Initiator, m.Head, m.Text, err, test.want, test.spoken)
		}
	}
	for _, email := range asked.asked {
		if !strings.HasSuffix(email, "@x.com") || strings.ContainsAny(email, "<>!") {
			t.Errorf("asked for %q, which is in no event, or nobody's", email)
		}
	}
}

// Only who is rung by a template is asked for: nobody for other templates, nobody of samples; those who are written at once.
func TestOnlyWhoIsRungIsAskedFor(t *testing.T) {
	t.Parallel()
	w, asked := ringing(t, nil)
	net := netOf(by(t, "Anna Doe", "anna@x.com"))
	for _, text := range []string{`x {{ .By }} {{ bold .Initiator }}`, `x {{ mention .By }}`, `x {{ mention "john@x.com" }}{{ define "context" }}{{ mention "z@x.com" }}{{ end }}`} {
		template, err := w.Compile("a", text)
		if err != nil {
			t.Fatal(err)
		}
		compiled := slices.Clone(asked.asked)
		if strings.Contains(text, "john") {
			if !slices.Equal(compiled, []string{"anna@x.com", "john@x.com", "z@x.com"}) {
				t.Errorf("%s: asked for %q when it was compiled", text, compiled)
			}
			continue
		}
		if len(compiled) > 0 {
			t.Errorf("%s: asked for %q when it was compiled", text, compiled)
		}
		if _, err := template.Message(net); err != nil {
			t.Error(err)
		}
	}
	w.Message(net)
	table, err := w.Table(RowPerEvent, []Column{{Header: "a", Value: "{{ mention .By }}"}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table.Rows(net.Last())
	if err != nil || rows[0].Cells[0].Text != "Anna Doe" {
		t.Errorf("got %+v, %v", rows, err)
	}
	if len(asked.asked) != 3 {
		t.Errorf("asked for %q in the end", asked.asked)
	}
}

// A name is used as a text is.
func TestNameIsAText(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	for text, want := range map[string]string{
		`{{ if eq .By "Anna Doe" }}y{{ end }}`: "y", `{{ len .Initiator }}`: "8", `{{ printf "%q %s" .By .Initiator }}`: `"Anna Doe" Anna Doe`,
		`{{ print .By "!" }}`: "Anna Doe!", `{{ .By | truncate 5 }}`: "Anna…", `{{ default "x" .Initiator }}`: "Anna Doe",
		`{{ emoji "Anna Doe" ":wave:" .By }}`: ":wave:", `{{ has "Anna Doe" .By }}`: "yes", `{{ with .Initiator }}{{ bold . }}{{ end }}`: "*Anna Doe*",
		`{{ join ", " .By }}`: "Anna Doe", `{{ code .By }}`: "`Anna Doe`", `{{ ne .By .Initiator }}`: "no",
	} {
		if got := printed(t, w, text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	if _, err := w.Compile("a", `x{{ zone .By .Occurred }}`); err == nil || !strings.Contains(err.Error(), "zone takes a text in quotes here") {
		t.Errorf("a name for a zone: got %v", err)
	}
}

func TestIsEmail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"anna@x.com": true, "anna.doe+x@mail.example.co.uk": true, "zoë@exämple.com": true, "": false, "anna": false, "@x.com": false, "anna@x": false,
		"a@b@x.com": false, "a b@x.com": false, "<a@x.com>": false, "a@x.com,b@x.com": false, "a@x.com\n": false, "a\u202e@x.com": false, "a|b@x.com": false,
		strings.Repeat("a", 250) + "@x.com": false,
	} {
		if got := isEmail(text); got != want {
			t.Errorf("%.30q: got %v", text, got)
		}
	}
}
