package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

func TestWhyAServerIsNotReached(t *testing.T) {
	address := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Addr: address, Err: err} }
	for _, test := range []struct {
		err  error
		want string
	}{
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "nobody listens at 192.0.2.1:443"},
		{dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "there is no way to the network of the server at 192.0.2.1:443"},
		{dial(os.ErrDeadlineExceeded), "no answer came in time at 192.0.2.1:443"},
		{dial(errors.New("odd")), "there is no connection to the server at 192.0.2.1:443"},
		{&net.DNSError{Name: "api.ppm.exprss", IsNotFound: true}, "there is no host api.ppm.exprss"},
		{&net.DNSError{Name: "api.ppm.express"}, "where the host api.ppm.express is cannot be looked up"},
		{context.DeadlineExceeded, "no answer came in time"},
		{errors.New("not found (404)"), ""},
	} {
		if got := unreached(fmt.Errorf("asking: %w", test.err)); got != test.want {
			t.Errorf("%v: got %q, want %q", test.err, got, test.want)
		}
	}
}

func TestCheckOnlineOfADeadHost(t *testing.T) {
	o := newOffice(t, standin.Options{})
	text := string(mustRead(t, o.config))
	_, rest, _ := strings.Cut(text, "http://")
	host, _, _ := strings.Cut(rest, ",")
	writeFile(t, o.config, strings.Replace(text, "http://"+host, "http://127.0.0.1:1", 1))
	code, out := o.online(t)
	if code != exitFailed || strings.Contains(out, "dial tcp") {
		t.Errorf("got exit code %d and\n%s", code, out)
	}
	mustSay(t, out, "PPM Express cannot be reached: nobody listens at 127.0.0.1:1", "look at ppm_express.url")
}
