package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkCheck checks 500 routes and 200 templates, each compiled and tried on every sample of the types that it can
// meet. The goal is 0.3 s.
func BenchmarkCheck(b *testing.B) {
	file := filepath.Join(b.TempDir(), "ppmrelay.yaml")
	if err := os.WriteFile(file, []byte(manyRoutes(500, 200)), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var out bytes.Buffer
		if code := run(b.Context(), []string{"check", file}, &out, &out); code != exitFine {
			b.Fatalf("got exit code %d: %s", code, out.String())
		}
		if want := "500 routes, 200 templates x 12 event types, 0 faults"; !strings.Contains(out.String(), want) {
			b.Fatalf("got %s, want %q in it", out.String(), want)
		}
	}
}

// manyRoutes is a configuration with routes to channels of their own, and templates, which they use in turn.
func manyRoutes(routes, templates int) string {
	var text strings.Builder
	text.WriteString("server: { secrets: [" + secret + "] }\nslack: { token: xoxb-of-a-benchmark }\ntemplates:\n")
	for i := range templates {
		fmt.Fprintf(&text, `  words-%d: |
    {{ .Emoji }} *{{ .Entity }}*{{ with .Parent.Name }} in {{ . }}{{ end }} needs a look
    {{- range .Changes }}{{ if eq .Field "OverallStatus" "FinishDate" "Status" "Date" }}
    {{ .Label }}: {{ .Before }} → {{ bold .After }}{{ with .Difference }} ({{ . }}){{ end }}{{ end }}{{ end }}
    {{- with field "Manager" }}
    Manager: {{ . }}{{ end }}
`, i)
	}
	text.WriteString("routes:\n")
	for i := range routes {
		events := []string{`"Project:*", "KeyDate:*"`, `Project:Updated, KeyDate:Updated`, `"*"`}[i%3]
		fmt.Fprintf(&text, `  - name: route-%d
    events: [%s]
    when: daysMoved("FinishDate") > %d || daysMoved("Date") > 7 || changed("OverallStatus") && after("OverallStatus") == "Critical"
    slack: { channel: C%09d, template: words-%d }
`, i, events, i, i, i%templates)
	}
	return text.String()
}
