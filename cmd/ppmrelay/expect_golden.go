package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
)

// goldenHead is the first line of the files of --golden. A file without it is not ours: it is neither read nor written.
const goldenHead = "# What is told of an event. Written and compared by ppmrelay test --golden.\n"

// goldenState is what a file of --golden is to what is told now.
type goldenState string

const (
	goldenSame    goldenState = "same"
	goldenAdded   goldenState = "added"   // told now, and there is no file of it
	goldenChanged goldenState = "changed" // told in other words
	goldenRemoved goldenState = "removed" // nothing makes this file any more
)

// goldenFile is what is told of one event, and what the file says of it. Empty = there is none.
type goldenFile struct {
	name     string // in the folder: Project-Updated.txt
	was, now string
}

func (g goldenFile) state() goldenState {
	switch {
	case g.was == g.now:
		return goldenSame
	case g.was == "":
		return goldenAdded
	case g.now == "":
		return goldenRemoved
	default:
		return goldenChanged
	}
}

// tryGolden compares everything that is told with the files of a folder, or writes them.
func (t *trier) tryGolden(ctx context.Context, w *wordsOf) error {
	if info, err := os.Stat(t.golden); !t.update && errors.Is(err, os.ErrNotExist) {
		return wrong(fmt.Errorf("--golden %s: there is no such folder; add --update to write it", t.golden))
	} else if err == nil && !info.IsDir() {
		return wrong(fmt.Errorf("--golden %s: it is not a folder", t.golden))
	}
	now, failing, err := t.tellAll(ctx, w)
	if err != nil {
		return err
	}
	if len(failing) > 0 {
		return t.refuseGolden(failing)
	}
	files, err := t.compared(now)
	if err == nil && t.update {
		err = t.write(files)
	}
	if err != nil {
		return fmt.Errorf("--golden: %w", err)
	}
	return t.printGolden(files)
}

// tellAll returns what is told of every sample and of the event of every test, by the name of its file, and the events on
// which something fails.
func (t *trier) tellAll(ctx context.Context, w *wordsOf) (map[string]string, []*rendering, error) {
	told := map[string]string{}
	var failing []*rendering
	for name, test := range goldenEvents(w.cfg) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		shown, err := t.told(w, test)
		if err != nil {
			return nil, nil, err
		}
		if len(shown.faults) > 0 {
			failing = append(failing, shown)
		}
		told[name+".txt"] = goldenText(shown)
	}
	slices.SortFunc(failing, func(a, b *rendering) int { return strings.Compare(a.source, b.source) })
	return told, failing, nil
}

// refuseGolden shows what fails: what would be told then is not what anybody wants to keep.
func (t *trier) refuseGolden(failing []*rendering) error {
	var faults config.Errors
	for _, shown := range failing {
		faults = append(faults, shown.faults...)
	}
	if t.asJSON {
		if err := t.printJSON(goldenJSON{File: t.file, Folder: t.golden, Files: []goldenFileJSON{}, Faults: faults.Sorted()}); err != nil {
			return err
		}
		return &exitError{code: exitFailed}
	}
	w := &window{terminal: terminal{styled: t.styled()}, out: t.out}
	for _, shown := range failing {
		w.heading(printable(shown.title()) + ": failed")
		w.failing(shown.faults)
	}
	w.ending(t, count1(len(failing), "event")+" failed", "nothing compared")
	return errors.Join(w.err, &exitError{code: exitFailed})
}

// compared joins what is told now with the files of the folder.
func (t *trier) compared(now map[string]string) ([]goldenFile, error) {
	was, err := readGolden(t.golden)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for name := range was {
		names[name] = true
	}
	for name := range now {
		names[name] = true
	}
	var all []goldenFile
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, goldenFile{name: name, was: was[name], now: now[name]})
	}
	return all, nil
}

// readGolden returns our files of a folder by name. Whether an editor or git wrote other ends of lines does not count.
func readGolden(folder string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	all := map[string]string{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".txt") || !entry.Type().IsRegular() {
			continue
		}
		text, err := readBody(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		if lines := strings.ReplaceAll(string(text), "\r\n", "\n"); strings.HasPrefix(lines, goldenHead) {
			all[entry.Name()] = lines
		}
	}
	return all, nil
}

// write brings the folder to what is told now.
func (t *trier) write(files []goldenFile) error {
	if err := os.MkdirAll(t.golden, 0o750); err != nil {
		return err
	}
	for _, file := range files {
		path := filepath.Join(t.golden, file.name)
		if _, err := os.Lstat(path); err == nil && file.state() == goldenAdded {
			return fmt.Errorf("%s is there, and was not written by this program: move it", path)
		}
	}
	for _, file := range files {
		var err error
		switch path := filepath.Join(t.golden, file.name); file.state() {
		case goldenAdded, goldenChanged:
			err = replaceFile(path, []byte(file.now))
		case goldenRemoved:
			err = os.Remove(path)
		case goldenSame:
		}
		if err != nil {
			return err
		}
	}
	return nil
}
