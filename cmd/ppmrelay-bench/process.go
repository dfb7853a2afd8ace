package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server, or an attacker, in a process of its own.
type process struct {
	command *exec.Cmd
	address string        // of its public listener; empty for an attacker
	last    string        // lines of its log; read it only when logged is closed
	logged  chan struct{} // closed when the log has ended
}

// launch starts a process and returns when its log says where it listens, or that it attacks.
func launch(ctx context.Context, program string, args ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, program, args...), logged: make(chan struct{})} //nolint:gosec // this program, or the one that it built
	stderr, err := p.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	listening := make(chan string, 1)
	go p.read(stderr, listening)
	select {
	case p.address = <-listening:
		return p, nil
	case <-p.logged:
		err := errors.Join(errors.New("the server did not start"), p.command.Wait())
		return nil, fmt.Errorf("%w\n%s", err, p.last)
	}
}

// read follows the log, and keeps its latest line for an error.
func (p *process) read(log io.Reader, listening chan<- string) {
	defer close(p.logged)
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		p.last = lines.Text()
		var line struct{ Msg, Events string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && (line.Msg == "listening" || line.Msg == attacking) {
			listening <- line.Events
		}
	}
}

// stop asks the process to end, and waits for it.
func (p *process) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-p.logged
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("the server ended with %w\n%s", err, p.last)
	}
	return nil
}

// cpu is how much of the processors it has used so far, user and system, to 10 ms.
func (p *process) cpu() (time.Duration, error) {
	text, err := p.proc("stat")
	if err != nil {
		return 0, err
	}
	return cpuOf(text)
}

// cpuOf reads /proc/PID/stat (proc_pid_stat(5)): utime and stime are the fields 14 and 15, in ticks of 10 ms. The
// second field is a name in parentheses, which can hold anything.
func cpuOf(stat string) (time.Duration, error) {
	const tick, utime, stime = 10 * time.Millisecond, 14, 15
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) <= stime-3 {
		return 0, errors.New("the time of a process is not told as Linux tells it")
	}
	user, err := strconv.ParseInt(fields[utime-3], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[stime-3], 10, 64)
	return time.Duration(user+system) * tick, err
}

// memory is what of the process is in memory now, and was at the most, in MB of a million bytes.
func (p *process) memory() (now, most float64, err error) {
	text, err := p.proc("status")
	if err != nil {
		return 0, 0, err
	}
	return sizesOf(text)
}

// sizesOf reads both from /proc/PID/status.
func sizesOf(status string) (now, most float64, err error) {
	if now, err = sizeOf(status, "VmRSS"); err != nil {
		return 0, 0, err
	}
	most, err = sizeOf(status, "VmHWM")
	return now, most, err
}

// sizeOf reads a line of /proc/PID/status, whose "kB" are 1024 bytes.
func sizeOf(status, name string) (float64, error) {
	for line := range strings.Lines(status) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == name+":" {
			size, err := strconv.ParseFloat(fields[1], 64)
			return size * 1024 / 1e6, err
		}
	}
	return 0, fmt.Errorf("%s of a process is not told", name)
}

func (p *process) proc(file string) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.command.Process.Pid, file))
	return string(text), err
}
