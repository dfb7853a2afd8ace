package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// bench is a run with what its cases share.
type bench struct {
	settings

	machine  machine
	dir      string // everything is written below it
	root     string // of the module
	draft    *draft // of the events that are sent
	progress io.Writer

	made   int     // folders, for their names
	daemon string  // the built program; empty before the first use
	full   *filled // a folder with a long journal; nil before the first use
}

// prepare looks at the machine and reads the sample.
func prepare(ctx context.Context, s settings, progress io.Writer) (*bench, error) {
	b := &bench{settings: s, progress: progress}
	var err error
	if b.root, err = moduleRoot(ctx); err != nil {
		return nil, err
	}
	body, err := os.ReadFile(b.sample())
	if err != nil {
		return nil, err
	}
	if b.draft, err = newDraft(body); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(b.sample()), err)
	}
	if b.dir, err = os.MkdirTemp(s.dir, "ppmrelay-bench"); err != nil {
		return nil, err
	}
	if b.machine, err = look(b.dir); err != nil {
		_ = os.RemoveAll(b.dir) // the reason matters more
		return nil, err
	}
	return b, nil
}

// sample is the file of the event that everything is measured with: a change of seven fields.
func (b *bench) sample() string { return filepath.Join(b.root, "samples", "Project-Updated.json") }

// folder makes a new empty folder.
func (b *bench) folder() (string, error) {
	b.made++
	dir := filepath.Join(b.dir, fmt.Sprintf("%04d", b.made))
	return dir, os.Mkdir(dir, 0o700)
}

func (b *bench) say(format string, args ...any) { _, _ = fmt.Fprintf(b.progress, format+"\n", args...) }

// build makes the program as it is released, once.
func (b *bench) build(ctx context.Context) error {
	if b.daemon != "" {
		return nil
	}
	b.say("building ppmrelay")
	path := filepath.Join(b.dir, "ppmrelay")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./cmd/ppmrelay") //nolint:gosec // a path of our own
	command.Dir, command.Env = b.root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building ppmrelay: %w\n%s", err, out)
	}
	b.daemon = path
	return nil
}

// moduleRoot is the folder of the checkout: samples are read from it, and the program is built there.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/ppmrelay/ppmrelay").Output()
	if err != nil {
		return "", fmt.Errorf("looking for the checkout of ppmrelay, where it has to run: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
