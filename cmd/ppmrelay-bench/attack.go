package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// attacking is what the log of an attacker says when all its connections have been tried.
const attacking = "attacking"

const (
	leastConnections = 100
	slowShare        = 10 // one slow sender for so many idle connections
	floods           = 64 // connections of a flood by strangers
	knownFloods      = 16 // connections of a flood by someone who has the secret
	dialWithin       = 5 * time.Second
	idleAgain        = 10 * time.Second // before an idle connection that was closed is opened again
	lowest           = 19               // priority; a real attacker's machine takes no processor away from the server's
)

// attacker is who sends what no honest sender does, from a process of its own.
type attacker struct {
	address string
	count   int    // idle connections
	bomb    []byte // 10 KB of gzip that would be 10 MB

	opened, failed atomic.Int64 // connections
	open, most     atomic.Int64 // connections now, and at the most
	answers        atomic.Int64 // requests that were answered, whatever the answer
}

// harm is what an attacker has to say at its end.
type harm struct {
	Opened  int64 `json:"opened"`
	Failed  int64 `json:"failed"`
	Most    int64 `json:"most"`
	Answers int64 `json:"answers"`
}

// attack is the attacker's process: one kind of hostility, or all, until SIGTERM. The last line of its log is a harm.
func attack(ctx context.Context, s settings, stderr io.Writer) error {
	bomb, err := newBomb()
	if err != nil {
		return err
	}
	a := &attacker{address: s.address, count: s.connections, bomb: bomb}
	chosen := a.kinds()
	if s.attack != everything {
		one, ok := chosen.named(s.attack)
		if !ok {
			return fmt.Errorf("there is no hostility %q", s.attack)
		}
		chosen = hostilities{one}
	}
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, lowest); err != nil {
		return fmt.Errorf("lowering the priority: %w", err)
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	raiseFiles(2 * uint64(s.connections)) //nolint:gosec // it is at least 100
	a.run(ctx, chosen, func() { log.InfoContext(ctx, attacking) })
	return json.NewEncoder(stderr).Encode(harm{a.opened.Load(), a.failed.Load(), a.most.Load(), a.answers.Load()})
}

// raiseFiles lets the process have so many open files, or as many as it may. What is missing shows in the harm.
func raiseFiles(wanted uint64) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur >= wanted {
		return
	}
	for _, most := range []uint64{max(limit.Max, wanted), limit.Max} { // the first is for those who may raise that, too
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: min(wanted, most), Max: most}) == nil {
			return
		}
	}
}

// run attacks until ctx ends. It calls ready when every connection has been tried once.
func (a *attacker) run(ctx context.Context, chosen hostilities, ready func()) {
	var running, first sync.WaitGroup
	for _, kind := range chosen {
		for n := range kind.connections {
			first.Add(1)
			running.Go(func() { a.keep(ctx, kind, n, first.Done) })
		}
	}
	first.Wait()
	ready()
	running.Wait()
}

// keep has one connection at any time, and does on it what the kind does. It calls tried after the first.
func (a *attacker) keep(ctx context.Context, kind hostility, n int, tried func()) {
	dialer := net.Dialer{Timeout: dialWithin}
	for ctx.Err() == nil {
		conn, err := dialer.DialContext(ctx, "tcp", a.address)
		switch {
		case err == nil:
			a.opened.Add(1)
			a.noteMost(a.open.Add(1))
		case ctx.Err() == nil:
			a.failed.Add(1)
		}
		if tried != nil {
			tried()
			tried = nil
		}
		if err != nil {
			_ = pause(ctx, time.Second) // it ends with ctx, which is looked at
			continue
		}
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		kind.do(ctx, conn, n)
		stop()
		_ = conn.Close()
		a.open.Add(-1)
		_ = pause(ctx, kind.again)
	}
}

func (a *attacker) noteMost(now int64) {
	for {
		most := a.most.Load()
		if now <= most || a.most.CompareAndSwap(most, now) {
			return
		}
	}
}
