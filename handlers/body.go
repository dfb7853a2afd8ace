package handlers

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// incoming describes a body for the journal. One that cannot be read is kept for the day when it can.
func (r *Receiver) incoming(ctx context.Context, body []byte, kind event.Type, encoding string) journal.Incoming {
	in, err := r.read(ctx, body, kind)
	if err != nil {
		reason := err.Error()
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			reason = "it came with a content encoding, which is not undone: " + reason
		}
		in = journal.Incoming{Type: kind, Fingerprint: rawFingerprint(body), Quarantine: reason}
	}
	in.Body = body
	in.Received = time.Now().UTC()
	return in
}

// Reread describes a body that is in quarantine, as if it came in now. An error says why it still cannot be read.
func (r *Receiver) Reread(ctx context.Context, entry journal.Entry) (journal.Incoming, error) {
	in, err := r.read(ctx, entry.Body, entry.Type)
	if err != nil {
		return journal.Incoming{}, err
	}
	in.Body, in.Received = entry.Body, entry.Received
	return in, nil
}

// read decodes a body. An error of this program in doing so must not cost the event, so it counts as unreadable.
func (r *Receiver) read(ctx context.Context, body []byte, kind event.Type) (in journal.Incoming, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			logPanic(ctx, r.log, "reading a body panicked", cause)
			err = errors.New("reading it ran into an error of this program")
		}
	}()
	return r.decode(body, kind)
}

// envelope is what the journal has to know about a body that can be read.
func envelope(body []byte, kind event.Type) (journal.Incoming, error) {
	e, err := ppm.Peek(body, kind)
	if err != nil {
		return journal.Incoming{}, err
	}
	return journal.Incoming{
		Type:        e.Type,
		MessageID:   e.MessageID,
		WebhookID:   e.WebhookID,
		Entity:      e.Entity,
		Parent:      e.Parent,
		Initiator:   e.Initiator.Name,
		Occurred:    e.Occurred,
		Fingerprint: e.Fingerprint,
	}, nil
}

// rawFingerprint identifies bytes that cannot be read. The zero before them keeps it apart from the fingerprints of
// events, which begin with the version of theirs.
func rawFingerprint(body []byte) []byte {
	hash := sha256.New()
	_, _ = hash.Write([]byte{0}) // a hash never fails
	_, _ = hash.Write(body)
	return hash.Sum(nil)
}

// bodyStatus is the answer to a body that did not arrive.
func bodyStatus(err error) int {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}

// typeOf joins the two words of a path, in the vendor's spelling where it has one, and reports whether they can be a
// type at all.
func (r *Receiver) typeOf(entity, action string) (event.Type, bool) {
	if !isWord(entity) || !isWord(action) {
		return "", false
	}
	named := event.TypeOf(entity, action)
	for _, known := range r.known {
		if strings.EqualFold(string(known), string(named)) {
			return known, true
		}
	}
	return named, true
}

// isWord reports whether s is 1 to 64 ASCII letters, digits, "-" and "_".
func isWord(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 64
}
