package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// Defaults of Config.
const (
	DefaultMaxBody  = 4 << 20         // bytes
	DefaultPatience = 5 * time.Second // for the journal
)

// Appender is the part of the journal that receiving needs. Append returns after the commit. When ctx ends first, Append
// may give up or go on, as it likes.
type Appender interface {
	Append(ctx context.Context, in journal.Incoming) (journal.Appended, error)
}

// Config is what a Receiver has to know.
type Config struct {
	Secrets  []string      // all are accepted; never empty
	MaxBody  int64         // bytes; 0 = DefaultMaxBody
	Patience time.Duration // how long the journal may take before the answer is 503; 0 = DefaultPatience
	Log      *slog.Logger

	// Missed hears of each authentic event that is refused here and may be lost: of its type, empty where that is not known,
	// and why. It must not block. Nil: nobody does.
	Missed func(kind event.Type, at time.Time, why string)
}

// Receiver takes events into the journal. It is safe for concurrent use.
type Receiver struct {
	journal  Appender
	wake     func()
	secrets  *keyring
	maxBody  int64
	patience time.Duration
	log      *slog.Logger
	large    chan struct{} // a place for each large body in memory
	decode   func(body []byte, kind event.Type) (journal.Incoming, error)
	known    []event.Type
	started  time.Time
	refused  refusals
	missed   func(kind event.Type, at time.Time, why string)
}

// NewReceiver returns a Receiver that appends to the journal and calls wake, which must not block, after each new
// event. The error says which secret cannot be used, without showing it.
func NewReceiver(config Config, into Appender, wake func()) (*Receiver, error) {
	secrets, err := newKeyring(config.Secrets)
	if err != nil {
		return nil, err
	}
	receiver := &Receiver{
		journal:  into,
		wake:     wake,
		secrets:  secrets,
		maxBody:  config.MaxBody,
		patience: config.Patience,
		log:      config.Log,
		decode:   envelope,
		known:    event.Types(),
		started:  time.Now().UTC(),
		missed:   config.Missed,
	}
	if receiver.missed == nil {
		receiver.missed = func(event.Type, time.Time, string) {}
	}
	if receiver.maxBody <= 0 {
		receiver.maxBody = DefaultMaxBody
	}
	if receiver.patience <= 0 {
		receiver.patience = DefaultPatience
	}
	receiver.large = make(chan struct{}, placesFor(receiver.maxBody))
	return receiver, nil
}

// typed serves the path that names the type.
func (r *Receiver) typed(c *gin.Context) {
	kind, ok := r.typeOf(c.Param("entity"), c.Param("action"))
	if !ok {
		refuse(c, http.StatusNotFound)
		return
	}
	r.receive(c, kind)
}

// untyped serves the path of webhooks that were made by hand for several types.
func (r *Receiver) untyped(c *gin.Context) { r.receive(c, "") }

// receive takes one event, or says why not.
func (r *Receiver) receive(c *gin.Context, kind event.Type) {
	if !r.secrets.admit(c.Request.Header, time.Now()) {
		r.turnAway(c)
		return
	}
	recognised(c.Request.Context())
	body, done, err := r.readBody(c)
	defer done()
	if errors.Is(err, errCrowded) {
		r.refuseForJournal(c, kind, err)
		return
	}
	if err != nil {
		r.refuseBody(c, kind, err)
		return
	}
	in := r.incoming(c.Request.Context(), body, kind, c.GetHeader("Content-Encoding"))
	appended, err := r.append(c.Request.Context(), in)
	if err != nil {
		r.refuseForJournal(c, kind, err)
		return
	}
	status := http.StatusAccepted
	if appended.Duplicate {
		status = http.StatusOK
	}
	c.JSON(status, gin.H{"id": appended.ID})
}

// append waits for the commit, as long as patience lasts: an append that is slow goes on, and the event is there when
// its sender comes again. A sender that hangs up has no part in it: what has arrived is an event, and it may be sent
// only once.
func (r *Receiver) append(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
	slow := fmt.Errorf("the journal took longer than %s", r.patience)
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), r.patience, slow)
	defer cancel()
	type outcome struct {
		appended journal.Appended
		err      error
	}
	done := make(chan outcome, 1)
	go func() {
		appended, err := r.commit(ctx, in)
		done <- outcome{appended, err}
	}()
	select {
	case end := <-done:
		return end.appended, end.err
	case <-ctx.Done():
		return journal.Appended{}, context.Cause(ctx)
	}
}

// commit appends, and tells delivery of what is new. It runs on its own goroutine, so nobody else would recover it.
func (r *Receiver) commit(ctx context.Context, in journal.Incoming) (appended journal.Appended, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			logPanic(ctx, r.log, "writing an event down panicked", cause)
			err = errors.New("an error of this program")
		}
	}()
	appended, err = r.journal.Append(ctx, in)
	if err != nil {
		return journal.Appended{}, err
	}
	if spell := r.refused.journalWorks(); spell.count > 0 {
		r.log.InfoContext(ctx, "events can be written down again", "refused", spell.count, "since", spell.first.UTC())
	}
	if appended.Duplicate {
		return appended, nil
	}
	if in.Quarantine != "" {
		r.log.WarnContext(ctx, "a body could not be read and is kept in quarantine",
			"id", appended.ID, "type", in.Type, "bytes", len(in.Body))
	}
	r.wake()
	return appended, nil
}
