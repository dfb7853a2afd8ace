package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/ppmrelay/ppmrelay/journal"
)

// appending is an event on its way into a commit.
type appending struct {
	in      journal.Incoming
	id      uuid.UUID
	message int64 // hash of the message id, 0 when it says nothing
	dict    int64
	body    []byte // as stored
	out     journal.Appended
	err     error
	done    chan struct{}
}

// Append makes an event durable, unless its fingerprint is known. A context that ends while Append waits for its place
// in the writer's queue cancels it. Once it has that place the event is written, and Append waits for it, whatever
// becomes of the context.
func (j *Journal) Append(ctx context.Context, in journal.Incoming) (journal.Appended, error) {
	a, err := j.appending(in)
	if err == nil {
		err = hand(ctx, j, func(w *writer) chan *appending { return w.appends }, a)
	}
	if err != nil {
		return journal.Appended{}, j.fail(err)
	}
	<-a.done
	if a.err != nil {
		return journal.Appended{}, j.fail(a.err)
	}
	return a.out, nil
}

// appending prepares, in the caller's goroutine, what the writer need not do.
func (j *Journal) appending(in journal.Incoming) (*appending, error) {
	if in.Received.IsZero() {
		return nil, errors.New("an event without the time when it was received")
	}
	if len(in.Fingerprint) != 0 && len(in.Fingerprint) != sha256.Size {
		return nil, fmt.Errorf("a fingerprint of %d bytes, not %d", len(in.Fingerprint), sha256.Size)
	}
	a := &appending{in: in, message: messageHash(in.MessageID), done: make(chan struct{})}
	var err error
	if a.id, err = uuid.NewV7(); err != nil {
		return nil, err
	}
	a.dict, a.body, err = j.bodies.pack(in.Body)
	return a, err
}

// messageHash stands for a message id, which can be of any length. It is 0 for one that is empty or all zero: such an
// id is no id.
func messageHash(id string) int64 {
	if strings.Trim(id, "0-{}() ") == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // all 64 bits count, whatever their sign
}

// keySize is how much of a fingerprint is kept: two of a million events agree in it by chance once in 10^26 journals.
const keySize = 16

const (
	insertSeen    = `INSERT INTO seen (fingerprint, event) VALUES (?, ?) ON CONFLICT DO NOTHING`
	insertMessage = `INSERT INTO messages (hash, event) VALUES (?, ?) ON CONFLICT DO NOTHING`
	insertMemory  = `INSERT INTO memory (event, fingerprint, message, received, occurred) VALUES (?, ?, ?, ?, min(?, ?4))`
	insertTooOld  = `INSERT INTO too_old (event) VALUES (?)`
	originalOf    = `SELECT s.event, e.id FROM seen s LEFT JOIN events e ON e.number = s.event WHERE s.fingerprint = ?`
	insertEvent   = `INSERT INTO events (number, id, type, message_id, webhook_id, entity_kind, entity_id, entity_name,
		parent_kind, parent_id, parent_name, initiator, occurred, received, quarantine, planned, reused, late, dict, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`
)

// append writes events that are new, and finds the originals of those that are not.
func (c *connection) append(ctx context.Context, all []*appending) error {
	for _, a := range all {
		if err := c.appendOne(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (c *connection) appendOne(ctx context.Context, a *appending) error {
	a.out = journal.Appended{}
	number := c.last + 1
	if len(a.in.Fingerprint) > 0 {
		isNew, err := c.exec(ctx, insertSeen, a.in.Fingerprint[:keySize], number)
		if err != nil {
			return err
		}
		if isNew == 0 {
			var err error
			a.out, err = c.original(ctx, a.in.Fingerprint)
			return err
		}
	}
	reused, err := c.remember(ctx, a, number, a.in.Received)
	if err != nil {
		return err
	}
	in := &a.in
	_, err = c.exec(ctx, insertEvent, number, a.id[:], string(in.Type), in.MessageID, in.WebhookID,
		in.Entity.Kind, in.Entity.ID, in.Entity.Name, in.Parent.Kind, in.Parent.ID, in.Parent.Name, in.Initiator,
		micros(in.Occurred), micros(in.Received), in.Quarantine, bit(in.Quarantine != ""), bit(reused), a.dict, a.body)
	if err != nil {
		return err
	}
	if c.tooOld(in) {
		if _, err := c.exec(ctx, insertTooOld, number); err != nil {
			return err
		}
	}
	c.last = number
	a.out = journal.Appended{Number: number, ID: a.id.String()}
	return nil
}

// original returns the event that has a fingerprint, as the answer to its repetition: nothing when there is none. An event
// that Trim took away has a number and no id.
func (c *connection) original(ctx context.Context, fingerprint []byte) (journal.Appended, error) {
	if len(fingerprint) == 0 {
		return journal.Appended{}, nil
	}
	found := journal.Appended{Duplicate: true}
	err := c.row(ctx, originalOf, fingerprint[:keySize]).Scan(&found.Number, idColumn{&found.ID})
	if errors.Is(err, sql.ErrNoRows) {
		return journal.Appended{}, nil
	}
	return found, err
}

// remember notes what tells a repetition of a new event, for as long as Trim lets it. It reports whether another event
// had used its message id.
func (c *connection) remember(ctx context.Context, a *appending, number int64, received time.Time) (reused bool, err error) {
	var fingerprint, message any
	if len(a.in.Fingerprint) > 0 {
		fingerprint = a.in.Fingerprint[:keySize]
	}
	if a.message != 0 {
		isNew, err := c.exec(ctx, insertMessage, a.message, number)
		if err != nil {
			return false, err
		}
		if reused = isNew == 0; !reused {
			message = a.message
		}
	}
	if fingerprint == nil && message == nil {
		return reused, nil
	}
	_, err = c.exec(ctx, insertMemory, number, fingerprint, message, micros(received), micros(a.in.Occurred))
	return reused, err
}

// tooOld reports whether an event could have been told before by one whose fingerprint is forgotten.
func (c *connection) tooOld(in *journal.Incoming) bool {
	return !in.Occurred.IsZero() && in.Occurred.UnixMicro() <= c.mark
}
