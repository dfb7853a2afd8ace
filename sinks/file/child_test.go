package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// childKey tells the test binary to be a child: a process that performs effects, and may die of it.
const childKey = "FILE_SINK_CHILD"

// order is what a child is to do.
type order struct {
	Path    string
	Headers []string
	Effects []sinks.Effect
	Limit   uint64 // bytes that a file may have; 0 = any number
	Die     bool   // kill itself with -9 after the last effect
}

// outcome is what a child says of one effect.
type outcome struct {
	Begun   bool // and nothing is known yet
	Receipt sinks.Receipt
	Failed  bool
	Class   sinks.Class
	Reason  sinks.Reason
	Text    string
}

func TestMain(m *testing.M) {
	if os.Getenv(childKey) != "" {
		if err := beChild(); err != nil {
			panic(err)
		}
		return
	}
	m.Run()
}

func beChild() error {
	var o order
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	if o.Limit > 0 {
		limit := syscall.Rlimit{Cur: o.Limit, Max: o.Limit}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
	}
	sink, err := New(Config{Path: o.Path}, o.Headers)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, effect := range o.Effects {
		if err := out.Encode(outcome{Begun: true}); err != nil {
			return err
		}
		said := perform(sink, effect)
		if o.Die {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		if err := out.Encode(said); err != nil {
			return err
		}
	}
	return nil
}

func perform(sink *Sink, effect sinks.Effect) outcome {
	receipt, err := sink.Perform(context.Background(), effect)
	if err == nil {
		return outcome{Receipt: receipt}
	}
	failure := sinks.Classify(err)
	return outcome{Failed: true, Class: failure.Class, Reason: failure.Reason, Text: err.Error()}
}

// command makes a child that is not started yet.
func command(ctx context.Context, t *testing.T, o order) *exec.Cmd {
	t.Helper()
	input, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childKey+"=1")
	cmd.Stdin = bytes.NewReader(input)
	cmd.Stderr = os.Stderr
	return cmd
}

// inChild performs one effect in a child, and returns what the sink said there.
func inChild(ctx context.Context, t *testing.T, o order) (sinks.Receipt, error) {
	t.Helper()
	output, err := command(ctx, t, o).Output()
	if exit, dead := errors.AsType[*exec.ExitError](err); o.Die && dead && exit.ExitCode() < 0 {
		return "", errors.New("the process was killed")
	}
	if err != nil || o.Die {
		t.Fatalf("running a child: %v, output %s", err, output)
	}
	said := outcomes(t, output)
	last := said[len(said)-1]
	if last.Failed {
		return "", sinks.Fail(last.Class, last.Reason, "%s", last.Text)
	}
	return last.Receipt, nil
}

func outcomes(t *testing.T, output []byte) []outcome {
	t.Helper()
	var all []outcome
	for line := range bytes.Lines(output) {
		var o outcome
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatalf("reading %q of a child: %v", line, err)
		}
		all = append(all, o)
	}
	if len(all) == 0 {
		t.Fatal("a child said nothing")
	}
	return all
}
