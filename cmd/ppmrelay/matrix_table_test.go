package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// reliabilityPage carries the table between two marks.
const (
	reliabilityPage = "../../docs/reliability.md"
	tableBegins     = "<!-- The table is written by TestMatrixTable; see cmd/ppmrelay/matrix_test.go. -->\n"
	tableEnds       = "<!-- The end of the table. -->\n"
)

// TestMatrixTable keeps the table in docs/reliability.md what TestMatrix plays.
func TestMatrixTable(t *testing.T) {
	known := map[string]bool{}
	for _, r := range rows() {
		switch {
		case known[r.name()]:
			t.Errorf("%s: stands there twice", r.name())
		case r.what == "" || r.ends == "" || len(r.acts) == 0:
			t.Errorf("%s: says not all, or plays nothing", r.name())
		case (r.possible != 0) != (r.doubles != "" && strings.Contains(r.doubles, "counted")):
			t.Errorf("%s: got %d possible doubles, which the table must call counted: %q", r.name(), r.possible, r.doubles)
		}
		known[r.name()] = true
	}
	page, err := os.ReadFile(reliabilityPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(page), tableBegins)
	have, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("%s has no place for the table, between %q and %q", reliabilityPage, tableBegins, tableEnds)
	}
	want := table(rows())
	if have == want {
		return
	}
	if *update {
		writeFile(t, reliabilityPage, before+tableBegins+want+tableEnds+after)
		return
	}
	t.Errorf("the table differs from %s: look at what this writes and run the test with -update\n%s", reliabilityPage, difference(have, want))
}

// table is the specification for people.
func table(all []row) string {
	var out strings.Builder
	out.WriteString("\n| who | where | what happens | shown meanwhile | how it ends | what can still double |\n|---|---|---|---|---|---|\n")
	for _, r := range all {
		cells := []string{r.who, r.where, r.what, r.shows(), r.ends, or(r.doubles, "nothing")}
		if strings.Contains(r.where, ".") || r.where == batches {
			cells[1] = "`" + r.where + "`"
		}
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(cell, "|", "¦")
		}
		out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	out.WriteString("\n")
	return out.String()
}

// shows is what people see meanwhile, each sight once, and those together that differ in their reason only.
func (r row) shows() string {
	var texts []string
	reasons := map[string][]string{}
	for _, a := range append([]rowAct{{shown: r.shown}}, r.acts...) {
		for _, look := range a.shown {
			text, reason := look.text()
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
			if reason != "" && !slices.Contains(reasons[text], reason) {
				reasons[text] = append(reasons[text], reason)
			}
		}
	}
	for i, text := range texts {
		if len(reasons[text]) > 0 {
			texts[i] += ": " + strings.Join(reasons[text], ", ")
		}
	}
	return or(strings.Join(texts, "; or "), "nothing: it goes on")
}
