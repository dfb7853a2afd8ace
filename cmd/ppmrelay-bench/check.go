package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The configuration that is checked, and how long that may take, in ms.
const (
	checkedRoutes    = 500
	checkedTemplates = 200
	checkGoal        = 300.0
)

// check measures the released program checking a large configuration, from its start to its end.
func (b *bench) check(ctx context.Context, result *report) error {
	if err := b.build(ctx); err != nil {
		return err
	}
	dir, err := b.folder()
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "ppmrelay.yaml")
	if err := os.WriteFile(file, []byte(manyRoutes(checkedRoutes, checkedTemplates)), 0o600); err != nil {
		return err
	}
	took := figure{what: fmt.Sprintf("check of %d routes, %d templates", checkedRoutes, checkedTemplates), goal: checkGoal, unit: "ms"}
	worked := figure{what: "the same: time of the processors", unit: "ms"}
	if _, _, err := b.checked(ctx, file); err != nil { // the program comes into the page cache
		return err
	}
	for round := range b.rounds {
		b.say("check: round %d of %d", round+1, b.rounds)
		elapsed, cpu, err := b.checked(ctx, file)
		if err != nil {
			return err
		}
		took.rounds = append(took.rounds, milliseconds(elapsed))
		worked.rounds = append(worked.rounds, milliseconds(cpu))
	}
	result.figures = append(result.figures, took, worked)
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// checked runs one check, and demands that it looked at everything.
func (b *bench) checked(ctx context.Context, file string) (elapsed, cpu time.Duration, err error) {
	began := time.Now()
	command := exec.CommandContext(ctx, b.daemon, "check", file) //nolint:gosec // the program that it built
	out, err := command.CombinedOutput()
	elapsed = time.Since(began)
	want := fmt.Sprintf("%d routes, %d templates x 12 event types, 0 faults", checkedRoutes, checkedTemplates)
	if err != nil || !strings.Contains(string(out), want) {
		return 0, 0, fmt.Errorf("checking: %w\n%s", err, out)
	}
	return elapsed, command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}

// manyRoutes is a configuration with routes to channels of their own, each with a condition, and templates, which they use
// in turn. Most templates meet events of all types.
func manyRoutes(routes, templates int) string {
	var text strings.Builder
	text.WriteString("server: { secrets: [the-secret-of-a-benchmark] }\nslack: { token: xoxb-of-a-benchmark }\ntemplates:\n")
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
