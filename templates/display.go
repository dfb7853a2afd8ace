package templates

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Display says how things are shown.
type Display struct {
	// Zone is the time zone of instants in tables and plain text; nil is UTC. Slack shows each reader their own.
	Zone *time.Location
	// Labels names choices: "Project.OverallStatus" -> the value as sent, "0" -> "On track".
	Labels map[string]map[string]string
	// Ignore are the fields that are never told, as sent: "LastModifiedDate".
	Ignore []string
	// Links are the addresses of the pages of entities, by kind: "Project" -> "https://app.example.com/projects/{id}".
	// There is no link without one.
	Links map[string]string
	// Member returns the id of the member of the workspace who has an e-mail address, "U012AB3CD"; empty where that is not
	// known, or not yet. It must answer at once, and may find out meanwhile. Asked are only the addresses that a template
	// wants to ring. Nil = nobody is known.
	Member func(email string) string
	// Rest is called again and again while templates and conditions are tried, one at a time, by who has better things for
	// the processors to do. Nil: as fast as it goes, on all of them.
	Rest func()
}

// Words say things. They are safe for concurrent use.
type Words struct {
	display  Display
	zone     *time.Location
	labels   map[string]map[string]string // of the configuration, with a straight apostrophe in the name
	ignored  map[string]bool
	links    map[string]string
	builtins map[event.Type]*Template // "" is the one for unknown types
	library  library                  // the built-in templates, by name
	tried    func() []sample          // what templates are tried on; made once
	brief    func() []sample          // the same with fewer attributes
	failures *failures

	zones     *sync.Map // *time.Location by name
	languages *sync.Map // language by tag

	tenant     Tenant
	unlabelled func(entity, field, sent string) // nil where nobody wants to know
}

// New returns the Words of a Display. An error names each link that is no http or https address with {id}.
func New(display Display) (*Words, error) {
	w := &Words{
		display: display, zone: time.UTC, labels: map[string]map[string]string{}, links: display.Links, ignored: map[string]bool{},
		failures: new(failures), zones: new(sync.Map), languages: new(sync.Map),
	}
	for name, labels := range display.Labels {
		w.labels[plainName(name)] = labels
	}
	if display.Zone != nil {
		w.zone = display.Zone
	}
	for _, field := range display.Ignore {
		w.ignored[plainName(field)] = true
	}
	var faults []error
	for _, kind := range slices.Sorted(maps.Keys(display.Links)) {
		if err := checkLink(display.Links[kind]); err != nil {
			faults = append(faults, fmt.Errorf("link of %s: %w", kind, err))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	w.tried = sync.OnceValue(func() []sample { return w.samples(sampleEvent) })
	w.brief = sync.OnceValue(func() []sample { return w.samples(briefEvent) })
	if err := w.compileBuiltins(); err != nil {
		return nil, err
	}
	return w, nil
}

// Ignored reports whether a field is never told. It is what event.NetOf and event.Changes ask for.
func (w *Words) Ignored(field string) bool { return w.ignored[plainName(field)] }

// plainName spells a name as people type it: help pages write “’” where keyboards have "'".
func plainName(name string) string { return strings.ReplaceAll(name, "’", "'") }

const idPlace = "{id}"

func checkLink(address string) error {
	if !strings.Contains(address, idPlace) {
		return errors.New("it needs {id} where the id of the entity stands")
	}
	if !webAddress(strings.ReplaceAll(address, idPlace, "id")) {
		return errors.New("only complete http and https addresses can be opened")
	}
	return nil
}

// webAddress reports whether a text is a complete http or https address.
func webAddress(s string) bool {
	if len(s) > maxAddress {
		return false
	}
	address, err := url.Parse(s)
	return err == nil && (address.Scheme == "http" || address.Scheme == "https") && address.Host != ""
}

// maxAddress bounds an address: with two of them and two names a headline still fits into a section.
const maxAddress = 500

// link returns the address of an entity's page; empty where none is known.
func (w *Words) link(entity event.Ref) string {
	pattern := w.links[entity.Kind]
	if pattern == "" || entity.ID == "" || entity.ID == "." || entity.ID == ".." {
		return ""
	}
	address := strings.ReplaceAll(pattern, idPlace, url.PathEscape(entity.ID))
	if !webAddress(address) {
		return ""
	}
	return address
}

// kindWords returns what people call a kind of entity: "Key date".
func kindWords(kind string) string {
	if kind == event.KeyDate {
		return "Key date"
	}
	return kind
}
