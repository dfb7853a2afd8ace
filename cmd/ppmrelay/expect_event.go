package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/templates"
)

// receivedThen is when every event of a test is received, so that the same is told on each day.
func receivedThen() time.Time { return time.Date(2022, 3, 1, 9, 30, 0, 0, time.UTC) }

// eventOf makes the event of a test: of a file beside the configuration, or of a sample.
func eventOf(cfg *config.Config, test config.Test) (happening, error) {
	path := cfg.Resolve(test.Event)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return happening{}, fmt.Errorf("%#q is not a file", printable(test.Event)) // a pipe would be waited for
	}
	body, source, err := bodyOf(path, test.Event)
	if err != nil {
		return happening{}, err
	}
	return sampled(body, source, event.Type(test.Type), test.Event, receivedThen())
}

// faultsOfTests returns what is wrong with the tests of a configuration beyond what its text tells: an event that is not
// there, a column that a table does not have. What serves needs neither.
func faultsOfTests(cfg *config.Config) config.Errors {
	if cfg == nil {
		return nil
	}
	a := &assembler{cfg: cfg}
	routes := map[string]config.Route{}
	for _, route := range cfg.Routes {
		routes[route.Name] = route
	}
	for i, test := range cfg.Tests {
		path := fmt.Sprintf("tests[%d]", i)
		a.eventFault(path, test)
		for name, expected := range test.Expect {
			if len(tablesOf(routes[name])) > 0 {
				a.headerFaults(path+".expect."+name+".cells", routes[name], expected.Cells)
			}
		}
	}
	return a.faults.Sorted()
}

// eventFault notes what is wrong with the event of a test.
func (a *assembler) eventFault(path string, test config.Test) {
	if test.Event == "" {
		return // missing, which is told
	}
	h, err := eventOf(a.cfg, test)
	missing, isMissing := errors.AsType[noSampleError](err)
	unreadable, isUnreadable := errors.AsType[*fs.PathError](err)
	message, hint := "", ""
	switch {
	case isMissing:
		message, hint = fmt.Sprintf("there is no file %#q, and no sample of this name", printable(test.Event)), missing.hint()
	case isUnreadable:
		message = fmt.Sprintf("the file %#q cannot be read: %s", printable(test.Event), unreadable.Err)
	case err != nil:
		message = err.Error()
	case h.Type == "" && !a.isWritten(path+".type", path):
		message = fmt.Sprintf("nothing tells the type of the event in %#q", printable(test.Event))
		hint = "write type: Project:Created, or another one, beside it"
	default:
		return
	}
	line, column := a.cfg.Place(path + ".event")
	a.faults = append(a.faults, a.cfg.Fault(line, column, message, hint))
}

// isWritten reports whether the file has a value at a path inside of a section.
func (a *assembler) isWritten(path, section string) bool {
	line, column := a.cfg.Place(path)
	above, at := a.cfg.Place(section)
	return line != above || column != at
}

// headerFaults notes the headers that a table of a route does not have.
func (a *assembler) headerFaults(path string, route config.Route, rows []map[string]config.Shown) {
	known := headersOf(route)
	for i, row := range rows {
		for _, header := range slices.Sorted(maps.Keys(row)) {
			if slices.Contains(known, header) {
				continue
			}
			hint := "there are " + strings.Join(known, ", ")
			if near := config.Nearest(header, known); near != "" {
				hint = "did you mean `" + near + "`?"
			}
			line, column := a.cfg.KeyPlace(fmt.Sprintf("%s[%d].%s", path, i, header))
			message := fmt.Sprintf("%s has no column %#q", route.Name, printable(header))
			a.faults = append(a.faults, a.cfg.Fault(line, column, message, hint))
		}
	}
}

// headersOf names the columns of the table that a route writes.
func headersOf(route config.Route) []string {
	var all []string
	table := tablesOf(route)[0]
	for _, column := range table.Columns {
		all = append(all, column.Header)
	}
	if len(all) == 0 { // those of a file have the same names
		for _, column := range templates.DefaultColumns(templates.PerRow(table.Rows)) {
			all = append(all, column.Header)
		}
	}
	return all
}
