package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// row is one fault, as it stands in the table of docs/reliability.md, and how it is played. The first fields are the
// specification; what people are shown meanwhile, and how much may double, is demanded of the play.
type row struct {
	who, where, what string
	shown            []sight // while it lasts; all of them, in any order
	ends             string
	doubles          string // what can still double, and why; empty = nothing

	acts     []rowAct               // one after the other, at least one
	options  func(*sandbox.Options) // what the stand-ins are like
	config   func(string) string    // what the configuration is like
	ground   string                 // a kind of disk below the folder; empty = the usual one
	long     bool                   // waits for minutes: only make soak plays it
	possible int                    // possible doubles that the journal counts
	appeared int                    // how many of these do appear
	after    deed                   // when all is told
}

// rowAct is a fault that begins and ends. Between the two people edit, and what is shown is looked at.
type rowAct struct {
	strike  deed
	mend    deed
	restart bool // a person starts the daemon again after mending
	silent  bool // nobody edits while it lasts: what PPM Express sends then would be its loss, not ours
	wait    deed // after the edits, before anybody looks
	shown   []sight
}

// sight is what is shown of a target while a fault lasts. It is read from the journal, as people and /readyz read it, or
// from what the daemon answers.
type sight struct {
	at      []string      // targets that are hit; the others must go on
	any     bool          // one of them is enough: a fault that hits only once
	class   sinks.Class   // in the log; looked at where a reason is given and the target is not merely looked up
	hold    journal.Hold  // paused, parked or stopped; empty = none
	reason  sinks.Reason  // why
	state   journal.State // of the events that wait
	briefly bool          // too short, or too rare, to be demanded
	lookup  bool          // it is the look at the last attempt that fails
	ready   string        // words of /readyz instead
	status  int           // what PPM Express is answered instead
	log     string        // words of the log instead
	said    string        // words of a program that ends instead
}

// text is the sight as the table shows it, and the reason in it.
func (s sight) text() (text, reason string) {
	switch {
	case s.ready != "":
		return "`/readyz` names “" + s.ready + "”", ""
	case s.log != "" && s.briefly:
		return "the log may say “" + s.log + "”", ""
	case s.log != "":
		return "the log says “" + s.log + "”", ""
	case s.said != "":
		return "the program says “… " + s.said + " …”", ""
	case s.status != 0:
		return fmt.Sprintf("PPM Express is answered %d", s.status), ""
	}
	text = "events *" + string(s.state) + "*"
	if s.hold != "" {
		text += ", target *" + string(s.hold) + "*"
	}
	if s.lookup && s.hold != eitherHold {
		text += ", “cannot look up”"
	}
	if s.briefly {
		text += ", for a moment"
	}
	if !s.lookup {
		text += " (" + s.class.String() + ")"
	}
	return text, "`" + string(s.reason) + "`"
}

// eitherHold is a hold until a person acts, be it of the target alone or of its service.
const eitherHold journal.Hold = "parked* or *stopped"

// some is a number of possible doubles that depends on the moment.
const some = -1

// rows is the whole table.
func rows() []row {
	return slices.Concat(slackRows(), slackConditions(), sheetRows(), sheetConditions(), sheetHands(), ppmRows(), diskRows(), crashRows())
}

// together is how many rows are played at the same time. They wait most of their time.
const rowsTogether = 36

// TestMatrix plays each fault of each vendor, and of the disk, with the real daemon in a process of its own among the
// stand-ins. Each row is the same story:
//
//	edits   the fault begins   edits   what is shown is looked at, the neighbours go on   it is mended   edits   all ends
//
// It proves that whatever fails, nothing is lost, nothing is told twice, every entity is told in its order, and people
// are shown what waits and why; with the one exception that a Slack message doubles that nobody could see in time, and
// that is counted.
func TestMatrix(t *testing.T) { //nolint:tparallel // all is played at once, the subtests only report
	wholeProgram(t)
	binary, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	only, soaking := os.Getenv("PPMRELAY_MATRIX"), os.Getenv("PPMRELAY_SOAK") != ""
	var all []row
	for _, r := range rows() {
		if strings.Contains(r.name(), only) && (soaking || !r.long) {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b row) int { return b.patience() - a.patience() }) // who waits longest begins
	results := make([]result, len(all))
	dir := t.TempDir()
	room := make(chan struct{}, rowsTogether)
	var playing sync.WaitGroup
	for i, r := range all { // not t.Parallel: as many as there are processors would take minutes
		playing.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			started := time.Now()
			results[i] = playRow(t.Context(), binary, filepath.Join(dir, strconv.Itoa(i)), r)
			results[i].took = time.Since(started)
		})
	}
	playing.Wait()
	for i, r := range all {
		t.Run(r.name(), func(t *testing.T) { results[i].judge(t, r) })
	}
}

func (r row) name() string { return r.who + ", " + r.where + ": " + r.what }

// patience orders rows by how long they wait.
func (r row) patience() int {
	switch {
	case r.long:
		return 2
	case strings.Contains(r.what, "no answer"), strings.Contains(r.what, "minute"):
		return 1
	}
	return 0
}

// result is what became of a row.
type result struct {
	audit   audit
	took    time.Duration
	skipped string // why it cannot be played here
	err     error
}

func (got result) judge(t *testing.T, r row) {
	t.Helper()
	if got.skipped != "" {
		t.Skipf("NOT PLAYED: %s", got.skipped)
	}
	if got.err != nil {
		t.Fatal(got.err)
	}
	t.Logf("%.1f s, %+v", got.took.Seconds(), got.audit)
	if !got.audit.clean() {
		t.Errorf("got %d lost, %d doubled, %d out of order, want 0, 0 and 0:\n%s",
			got.audit.Lost, got.audit.Doubled, got.audit.Disorder, strings.Join(got.audit.Details, "\n"))
	}
	if got.audit.Possible != r.possible && r.possible != some || got.audit.Appeared != r.appeared {
		t.Errorf("got %d possible doubles of which %d appeared, want %d and %d:\n%s",
			got.audit.Possible, got.audit.Appeared, r.possible, r.appeared, strings.Join(got.audit.Details, "\n"))
	}
}

// skippedError is why a row cannot be played on this machine.
type skippedError struct{ why string }

func (e skippedError) Error() string { return e.why }

// playRow plays one row from the start of the stand-ins to the audit.
func playRow(ctx context.Context, binary, dir string, r row) (got result) {
	s, err := newRowPlay(ctx, binary, dir, r)
	if skipped, ok := errors.AsType[skippedError](err); ok {
		return result{skipped: skipped.why}
	}
	if err != nil {
		return result{err: err}
	}
	defer func() { got.err = errors.Join(got.err, s.close()) }()
	if err := s.play(ctx, r); err != nil {
		return result{err: fmt.Errorf("%w\n%s", err, s.log)}
	}
	found, err := s.audit(ctx)
	return result{audit: found, err: err}
}
