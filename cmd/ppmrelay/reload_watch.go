package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// watchEvery is how often files are looked at. Polling sees what notifications miss: files that are replaced, links that
// lead elsewhere, and folders on other machines.
const watchEvery = 300 * time.Millisecond

// looks is what files looked like, by path. A file that is not there has the zero look.
type looks map[string]fileLook

type fileLook struct{ info os.FileInfo }

// same reports whether nothing was saved between two looks. Tools that make every file as old as any other put another
// one in its place, so that it counts which file it is.
func (l fileLook) same(as fileLook) bool {
	if l.info == nil || as.info == nil {
		return l.info == as.info
	}
	return l.info.ModTime().Equal(as.info.ModTime()) && l.info.Size() == as.info.Size() && os.SameFile(l.info, as.info)
}

func (l looks) same(as looks) bool { return maps.EqualFunc(l, as, fileLook.same) }

// watcher sees that files were saved. A file that is still being written is not seen before it rests.
type watcher struct {
	look          func() looks
	shown, before looks
}

// newWatcher sees what is saved from now on.
func newWatcher(look func() looks) *watcher {
	now := look()
	return &watcher{look: look, shown: now, before: now}
}

// saved looks, and names what was saved since the last time that it named something: when two looks see the same, and
// something other than before. It is to be called each watchEvery.
func (w *watcher) saved() []string {
	now := w.look()
	settled := now.same(w.before)
	w.before = now
	if !settled || now.same(w.shown) {
		return nil
	}
	names := now.differing(w.shown)
	w.shown = now
	return names
}

// seen makes what is there now what was shown last: the caller reads it anyway.
func (w *watcher) seen() {
	w.shown = w.look()
	w.before = w.shown
}

// lookAt looks at files and, where a path is a folder, at the templates in it. Links are followed: it is what they lead to
// that counts.
func lookAt(paths []string) looks {
	found := looks{}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			found[path] = fileLook{}
		case info.IsDir():
			maps.Copy(found, lookAt(templateFiles(path)))
		default:
			found[path] = fileLook{info}
		}
	}
	return found
}

// templateFiles are the templates in a folder, and in the folders in it. What editors leave behind does not end in .tmpl,
// or begins with a dot.
func templateFiles(folder string) []string {
	var paths []string
	for _, pattern := range []string{"*.tmpl", filepath.Join("*", "*.tmpl")} {
		files, err := filepath.Glob(filepath.Join(escaped(folder), pattern))
		if err == nil {
			paths = append(paths, files...)
		}
	}
	return slices.DeleteFunc(paths, func(path string) bool {
		info, err := os.Stat(path)
		return strings.HasPrefix(filepath.Base(path), ".") || err == nil && info.IsDir()
	})
}

// escaped is a path in which no character has a meaning for filepath.Glob.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// differing names the files that look otherwise, sorted.
func (l looks) differing(from looks) []string {
	var names []string
	for path := range l {
		if is, there := from[path]; !there || !is.same(l[path]) {
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
