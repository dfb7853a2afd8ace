package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/ppmrelay/ppmrelay/handlers"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

// The sides of the comparison.
const (
	sideJournal = "journal"
	sideFloor   = "floor"
)

// appender is what a side puts behind the handlers.
type appender interface {
	handlers.Appender
	io.Closer
}

// serve is the process of one side: the public listener of ppmrelay serve over the journal or over the floor, without
// delivery, until SIGTERM. The log says where it listens, as the daemon's does.
func serve(ctx context.Context, s settings, stderr io.Writer) (err error) {
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	into, err := openSide(ctx, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, into.Close()) }()
	receiver, err := handlers.NewReceiver(handlers.Config{Secrets: []string{secret}, Log: log}, into, func() {})
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	stopProfile, err := profile(s)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, stopProfile()) }()

	server := handlers.Server(receiver.Public(), log)
	context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace) // what is measured is over
	})
	log.InfoContext(ctx, "listening", "events", listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func openSide(ctx context.Context, s settings, log *slog.Logger) (appender, error) {
	switch s.serve {
	case sideJournal:
		return sqlite.Open(ctx, filepath.Join(s.dir, "journal.db"), sqlite.Options{Logger: log})
	case sideFloor:
		return openFloor(filepath.Join(s.dir, "floor"))
	default:
		return nil, fmt.Errorf("there is no side %q", s.serve)
	}
}

// profile begins a CPU profile where one is wanted, and returns what ends it.
func profile(s settings) (stop func() error, _ error) {
	if s.profile == "" {
		return func() error { return nil }, nil
	}
	file, err := os.CreateTemp(s.profile, s.serve+"-*.pprof")
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}
