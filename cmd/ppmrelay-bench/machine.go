package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// machine is what the figures depend on, without what names it.
type machine struct {
	cpu    string
	cores  int
	kernel string
	goes   string // Go's version
	files  string // type of the file system
	fsync  time.Duration
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, Linux %s, %s, %s, fsync of 4 KB in %s", m.cpu, m.cores, m.kernel, m.goes, m.files,
		m.fsync.Round(time.Microsecond))
}

// tooFast is an fsync that cannot have reached a disk.
const tooFast = 20 * time.Microsecond

// look describes the machine. It refuses a folder whose files are only in memory: there a commit costs nothing, and
// every ratio says something else.
func look(dir string) (machine, error) {
	m := machine{cores: runtime.NumCPU(), goes: strings.Replace(runtime.Version(), "go", "Go ", 1)}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m, errors.New("processes are measured by what Linux tells in /proc, which is not there")
	}
	m.cpu = model(string(info))
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return m, err
	}
	m.kernel = strings.TrimSpace(string(kernel))
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return m, err
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return m, err
	}
	m.files = fileSystem(string(mounts), resolved)
	if m.fsync, err = fsyncTime(filepath.Join(dir, "fsync")); err != nil {
		return m, err
	}
	return m, m.refuse()
}

// refuse says why nothing can be measured here.
func (m machine) refuse() error {
	const remedy = "; name a folder on a real disk with --dir"
	switch {
	case m.files == "tmpfs" || m.files == "ramfs":
		return fmt.Errorf("the folder's files are only in memory (%s)%s", m.files, remedy)
	case m.fsync < tooFast:
		return fmt.Errorf("an fsync of 4 KB took %s, too fast for a disk%s", m.fsync, remedy)
	}
	return nil
}

// model finds the processor's name; the architecture where there is none.
func model(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// fileSystem returns the type of the file system that holds a folder: of the longest mount point above it, the last one
// mounted there.
func fileSystem(mounts, dir string) string {
	kind, longest := "unknown file system", -1
	for line := range strings.Lines(mounts) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		point := strings.TrimSuffix(fields[1], "/")
		if (dir == point || strings.HasPrefix(dir, point+"/")) && len(point) >= longest {
			kind, longest = fields[2], len(point)
		}
	}
	return kind
}

// fsyncTime is the median time to append 4 KB to a file and to have them on the disk.
func fsyncTime(path string) (time.Duration, error) {
	file, err := os.Create(path) //nolint:gosec // a path of our own
	if err != nil {
		return 0, err
	}
	defer file.Close() //nolint:errcheck // only its timing matters
	block := make([]byte, 4096)
	var took []time.Duration
	for range 200 {
		start := time.Now()
		if _, err := file.Write(block); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return percentile(took, 50), os.Remove(path)
}
