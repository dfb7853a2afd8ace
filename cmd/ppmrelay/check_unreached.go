package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"syscall"
)

// unreached says in plain words why there is no connection to a server; nothing where it is for another reason.
func unreached(err error) string {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		if name.IsNotFound {
			return "there is no host " + printable(name.Name)
		}
		return "where the host " + printable(name.Name) + " is cannot be looked up"
	}
	at := ""
	dial, dialled := errors.AsType[*net.OpError](err)
	if dialled && dial.Addr != nil {
		at = " at " + dial.Addr.String()
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate of the server is not one that this machine trusts"
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "no answer came in time" + at
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens" + at
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "there is no way to the network of the server" + at
	case dialled && dial.Op == "dial":
		return "there is no connection to the server" + at
	}
	return ""
}
