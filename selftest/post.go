package selftest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// post is one change of one entity, and what became of it at the door.
type post struct {
	n      int // from 1; also its time stamp
	entity *entity
	before int // of the attribute that changes
	after  int
	sent   int64    // when it was first sent, by the load's own clock
	answer int64    // when it was first acknowledged; 0 = never
	id     string   // as acknowledged
	others []string // other ids that the same change was given
}

// epoch is the time stamp of change 0. The n-th change is n milliseconds younger.
func epoch() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

// numberOf returns which change has that time stamp.
func numberOf(occurred time.Time) int { return int(occurred.Sub(epoch()) / time.Millisecond) }

// body is what PPM Express sends as a change's k-th delivery, which may have a message id of its own.
func (p *post) body(k int) []byte {
	return fmt.Appendf(nil, `{"WebhookId":"7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13","MessageId":"00000000-0000-4000-800%d-%012d",
"Data":{"Id":%q,"Attributes":{"Name":"%s %d","Priority":%d},"BeforeAttributes":{"Name":"%s %d","Priority":%d},
"Initiator":{"UserId":"u","FullName":"Anna Doe","LogonAccount":"anna.doe@company.com"},"TimeStamp":%q}}`,
		k, p.n, p.entity.id(), p.entity.kind, p.entity.number, p.after, p.entity.kind, p.entity.number, p.before,
		epoch().Add(time.Duration(p.n)*time.Millisecond).Format(time.RFC3339Nano))
}

// door is where a daemon takes events.
type door struct {
	client *http.Client
	url    string // base URL
	secret string
}

// knock posts a body and returns the id by which it was acknowledged, or nothing when it was not: no answer, half of
// one, a refusal.
func (d door) knock(ctx context.Context, kind string, body []byte) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+"/events/"+kind+"/Updated", bytes.NewReader(body))
	if err != nil {
		return ""
	}
	request.Header.Set("Authorization", "Bearer "+d.secret)
	response, err := d.client.Do(request)
	if err != nil {
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusAccepted && response.StatusCode != http.StatusOK {
		return ""
	}
	var answer struct{ ID string }
	if json.NewDecoder(response.Body).Decode(&answer) != nil {
		return ""
	}
	_, _ = io.Copy(io.Discard, response.Body) // so that the connection is used again
	return answer.ID
}
