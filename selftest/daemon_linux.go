package selftest

import "syscall"

// attributes let the kernel kill the child when its parent dies, and keep a terminal's Ctrl-C from it: the parent
// decides when it ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
