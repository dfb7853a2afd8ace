package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
)

// watchEvery is how often files are looked at. Polling sees what notifications miss: files that are replaced, and folders
// on other machines.
const watchEvery = 300 * time.Millisecond

// looks is what files looked like, by path. A file that is not there has the zero look.
type looks map[string]fileLook

type fileLook struct {
	modified time.Time
	size     int64
}

// watching renders now, and again whenever something was saved. It ends with ctx. What is wrong is told and waited for.
func (r *renderer) watching(ctx context.Context) error {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	shown := r.look()
	if err := r.again(ctx); err != nil {
		return err
	}
	before := shown
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := r.look()
		settled := maps.Equal(before, now) // a file that is still being written is not read
		before = now
		if !settled || maps.Equal(shown, now) {
			continue
		}
		r.hint("saved: " + strings.Join(now.differing(shown), ", "))
		shown = now
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

// look looks at the configuration, at the templates beside it, and at the event if it is a file. What editors leave
// behind does not end in .tmpl, or begins with a dot.
func (r *renderer) look() looks {
	found := looks{}
	paths := []string{r.file}
	folder := filepath.Dir(r.file)
	for _, pattern := range []string{"*.tmpl", filepath.Join("*", "*.tmpl")} {
		files, err := filepath.Glob(filepath.Join(escaped(folder), pattern))
		if err == nil {
			paths = append(paths, files...)
		}
	}
	if r.sample != "" && r.sample != "-" {
		paths = append(paths, r.sample)
	}
	for _, path := range paths {
		if strings.HasPrefix(filepath.Base(path), ".") && path != r.file && path != r.sample {
			continue
		}
		var is fileLook
		if info, err := os.Stat(path); err == nil {
			is = fileLook{modified: info.ModTime(), size: info.Size()}
		}
		found[path] = is
	}
	return found
}

// escaped is a path in which no character has a meaning for filepath.Glob.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// differing names the files that look otherwise, sorted.
func (l looks) differing(from looks) []string {
	var names []string
	for path := range l {
		if is, there := from[path]; !there || is != l[path] {
			names = append(names, printable(filepath.Base(path)))
		}
	}
	for path := range from {
		if _, there := l[path]; !there {
			names = append(names, printable(filepath.Base(path))+" (removed)")
		}
	}
	slices.Sort(names)
	return names
}
