package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/samples"
)

// mostBody is how large a body may be: the most that a configuration can allow.
const mostBody = 64 << 20

// happening is the event that is rendered, and what a person calls it.
type happening struct {
	event.Event

	source string // "samples Project-Updated", "event 42 of the journal"
}

// happening finds the event that was asked for. Its error is wrong usage, or about the journal.
func (r *renderer) happening(ctx context.Context, cfg *config.Config) (happening, error) {
	if r.number > 0 {
		return r.fromJournal(ctx, cfg)
	}
	body, source, err := r.body()
	if err != nil {
		return happening{}, wrong(err)
	}
	kind := event.Type(r.kind)
	if kind == "" {
		kind = typeOfName(r.sample)
	}
	e, err := ppm.Decode(body, kind)
	if err != nil {
		return happening{}, noEvent(source, err)
	}
	e.ID, e.Received = "sample", r.now().UTC()
	return happening{Event: e, source: source}, nil
}

// noEvent is about a body that is no event.
func noEvent(source string, err error) error {
	return wrong(fmt.Errorf("%s cannot be read as an event, so it would be kept and told to nobody: %w", source, err))
}

// typeOfName returns the type that a file's name tells, as those of the samples do: "Project-Updated-Followup.json".
func typeOfName(name string) event.Type {
	name = strings.Replace(strings.TrimSuffix(filepath.Base(name), ".json"), ":", "-", 1)
	entity, action, _ := strings.Cut(name, "-")
	action, _, _ = strings.Cut(action, "-")
	if kind := event.TypeOf(entity, action); slices.Contains(event.Types(), kind) {
		return kind
	}
	return ""
}

// body reads what --event names: a file comes before a sample of the same name.
func (r *renderer) body() (body []byte, source string, err error) {
	if r.sample == "-" {
		if r.typed == nil {
			if r.typed, err = readBounded(r.in); err != nil {
				return nil, "", fmt.Errorf("the standard input cannot be read: %w", err)
			}
		}
		return r.typed, "the standard input", nil
	}
	body, err = readBody(r.sample)
	if err == nil {
		return body, r.sample, nil
	}
	if sample, ok := samples.Body(r.sample); ok && errors.Is(err, os.ErrNotExist) {
		return sample, "sample " + strings.Replace(strings.TrimSuffix(r.sample, ".json"), ":", "-", 1), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, "", fmt.Errorf("--event: %w", err)
	}
	hint := "the samples are " + strings.Join(samples.Names(), ", ")
	if near := config.Nearest(strings.Replace(r.sample, ":", "-", 1), samples.Names()); near != "" {
		hint = "did you mean " + near + "?"
	}
	return nil, "", fmt.Errorf("--event %q: there is no such file, and no sample of this name; %s", r.sample, hint)
}

func readBody(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the path is what the caller was told to read
	if err != nil {
		return nil, err
	}
	body, err := readBounded(file)
	return body, errors.Join(err, file.Close())
}

// readBounded reads a body, and refuses one that no configuration allows.
func readBounded(in io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(in, mostBody+1))
	if err == nil && len(body) > mostBody {
		err = errors.New("it is larger than 64 MiB")
	}
	if err == nil && body == nil {
		body = []byte{}
	}
	return body, err
}

// fromJournal reads an event that was received, as delivery would: with the name of its parent, which is not sent.
func (r *renderer) fromJournal(ctx context.Context, cfg *config.Config) (happening, error) {
	store, err := sqlite.Open(ctx, journalFile(cfg), sqlite.Options{Tenant: tenant(cfg), ReadOnly: true})
	if err != nil {
		return happening{}, err
	}
	defer store.Close() //nolint:errcheck // nothing was written
	source := fmt.Sprintf("event %d of the journal", r.number)
	story, err := store.Story(ctx, r.number)
	if errors.Is(err, journal.ErrNotFound) {
		return happening{}, fmt.Errorf("there is no event %d: it is older than journal.keep, or was never received", r.number)
	}
	if err != nil {
		return happening{}, err
	}
	kind := story.Entry.Type
	if r.kind != "" {
		kind = event.Type(r.kind)
	}
	e, err := ppm.Decode(story.Entry.Body, kind)
	if err != nil {
		return happening{}, noEvent(source, err)
	}
	e.Number, e.ID, e.Received, e.Late = story.Entry.Number, story.Entry.ID, story.Entry.Received, story.Entry.Late
	e.Recovered, e.Missing = story.Entry.Recovered, story.Entry.Missing
	if e.Parent.ID != "" {
		parent, err := store.Entity(ctx, e.Parent.ID)
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return happening{}, err
		}
		e.Parent.Name = parent.Entity.Name
	}
	return happening{Event: e, source: source}, nil
}
