package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Kinds of disks below a row's folder.
const (
	groundUsual = ""
	groundSmall = "small" // the folder itself is a disk of a few megabytes
	groundBelow = "below" // a folder "small" in it is
	groundKept  = "kept"  // a folder "kept" in it, on the usual disk
)

// ground is the disk of a row.
type ground struct {
	small string // mount point of the small disk; empty = there is none
}

// prepareGround makes a row's folder. Where no small disk may be mounted, the error is a skippedError.
func prepareGround(kind, dir string) (ground, error) {
	g := ground{}
	switch kind {
	case groundSmall:
		g.small = dir
	case groundBelow:
		g.small = filepath.Join(dir, "small")
	case groundKept:
		return g, os.MkdirAll(filepath.Join(dir, "kept"), 0o700)
	}
	if g.small == "" {
		return g, os.MkdirAll(dir, 0o700)
	}
	if err := os.MkdirAll(g.small, 0o700); err != nil {
		return g, err
	}
	if said, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", g.small).CombinedOutput(); err != nil {
		return ground{}, skippedError{fmt.Sprintf("no small disk can be mounted here (%v: %s): run it as root on Linux", err, said)}
	}
	return g, nil
}

// remount makes the small disk read-only, or writable again.
func (g ground) remount(readOnly bool) error {
	mode := "remount,rw"
	if readOnly {
		mode = "remount,ro"
	}
	if said, err := exec.Command("mount", "-o", mode, g.small).CombinedOutput(); err != nil {
		return fmt.Errorf("mount -o %s: %w: %s", mode, err, said)
	}
	return nil
}

// leave takes the small disk away.
func (g ground) leave() error {
	if g.small == "" {
		return nil
	}
	if said, err := exec.Command("umount", "-l", g.small).CombinedOutput(); err != nil {
		return fmt.Errorf("umount: %w: %s", err, said)
	}
	return nil
}
