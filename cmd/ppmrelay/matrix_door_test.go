package main

import (
	"errors"
	"net/http"
	"sync"
)

// door is how PPM Express reaches the daemon, wherever it listens now. While there is none, nobody answers.
type door struct {
	transport *http.Transport

	mu      sync.Mutex
	address string
	lose    int // of the next answers
}

func newDoor() *door { return &door{transport: &http.Transport{DisableKeepAlives: true}} }

func (d *door) leadTo(address string) { d.set(func() { d.address = address }) }
func (d *door) shut()                 { d.set(func() { d.address = "" }) }

func (d *door) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *door) open() (is bool) {
	d.set(func() { is = d.address != "" })
	return is
}

// RoundTrip delivers, and loses the answers that it is told to lose.
func (d *door) RoundTrip(request *http.Request) (*http.Response, error) {
	var address string
	d.set(func() { address = d.address })
	if address == "" {
		return nil, errors.New("nobody listens")
	}
	request = request.Clone(request.Context())
	request.URL.Host = address
	answer, err := d.transport.RoundTrip(request)
	lost := false
	d.set(func() {
		if lost = err == nil && d.lose > 0; lost {
			d.lose--
		}
	})
	if lost {
		_ = answer.Body.Close()
		return nil, errors.New("the answer got lost")
	}
	return answer, err
}
