package main

import (
	"fmt"

	"github.com/ppmrelay/ppmrelay/sinks/slack"
)

// kit is what a configuration uses to reach the outside: clients and sinks, each with its pace and what it has seen. One
// that is made with the same settings by the next configuration is the same one: what Slack and Google asked for is not
// forgotten because a template was changed. What the next one does not use is dropped.
type kit struct {
	before map[string]any // of the configuration before
	made   map[string]any // of this one, by all that it is made of
	people *slack.People  // whom all of them ring; nil where nobody is looked up
}

// next begins the kit of the next configuration. Nil is the kit before the first one.
func (k *kit) next() *kit {
	following := &kit{made: map[string]any{}}
	if k != nil {
		following.before, following.people = k.made, k.people
	}
	return following
}

// settled ends the kit: nothing is taken over from the configuration before any more.
func (k *kit) settled() *kit {
	k.before = nil
	return k
}

// kept returns what is made with these settings, of this configuration, of the one before, or made now.
func kept[T any](k *kit, settings string, create func() (T, error)) (T, error) {
	name := fmt.Sprintf("%T %s", *new(T), settings)
	for _, known := range []map[string]any{k.made, k.before} {
		if it, ok := known[name].(T); ok {
			k.made[name] = it
			return it, nil
		}
	}
	it, err := create()
	if err == nil {
		k.made[name] = it
	}
	return it, err
}
