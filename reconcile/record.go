package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Record is what is known of a webhook that this relay created, or found as it would have created it.
type Record struct {
	ID      string     `json:"id,omitempty"` // empty when no answer told it
	Type    event.Type `json:"type"`
	URL     string     `json:"url"`              // that it was created with
	Secret  string     `json:"secret,omitempty"` // SHA-256 of the header's value that it was created with
	Shown   string     `json:"shown,omitempty"`  // SHA-256 of the form in which the list showed it; empty = it did not yet
	Created time.Time  `json:"created,omitzero"` // zero when it was found
	Seen    time.Time  `json:"seen,omitzero"`    // when a pass last found it
	Good    time.Time  `json:"good,omitzero"`    // when a pass last found that it brings events
	Deleted time.Time  `json:"deleted,omitzero"` // by this relay
}

// How long is remembered what is not there any more, and how long a list may go on showing it.
const (
	recordsKept = 90 * 24 * time.Hour
	staleMost   = time.Hour
)

// stale reports whether a list that shows the webhook is one from before its deletion.
func (r Record) stale(now time.Time) bool {
	return !r.Deleted.IsZero() && now.Sub(r.Deleted) < staleMost
}

// is reports whether the record is about the wanted webhook, whatever its secret.
func (r Record) is(want ppm.Webhook) bool {
	return r.Type == typeOf(want) && sameAddress(r.URL, want.URL)
}

func recordOf(records []Record, id string) *Record {
	i := slices.IndexFunc(records, func(r Record) bool { return id != "" && strings.EqualFold(r.ID, id) })
	if i < 0 {
		return nil
	}
	return &records[i]
}

// digest is the SHA-256 of a text, as records keep it.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func secretOf(w ppm.Webhook) string {
	value, _ := w.Header(secretHeader)
	return digest(value)
}

// form is the digest of how a list shows a webhook. Order, and the case of what has no case, do not count.
func form(w ppm.Webhook) string {
	types := make([]string, len(w.EventTypes))
	for i, t := range w.EventTypes {
		types[i] = strings.ToLower(string(t))
	}
	headers := make([]string, len(w.Headers))
	for i, h := range w.Headers {
		headers[i] = fmt.Sprintf("%s\x00%s", strings.ToLower(h.Name), h.Value)
	}
	slices.Sort(types)
	slices.Sort(headers)
	text, err := json.Marshal([]any{types, headers, strings.ToUpper(w.Verb), w.URL, w.Odd})
	if err != nil {
		panic(err) // unreachable: texts and a flag
	}
	return digest(string(text))
}
