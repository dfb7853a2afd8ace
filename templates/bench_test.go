package templates

import (
	"testing"

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
