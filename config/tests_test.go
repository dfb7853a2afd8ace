package config

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

const testsHead = `server: { secrets: [sixteen-characters] }
slack: { token: xoxb-not-a-real-token }
routes:
  - { name: team, events: ["*"], slack: { channel: C0123456789 } }
  - { name: log, events: ["*"], file: { path: changes.csv } }
tests:
  - { name: a, event: Project-Updated, expect: { `

// expected reads what is expected of a route.
func expected(t *testing.T, route, text string) Expectation {
	t.Helper()
	c, err := Parse("x.yaml", []byte(testsHead+route+": "+text+" } }\n"), lookup)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c.Tests[0].Expect[route]
}

// valuesOf are the values alone: a short form stands elsewhere than a long one.
func valuesOf(e Expectation) map[string]any {
	all := map[string]any{"forbids": e.Forbids(), "told": e.Told != nil, "is": e.Is.Value, "rows": e.RowCount, "cells": []map[string]Shown(e.Cells)}
	for key, list := range map[string]OneOrMore[Text]{"contains": e.Contains, "lacks": e.Lacks} {
		var values []string
		for _, one := range list {
			values = append(values, one.Value)
		}
		all[key] = values
	}
	for _, pattern := range e.Matches {
		all[pattern.String()] = true
	}
	return all
}

// A short form says what its long form says.
func TestShortForms(t *testing.T) {
	for _, tt := range []struct{ route, short, long string }{
		{"team", "told", "{ told: true }"},
		{"team", "not told", "{ told: false }"},
		{"team", "'not told'", "{ told: false }"},
		{"team", "{ contains: later }", "{ contains: [later] }"},
		{"team", "{ lacks: 14 }", "{ lacks: ['14'] }"},
		{"team", `{ matches: '\d+' }`, `{ matches: ['\d+'] }`},
		{"log", "{ cells: { Field: Status } }", "{ cells: [{ Field: Status }] }"},
	} {
		if got, want := valuesOf(expected(t, tt.route, tt.short)), valuesOf(expected(t, tt.route, tt.long)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", tt.short, got, want)
		}
	}
	if reflect.DeepEqual(valuesOf(expected(t, "team", "told")), valuesOf(expected(t, "team", "not told"))) {
		t.Error("told and not told say the same")
	}
}

// What a cell shows is taken as it is written, whatever YAML makes of it.
func TestShownIsAsWritten(t *testing.T) {
	got := expected(t, "log", `{ cells: { Days: 14, Complete: TRUE, When: 2022-02-14 09:20, Portfolio: "", Share: 012, Note: "a\nb" } }`).Cells[0]
	want := map[string]Shown{"Days": "14", "Complete": "TRUE", "When": "2022-02-14 09:20", "Portfolio": "", "Share": "012", "Note": "a\nb"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Tests change nothing that is told, so that they make no other version.
func TestVersionKnowsNoTests(t *testing.T) {
	with := mustLoad(t, "testdata/good/full.yaml")
	before, tests := with.Version(), with.Tests
	with.Tests = nil
	if after := with.Version(); len(tests) != 2 || before != after {
		t.Errorf("got version %s with %d tests, %s without", before, len(tests), after)
	}
}

func TestKeysHaveTheirPlace(t *testing.T) {
	c := mustLoad(t, "testdata/good/full.yaml")
	line, column := c.KeyPlace("tests[0].expect.pmo-log.cells[0].Days")
	if text := []rune(c.source.line(line)); string(text[column-1:column+3]) != "Days" {
		t.Errorf("got %d:%d, %q", line, column, string(text))
	}
	if l, col := c.KeyPlace("tests[0].nowhere"); l == 0 || col == 0 {
		t.Errorf("got %d:%d of what was not written", l, col)
	}
}

// No regular expression that is taken keeps anybody waiting, on a text as long as any message.
func TestRegexpsAreBounded(t *testing.T) {
	text := strings.Repeat("aaaaaaaaab ", 1500)
	taken := 0
	for _, pattern := range []string{
		"(a*)*$", "(a|aa)+$", "(.*)(.*)(.*)(.*)(.*)x", "(a?){500}a{500}", "((a{0,10}){0,10}){0,10}", "(a{0,99}b?){0,9}c", strings.Repeat("(a?)", 125),
		strings.Repeat("a{0,1000}", 50), `[\p{L}\p{N}\p{S}]{1,300}$`, strings.Repeat(`\pL?`, 125), "(?i)" + strings.Repeat("ſ?", 100),
	} {
		read, err := Regexp{}.parse(pattern, surroundings{})
		if err != nil {
			continue
		}
		taken++
		start := time.Now()
		matched, ok := read.(Regexp)
		if !ok {
			t.Fatalf("got a %T", read)
		}
		matched.MatchString(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", pattern, took)
		}
	}
	if taken < 3 {
		t.Errorf("got %d taken, want some", taken)
	}
}

// The ends of a line are what people think they are.
func TestRegexpKnowsLines(t *testing.T) {
	e := expected(t, "team", `{ matches: '^Finish: .* later$' }`)
	if text := "Status: Done\nFinish: 3 days later\nBy Anna"; !e.Matches[0].MatchString(text) {
		t.Errorf("%s does not match %q", e.Matches[0], text)
	}
}
