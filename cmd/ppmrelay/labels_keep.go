package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/fields"
)

const (
	pullEvery = 24 * time.Hour
	pullPause = time.Hour // at least, between two times of asking
	maxMissed = 10_000    // choices without a label that are remembered
)

// fieldKeeper asks PPM Express now and then what the tenant's fields are, keeps the answer in its file, and gives it to the
// words. It is the only one that writes the file while the daemon runs, and nobody waits for it.
type fieldKeeper struct {
	log  *slog.Logger
	wake chan struct{}

	mu     sync.Mutex
	from   fieldSource
	book   *labelBook   // of the words that are served
	feed   *fields.Feed // the newest; nil where none is known
	missed map[string]bool
	asked  time.Time // when PPM Express was asked last
	met    bool      // a choice without a label was met since
	failed string    // why the last try failed; empty when it did not
	unkept string    // why the file could not be written the last time
	unread string    // why it could not be read when the words were made
}

// fieldAsker is the part of the client that the keeper needs.
type fieldAsker interface {
	Fields(ctx context.Context, entity string) (json.RawMessage, error)
}

// fieldSource is where the fields come from and where they go.
type fieldSource struct {
	client fieldAsker // nil = nowhere
	tenant string
	file   string
	asking string // all that asking depends on; never shown, as the token is part of it
}

func newFieldKeeper(log *slog.Logger) *fieldKeeper {
	return &fieldKeeper{log: log, wake: make(chan struct{}, 1), missed: map[string]bool{}}
}

// follow makes the keeper serve the words of a configuration, in the place of those it served. What it knows of the same
// tenant they know at once. Where the configuration asks in another way, it asks anew.
func (k *fieldKeeper) follow(cfg *config.Config, book *labelBook) {
	from := fieldSource{}
	if p := cfg.PPMExpress; p != nil {
		from = fieldSource{client: newClient(cfg), tenant: p.Tenant, file: cfg.FieldsFile()}
		from.asking = strings.Join([]string{string(p.URL), p.Tenant, p.APIVersion, p.Token.Reveal(), from.file}, "\n")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	kept := book.newest.Load().feed
	if k.feed == nil || k.feed.Tenant != from.tenant || kept != nil && kept.Pulled.After(k.feed.Pulled) {
		k.feed = kept
	}
	if began, _ := turned(&k.unread, book.unread); began {
		k.log.Warn("what is kept of the tenant's fields cannot be read, they are asked for anew", "error", book.unread)
	}
	k.book = book
	book.put(k.feed, k.miss)
	if from.asking != k.from.asking {
		k.from, k.asked, k.failed, k.unkept = from, time.Time{}, "", ""
		k.nudge()
	}
}

// miss hears of a choice that nobody has a label for. Each is a reason to ask once.
func (k *fieldKeeper) miss(entity, field, sent string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := entity + "." + field + " " + sent
	if k.missed[name] || len(k.missed) >= maxMissed {
		return
	}
	k.missed[name], k.met = true, true
	k.nudge()
}

func (k *fieldKeeper) nudge() {
	select {
	case k.wake <- struct{}{}:
	default: // it is awake
	}
}

// run asks at once, once a day, an hour after it failed, and, at most once an hour, when a choice has no label.
func (k *fieldKeeper) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		case <-timer.C:
		}
		if wait := k.due(); wait > 0 {
			timer.Reset(wait)
			continue
		}
		k.once(ctx)
		timer.Reset(k.due())
	}
}

// due is how long it is until PPM Express is asked next.
func (k *fieldKeeper) due() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	every := pullEvery
	if k.met || k.failed != "" {
		every = pullPause
	}
	return max(0, time.Until(k.asked.Add(every)))
}

// once asks, and keeps what is answered. A failure is logged when it begins; the words keep what they have.
func (k *fieldKeeper) once(ctx context.Context) {
	k.mu.Lock()
	from := k.from
	k.asked, k.met = time.Now(), false
	k.mu.Unlock()
	if from.client == nil {
		return
	}
	feed, err := fields.Pull(ctx, from.client, from.tenant, time.Now())
	if ctx.Err() != nil {
		return // stopping
	}
	if feed = k.learn(ctx, from, feed, err); feed == nil {
		return
	}
	_, err = feed.Save(from.file)
	k.mu.Lock()
	defer k.mu.Unlock()
	began, over := turned(&k.unkept, err)
	if began {
		k.log.WarnContext(ctx, "the tenant's fields cannot be kept in their file", "error", err)
	}
	if over {
		k.log.InfoContext(ctx, "the tenant's fields are kept in their file again", "file", from.file)
	}
}

// learn gives what was answered to the words, and returns what there is to keep: nil where there is nothing.
func (k *fieldKeeper) learn(ctx context.Context, from fieldSource, feed *fields.Feed, err error) *fields.Feed {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.from.asking != from.asking {
		return nil // the configuration is another one by now
	}
	began, over := turned(&k.failed, err)
	if began {
		k.log.WarnContext(ctx, "the tenant's fields cannot be fetched", "error", err)
	}
	if over {
		k.log.InfoContext(ctx, "the tenant's fields are fetched again")
	}
	if feed == nil {
		return nil
	}
	feed = feed.Or(k.feed)
	if !feed.Same(k.feed) {
		k.feed = feed
		k.book.put(feed, k.miss)
		known, choices := sizeOf(feed)
		k.log.InfoContext(ctx, "the tenant's fields are known", "fields", known, "choices", choices)
	}
	return k.feed
}

// turned remembers whether something fails, and reports whether that began or ended just now.
func turned(failed *string, err error) (began, over bool) {
	before := *failed
	*failed = ""
	if err != nil {
		*failed = err.Error()
	}
	return before == "" && err != nil, before != "" && err == nil
}

// sizeOf returns how many fields a feed has, and how many choices of them have labels.
func sizeOf(feed *fields.Feed) (known, choices int) {
	for _, entity := range fields.Kinds() {
		for _, field := range feed.Fields(entity) {
			known++
			choices += len(labelsOf(field))
		}
	}
	return known, choices
}

// labelsOf returns the labels of a field's choices, each once: a choice may have a number and an id.
func labelsOf(field fields.Field) []string {
	var labels []string
	for _, option := range field.Options {
		labels = append(labels, option.Label)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}
