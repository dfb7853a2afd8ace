package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// diskRows are what the disk, and whoever runs the relay, may do.
func diskRows() []row {
	refused := []sight{{status: http.StatusServiceUnavailable}}
	again := func(o *sandbox.Options) { o.PPM.Switches.Retries, o.PPM.Switches.RetryPause = 60, 500*time.Millisecond }
	fileConfig := func(path string) func(string) string {
		return func(text string) string { return strings.Replace(text, "path: changes.jsonl", "path: "+path, 1) }
	}
	return []row{
		{
			who: "Disk", where: "the journal", what: "full",
			shown: refused, ends: "taken when there is room; PPM Express must send again what it was refused",
			ground: groundSmall, options: again,
			acts: []rowAct{{strike: fill, wait: untilRefused, mend: drain}},
		},
		{
			who: "Disk", where: "the journal", what: "read-only at a start",
			shown:  []sight{{said: "let ppmrelay write the file and its folder"}},
			ends:   "the program ends; when the disk can be written to, it goes on",
			ground: groundSmall,
			acts:   []rowAct{{strike: inTurn(stop, shut, freeze(true), runBeside), mend: inTurn(freeze(false), start), silent: true}},
		},
		{
			who: "Disk", where: "a file", what: "its disk is full",
			shown:  []sight{onHold(journal.Paused, sinks.Retry, sinks.ReasonStorage, "file:small/changes.jsonl")},
			ends:   "half a row is taken back; told when there is room",
			ground: groundBelow, config: fileConfig("small/changes.jsonl"),
			acts: []rowAct{{strike: fill, wait: more, mend: drain}},
		},
		{
			who: "Disk", where: "a file", what: "its disk is read-only",
			shown:  []sight{onHold(journal.Parked, sinks.Park, sinks.ReasonTargetRefuses, "file:small/changes.jsonl")},
			ends:   "told when it can be written to",
			ground: groundBelow, config: fileConfig("small/changes.jsonl"),
			acts: []rowAct{{strike: freeze(true), mend: freeze(false), restart: true}},
		},
		{
			who: "Disk", where: "a file", what: "its folder is gone, and comes back as it was",
			shown:  []sight{onHold(journal.Parked, sinks.Park, sinks.ReasonTargetGone, "file:kept/changes.jsonl")},
			ends:   "told when it is back",
			config: fileConfig("kept/changes.jsonl"), ground: groundKept,
			acts: []rowAct{{strike: rename("kept", "elsewhere"), mend: rename("elsewhere", "kept"), restart: true}},
		},
		{
			who: "Disk", where: "the journal", what: "a second process is started with the same file",
			shown: []sight{{said: "in use by another ppmrelay"}},
			ends:  "the second ends at once; the first goes on",
			acts:  []rowAct{{wait: runBeside}},
		},
		{
			who: "Disk", where: "the daemon", what: "is asked to stop while everything is on its way",
			ends:    "what runs may end, the rest is told after the next start",
			options: again, acts: []rowAct{{wait: inTurn(stop, start)}},
		},
	}
}

// runBeside runs the program beside whatever runs, until it ends by itself, and keeps what it says. It must fail.
func runBeside(ctx context.Context, s *rowPlay) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	said, err := exec.CommandContext(ctx, s.binary, "serve", "--config", s.config).CombinedOutput()
	if s.said = string(said); err == nil {
		return fmt.Errorf("it ends well, and says %q", said)
	}
	return nil
}

// shut closes the journal of whoever looks, so that its disk can be made read-only.
func shut(_ context.Context, s *rowPlay) error {
	err := s.journal.Close()
	s.journal = nil
	return err
}

// more edits so much that it does not fit into what is left of a page of the disk.
func more(_ context.Context, s *rowPlay) error { return s.edit(10) }

// untilRefused edits until the journal has no room left: its write-ahead log goes on in the pages that it has already.
func untilRefused(ctx context.Context, s *rowPlay) error {
	return s.until(ctx, "an event is refused", func() (bool, error) {
		refused := slices.ContainsFunc(s.sandbox.PPM.Deliveries(), func(d ppm.Delivery) bool {
			return d.Status == http.StatusServiceUnavailable
		})
		if refused {
			return true, nil
		}
		return false, s.edit(2)
	})
}

// fill takes all the room of the small disk.
func fill(_ context.Context, s *rowPlay) error {
	file, err := os.Create(filepath.Join(s.ground.small, "filler"))
	if err != nil {
		return err
	}
	defer file.Close()
	for size := 64 << 10; size > 0; size /= 2 { // down to the last byte
		for err == nil {
			_, err = file.Write(make([]byte, size))
		}
		err = nil
	}
	return nil
}

// drain gives the room back.
func drain(_ context.Context, s *rowPlay) error {
	return os.Remove(filepath.Join(s.ground.small, "filler"))
}

// freeze makes the small disk read-only, or writable again.
func freeze(on bool) deed {
	return func(_ context.Context, s *rowPlay) error { return s.ground.remount(on) }
}

func rename(from, to string) deed {
	return func(_ context.Context, s *rowPlay) error {
		return os.Rename(filepath.Join(s.dir, from), filepath.Join(s.dir, to))
	}
}
