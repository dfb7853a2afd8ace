package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/samples"
)

// goldenText is all that is told of one event. Nothing in it depends on the machine, the day, or the line of a route.
func goldenText(s *rendering) string {
	var out strings.Builder
	out.WriteString(goldenHead)
	fmt.Fprintf(&out, "%s\n", printable(s.title()))
	for _, reason := range s.reasons.Routes {
		fmt.Fprintf(&out, "\n--- %s: %s\n", printable(reason.Route), printable(reason.would()))
		said := s.told[reason.Route]
		switch {
		case !reason.Told:
		case said.headers != nil:
			out.WriteString(tableText(said) + "\n")
		default:
			fmt.Fprintf(&out, "(notification) %s\n%s\n", oneLine(trimmed(harmless(said.text))), messageOf(said).sent)
		}
	}
	return out.String()
}

// goldenEvents are the events whose telling is kept, by the name of their files: every sample, and what the tests name
// beyond them. A file of a test that has the name of a sample takes its place.
func goldenEvents(cfg *config.Config) map[string]config.Test {
	all := map[string]config.Test{}
	taken := map[string]string{} // by the name in small letters, as some systems do not tell Name from name
	add := func(name string, test config.Test) {
		all[name], taken[strings.ToLower(name)] = test, test.Event+"\n"+string(test.Type)
	}
	for _, name := range samples.Names() {
		add(name, config.Test{Event: name})
	}
	for _, test := range cfg.Tests {
		if _, sample := samples.Body(sampleName(test.Event)); sample && test.Type == "" {
			add(sampleName(test.Event), test)
			continue
		}
		name, same := goldenName(test), test.Event+"\n"+string(test.Type)
		for n := 2; taken[strings.ToLower(name)] != "" && taken[strings.ToLower(name)] != same; n++ {
			name = fmt.Sprintf("%s-%d", goldenName(test), n)
		}
		add(name, test)
	}
	return all
}

// goldenName is a name of a file for the event of a test, without its end: bodies/late.json is bodies-late.
func goldenName(test config.Test) string {
	name := strings.TrimSuffix(test.Event, ".json")
	if test.Type != "" {
		name += "-" + string(test.Type)
	}
	return strings.Trim(regexp.MustCompile(`[^A-Za-z0-9_.]+`).ReplaceAllString(name, "-"), "-.")
}

// goldenJSON is what was compared, as programs read it. Fields are added, never renamed.
type goldenJSON struct {
	File   string           `json:"file"`
	Folder string           `json:"folder"`
	Files  []goldenFileJSON `json:"files"`
	Faults config.Errors    `json:"faults"` // what fails on an event; with any nothing is compared or written
}

type goldenFileJSON struct {
	Name  string      `json:"name"`
	State goldenState `json:"state"`
}

// printGolden says which files differ. Its error has the exit code.
func (t *trier) printGolden(files []goldenFile) error {
	made := goldenJSON{File: t.file, Folder: t.golden, Files: []goldenFileJSON{}, Faults: config.Errors{}}
	counts := map[goldenState]int{}
	for _, file := range files {
		counts[file.state()]++
		made.Files = append(made.Files, goldenFileJSON{file.name, file.state()})
	}
	differ := len(files) - counts[goldenSame]
	err := t.printJSON
	if !t.asJSON {
		err = func(any) error { return t.printFiles(files, counts) }
	}
	if err := err(made); err != nil || differ == 0 || t.update {
		return err
	}
	return &exitError{code: exitFailed}
}

// printFiles shows how files differ, or what was written.
func (t *trier) printFiles(files []goldenFile, counts map[goldenState]int) error {
	w := &window{terminal: terminal{styled: t.styled()}, out: t.out}
	for _, file := range files {
		path := printable(t.golden + "/" + file.name)
		switch state := file.state(); {
		case state == goldenSame:
		case t.update:
			w.line(path + ": " + string(state))
		case state == goldenChanged:
			w.heading(path + ": differs")
			w.details(differing(strings.TrimSuffix(file.was, "\n"), strings.TrimSuffix(file.now, "\n")))
		case state == goldenAdded:
			w.heading(path + ": there is no such file")
		default:
			w.heading(path + ": no event is told in it any more")
		}
	}
	if t.update {
		w.ending(t, count1(len(files)-counts[goldenRemoved], "file"), fmt.Sprintf("%d added", counts[goldenAdded]),
			fmt.Sprintf("%d changed", counts[goldenChanged]), fmt.Sprintf("%d removed", counts[goldenRemoved]))
		return w.err
	}
	differ := len(files) - counts[goldenSame]
	if differ > 0 {
		w.line("")
		w.paragraph("What is meant to be told now is written with --update; look at what it changes before you keep it.")
	}
	w.ending(t, count1(len(files), "file"), fmt.Sprintf("%d differ", differ))
	return w.err
}
