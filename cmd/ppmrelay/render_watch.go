package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
)

// watching renders now, and again whenever something was saved. It ends with ctx. What is wrong is told and waited for.
func (r *renderer) watching(ctx context.Context) error {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	r.findFolder()
	eyes := newWatcher(r.look)
	if err := r.again(ctx); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		names := eyes.saved()
		if names == nil {
			continue
		}
		r.hint("saved: " + strings.Join(names, ", "))
		if r.findFolder() {
			eyes.seen()
		}
		if err := r.again(ctx); err != nil {
			return err
		}
	}
}

// again renders, and tells what is wrong. An error is that nothing can be printed any more.
func (r *renderer) again(ctx context.Context) error {
	err := r.once(ctx)
	if faults, ok := errors.AsType[config.Errors](err); ok {
		return faults.Print(r.err)
	}
	exit, known := errors.AsType[*exitError](err)
	switch {
	case err == nil || known && exit.err == nil:
		return nil
	case known:
		r.hint(err.Error())
		return nil
	default:
		return err
	}
}

// findFolder asks the configuration where its templates are, and reports whether that is elsewhere than before. While it
// cannot be read they are where they were.
func (r *renderer) findFolder() (moved bool) {
	cfg, _ := config.Load(r.file, r.secretless) // what is wrong with it is told when it is rendered
	if cfg == nil {
		return false
	}
	before := r.folder
	if r.folder = ""; cfg.TemplatesFolder != "" {
		r.folder = cfg.Resolve(cfg.TemplatesFolder)
	}
	return r.folder != before
}

// look looks at the configuration, at its templates and those beside it, and at the event if it is a file.
func (r *renderer) look() looks {
	paths := append([]string{r.file}, templateFiles(filepath.Dir(r.file))...)
	if r.folder != "" {
		paths = append(paths, r.folder)
	}
	if r.sample != "" && r.sample != "-" {
		paths = append(paths, r.sample)
	}
	return lookAt(paths)
}
