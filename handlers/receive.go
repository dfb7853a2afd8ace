package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
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
	Metrics  http.Handler // served at /metrics of the console; nil = nothing is

	// Missed hears of each authentic event that is refused here and may be lost: of its type, empty where that is not known,
	// and why. It must not block. Nil: nobody does.
	Missed func(kind event.Type, at time.Time, why string)
}

// Receiver takes events into the journal. It is safe for concurrent use.
type Receiver struct {
	journal  Appender
	wake     func()
	door     atomic.Pointer[door]
	patience time.Duration
	log      *slog.Logger
	decode   func(body []byte, kind event.Type) (journal.Incoming, error)
	known    []event.Type
	started  time.Time
	metrics  http.Handler
	refused  refusals
	missed   func(kind event.Type, at time.Time, why string)
}

// door is what decides who may come in, and with how much. A request has one from its beginning to its end.
type door struct {
	secrets *keyring
	maxBody int64
	large   chan struct{} // a place for each large body in memory
}

// newDoor makes the door that follows another one; nil = it is the first.
func newDoor(secrets []string, maxBody int64, before *door, now time.Time) (*door, error) {
	if maxBody <= 0 {
		maxBody = DefaultMaxBody
	}
	if before == nil {
		before = &door{}
	}
	ring, err := newKeyring(secrets, before.secrets, now)
	if err != nil {
		return nil, err
	}
	next := &door{secrets: ring, maxBody: maxBody, large: before.large}
	if maxBody != before.maxBody {
		next.large = make(chan struct{}, placesFor(maxBody))
	}
	return next, nil
}

// NewReceiver returns a Receiver that appends to the journal and calls wake, which must not block, after each new
// event. The error says which secret cannot be used, without showing it.
func NewReceiver(config Config, into Appender, wake func()) (*Receiver, error) {
	receiver := &Receiver{
		journal:  into,
		wake:     wake,
		patience: config.Patience,
		log:      config.Log,
		metrics:  config.Metrics,
		decode:   envelope,
		known:    event.Types(),
		started:  time.Now().UTC(),
		missed:   config.Missed,
	}
	if receiver.missed == nil {
		receiver.missed = func(event.Type, time.Time, string) {}
	}
	first, err := newDoor(config.Secrets, config.MaxBody, nil, receiver.started)
	if err != nil {
		return nil, err
	}
	receiver.door.Store(first)
	if receiver.patience <= 0 {
		receiver.patience = DefaultPatience
	}
	return receiver, nil
}

// Admit puts other secrets and another bound of bodies, 0 = DefaultMaxBody, in the place of those there are, for the
// requests that begin from now on. A secret that stays keeps the time when it was last used. With an error nothing has
// changed. It must not be called twice at the same time.
func (r *Receiver) Admit(secrets []string, maxBody int64) error {
	next, err := newDoor(secrets, maxBody, r.door.Load(), time.Now())
	if err != nil {
		return err
	}
	r.door.Store(next)
	return nil
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
	door := r.door.Load()
	if !door.secrets.admit(c.Request.Header, time.Now()) {
		r.turnAway(c)
		return
	}
	recognised(c.Request.Context())
	body, done, err := r.readBody(c, door)
	defer done()
	if errors.Is(err, errCrowded) {
		r.refuseForJournal(c, kind, err)
		return
	}
	if err != nil {
		r.refuseBody(c, door, kind, err)
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
