package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/reconcile/recovery"
)

// How large the tenant is that a scan reads, and what is hoped for: the requests that the API's lists ask for, without the
// pauses between them, and a memory that does not grow with the tenant.
const (
	scanProjects = 10_000
	scanTasks    = 5 // of each
	scanRequests = 4 + 2*scanProjects
	scanGoal     = 300.0 // s
	scanMemory   = 80.0  // MB
)

// scan measures one reading of a large tenant in which nothing changed, on a journal that knows it.
func (b *bench) scan(ctx context.Context, result *report) error {
	took := figure{what: "a scan of 10,000 projects with 50,000 tasks, without pauses", goal: scanGoal, unit: "s"}
	requests := figure{what: "the scan: requests", goal: scanRequests}
	memory := figure{what: "the scan: memory, most, stand-in included", goal: scanMemory, unit: "MB"}
	dir, err := os.MkdirTemp(b.dir, "scan")
	if err != nil {
		return err
	}
	s, err := newScanned(ctx, filepath.Join(dir, "journal.db"))
	if err != nil {
		return err
	}
	defer s.close()
	b.say("scan: the baseline")
	if err := s.wait(ctx, 1); err != nil {
		return err
	}
	for round := range b.rounds {
		b.say("scan: round %d of %d", round+1, b.rounds)
		began, before := time.Now(), s.requests.Load()
		if err := s.recovery.Ask(ctx, journal.Compare); err != nil {
			return err
		}
		if err := forgetPeak(); err != nil {
			return err
		}
		if err := s.wait(ctx, round+2); err != nil {
			return err
		}
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			return err
		}
		_, most, err := sizesOf(string(status))
		if err != nil {
			return err
		}
		took.rounds = append(took.rounds, time.Since(began).Seconds())
		requests.rounds = append(requests.rounds, float64(s.requests.Load()-before))
		memory.rounds = append(memory.rounds, most)
	}
	result.figures = append(result.figures, took, requests, memory)
	return nil
}

// scanned is a large tenant, and what reads it.
type scanned struct {
	server   *httptest.Server
	requests atomic.Int64
	store    *sqlite.Journal
	recovery *recovery.Recovery
	stop     func()
}

func newScanned(ctx context.Context, path string) (*scanned, error) {
	s := &scanned{}
	s.server = httptest.NewServer(http.HandlerFunc(s.list))
	var err error
	if s.store, err = sqlite.Open(ctx, path, sqlite.Options{}); err != nil {
		s.server.Close()
		return nil, err
	}
	s.recovery = recovery.New(recovery.Config{
		Journal: s.store, Reader: ppm.NewClient(s.server.Client(), s.server.URL, "contoso", "v1.0", "token"), Wake: func() {},
		Logger: slog.New(slog.DiscardHandler), Timing: recovery.Timing{Pace: time.Nanosecond},
	})
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.recovery.Run(running)
	}()
	s.stop = func() {
		cancel()
		<-ended
	}
	return s, nil
}

func (s *scanned) close() {
	s.stop()
	_ = s.store.Close() // nobody needs what is in it
	s.server.Close()
}

// list answers as the vendor does: all projects at once, the tasks of one at a time, nothing of all else.
func (s *scanned) list(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/@contoso/v1.0/"), "/")
	_, _ = w.Write([]byte(`{"data":[`))
	switch {
	case parts[0] == "Projects":
		for i := range scanProjects {
			element(w, i, fmt.Sprintf("project-%d", i), "")
		}
	case parts[0] == "projects" && parts[2] == "tasks":
		for i := range scanTasks {
			element(w, i, fmt.Sprintf("%s-task-%d", parts[1], i), `"sourceType":"Ppmx","baseline":null,`)
		}
	}
	_, _ = w.Write([]byte(`]}`))
}

// element is about as long as an entity of the vendor's examples.
func element(w io.Writer, i int, id, more string) {
	comma := ","
	if i == 0 {
		comma = ""
	}
	_, _ = fmt.Fprintf(w, `%s{"id":%q,%s"attributes":{"Name":"Name of %s","Description":%q,"StartDate":"2022-02-13T12:00:00Z","FinishDate":null,`+
		`"OverallStatus":0,"ScheduleStatus":-1,"Budget":%d.50,"Priority":3,"Progress":2,"Score":0,"Cost":0,"Revenue":0,"Risk":0,"Impact":0,`+
		`"Manager":[{"id":"16facc4a-8b00-4fc6-a873-6dfa72afff85","fullName":"Anna Doe","imageId":null}],"Portfolio":[{"id":"x","name":"Digital"}]}}`,
		comma, id, more, id, strings.Repeat("What it is for. ", 20), i)
}

// wait waits until so many sweeps have ended.
func (s *scanned) wait(ctx context.Context, number int) error {
	for {
		sweeps, err := s.store.Sweeps(ctx, 1)
		if err != nil {
			return err
		}
		if len(sweeps) > 0 && sweeps[0].Number >= int64(number) && !sweeps[0].Ended.IsZero() {
			if p := sweeps[0].Progress; p.Entities != scanProjects*(1+scanTasks) || number > 1 && p.Differ > 0 {
				return fmt.Errorf("the scan read %d entities, of which %d differ", p.Entities, p.Differ)
			}
			return nil
		}
		if trouble := s.recovery.Status().Trouble; trouble != "" {
			return errors.New(trouble)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// forgetPeak gives back what memory is free, and lets the most that this process ever had begin anew: see
// proc_pid_clear_refs(5).
func forgetPeak() error {
	debug.FreeOSMemory()
	return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}
