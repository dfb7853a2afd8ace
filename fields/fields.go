// Package fields keeps what a tenant of PPM Express says about the fields of its projects, ideas, tasks and key dates: how
// they are called, and what the numbers of their choices mean.
//
// # The way of an answer
//
// Pull asks for the fields of each kind of entity. Save writes the answers to a file, as they came; Load reads them again at
// the next start, so that nobody waits for the network. What they mean is read from the answers each time: a newer version
// understands more of a file that an older one has written.
//
// # Invariants
//
//   - A Feed is never changed after it was made. It is safe for concurrent use.
//   - The file is replaced as a whole or not at all, and only where it is one of ours, or there is none.
//   - No answer is an error. What is not understood is a Puzzle, in words.
package fields

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// Feed is what one tenant said.
type Feed struct {
	Tenant string
	Pulled time.Time // UTC; when these answers first came

	answers map[string]json.RawMessage // by kind of entity, as they came
	kinds   map[string]*kind
}

// kind is what is known of one kind of entity.
type kind struct {
	fields  []Field
	puzzles []string
	byName  map[string]int // fields, by each of their names in plain spelling
}

// Field is a field of a kind of entity.
type Field struct {
	ppm.Field

	// Names are those that events may hold it by, the likelier first: the key, the built-in attribute that key or label are
	// spelt like, and the label. None is another field's in their order.
	Names []string
	// Builtin is the attribute that it is, of those that the vendor documents; empty where it is the tenant's own field.
	Builtin string
}

// Name returns what a field is best called by: the name of the built-in attribute, else its label.
func (f Field) Name() string { return cmp.Or(f.Builtin, f.Label, f.Key) }

// Kinds returns the kinds of entities that events tell of, in the vendor's order.
func Kinds() []string { return []string{event.Project, event.Idea, event.Task, event.KeyDate} }

// asker is the part of the client that pulling needs.
type asker interface {
	Fields(ctx context.Context, entity string) (json.RawMessage, error)
}

// Pull asks for the fields of each kind. The error holds one for each kind that could not be asked for; the Feed has the
// others, and is nil where there are none. When nobody may ask, or nobody answers, the other kinds are not asked for.
func Pull(ctx context.Context, client asker, tenant string, now time.Time) (*Feed, error) {
	answers := map[string]json.RawMessage{}
	var faults []error
	for _, entity := range Kinds() {
		answer, err := client.Fields(ctx, entity)
		if err == nil {
			answers[entity] = answer
			continue
		}
		faults = append(faults, err)
		if failed, ok := errors.AsType[*ppm.CallError](err); !ok || failed.Status != 404 {
			break
		}
	}
	if len(answers) == 0 {
		return nil, errors.Join(faults...)
	}
	return newFeed(tenant, now.UTC().Truncate(time.Second), answers), errors.Join(faults...)
}

// Or returns the feed with what another one of the same tenant knows of kinds that it knows nothing of.
func (f *Feed) Or(other *Feed) *Feed {
	if other == nil || other.Tenant != f.Tenant {
		return f
	}
	answers := maps.Clone(other.answers)
	maps.Copy(answers, f.answers)
	if len(answers) == len(f.answers) {
		return f
	}
	return newFeed(f.Tenant, f.Pulled, answers)
}

// Same reports whether two feeds hold the same answers of the same tenant.
func (f *Feed) Same(other *Feed) bool {
	return other != nil && f.Tenant == other.Tenant && maps.EqualFunc(f.answers, other.answers, func(a, b json.RawMessage) bool {
		return compact(a) == compact(b)
	})
}

func newFeed(tenant string, pulled time.Time, answers map[string]json.RawMessage) *Feed {
	f := &Feed{Tenant: tenant, Pulled: pulled, answers: answers, kinds: map[string]*kind{}}
	for entity, answer := range answers {
		f.kinds[entity] = newKind(entity, answer)
	}
	return f
}

func newKind(entity string, answer []byte) *kind {
	k := &kind{byName: map[string]int{}}
	read, puzzles := ppm.ReadFields(answer)
	k.puzzles = puzzles
	builtin := map[string]string{}
	for _, name := range ppm.Attributes(entity) {
		builtin[folded(name)] = name
	}
	for _, one := range read {
		byKey, byLabel := builtin[folded(one.Key)], builtin[folded(one.Label)]
		field := Field{Field: one, Builtin: cmp.Or(byKey, byLabel), Names: []string{one.Key, byKey, one.Label, byLabel}}
		k.fields = append(k.fields, field)
		if one.Puzzle != "" {
			k.puzzles = append(k.puzzles, field.Name()+": "+one.Puzzle)
		}
	}
	k.claim()
	return k
}

// claim gives each name to one field: to that whose key it is, before that whose label it is.
func (k *kind) claim() {
	for place := range 4 {
		for i, field := range k.fields {
			name := field.Names[place]
			if _, taken := k.byName[Plain(name)]; name != "" && !taken {
				k.byName[Plain(name)] = i
			}
		}
	}
	for i := range k.fields {
		var own []string
		for _, name := range k.fields[i].Names {
			if at, claimed := k.byName[Plain(name)]; claimed && at == i && !slices.Contains(own, name) {
				own = append(own, name)
			}
		}
		k.fields[i].Names = own
	}
}

// folded is a name without what differs between a key, a label and the name of an attribute: "Overall Status" and
// "overallStatus" are OverallStatus.
func folded(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(name))
}

// Plain spells a name as people type it: pages write “’” where keyboards have "'".
func Plain(name string) string { return strings.ReplaceAll(name, "’", "'") }

// Knows reports whether the tenant said anything about a kind of entity that could be read.
func (f *Feed) Knows(entity string) bool {
	return f != nil && f.kinds[entity] != nil && len(f.kinds[entity].fields) > 0
}

// Fields returns the fields of a kind of entity, in the order of the answer.
func (f *Feed) Fields(entity string) []Field {
	if !f.Knows(entity) {
		return nil
	}
	return f.kinds[entity].fields
}

// Field returns the field that goes by a name, in either spelling of an apostrophe, and whether there is one.
func (f *Feed) Field(entity, name string) (Field, bool) {
	if !f.Knows(entity) {
		return Field{}, false
	}
	i, found := f.kinds[entity].byName[Plain(name)]
	if !found {
		return Field{}, false
	}
	return f.kinds[entity].fields[i], true
}

// Puzzles returns what of a kind of entity was not understood, each in words.
func (f *Feed) Puzzles(entity string) []string {
	if f == nil || f.kinds[entity] == nil {
		return nil
	}
	return f.kinds[entity].puzzles
}
