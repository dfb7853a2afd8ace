package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// improviser edits at random, and makes things go wrong now and then. The same seed makes the same choices; what comes
// of them also depends on time.
type improviser struct {
	cast

	random *rand.Rand
	made   int // entities, so that each gets a name of its own
}

func newImproviser(c cast, seed uint64) *improviser {
	return &improviser{cast: c, random: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // nothing is secret about it
}

// play edits for that long, or until ctx ends. Troubles come in turn during the first two thirds, so that the last of
// them can be over when the drain begins. Pass lets time go by.
func (i *improviser) play(ctx context.Context, length time.Duration, pass func(context.Context, time.Duration) error) error {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	every := min(max(length/10, 500*time.Millisecond), 5*time.Second)
	troubles, upset, began := i.troubles(), 0, time.Now()
	for {
		if err := pass(ctx, time.Duration(100+i.random.IntN(300))*time.Millisecond); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		if played := time.Since(began); played > time.Duration(upset+1)*every && played < length*2/3 {
			if err := troubles[upset%len(troubles)](); err != nil {
				return err
			}
			upset++
		}
		if err := i.act(); err != nil {
			return err
		}
	}
}

// troubles are what goes wrong, in this order and then again from the beginning. The outage comes last: nobody knows
// for 20 s whether its message arrived.
func (i *improviser) troubles() []func() error {
	next := func(board *fault.Board, endpoint string, kinds ...fault.Kind) func() error {
		return func() error {
			board.Script(endpoint, kinds...)
			return nil
		}
	}
	return []func() error{
		next(i.Slack.Board, posting, fault.AfterReset),
		next(i.Google.Board, writing, fault.After),
		func() error {
			if !i.registered() {
				return nil // the last one is still missing
			}
			return i.removeWebhook(event.TypeOf(event.Task, event.Updated))
		},
		next(i.Slack.Board, posting, fault.TooMany),
		next(i.Google.Board, writing, fault.TooMany),
		next(i.Slack.Board, posting, fault.Before),
	}
}

// act lets somebody do something.
func (i *improviser) act() error {
	by := i.somebody()
	switch i.random.IntN(20) {
	case 0:
		i.shiftAll(by.Name, 1+i.random.IntN(30))
		return nil
	case 1, 2:
		return i.createOne(by)
	case 3:
		return i.removeOne(by)
	case 4, 5, 6:
		return i.change(by, event.Task, map[string]any{"Progress": 5 * i.random.IntN(21)})
	case 7, 8, 9:
		return i.change(by, event.KeyDate, map[string]any{"Date": i.day()})
	case 10, 11:
		return i.change(by, event.Idea, map[string]any{"ExpectedCost": 500 * (1 + i.random.IntN(80)), "Stage": i.random.IntN(4)})
	case 12, 13, 14, 15:
		return i.change(by, event.Project, map[string]any{"OverallStatus": i.random.IntN(3), "Budget": 1000 * (20 + i.random.IntN(100))})
	default:
		return i.change(by, event.Project, map[string]any{"FinishDate": i.day()})
	}
}

func (i *improviser) change(by event.Person, kind string, changes map[string]any) error {
	all := i.PPM.Entities(kind)
	if len(all) == 0 {
		return nil
	}
	id := all[i.random.IntN(len(all))].ID
	return i.unlessGone(kind, id, i.PPM.Edit(kind, id, changes, by))
}

// unlessGone drops the error about an entity that a person has deleted meanwhile, on the page.
func (i *improviser) unlessGone(kind, id string, err error) error {
	if _, there := i.PPM.Entity(kind, id); !there {
		return nil
	}
	return err
}

func (i *improviser) createOne(by event.Person) error {
	i.made++
	kind := []string{event.Project, event.Idea, event.Task, event.KeyDate}[i.random.IntN(4)]
	projects := i.PPM.Entities(event.Project)
	if len(projects) == 0 {
		kind = event.Project
	}
	made := ppm.Entity{Kind: kind, Attributes: map[string]any{"Name": fmt.Sprintf("New %s %d", kind, i.made)}}
	if kind == event.Task || kind == event.KeyDate {
		parent := projects[i.random.IntN(len(projects))]
		made.Parent = event.Ref{Kind: parent.Kind, ID: parent.ID}
	}
	i.PPM.Create(made, by)
	return nil
}

// removeOne deletes something, but no project of the last ten: a bulk edit needs some.
func (i *improviser) removeOne(by event.Person) error {
	kind := []string{event.Project, event.Idea, event.Task, event.KeyDate}[i.random.IntN(4)]
	all := i.PPM.Entities(kind)
	if len(all) == 0 || kind == event.Project && len(all) <= 10 {
		return nil
	}
	id := all[i.random.IntN(len(all))].ID
	return i.unlessGone(kind, id, i.PPM.Delete(kind, id, by))
}

func (i *improviser) somebody() event.Person {
	people := ppm.NewSmall().People
	return people[i.random.IntN(len(people))]
}

func (i *improviser) day() string { return ppm.Day(2026, 1+i.random.IntN(12), 1+i.random.IntN(28)) }
