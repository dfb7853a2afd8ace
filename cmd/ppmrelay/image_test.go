package main

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The image's build line, taken from the Dockerfile itself, makes a binary that needs nothing but a kernel: it runs in
// an empty folder with an empty environment, knows time zones, and is not linked to a C library.
func TestImageBuildLineMakesAStaticBinary(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the image is for Linux")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if libraries, err := file.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("got libraries %v (%v), want none", libraries, err)
	}
	for _, section := range file.Progs {
		if section.Type == elf.PT_INTERP {
			t.Error("it asks for a dynamic linker, want a static binary")
		}
	}
	config := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), "display: { time_zone: America/Argentina/Ushuaia }\n"+goodConfig)
	check := exec.Command(path, "check", config)
	check.Env = []string{"ZONEINFO=/nowhere"} // the image has no zone files
	check.Dir = t.TempDir()
	out, err := check.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "0 faults") {
		t.Errorf("check: got %v\n%s", err, out)
	}
	version, err := exec.Command(path, "--version").Output()
	if err != nil || !strings.Contains(string(version), "v0-test") {
		t.Errorf("got version %q (%v), want v0-test", version, err)
	}
}
