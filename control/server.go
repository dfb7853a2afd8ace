package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

const (
	maxAsk    = 4 << 20  // bytes of a request: some 300,000 numbers
	maxAnswer = 16 << 20 // bytes
	readLimit = 10 * time.Second
)

// Patience is how long an answer may take: a backup of a large journal on a slow disk needs minutes.
const Patience = 30 * time.Minute

// Server returns a server that lets the daemon answer. The caller serves and shuts it down.
func Server(daemon Daemon, log *slog.Logger) *http.Server {
	verbs := http.NewServeMux()
	verbs.Handle("POST /replay", verb(daemon.Replay))
	verbs.Handle("POST /release", verb(daemon.Release))
	verbs.Handle("POST /backup", verb(daemon.Backup))
	verbs.Handle("POST /webhooks", verb(daemon.Webhooks))
	verbs.Handle("POST /backfill", verb(daemon.Backfill))
	verbs.Handle("POST /recovery", verb(daemon.Recovery))
	verbs.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, refusal{Error: "the running ppmrelay does not know " + r.URL.Path + ": it is of another version"})
	})
	return &http.Server{
		Handler:           verbs,
		ReadHeaderTimeout: readLimit,
		ReadTimeout:       readLimit,
		WriteTimeout:      Patience + readLimit,
		IdleTimeout:       readLimit,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// refusal is the answer to whatever was not done.
type refusal struct {
	Error string `json:"error"`
	Usage bool   `json:"usage,omitempty"`
}

// verb makes a handler of what the daemon does.
func verb[Ask, Answer any](do func(context.Context, Ask) (Answer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var ask Ask
		if err := read(http.MaxBytesReader(w, r.Body, maxAsk), &ask); err != nil {
			answer(w, http.StatusBadRequest, refusal{Error: err.Error()})
			return
		}
		ctx, cancel := context.WithTimeoutCause(r.Context(), Patience, fmt.Errorf("it took longer than %s", Patience))
		defer cancel()
		done, err := do(ctx, ask)
		if err != nil {
			answer(w, http.StatusUnprocessableEntity, refusal{Error: err.Error(), Usage: errors.Is(err, ErrUsage)})
			return
		}
		answer(w, http.StatusOK, done)
	})
}

// read decodes exactly one object.
func read(body io.Reader, ask any) error {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(ask); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return errors.New("too much is asked for at once")
		}
		return fmt.Errorf("the running ppmrelay does not understand this command, perhaps as it is of another version: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the request")
	}
	return nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may be gone
}
