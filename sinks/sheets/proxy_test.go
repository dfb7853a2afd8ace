package sheets

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
)

// proxy stands between the client and the stand-in, and can keep a write back, as a network does, or answer in its place.
type proxy struct {
	to http.Handler

	mu     sync.Mutex
	bodies []string         // of batchUpdates
	before func()           // once, in front of the next append
	answer http.HandlerFunc // once, in place of the stand-in's answer to the next append
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, ":batchUpdate") {
		p.to.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	before, answer := p.next(body)
	before()
	answer(w, r)
}

func (p *proxy) next(body []byte) (before func(), answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bodies = append(p.bodies, string(body))
	before, answer = func() {}, p.to.ServeHTTP
	if !bytes.Contains(body, []byte("appendCells")) {
		return before, answer
	}
	if p.before != nil {
		before = p.before
	}
	if p.answer != nil {
		answer = p.answer
	}
	p.before, p.answer = nil, nil
	return before, answer
}

// over ends every fault.
func (p *proxy) over(to http.Handler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.answer, p.to = nil, nil, to
}

// beforeAppend lets something happen while the next append is on its way.
func (p *proxy) beforeAppend(happen func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = happen
}

// onAppend answers the next append; nil ends that.
func (p *proxy) onAppend(answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// strike lets a fault of the board meet the next append; None ends that.
func (p *proxy) strike(kind fault.Kind) {
	if kind == fault.None {
		p.onAppend(nil)
		return
	}
	board := fault.NewBoard()
	board.Script("append", kind)
	tooMany := func(w http.ResponseWriter, _ time.Duration) { w.WriteHeader(http.StatusTooManyRequests) }
	p.onAppend(board.Wrap("append", tooMany, p.to).ServeHTTP)
}

// hang leaves the next append without an answer, and calls giveUp when it has happened, if it is to.
func (p *proxy) hang(happens bool, giveUp func()) {
	p.onAppend(func(_ http.ResponseWriter, r *http.Request) {
		if happens {
			p.to.ServeHTTP(httptest.NewRecorder(), r)
		}
		giveUp()
		<-r.Context().Done()
	})
}

// keep loses the next append on its way, and returns what delivers it late.
func (p *proxy) keep() (deliver func() int) {
	var late *http.Request
	var body []byte
	p.onAppend(func(_ http.ResponseWriter, r *http.Request) {
		late = r.Clone(context.WithoutCancel(r.Context()))
		body, _ = io.ReadAll(r.Body)
		panic(http.ErrAbortHandler)
	})
	return func() int { return p.deliver(late, body) }
}

// copy serves the next append, and returns what delivers a copy of it late.
func (p *proxy) copy() (deliver func() int) {
	var late *http.Request
	var body []byte
	p.onAppend(func(w http.ResponseWriter, r *http.Request) {
		late = r.Clone(context.WithoutCancel(r.Context()))
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		p.to.ServeHTTP(w, r)
	})
	return func() int { return p.deliver(late, body) }
}

func (p *proxy) deliver(late *http.Request, body []byte) int {
	late.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	p.to.ServeHTTP(answer, late)
	return answer.Code
}

// last returns the body of the last batchUpdate that holds a text.
func (p *proxy) last(text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, body := range slices.Backward(p.bodies) {
		if strings.Contains(body, text) {
			return body
		}
	}
	return ""
}
