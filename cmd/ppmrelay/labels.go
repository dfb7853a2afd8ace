package main

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/fields"
	"github.com/ppmrelay/ppmrelay/templates"
)

// tenantSaid is what a tenant said about its fields, and the words that use it. It is never changed.
type tenantSaid struct {
	feed  *fields.Feed // nil where nothing is known
	words *templates.Words
}

// labelBook holds the words of one configuration with the newest labels of the tenant. What is made of words by following
// follows it: an effect is said by one set of labels, and the next one perhaps by another.
type labelBook struct {
	words  *templates.Words // without labels of the tenant
	unread error            // why what is kept of the tenant's fields could not be read
	newest atomic.Pointer[tenantSaid]
}

// put makes everything use other labels, from its next effect on. Unlabelled hears of choices that nobody has a label for.
func (b *labelBook) put(feed *fields.Feed, unlabelled func(entity, field, sent string)) {
	b.newest.Store(&tenantSaid{feed, b.words.With(tenantOf(feed), unlabelled)})
}

// newWords returns the words of a configuration with what is kept of the tenant's fields, and the book that gives them
// other labels later. That the fields are not there, or cannot be read, is no error.
func newWords(cfg *config.Config) (*templates.Words, *labelBook, error) {
	return newWordsResting(cfg, nil, nil)
}

// newWordsResting is newWords for who has better things for the processors to do, and who knows members, see
// templates.Display.
func newWordsResting(cfg *config.Config, rest func(), member func(email string) string) (*templates.Words, *labelBook, error) {
	shown := display(cfg)
	shown.Rest, shown.Member = rest, member
	words, err := templates.New(shown)
	if err != nil {
		return nil, nil, err
	}
	feed, unread := loadFeed(cfg)
	book := &labelBook{words: words, unread: unread}
	book.put(feed, nil)
	return book.newest.Load().words, book, nil
}

// loadFeed reads what is kept of the tenant's fields. It returns nil where nothing is.
func loadFeed(cfg *config.Config) (*fields.Feed, error) {
	file := cfg.FieldsFile()
	if file == "" {
		return nil, nil //nolint:nilnil // without a tenant there is nothing to know
	}
	feed, err := fields.Load(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // nobody has asked yet
	case err != nil:
		return nil, err
	case feed.Tenant != cfg.PPMExpress.Tenant:
		return nil, fmt.Errorf("reading %s: it is of the tenant %s, not of %s", file, printable(feed.Tenant), printable(cfg.PPMExpress.Tenant))
	}
	return feed, nil
}

// tenantOf is a feed as templates want it: by each name that an event may hold a field by.
func tenantOf(feed *fields.Feed) templates.Tenant {
	tenant := templates.Tenant{}
	for _, entity := range fields.Kinds() {
		for _, field := range feed.Fields(entity) {
			known := templates.KnownField{Label: field.Label}
			if len(field.Options) > 0 {
				known.Choices = map[string]string{}
			}
			for _, option := range field.Options {
				known.Choices[option.Value] = option.Label
			}
			for i, name := range field.Names {
				known.Others = slices.Concat(field.Names[:i], field.Names[i+1:])
				tenant[entity+"."+fields.Plain(name)] = known
			}
		}
	}
	return tenant
}

// following is something made of words, made anew whenever the tenant's labels are others. What was got stays as it is.
type following[T any] struct {
	book  *labelBook
	build func(*templates.Words) T
	made  atomic.Pointer[madeOf[T]]
}

type madeOf[T any] struct {
	said *tenantSaid
	it   T
}

func (n *following[T]) get() T {
	said := n.book.newest.Load()
	if last := n.made.Load(); last != nil && last.said == said {
		return last.it
	}
	made := &madeOf[T]{said, n.build(said.words)}
	n.made.Store(made)
	return made.it
}

// labelled are the words of a route that follow the tenant's labels.
type labelled struct{ following[delivery.Words] }

func (b *labelBook) labelled(speak func(*templates.Words) delivery.Words) delivery.Words {
	return &labelled{following[delivery.Words]{book: b, build: speak}}
}

// Say says events in the words of now.
func (l *labelled) Say(events []event.Event) []delivery.Said { return l.get().Say(events) }

// condition returns what always is a condition with the labels of now. Without a book it stays as it is.
func (b *labelBook) condition(when *templates.Condition) func() *templates.Condition {
	if b == nil || when == nil {
		return func() *templates.Condition { return when }
	}
	return (&following[*templates.Condition]{book: b, build: when.In}).get
}
