package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/page"
)

const (
	demoPage   = "127.0.0.1:8090"
	pageGrace  = 10 * time.Second // how long a browser may be away: while it reloads, or between two clicks without script
	headerTime = 10 * time.Second // for the head of a request
)

// checkPage refuses an address of the page that others could reach: whoever reaches it can make everything fail.
func checkPage(address string) error {
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--page %q: write it as %s", address, demoPage)
	}
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		return fmt.Errorf("--page %q is not of this machine alone: write it as %s", address, demoPage)
	}
	return nil
}

// listenPage takes the address of the page, nil where there is none. A port that nobody asked for is replaced by any
// free one when somebody else has it.
func listenPage(ctx context.Context, address string, asked bool) (net.Listener, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // no page is no error
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil && !asked {
		listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("serving the page: %w", err)
	}
	return listener, nil
}

func closeListener(listener net.Listener) error {
	if listener == nil {
		return nil
	}
	return listener.Close()
}

// shownPage is a page that is served. Its methods may be called of nil, which is no page.
type shownPage struct {
	address string
	page    *page.Page
	server  *http.Server
	relay   *way          // nil = no daemon
	grace   time.Duration // see watched
	done    chan struct{}

	mu      sync.Mutex
	open    int       // requests that are being answered, with those that listen for news
	visited time.Time // when the last one ended; zero = nobody was there yet
}

// servePage serves the page until close.
func servePage(listener net.Listener, options page.Options, relay *way) *shownPage {
	if listener == nil {
		return nil
	}
	if relay != nil {
		options.Relay = relay
	}
	p := &shownPage{address: listener.Addr().String(), page: page.New(options), relay: relay, done: make(chan struct{})}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: headerTime}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(listener) // it ends by close, which tells why
	}()
	return p
}

// show serves the page of a stage.
func (s *stage) show(listener net.Listener, grace time.Duration) *shownPage {
	p := servePage(listener, page.Options{Sandbox: s.Sandbox}, &way{stage: s})
	if p != nil {
		p.grace = grace
	}
	return p
}

// ServeHTTP counts who looks.
func (p *shownPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.open++
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.open--
		p.visited = time.Now()
	}()
	p.page.ServeHTTP(w, r)
}

// watched reports whether a browser has the page open, or had it within the grace.
func (p *shownPage) watched() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open > 0 || time.Since(p.visited) < p.grace
}

// close ends the page; the journal is not asked after it. It may be called twice.
func (p *shownPage) close() error {
	if p == nil {
		return nil
	}
	p.page.Close()
	if p.relay != nil {
		p.relay.end()
	}
	err := p.server.Close()
	<-p.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
