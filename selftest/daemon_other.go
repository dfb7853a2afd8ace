//go:build !linux

package selftest

import "syscall"

// attributes leave the child in the process group of its parent, so that a terminal's Ctrl-C reaches it as well.
func attributes() *syscall.SysProcAttr { return nil }
