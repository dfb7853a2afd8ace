package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// secret is what the servers are set up with. They listen on the loopback interface for some seconds.
const secret = "a-secret-for-benchmarks-only"

const (
	entities  = 1000 // that the events are about
	idDigits  = 12   // at the end of a GUID
	stampForm = "2006-01-02T15:04:05.0000000Z"
)

// draft is the text of an event, and the places in it that make it another event. It is safe for concurrent use.
type draft struct {
	text    []byte
	message int   // where the digits of the message's id are
	entity  []int // where those of the entity's id are
	stamp   int   // where the time stamp is
	first   time.Time
	sent    atomic.Int64 // events that were made of it
}

// newDraft takes an event without its white space, as programs send it.
func newDraft(sample []byte) (*draft, error) {
	var text bytes.Buffer
	if err := json.Compact(&text, sample); err != nil {
		return nil, err
	}
	var body struct {
		MessageID string `json:"MessageId"`
		Data      struct{ ID, TimeStamp string }
	}
	if err := json.Unmarshal(sample, &body); err != nil {
		return nil, err
	}
	d := &draft{text: text.Bytes()}
	messages, stamps := places(d.text, body.MessageID), places(d.text, body.Data.TimeStamp)
	d.entity = places(d.text, body.Data.ID)
	first, err := time.Parse(stampForm, body.Data.TimeStamp)
	if len(messages) != 1 || len(stamps) != 1 || len(d.entity) == 0 || err != nil {
		return nil, errors.New("it has no message id, entity id or time stamp to be changed")
	}
	d.message, d.stamp, d.first = messages[0]+len(body.MessageID)-idDigits, stamps[0], first
	for i := range d.entity {
		d.entity[i] += len(body.Data.ID) - idDigits
	}
	return d, nil
}

// places finds every appearance of a JSON string.
func places(text []byte, value string) []int {
	var all []int
	for from := 0; value != ""; {
		i := bytes.Index(text[from:], []byte(`"`+value+`"`))
		if i < 0 {
			break
		}
		all = append(all, from+i+1)
		from += i + 1
	}
	return all
}

// next writes an event that there has not been yet over a copy of the text.
func (d *draft) next(over []byte) {
	n := d.sent.Add(1)
	copy(over[d.message:], fmt.Sprintf("%0*d", idDigits, n))
	for _, at := range d.entity {
		copy(over[at:], fmt.Sprintf("%0*d", idDigits, n%entities))
	}
	copy(over[d.stamp:], d.first.Add(time.Duration(n)*time.Millisecond).Format(stampForm))
}

// client is one sender with a connection that is kept. It speaks HTTP itself: net/http's client would take more of the
// processors than the server under test, and so level what is compared.
type client struct {
	conn    net.Conn
	answers *bufio.Reader
	request []byte
	body    []byte // the end of request
	draft   *draft
}

// reach connects a client that has no event of its own to send.
func reach(ctx context.Context, address string) (*client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, answers: bufio.NewReader(conn)}, nil
}

// dial connects a client that sends events of a draft.
func dial(ctx context.Context, address string, d *draft) (*client, error) {
	c, err := reach(ctx, address)
	if err != nil {
		return nil, err
	}
	c.request, c.draft = requestOf(d.text), d
	c.body = c.request[len(c.request)-len(d.text):]
	return c, nil
}

// requestOf is what a sender sends.
func requestOf(body []byte) []byte {
	head := fmt.Sprintf("POST /events/Project/Updated HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", secret, len(body))
	return append([]byte(head), body...)
}

// post sends a new event and waits until it is acknowledged.
func (c *client) post() error {
	c.draft.next(c.body)
	_, err := c.exchange(c.request)
	return err
}

// exchange sends a request with an event and returns the body of the answer, which is an acknowledgement.
func (c *client) exchange(request []byte) ([]byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("an event was answered with %s %s", answer.Status, strings.TrimSpace(string(text)))
	}
	return text, err
}

// crowd is a number of clients of one server.
type crowd []*client

func gather(ctx context.Context, address string, clients int, d *draft) (crowd, error) {
	var all crowd
	for range clients {
		c, err := dial(ctx, address, d)
		if err != nil {
			all.leave()
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (all crowd) leave() {
	for _, c := range all {
		_ = c.conn.Close() // nothing is under way
	}
}

// post lets everybody post, each event after the answer to the one before, as long as there is more to do. It returns
// how long each took.
func (all crowd) post(more func() bool) ([]time.Duration, error) {
	var posting sync.WaitGroup
	took, errs := make([][]time.Duration, len(all)), make([]error, len(all))
	for i, c := range all {
		posting.Go(func() {
			for errs[i] == nil && more() {
				begin := time.Now()
				errs[i] = c.post()
				took[i] = append(took[i], time.Since(begin))
			}
		})
	}
	posting.Wait()
	var times []time.Duration
	for _, t := range took {
		times = append(times, t...)
	}
	return times, errors.Join(errs...)
}

// until is more to do before a time.
func until(end time.Time) func() bool { return func() bool { return time.Now().Before(end) } }

// times is more to do for so many events.
func times(count int) func() bool {
	var begun atomic.Int64
	return func() bool { return begun.Add(1) <= int64(count) }
}
