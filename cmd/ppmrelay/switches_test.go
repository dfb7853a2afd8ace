package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ppmrelay/ppmrelay/sandbox"
)

// together is how many trials are made at the same time. They wait most of their time.
const together = 24

// TestTheStoryIsTheSameWhateverIsTrue plays one short story with the real daemon, once with the stand-ins as they are by
// default, and once with each of their switches flipped:
//
//	edits of all four kinds   the same again, with faults of Slack and Google   lost answers to PPM Express
//	a bulk edit below a filter   deletions   a webhook is deleted while the tenant is full and the permission is gone
//
// It proves that what people are told does not depend on our guesses about the vendors.
func TestTheStoryIsTheSameWhateverIsTrue(t *testing.T) { //nolint:tparallel // all is played at once, the subtests only report
	wholeProgram(t)
	binary, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	rows := append([]sandbox.Switch{{Name: "none", Flip: func(*sandbox.Options) {}}}, sandbox.Switches()...)
	endings, failures := make([]ending, len(rows)), make([]error, len(rows))
	var playing sync.WaitGroup
	room := make(chan struct{}, together)
	dir := t.TempDir()
	for i, row := range rows { // not t.Parallel: as many as there are processors would take minutes
		playing.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			endings[i], failures[i] = try(t.Context(), binary, filepath.Join(dir, row.Name), row)
		})
	}
	playing.Wait()
	if failures[0] != nil || len(endings[0].told) < 60 || len(endings[0].rows) < 30 {
		t.Fatalf("the story itself: told %d, rows %d, %v", len(endings[0].told), len(endings[0].rows), failures[0])
	}
	for i, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			if failures[i] != nil {
				t.Fatal(failures[i])
			}
			got, want := endings[i], endings[0].changed(row)
			t.Logf("%+v, deliveries that failed: %q", got.audit, got.failed)
			if got.audit.Lost > 0 || got.audit.Doubled > 0 {
				t.Errorf("got %d lost, %d doubled, want 0 and 0:\n%s", got.audit.Lost, got.audit.Doubled, strings.Join(got.audit.Details, "\n"))
			}
			for _, differs := range append(unlike(got.told, want.told), unlike(got.rows, want.rows)...) {
				t.Error(differs)
			}
		})
	}
}

// ending is what people have been told in the end. Numbers, times and ids are left out of it.
type ending struct {
	told  []string // by event and target: "Project:Updated | Customer Portal | slack | delivered"
	rows  []string // of the sheet: "Updated | Project | Customer Portal | …"
	audit audit

	failed []string // deliveries
}

// changed is the ending that a row announces, made from that of the story without it.
func (e ending) changed(row sandbox.Switch) ending {
	changed := ending{told: slices.Clone(e.told), rows: slices.Clone(e.rows)}
	switch row.Name {
	case "ppm.compressed":
		changed = ending{}
	case "ppm.cascade-told": // the story deletes a project with a task and a key date
		for kind, name := range map[string]string{"Task": "Test plan for Status Page", "KeyDate": "Go-live of Status Page"} {
			for _, target := range []string{"sheet", "slack"} {
				changed.told = append(changed.told, kind+":Deleted | "+name+" | "+target+" | delivered")
			}
			changed.rows = append(changed.rows, "Deleted | "+strings.Replace(kind, "yD", "y d", 1)+" | "+name+" | Status Page |  |  |  | Anna Doe | ")
		}
	case "ppm.deleted-bare":
		nameless(changed.told, ":Deleted", 1)
		nameless(changed.rows, "Deleted", 2)
	default:
		if row.Changes != "" {
			changed.told = []string{row.Name + " changes something, and nobody looks what"}
		}
	}
	return changed
}

// nameless empties a cell of the lines whose first one ends like that.
func nameless(lines []string, first string, cell int) {
	for i, line := range lines {
		cells := strings.Split(line, " | ")
		if strings.HasSuffix(cells[0], first) {
			cells[cell] = ""
			lines[i] = strings.Join(cells, " | ")
		}
	}
}

// unlike names what stands in one list more often than in the other.
func unlike(got, want []string) []string {
	counts := map[string]int{}
	for _, line := range got {
		counts[line]++
	}
	for _, line := range want {
		counts[line]--
	}
	var all []string
	for _, line := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[line]; n != 0 {
			all = append(all, fmt.Sprintf("%+d  %s", n, line))
		}
	}
	return all
}

// try plays the story with one switch flipped.
func try(ctx context.Context, binary, dir string, row sandbox.Switch) (_ ending, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return ending{}, err
	}
	p, err := newTrial(ctx, binary, dir, row)
	if err != nil {
		return ending{}, err
	}
	defer func() { err = errors.Join(err, p.sandbox.Close()) }()
	if err := p.play(ctx); err != nil {
		return ending{}, errors.Join(err, p.stop(), p.journal.Close(), errors.New(p.log.String()))
	}
	return p.ending(ctx)
}
