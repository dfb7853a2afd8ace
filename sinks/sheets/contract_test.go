package sheets

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/google"
	"github.com/ppmrelay/ppmrelay/sinks"
	"github.com/ppmrelay/ppmrelay/sinks/sinktest"
)

// target is a tab of the stand-in; faults strike the append, in every way that the board knows in turn.
type target struct {
	*world

	struck int
}

func (tg *target) Sink(t *testing.T) sinks.Sink {
	t.Helper()
	var cols []Column
	for _, header := range sinktest.Headers() {
		cols = append(cols, Column{Header: header, Type: Auto})
	}
	s, err := New(Config{Spreadsheet: book, Tab: tab}, cols, tg.client)
	if err != nil {
		t.Fatal(err)
	}
	s.landing = 0 // no copy of a write is ever late here
	return s
}

func (tg *target) Perform(
	ctx context.Context, t *testing.T, strikes sinktest.Fault, effect sinks.Effect,
) (sinks.Receipt, error) {
	t.Helper()
	kinds := map[sinktest.Fault][]fault.Kind{
		sinktest.None:   {fault.None},
		sinktest.Before: {fault.Before, fault.Reset, fault.TooMany},
		sinktest.After:  {fault.After, fault.AfterReset},
		sinktest.Hang:   {fault.Hang, fault.AfterHang},
	}[strikes]
	tg.struck++
	tg.proxy.strike(kinds[tg.struck%len(kinds)])
	defer tg.proxy.strike(fault.None)
	return tg.Sink(t).Perform(ctx, effect)
}

func (tg *target) Told(t *testing.T) []string {
	t.Helper()
	var told []string
	for i, row := range tg.Rows(book, tab) {
		if i > 0 {
			told = append(told, strings.Join(row, "\x1f"))
		}
	}
	return told
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, options := range some("as believed", "a second metadata of an id is accepted") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			many := 60
			if name == "as believed" {
				many = 260 // more than fit into one write
			}
			sinktest.Run(t, sinktest.Harness{
				New: func(t *testing.T) sinktest.Target {
					t.Helper()
					return &target{world: newWorld(t, options)}
				},
				Rows:     true,
				Faults:   []sinktest.Fault{sinktest.Before, sinktest.After, sinktest.Hang},
				Patience: 100 * time.Millisecond,
				Many:     many,
				Steps:    20,
				Secrets:  []string{"PRIVATE KEY", "ya29."},
				Harmless: func(t *testing.T, told []string) {
					t.Helper()
					for _, row := range told {
						if strings.Contains(row, "[computed: ") {
							t.Errorf("a formula runs: %q", row)
						}
					}
				},
			})
		})
	}
}

// some returns worlds by name, for what takes long and leans on few of the switches. Under the race detector it is the
// first of them: the others answer differently, and nothing runs at another time for it. make test plays all without.
func some(names ...string) map[string]google.Options {
	if raced.On {
		names = names[:1]
	}
	chosen := map[string]google.Options{}
	for _, name := range names {
		chosen[name] = worlds()[name]
	}
	return chosen
}

// worlds are the stand-in as we believe it is, and as it could be instead, one way at a time.
func worlds() map[string]google.Options {
	all := map[string]google.Options{}
	for name, flip := range map[string]func(*google.Options){
		"as believed":                            func(*google.Options) {},
		"a second metadata of an id is accepted": func(o *google.Options) { o.DuplicateMetadata = true },
		"deleting what is not there is refused":  func(o *google.Options) { o.DeleteMissingRefused = true },
		"rows are added before hidden ones":      func(o *google.Options) { o.AppendAfterVisible = true },
		"protected is 403":                       func(o *google.Options) { o.ProtectedForbidden = true },
		"texts are Spanish":                      func(o *google.Options) { o.Localised = true },
		"get lists all tabs":                     func(o *google.Options) { o.AllSheetsInGet = true },
		"new rows have no format":                func(o *google.Options) { o.NewRowsPlain = true },
	} {
		options := unlimited()
		flip(&options)
		all[name] = options
	}
	return all
}
