package main

import (
	"strings"
	"testing"
	"time"
)

const mounts = `/dev/vda / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/vdb /tmp/disk xfs rw 0 0
proc /proc proc rw 0 0
overlay /srv overlay rw 0 0
/dev/vdc /srv btrfs rw 0 0
odd
`

func TestFileSystem(t *testing.T) {
	t.Parallel()
	tests := []struct{ dir, want string }{
		{"/", "ext4"},
		{"/home/somebody", "ext4"},
		{"/tmp", "tmpfs"},
		{"/tmp/bench", "tmpfs"},
		{"/tmpfoo", "ext4"},
		{"/tmp/disk/bench", "xfs"},
		{"/tmp/diskette", "tmpfs"},
		{"/srv/x", "btrfs"}, // the later mount hides the earlier
	}
	for _, test := range tests {
		t.Run(test.dir, func(t *testing.T) {
			t.Parallel()
			if got := fileSystem(mounts, test.dir); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	if got := fileSystem("", "/x"); got != "unknown file system" {
		t.Errorf("without mounts: got %s", got)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		m    machine
		want string // in the error; empty = none
	}{
		{machine{files: "ext4", fsync: 300 * time.Microsecond}, ""},
		{machine{files: "ext4", fsync: 20 * time.Microsecond}, ""},
		{machine{files: "ext4", fsync: 19 * time.Microsecond}, "too fast"},
		{machine{files: "tmpfs", fsync: time.Millisecond}, "only in memory"},
		{machine{files: "ramfs", fsync: time.Millisecond}, "only in memory"},
	}
	for _, test := range tests {
		err := test.m.refuse()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: got %v, want %q", test.m, err, test.want)
		}
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	info := "processor\t: 0\nmodel\t\t: 1\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: Another\n"
	if got := model(info); got != "Some CPU @ 2 GHz" {
		t.Errorf("got %q", got)
	}
	if got := model("processor : 0\n"); got == "" {
		t.Error("got no name, want the architecture's")
	}
}

func TestCPUOf(t *testing.T) {
	t.Parallel()
	const stat = "42 (an) odd (name)) S 1 42 42 0 -1 4194560 900 0 5 0 123 45 7 7 20 0 9 0 100 1000 50\n"
	got, err := cpuOf(stat)
	if want := 1680 * time.Millisecond; got != want || err != nil {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, bad := range []string{"", "42 (x) S 1", "42 (x) S 1 2 3 4 5 6 7 8 9 10 a b 13"} {
		if got, err := cpuOf(bad); err == nil {
			t.Errorf("%q: got %v, want an error", bad, got)
		}
	}
}

func TestSizeOf(t *testing.T) {
	t.Parallel()
	const status = "Name:\tppmrelay\nVmHWM:\t   50000 kB\nVmRSS:\t   31250 kB\nThreads:\t9\n"
	if got, err := sizeOf(status, "VmRSS"); got != 32 || err != nil {
		t.Errorf("got %v, %v, want 32", got, err)
	}
	if got, err := sizeOf(status, "VmSwap"); err == nil {
		t.Errorf("got %v, want an error for what is not there", got)
	}
}
