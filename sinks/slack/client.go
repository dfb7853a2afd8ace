package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"
)

const (
	patience = 30 * time.Second // how long one request may take
	maxReply = 16 << 20         // bytes of an answer; 200 messages of the longest kind are below it
)

// Options are what a Client needs.
type Options struct {
	Token string // the bot token, xoxb-…
	URL   string // of the Web API; empty = https://slack.com/api/

	// Burst is how many messages a channel that was quiet gets at once, before the pace of one a second; 0 = 3.
	Burst int

	// Late is how long after an attempt its message may still appear in the channel's history; 0 = 20 s. Recall looks
	// after a quarter of it, and again at its end: only then nothing there means that it did not happen.
	Late time.Duration
}

// Client speaks to one Slack workspace. Sinks of all channels share it.
type Client struct {
	token string
	url   string
	late  time.Duration
	http  *http.Client

	clock atomic.Pointer[time.Duration] // how far Slack's clock is ahead of ours; nil = not known yet
	began time.Time                     // when the client was made: what an earlier process sent, it sent before

	burst     int
	workspace *rate.Limiter
	looks     *rate.Limiter // calls of history
	mu        sync.Mutex
	channels  map[string]*rate.Limiter
	held      time.Time // no message is posted before
	slowed    time.Time // until then the workspace's pace is a slower one
	untold    int       // answers in a row that ask to wait, but not for how long
}

// NewClient makes a client. Slack is not asked.
func NewClient(options Options) *Client {
	c := &Client{
		token: options.Token, url: options.URL, late: options.Late, burst: options.Burst,
		began: time.Now(), channels: map[string]*rate.Limiter{},
		workspace: newLimiter(perSecond, perSecond), looks: newLimiter(looks, lookBurst),
	}
	if c.url == "" {
		c.url = slack.APIURL
	}
	if !strings.HasSuffix(c.url, "/") {
		c.url += "/"
	}
	if c.late == 0 {
		c.late = 20 * time.Second
	}
	if c.burst == 0 {
		c.burst = 3
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		transport = &http.Transport{}
	}
	c.http = &http.Client{
		Transport: transport.Clone(),
		// A redirect would turn the POST into a GET, or post twice.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// exchange is the HTTP client of a single call, and what it saw of it.
type exchange struct {
	client *Client

	reached bool // a connection was there: from then on bytes may have left
	status  int
	header  http.Header
	body    []byte
	err     error // of the connection
	stopped bool  // it is our own side that gave up, and not for lack of patience
}

// Do sends a request and keeps the answer.
func (x *exchange) Do(r *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{
		// The transport takes another connection only when nothing was written to the one before. The writing itself
		// goes on beside the caller, so whether it has begun cannot be asked when the caller gives up.
		GetConn: func(string) { x.reached = false },
		GotConn: func(httptrace.GotConnInfo) { x.reached = true },
	}
	//nolint:gosec // the address is the operator's
	answer, err := x.client.http.Do(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		x.err = err
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	x.status, x.header = answer.StatusCode, answer.Header
	x.client.learnClock(answer.Header)
	if x.body, x.err = io.ReadAll(io.LimitReader(answer.Body, maxReply+1)); x.err == nil && len(x.body) > maxReply {
		x.err = fmt.Errorf("the answer is longer than %d bytes", maxReply)
	}
	if x.err != nil {
		return nil, x.err
	}
	answer.Body = io.NopCloser(bytes.NewReader(x.body))
	return answer, nil
}

// errNoAnswer is the cause of a deadline of ours.
var errNoAnswer = fmt.Errorf("no answer within %s", patience)

// call lets ask make one call of the Web API, and returns Slack's answer, or a *sinks.Error that says what is known of
// the call. The library's own error is not looked at: the exchange knows more.
func (c *Client) call(ctx context.Context, ask func(context.Context, *slack.Client) error) (reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errNoAnswer)
	defer cancel()
	x := &exchange{client: c}
	err := ask(ctx, slack.New(c.token, slack.OptionAPIURL(c.url), slack.OptionHTTPClient(x)))
	if x.err != nil && ctx.Err() != nil {
		x.err = context.Cause(ctx)
		x.stopped = !errors.Is(x.err, errNoAnswer)
	}
	return x.judge(err)
}

// learnClock compares Slack's clock with ours. The header Date has whole seconds, which is close enough for a window of
// minutes.
func (c *Client) learnClock(header http.Header) {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	ahead := time.Until(at)
	c.clock.Store(&ahead)
}

// ahead returns how far Slack's clock is ahead of ours. It asks for the time when no answer has told it yet.
func (c *Client) ahead(ctx context.Context) (time.Duration, error) {
	if c.clock.Load() == nil {
		if _, err := c.call(ctx, func(ctx context.Context, api *slack.Client) error {
			_, err := api.AuthTestContext(ctx)
			return err
		}); err != nil {
			return 0, err
		}
	}
	if known := c.clock.Load(); known != nil {
		return *known, nil
	}
	return 0, nil // an answer without Date: our own clock has to do
}
