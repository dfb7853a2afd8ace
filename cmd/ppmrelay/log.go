package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/mattn/go-isatty"
)

// version is set when the binary is built.
var version = "dev"

// logger writes to the standard error: text for people on a terminal, JSON for machines.
func (a *app) logger() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.logLevel)); err != nil {
		return nil, wrong(fmt.Errorf("--log-level %q: write debug, info, warn or error", a.logLevel))
	}
	options := &slog.HandlerOptions{Level: level}
	format := a.logFormat
	if format == "" {
		format = "json"
		if onTerminal(a.err) {
			format = "text"
		}
	}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(a.err, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(a.err, options)), nil
	}
	return nil, wrong(fmt.Errorf("--log-format %q: write text or json", a.logFormat))
}

// onTerminal reports whether a person reads what is written to a stream, or types what is read from it.
func onTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
