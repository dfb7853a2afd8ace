package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Client asks the daemon of one journal. Its errors are words for the person at the command.
type Client struct {
	socket string
	http   http.Client
}

var _ Daemon = (*Client)(nil)

// NewClient returns a client for the daemon at a socket. Nothing is connected to yet.
func NewClient(socket string) *Client {
	c := &Client{socket: socket}
	c.http = http.Client{
		Timeout: Patience + readLimit,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dial(ctx) },
		},
	}
	return c
}

// Replay asks to tell events again.
func (c *Client) Replay(ctx context.Context, ask Replay) (done Replayed, err error) {
	err = c.ask(ctx, "/replay", ask, &done)
	return done, err
}

// Release asks to take bodies out of quarantine.
func (c *Client) Release(ctx context.Context, ask Release) (done Released, err error) {
	err = c.ask(ctx, "/release", ask, &done)
	return done, err
}

// Backup asks for a copy of the journal.
func (c *Client) Backup(ctx context.Context, ask Backup) (done BackedUp, err error) {
	err = c.ask(ctx, "/backup", ask, &done)
	return done, err
}

// Running reports whether a daemon listens.
func (c *Client) Running(ctx context.Context) bool {
	connection, err := c.dial(ctx)
	if err != nil {
		return false
	}
	_ = connection.Close() // nothing was sent
	return true
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", c.socket)
}

// ask posts one object and reads one.
func (c *Client) ask(ctx context.Context, path string, ask, done any) error {
	if tooLong(c.socket) {
		return fmt.Errorf("%s: %w", c.socket, ErrTooLong)
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return fmt.Errorf("asking the running ppmrelay: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://ppmrelay"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking the running ppmrelay: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return unreachable(err)
	}
	defer response.Body.Close() //nolint:errcheck // it is read
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("the running ppmrelay broke off its answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		var why refusal
		if err := json.Unmarshal(text, &why); err != nil || why.Error == "" {
			return fmt.Errorf("the running ppmrelay answered with status %d", response.StatusCode)
		}
		if why.Usage {
			return Usage(errors.New(why.Error))
		}
		return errors.New(why.Error)
	}
	if err := json.Unmarshal(text, done); err != nil {
		return fmt.Errorf("the answer of the running ppmrelay cannot be read: %w", err)
	}
	return nil
}

// unreachable says what a failed connection means.
func unreachable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return ErrNoDaemon
	case errors.Is(err, fs.ErrPermission):
		return errors.New("the running ppmrelay belongs to another user: run this as its user, or as root")
	default:
		return fmt.Errorf("asking the running ppmrelay: %w", err)
	}
}
