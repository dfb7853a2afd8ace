package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ppmrelay/ppmrelay/config"
)

// What is loaded again and again is a configuration without a fault, and each is another one.
func TestReloadable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ppmrelay.yaml")
	versions := map[string]bool{}
	for version := range 3 {
		if err := os.WriteFile(file, []byte(reloadable(version)), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(file, os.LookupEnv)
		if err != nil {
			t.Fatal(err)
		}
		if len(cfg.Routes) != reloadRoutes || len(cfg.Templates) != reloadWords {
			t.Errorf("got %d routes and %d templates, want %d and %d", len(cfg.Routes), len(cfg.Templates), reloadRoutes, reloadWords)
		}
		versions[cfg.Version()] = true
	}
	if len(versions) != 3 {
		t.Errorf("got %d versions, want 3", len(versions))
	}
}
