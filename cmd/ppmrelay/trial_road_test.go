package main

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"sync"
)

// road is how PPM Express reaches the daemon, wherever that listens. It loses answers that it is told to lose.
type road struct {
	known   chan struct{} // closed when the address is
	address string
	once    sync.Once

	// Each delivery comes over a connection of its own: a pool may hand out one that the daemon is just closing, and
	// what is posted over that is gone by PPM Express' choice, not by ours.
	transport *http.Transport

	mu   sync.Mutex
	lose int
}

func newRoad() *road {
	return &road{known: make(chan struct{}), transport: &http.Transport{DisableKeepAlives: true}}
}

func (r *road) leadTo(address string) {
	r.once.Do(func() {
		r.address = address
		close(r.known)
	})
}

// loseNext loses the answers to the next requests.
func (r *road) loseNext(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lose = n
}

func (r *road) RoundTrip(request *http.Request) (*http.Response, error) {
	select {
	case <-r.known:
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	request = request.Clone(request.Context())
	request.URL.Host = r.address
	answer, err := r.transport.RoundTrip(request)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.lose > 0 {
		r.lose--
		_ = answer.Body.Close()
		return nil, errors.New("the answer got lost")
	}
	return answer, err
}

// daemonLog keeps a log, and finds the address in it.
type daemonLog struct {
	listening func(address string)

	mu   sync.Mutex
	text bytes.Buffer
	read int // bytes of it, up to the end of a line
}

func (l *daemonLog) Write(some []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(some)
	for {
		line, rest, whole := bytes.Cut(l.text.Bytes()[l.read:], []byte("\n"))
		if !whole {
			return len(some), nil
		}
		l.read = l.text.Len() - len(rest)
		if !bytes.Contains(line, []byte(`"msg":"listening"`)) {
			continue
		}
		_, address, _ := strings.Cut(string(line), `"events":"`)
		address, _, _ = strings.Cut(address, `"`)
		l.listening(address)
	}
}

func (l *daemonLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
