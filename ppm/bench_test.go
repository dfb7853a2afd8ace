package ppm_test

import (
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// benchmarkFiles are the usual case and the largest ones.
func benchmarkFiles() []string {
	return []string{"Project-Updated.json", "hostile/many-attributes.json", "hostile/description-40000.json"}
}

// BenchmarkPeek is what the door does with every body.
func BenchmarkPeek(b *testing.B) {
	for _, name := range benchmarkFiles() {
		b.Run(name, func(b *testing.B) {
			body := sample(b, name)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ppm.Peek(body, "Project:Updated"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range benchmarkFiles() {
		b.Run(name, func(b *testing.B) {
			body := sample(b, name)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ppm.Decode(body, "Project:Updated"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFingerprint(b *testing.B) {
	m, err := ppm.Parse(sample(b, "Project-Updated.json"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Fingerprint()
	}
}

func BenchmarkChanges(b *testing.B) {
	for _, name := range benchmarkFiles() {
		b.Run(name, func(b *testing.B) {
			e, err := ppm.Decode(sample(b, name), "Project:Updated")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				event.Changes(e, nil)
			}
		})
	}
}
