package templates

import (
	"bytes"
	"slices"
	"testing"
	"text/template"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// BenchmarkMessage says the main case: seven changes, a link, the built-in wording. The goal is 100 µs.
func BenchmarkMessage(b *testing.B) {
	w := testWords(b)
	net := netOf(sampleFile(b, "Project-Updated"))
	b.ReportAllocs()
	for b.Loop() {
		w.Message(net)
	}
}

func BenchmarkCustomMessage(b *testing.B) {
	w := testWords(b)
	template, err := w.Compile("status", customTemplates()["design"])
	if err != nil {
		b.Fatal(err)
	}
	net := netOf(sampleFile(b, "Project-Updated"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := template.Message(net); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRows makes the seven rows of the main case, of ten columns each.
func BenchmarkRows(b *testing.B) {
	table, err := testWords(b).Table(RowPerChange, nil)
	if err != nil {
		b.Fatal(err)
	}
	e := sampleFile(b, "Project-Updated")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.Rows(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLongText(b *testing.B) {
	w := testWords(b)
	net := netOf(hostileFile(b, "description-40000", "Project:Updated"))
	for b.Loop() {
		w.Message(net)
	}
}

func BenchmarkCompile(b *testing.B) {
	w := testWords(b)
	text := BuiltinText("Project:Updated")
	for b.Loop() {
		if _, err := w.Compile("status", text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWhen(b *testing.B) {
	condition, err := testWords(b).When(`changed("OverallStatus") || daysMoved("FinishDate") > 7`)
	if err != nil {
		b.Fatal(err)
	}
	e := sampleFile(b, "Project-Updated")
	for b.Loop() {
		if _, err := condition.Holds(e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNet is what merging changes costs, which comes before any words.
func BenchmarkNet(b *testing.B) {
	e := sampleFile(b, "Project-Updated")
	for b.Loop() {
		event.NetOf([]event.Event{e}, nil)
	}
}

// BenchmarkCompileAll compiles 200 templates that include a part and meet three types of events each. The goal is a
// third of a second for checking these and 500 routes.
func BenchmarkCompileAll(b *testing.B) {
	w := testWords(b)
	texts := []Text{{Name: "line", Text: "{{ .Label }}: {{ .Before }} → {{ .After }}", Part: true}}
	for i := range 200 {
		texts = append(texts, Text{
			Name: "status" + count(i), Text: "{{ .Emoji }} *{{ .Entity }}*{{ range .Changes }}\n{{ template `line` . }}{{ end }}",
			Types: event.Types()[i%9 : i%9+3],
		})
	}
	for b.Loop() {
		if _, err := w.CompileAll(texts); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		testWords(b)
	}
}

func BenchmarkCompileWhen(b *testing.B) {
	w := testWords(b)
	for b.Loop() {
		if _, err := w.When(`changed("OverallStatus") || daysMoved("FinishDate") > 7 || Name matches "(?i)^pilot"`); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAgainstTextTemplate makes messages, and executes the same templates as often by text/template alone, on the
// same data: nothing is escaped, counted, laid out or bounded there. It prints how many times as long a message takes;
// the goal is at most 2.
func BenchmarkAgainstTextTemplate(b *testing.B) {
	w := testWords(b)
	net := netOf(sampleFile(b, "Project-Updated"))
	for name, text := range map[string]string{
		"built-in": BuiltinText("Project:Updated"), "custom": customTemplates()["design"], "functions": customTemplates()["functions"],
	} {
		b.Run(name, func(b *testing.B) {
			ours, err := w.Compile("status", text, "Project:Updated")
			if err != nil {
				b.Fatal(err)
			}
			plain := newPlain(b, w, text)
			var took, least []time.Duration
			for b.Loop() {
				began := time.Now()
				if _, err := ours.Message(net); err != nil {
					b.Fatal(err)
				}
				between := time.Now()
				if err := plain.message(net); err != nil {
					b.Fatal(err)
				}
				took, least = append(took, between.Sub(began)), append(least, time.Since(between))
			}
			slices.Sort(took)
			slices.Sort(least)
			ours50, plain50 := took[len(took)/2], least[len(least)/2] // what else the machine does is in neither
			b.ReportMetric(float64(ours50)/float64(plain50), "times-text/template")
			b.ReportMetric(float64(ours50.Nanoseconds()), "ns/message")
		})
	}
}

// plain executes a template by text/template alone.
type plain struct {
	run      run
	template *template.Template
	out      bytes.Buffer
}

func newPlain(b *testing.B, w *Words, text string) *plain {
	b.Helper()
	p := &plain{run: run{words: w, within: time.Hour}}
	parsed, err := template.New(root).Funcs(p.run.functions()).Parse(text)
	if err == nil {
		_, err = parsed.Parse(builtinText(contextName))
	}
	if err != nil {
		b.Fatal(err)
	}
	p.template = parsed
	return p
}

// message executes what a message is made of: the text in mrkdwn, the last line, the text in plain words.
func (p *plain) message(net event.Net) error {
	p.run.start(spoken, net)
	data := p.run.words.data(net)
	for _, name := range [...]string{root, contextName, root} {
		p.out.Reset()
		if err := p.template.ExecuteTemplate(&p.out, name, data); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkCompileTable(b *testing.B) {
	w := testWords(b)
	for b.Loop() {
		if _, err := w.Table(RowPerChange, handwrittenColumns()); err != nil {
			b.Fatal(err)
		}
	}
}
