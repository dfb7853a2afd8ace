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
	"time"

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
	return sampled(body, source, event.Type(r.kind), r.sample, r.now())
}

// sampled makes an event of a body that was not received. Without a kind it is what the name says, else the shape.
func sampled(body []byte, source string, kind event.Type, name string, now time.Time) (happening, error) {
	if kind == "" {
		kind = typeOfName(name)
	}
	e, err := ppm.Decode(body, kind)
	if err != nil {
		return happening{}, noEvent(source, err)
	}
	e.ID, e.Received = "sample", now.UTC()
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

// body reads what --event names.
func (r *renderer) body() (body []byte, source string, err error) {
	if r.sample == "-" {
		if r.typed == nil {
			if r.typed, err = readBounded(r.in); err != nil {
				return nil, "", fmt.Errorf("the standard input cannot be read: %w", err)
			}
		}
		return r.typed, "the standard input", nil
	}
	body, source, err = bodyOf(r.sample, r.sample)
	if missing, ok := errors.AsType[noSampleError](err); ok {
		return nil, "", fmt.Errorf("--event %q: there is no such file, and no sample of this name; %s", r.sample, missing.hint())
	}
	if err != nil {
		return nil, "", fmt.Errorf("--event: %w", err)
	}
	return body, source, nil
}

// noSampleError is that there is neither a file nor a sample of a name.
type noSampleError string

func (name noSampleError) Error() string { return "there is no file and no sample " + string(name) }

// hint names the sample that is meant, or all of them.
func (name noSampleError) hint() string {
	if near := config.Nearest(sampleName(string(name)), samples.Names()); near != "" {
		return "did you mean " + near + "?"
	}
	return "the samples are " + strings.Join(samples.Names(), ", ")
}

// sampleName is a name as that of a sample: samples/Project-Updated.json and Project:Updated name Project-Updated as well.
func sampleName(name string) string {
	return strings.Replace(strings.TrimSuffix(strings.TrimPrefix(name, "samples/"), ".json"), ":", "-", 1)
}

// bodyOf reads the file at a path; where there is none, the sample of a name. Source is what a person calls it. The error
// is a noSampleError where there is neither.
func bodyOf(path, name string) (body []byte, source string, err error) {
	body, err = readBody(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return body, name, err
	}
	if sample, ok := samples.Body(sampleName(name)); ok {
		return sample, "sample " + sampleName(name), nil
	}
	return nil, "", noSampleError(name)
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
	if story.Entry.Type.Own() {
		return happening{}, fmt.Errorf("%s is what ppmrelay says of itself, in words of its own: ppmrelay events show %d", source, r.number)
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
