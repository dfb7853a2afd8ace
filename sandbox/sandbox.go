// Package sandbox serves stand-ins for everybody the relay talks to: PPM Express, Slack and Google, each on an address
// of its own on this machine. Whoever speaks to them speaks the vendors' protocols, with the vendors' limits, and meets
// faults on demand.
//
// The stand-ins are packages of their own (ppm, slack, google) that know nothing of each other or of the relay. There are
// three ways to change how they behave:
//
//	faults       what single requests meet: the Board of each stand-in, see package fault
//	conditions   a state that a vendor is in for a while, as an archived channel: Set, by name
//	switches     what a vendor does not publish, decided before the start: Switches
//
// Repair ends all faults and conditions. What Go code does by these, a person does by the control address.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

// What a sandbox has from the start, beside the tenant of ppm.NewSmall.
const (
	Channel     = "C0SANDBOX01"
	ChannelName = "delivery-team"
	Spreadsheet = "sandbox-spreadsheet-1"
)

// Options say what the stand-ins are like. The zero value is a small tenant, one channel and one spreadsheet.
type Options struct {
	PPM    ppm.Options
	Slack  slack.Options
	Google google.Options
	Listen [3]string // addresses of PPM Express, Slack and Google; empty = any free port of 127.0.0.1

	// Control is the address that makes the stand-ins fail: one of this machine alone. Empty = any free port of 127.0.0.1.
	Control string
}

// Sandbox is the running stand-ins. Their own methods are what persons do there.
type Sandbox struct {
	PPM    *ppm.Server
	Slack  *slack.Server
	Google *google.Server

	PPMURL    string // "http://127.0.0.1:41001"
	SlackURL  string // of the Web API: "http://127.0.0.1:41002/api/"
	GoogleURL string // "http://127.0.0.1:41003/"

	ControlURL string // "http://127.0.0.1:41004": what there is and what is set is at /faults

	servers []*http.Server
	stop    context.CancelFunc
	running sync.WaitGroup

	mu   sync.Mutex
	held []held // conditions, in the order in which they were brought about
}

// Start serves the stand-ins until Close.
func Start(ctx context.Context, options Options) (*Sandbox, error) {
	if err := CheckControl(options.Control); err != nil {
		return nil, err
	}
	if options.PPM.Entities == nil {
		options.PPM.Entities = ppm.NewSmall().Entities
	}
	if options.Slack.Channels == nil {
		options.Slack.Channels = []slack.Channel{{ID: Channel, Name: ChannelName}}
	}
	s := &Sandbox{PPM: ppm.New(options.PPM), Slack: slack.New(options.Slack), Google: google.New(options.Google)}
	s.Google.AddSpreadsheet(Spreadsheet, "Portfolio")
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	for _, part := range []struct {
		name    string
		listen  string
		handler http.Handler
		url     *string
		path    string
	}{
		{"PPM Express", options.Listen[0], s.PPM, &s.PPMURL, ""},
		{"Slack", options.Listen[1], s.Slack, &s.SlackURL, "/api/"},
		{"Google", options.Listen[2], s.Google, &s.GoogleURL, "/"},
		{"the control address", options.Control, s.control(), &s.ControlURL, ""},
	} {
		address, err := s.serve(ctx, part.listen, part.handler)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("serving %s: %w", part.name, err), s.Close())
		}
		*part.url = "http://" + address + part.path
	}
	s.running.Go(func() { s.PPM.Run(ctx) })
	return s, nil
}

func (s *Sandbox) serve(ctx context.Context, address string, handler http.Handler) (bound string, _ error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.running.Go(func() { _ = server.Serve(listener) }) // it ends by Close, which tells why
	return listener.Addr().String(), nil
}

// CheckControl refuses a control address that others could reach: whoever reaches it can make everything fail.
func CheckControl(address string) error {
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("the control address %q: write it as 127.0.0.1:9004", address)
	}
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		return fmt.Errorf("the control address %q is not of this machine alone: write it as 127.0.0.1:9004", address)
	}
	return nil
}

// Close ends everything at once: what hangs on purpose must not hold it up, and what was to land late never lands.
func (s *Sandbox) Close() error {
	s.stop()
	var all []error
	for _, server := range s.servers {
		all = append(all, server.Close())
	}
	s.running.Wait()
	for _, v := range s.Vendors() {
		v.Board.Close()
	}
	return errors.Join(all...)
}
