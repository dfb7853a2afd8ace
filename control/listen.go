package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// Listen listens at a socket that only this user can connect to. The caller holds the lock of the journal, so a socket
// that is there already was left by a process that died. ErrTooLong when the system has no room for the path.
func Listen(ctx context.Context, path string) (net.Listener, error) {
	if tooLong(path) {
		return nil, ErrTooLong
	}
	if err := removeSocket(path); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{Control: keepPrivate}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil { // where the system does not look at the mode that the socket had
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// keepPrivate gives a socket its mode before it has a name, so that there is no moment in which others can connect.
// Systems other than Linux refuse that.
func keepPrivate(_, _ string, socket syscall.RawConn) error {
	return socket.Control(func(descriptor uintptr) { _ = syscall.Fchmod(int(descriptor), 0o600) })
}

// tooLong reports whether the system's addresses of sockets have no room for a path: 107 bytes on Linux.
func tooLong(path string) bool { return len(path) >= len(syscall.RawSockaddrUnix{}.Path) }

// removeSocket removes a socket, and nothing else.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is there, and is no socket", path)
	}
	return os.Remove(path)
}
