package selftest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	startTime = time.Minute // until it listens; a journal that was cut off is recovered first
	stopTime  = time.Minute // more than the daemon grants itself
)

// Daemon is the real program in a process of its own. Its methods are for one caller at a time.
type Daemon struct {
	Events  string // base URL of the public listener: "http://127.0.0.1:41001"; empty until it listens
	Console string // base URL of the private one

	process   *exec.Cmd
	listening chan [2]string
	ended     chan struct{}
	err       error // how it ended
}

// Start starts "program serve --config file" and does not wait until it listens. Its log goes to log, which is written
// to until the process has ended. When ctx ends, the process is killed.
func Start(ctx context.Context, program, config string, log io.Writer) (*Daemon, error) {
	//nolint:gosec // the program is this one, or was built by its own test
	process := exec.CommandContext(ctx, program, "serve", "--config", config, "--log-format", "json")
	process.SysProcAttr = attributes()
	d := &Daemon{process: process, listening: make(chan [2]string, 1), ended: make(chan struct{})}
	output, err := process.StderrPipe()
	if err != nil {
		return nil, err
	}
	started := make(chan error)
	go func() {
		// Linux ties the life of the child to the thread that started it, not to the process: this one stays until the
		// child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := process.Start()
		started <- err
		if err == nil {
			d.read(output, log)
			d.err = process.Wait()
			close(d.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	return d, nil
}

// read copies the log, and finds the addresses in it.
func (d *Daemon) read(output io.Reader, log io.Writer) {
	lines := bufio.NewReader(output)
	for {
		text, err := lines.ReadBytes('\n')
		_, _ = log.Write(text) // a log that cannot be written must not stop the daemon
		var line struct{ Msg, Events, Console string }
		if json.Unmarshal(text, &line) == nil && line.Msg == "listening" {
			d.listening <- [2]string{"http://" + line.Events, "http://" + line.Console}
		}
		if err != nil {
			return
		}
	}
}

// Listening waits until the daemon listens, and sets Events and Console.
func (d *Daemon) Listening(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("the daemon does not listen after %v", startTime))
	defer cancel()
	select {
	case found := <-d.listening:
		d.Events, d.Console = found[0], found[1]
		return nil
	case <-d.ended:
		return errors.Join(errors.New("the daemon ended before it listened"), d.err)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Ended is closed when the process has ended and its log is complete.
func (d *Daemon) Ended() <-chan struct{} { return d.ended }

// Kill ends the process as a crash would, and returns when it is gone. An error says that it had ended by itself.
func (d *Daemon) Kill() error {
	select {
	case <-d.ended:
		return errors.Join(errors.New("the daemon ended by itself"), d.err)
	default:
	}
	err := d.process.Process.Kill()
	<-d.ended
	return err
}

// Stop asks the process to end, waits, and returns an error when it does not end well.
func (d *Daemon) Stop() error {
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		return errors.Join(err, d.Kill())
	}
	bound := time.NewTimer(stopTime)
	defer bound.Stop()
	select {
	case <-d.ended:
		return d.err
	case <-bound.C:
		return errors.Join(fmt.Errorf("the daemon has not ended %v after it was asked to", stopTime), d.Kill())
	}
}
