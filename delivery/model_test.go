package delivery_test

import (
	"flag"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// The model test plays short lives of the daemon: events are appended, planned, told and replayed by the real Delivery
// through the real SQLite journal (a real file). Only the sink lies: it refuses, fails, answers ambiguously, lets a write
// appear long after, and the process dies at any commit, and between a write to the outside and the commit that settles
// it. After each death everything in memory is gone and the file is opened again; when the machine died with it, the disk
// has lost or torn what no fsync had confirmed. The journal fails, too: a commit answers with an error, and may have
// happened. The clock of each life is hours ahead or behind. At any operation, also in the middle of an attempt, another
// configuration is loaded: with other words, without a route, without targets, or with targets that are back. In the last
// life nothing dies, and everything has to end.
//
// What must hold, whatever happened:
//
//   - every acknowledged event ends as delivered, skipped or buried, for each of its targets;
//   - what the journal calls delivered stands at the target exactly once (each replay counts for itself in a chat, a
//     table has its rows once), everything else not at all; but for possible doubles, all of which the journal counts;
//   - an event is performed again only after its last attempt was definitely refused, Recall said DidNot (or cannot
//     tell, where the target is told again then), or a person replayed it;
//   - what another webhook tells of the same change is told to nobody;
//   - what is performed stands in the journal as an open effect with the same content;
//   - an effect is composed by one configuration, and by none before the one that planned what it tells;
//   - what waited for a target that was removed is skipped or, where nobody knows whether it was told, buried;
//   - within a target, the events of an entity appear in their order.
func TestDeliveryKeepsItsPromises(t *testing.T) {
	t.Parallel() // it waits for the disk
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue && raced.On {
		if err := checks.Value.Set("10"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		if err := play(t, scenarios().Draw(rt, "scenario"), honest); err != nil {
			rt.Fatal(err)
		}
	})
}

// Each seeded bug is one that a careless change could bring back. The test of the test: the model finds all of them.
func TestModelFindsSeededBugs(t *testing.T) {
	t.Parallel()
	for _, bug := range seededBugs() {
		t.Run(string(bug), func(t *testing.T) {
			t.Parallel()
			if s, ok := directed(bug); ok {
				if s.Patience > 0 {
					if err := play(t, s, honest); err != nil {
						t.Errorf("its history lasts longer than it is waited for, or it is in the program: %v", err)
					}
				}
				if err := play(t, s, bug); err != nil {
					t.Logf("found at once: %v", err)
					return
				}
			}
			for seed := range 400 {
				err := play(t, scenarios().Example(seed), bug)
				if err != nil {
					t.Logf("found after %d histories: %v", seed+1, err)
					return
				}
			}
			t.Errorf("bug %q was not found in 400 scenarios", bug)
		})
	}
}

// scenario is one random history. The scripts are read in order; where one is at its end, everything goes well.
type scenario struct {
	Events []appendStep
	Deaths []death
	Errors []death  // operations of the journal that answer with an error, before or after they took effect, each in the first life that gets so far
	Sink   []act    // what the sink does with each attempt
	Looks  []lookAt // what it answers to each look
	Jumps  []int    // minutes by which the clock of each life is wrong

	Reloads []reload // in any order
	Slow    []int    // seconds that attempts, looks and plans take, one after the other

	Patience int // for how many times 10 s a life is waited for where little can hold it; 0 = as long as any
}

// reload puts another configuration in the place of the one there is.
type reload struct {
	Operation int  // of all lives together, at which it begins
	Gone      int  // targets that it does not have, a bit for each
	NoUrgent  bool // nor the urgent route
}

type appendStep struct {
	Entity int  // 0 to 2
	Again  bool // the event before is sent once more
	Twin   bool // the event before is sent by another webhook
	Replay int  // a person replays one of the events before, first; 0 = nobody does
	Dull   bool // there is nothing to tell in it
	Wait   int  // seconds until it is appended
}

// death ends a life at the given operation of the journal or the sink, before or after it took effect.
type death struct {
	Operation int
	After     bool
	Power     bool   // the machine dies with it, and its disk is left as the seed says
	Seed      uint64 // see disk
}

// act is how the sink answers an attempt.
type act int

const (
	works act = iota
	refusesRetry
	refusesWait
	refusesVoid
	refusesBury
	refusesPark
	refusesStop
	happensUnsure // it happens, but the answer is lost
	failsUnsure   // it does not happen, and the answer is lost
	landsLate     // it appears, but later than the look, and the answer is lost
	acts
)

// lookAt is how the sink answers a look.
type lookAt int

const (
	looksWell lookAt = iota
	lookFails
	cannotTell
	looks
)

func scenarios() *rapid.Generator[scenario] {
	return rapid.Custom(func(t *rapid.T) scenario {
		step := rapid.Custom(func(t *rapid.T) appendStep {
			return appendStep{
				Entity: rapid.IntRange(0, 2).Draw(t, "entity"),
				Again:  rapid.IntRange(0, 9).Draw(t, "again") == 9,
				Twin:   rapid.IntRange(0, 9).Draw(t, "twin") == 9,
				Replay: max(0, rapid.IntRange(-60, 20).Draw(t, "replay")),
				Dull:   rapid.IntRange(0, 9).Draw(t, "dull") == 9,
				Wait:   rapid.IntRange(0, 3).Draw(t, "wait"),
			}
		})
		dies := rapid.Custom(func(t *rapid.T) death {
			return death{
				Operation: rapid.IntRange(1, 60).Draw(t, "operation"), After: rapid.Bool().Draw(t, "after"),
				Power: rapid.Bool().Draw(t, "power"), Seed: rapid.Uint64().Draw(t, "seed"),
			}
		})
		loads := rapid.Custom(func(t *rapid.T) reload {
			return reload{
				Operation: rapid.IntRange(1, 80).Draw(t, "operation"),
				Gone:      max(0, rapid.IntRange(-4, 1<<len(targetNames())-1).Draw(t, "gone")), NoUrgent: rapid.Bool().Draw(t, "no urgent"),
			}
		})
		return scenario{
			Reloads: rapid.SliceOfN(loads, 0, 8).Draw(t, "reloads"),
			Slow:    rapid.SliceOfN(rapid.IntRange(0, 2), 0, 30).Draw(t, "slow"),
			Events:  rapid.SliceOfN(step, 1, 25).Draw(t, "events"),
			Deaths:  rapid.SliceOfN(dies, 0, 5).Draw(t, "deaths"),
			Errors:  rapid.SliceOfN(dies, 0, 3).Draw(t, "errors"),
			Jumps:   rapid.SliceOfN(rapid.IntRange(-300, 300), 0, 6).Draw(t, "jumps"),
			Sink:    rapid.SliceOfN(rapid.Map(rapid.IntRange(0, int(acts)-1), func(i int) act { return act(i) }), 0, 30).Draw(t, "sink"),
			Looks:   rapid.SliceOfN(rapid.Map(rapid.IntRange(0, int(looks)-1), func(i int) lookAt { return lookAt(i) }), 0, 15).Draw(t, "looks"),
		}
	})
}

// play runs one scenario in a fresh folder and returns what it found wrong.
func play(t *testing.T, s scenario, bug bug) error {
	t.Helper()
	w := newWorld(s, bug, t.TempDir())
	if err := w.live(t); err != nil {
		return fmt.Errorf("%w\nwhat happened:\n%s", err, w.diary())
	}
	return nil
}
