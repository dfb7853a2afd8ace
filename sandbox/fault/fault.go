// Package fault makes an HTTP endpoint fail on demand, in the ways that matter to whoever calls it: before anything
// happened, after it happened but without an answer that says so, or before it happens after all.
//
// # The life of a request
//
// A Board holds a script per endpoint: the faults that its next requests meet, in order. A request for which the script
// has nothing meets what Always or Draw said for the endpoint, else what they said for "*", else it is served as usual.
// Rules says what each kind does. A request whose effect is to come late is kept, and served to nobody when its time
// has come: a copy that was long on its way.
//
// # Invariants
//
//   - A request has its effect once or never, as its kind says, whether its caller still listens or not.
//   - Chance is reproducible: the same seed gives each endpoint the same sequence of kinds.
//   - After Close nothing lands any more, and nothing of the board runs.
package fault

import (
	"maps"
	"slices"
	"sync"
)

// Every is the endpoint that stands for all that have no rule of their own.
const Every = "*"

// Board holds the faults of a server's endpoints. Its methods may be called at any time from anywhere.
type Board struct {
	mu      sync.Mutex
	scripts map[string][]Kind
	rules   map[string]*standing
	met     map[string]map[Kind]int // by endpoint

	kept kept
}

// standing is what an endpoint meets from now on: one kind, or what is drawn.
type standing struct {
	kind    Kind
	seed    uint64
	chances []Chance
	dice    map[string]dice // by endpoint
	over    chan struct{}   // closed when it is
}

// NewBoard returns a board on which everything works.
func NewBoard() *Board {
	return &Board{scripts: map[string][]Kind{}, rules: map[string]*standing{}, met: map[string]map[Kind]int{}}
}

// Script appends faults for the next requests to an endpoint.
func (b *Board) Script(endpoint string, kinds ...Kind) {
	check(kinds...)
	if endpoint == Every {
		panic("fault: a script is for one endpoint, not for " + Every)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scripts[endpoint] = append(b.scripts[endpoint], kinds...)
}

// Always makes every request to an endpoint fail that way from now on, once its script is at its end; None ends it, and
// what Draw began. The endpoint "*" stands for all that have no rule of their own.
func (b *Board) Always(endpoint string, kind Kind) {
	check(kind)
	if kind == None {
		b.stand(endpoint, nil)
		return
	}
	b.stand(endpoint, &standing{kind: kind, over: make(chan struct{})})
}

// Draw lets chance decide what each request to an endpoint meets from now on, once its script is at its end: each kind
// as often as its share says, and nothing otherwise. It takes the place of Always. The endpoint "*" stands for all that
// have no rule of their own; each of them has a sequence of its own.
func (b *Board) Draw(endpoint string, seed uint64, chances ...Chance) {
	checkChances(chances)
	b.stand(endpoint, &standing{seed: seed, chances: slices.Clone(chances), dice: map[string]dice{}, over: make(chan struct{})})
}

func (b *Board) stand(endpoint string, rule *standing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if former := b.rules[endpoint]; former != nil {
		close(former.over)
	}
	if rule == nil {
		delete(b.rules, endpoint)
		return
	}
	b.rules[endpoint] = rule
}

// Repair makes everything work again. What is kept to land late still lands.
func (b *Board) Repair() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.scripts)
	for _, rule := range b.rules {
		close(rule.over)
	}
	clear(b.rules)
}

// Met returns how many requests have met the kind: with its argument, or with any when it has none.
func (b *Board) Met(kind Kind) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	count := 0
	for _, kinds := range b.met {
		for met, n := range kinds {
			if met == kind || met.Name() == kind {
				count += n
			}
		}
	}
	return count
}

// Setting is what an endpoint meets: its script, then its rule.
type Setting struct {
	Endpoint string   `json:"endpoint"`
	Next     []Kind   `json:"next,omitempty"`
	Always   Kind     `json:"always,omitempty"`
	Seed     uint64   `json:"seed,omitempty"`
	Chances  []Chance `json:"chances,omitempty"`
}

// State is what a board holds and what it has done.
type State struct {
	Settings []Setting               `json:"settings"` // sorted by endpoint
	Met      map[string]map[Kind]int `json:"met"`      // how many requests met which fault, by endpoint
	Waiting  int                     `json:"waiting"`  // requests that are kept to land late
	Landed   int                     `json:"landed"`   // that have landed late
}

// State returns what the board holds now.
func (b *Board) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := State{Settings: []Setting{}, Met: map[string]map[Kind]int{}}
	endpoints := slices.Concat(slices.Collect(maps.Keys(b.scripts)), slices.Collect(maps.Keys(b.rules)))
	slices.Sort(endpoints)
	for _, endpoint := range slices.Compact(endpoints) {
		setting := Setting{Endpoint: endpoint, Next: slices.Clone(b.scripts[endpoint])}
		if rule := b.rules[endpoint]; rule != nil {
			setting.Always, setting.Seed, setting.Chances = rule.kind, rule.seed, rule.chances
		}
		state.Settings = append(state.Settings, setting)
	}
	for endpoint, kinds := range b.met {
		state.Met[endpoint] = maps.Clone(kinds)
		delete(state.Met[endpoint], None)
	}
	state.Waiting, state.Landed = b.kept.count()
	return state
}

// next takes what a request meets, and what tells when that is taken back; nil = it never is.
func (b *Board) next(endpoint string) (kind Kind, over <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kind, over = b.choose(endpoint)
	if b.met[endpoint] == nil {
		b.met[endpoint] = map[Kind]int{}
	}
	b.met[endpoint][kind]++
	return kind, over
}

func (b *Board) choose(endpoint string) (kind Kind, over <-chan struct{}) {
	if script := b.scripts[endpoint]; len(script) > 0 {
		b.scripts[endpoint] = script[1:]
		if len(script) == 1 {
			delete(b.scripts, endpoint)
		}
		return script[0], nil
	}
	rule := b.rules[endpoint]
	if rule == nil {
		rule = b.rules[Every]
	}
	switch {
	case rule == nil:
		return None, nil
	case rule.dice == nil:
		return rule.kind, rule.over
	default:
		return rule.draw(endpoint), rule.over
	}
}
