package delivery_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ppmrelay/ppmrelay/delivery"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/sinks"
)

// errDead is what every call gets after the process died, errDisk what a call gets whose end is not known.
var (
	errDead = errors.New("the process is dead")
	errDisk = errors.New("disk I/O error")
)

// world is what survives a life: the file, what stands at the targets, and what was seen from outside.
type world struct {
	scenario
	bug bug
	dir string

	mu       sync.Mutex
	acked    map[string]int64    // event ids that were acknowledged -> number
	told     map[string][]string // target -> event ids that stand there, in order
	may      map[string]bool     // target and event id -> it may be performed (again)
	faults   []string            // what was found wrong while it ran
	next     int                 // next append
	actions  int                 // next of Sink
	looked   int                 // next of Looks
	lives    int
	lastBody journal.Incoming

	effects   map[string]sinks.Effect  // all that were performed, by id
	places    map[string]string        // their targets
	landed    map[string]bool          // effects that stand at their target
	underway  map[string]string        // effects that will appear late -> their target
	resent    map[string]string        // effects that nobody could tell of -> their target
	doubled   map[string]bool          // effects that may stand beside what was told again
	extra     map[string]int           // target and event id -> how often it may stand beside what it should
	unordered map[string]bool          // event ids that were told again
	twins     map[string]bool          // event ids that are twins of an earlier one
	found     map[string]journal.Entry // events that were told, by id

	loading    chan struct{}   // has room for one reload at a time
	operations int             // of all lives
	setup      setup           // what the file says
	loaded     map[int]bool    // reloads that have begun, by their place
	away       map[string]bool // targets that were ever removed
	urgent     map[int64]bool  // events that were planned as urgent
	planned    map[string]int  // target and event id -> the newest version that took it
	dawdled    int             // next of Slow

	writing sync.Mutex
	lines   []string // diary
}

func newWorld(s scenario, bug bug, dir string) *world {
	return &world{
		scenario: s, bug: bug, dir: dir,
		acked: map[string]int64{}, told: map[string][]string{}, may: map[string]bool{},
		effects: map[string]sinks.Effect{}, places: map[string]string{}, landed: map[string]bool{}, underway: map[string]string{}, resent: map[string]string{}, doubled: map[string]bool{},
		extra: map[string]int{}, unordered: map[string]bool{}, twins: map[string]bool{}, found: map[string]journal.Entry{},
		loaded: map[int]bool{}, away: map[string]bool{}, urgent: map[int64]bool{}, planned: map[string]int{},
	}
}

// live plays every life and checks what is left. Time is that of a synctest bubble: back-off costs nothing.
func (w *world) live(t *testing.T) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w.loading = make(chan struct{}, 1)
		for _, d := range w.Deaths {
			if err = w.life(t, d); err != nil && !errors.Is(err, errDisk) {
				return
			}
		}
		for err = errDisk; errors.Is(err, errDisk); { // a journal that fails at the start ends the program
			err = w.life(t, death{})
		}
	})
	return err
}

// life runs the daemon once, until it dies, or until everything is told.
func (w *world) life(t *testing.T, d death) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	file, err := sqlite.Open(ctx, filepath.Join(w.dir, "journal.db"), sqlite.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer file.Close()
	p := &process{world: w, Journal: file, death: d, ctx: ctx, kill: cancel}
	if w.lives < len(w.Jumps) {
		p.jump = time.Duration(w.Jumps[w.lives]) * time.Minute
	}
	w.lives++
	if d.Power {
		p.disk = newDisk(w, d)
	}
	done := make(chan error, 1)
	if err := p.deliver(ctx, done); err != nil {
		return err
	}
	w.receive(ctx, p)
	for range cmp.Or(w.Patience, 2000) { // far longer than any back-off of a scenario can add up to
		if quiet(ctx, p) {
			break
		}
		time.Sleep(10 * time.Second)
	}
	died := p.dead()
	cancel()
	p.begun.Wait()
	if err := <-done; err != nil && !died {
		return err
	}
	isLast := d.Operation == 0
	if isLast {
		p.landAll()
	}
	if len(w.faults) > 0 {
		return errors.New(strings.Join(w.faults, "\n"))
	}
	if !isLast {
		return nil
	}
	return w.judge(t.Context(), file)
}

// receive appends what is left of the scenario, as the handlers would.
func (w *world) receive(ctx context.Context, p *process) {
	for w.next < len(w.Events) && !p.dead() {
		step := w.Events[w.next]
		time.Sleep(time.Duration(step.Wait) * time.Second)
		if step.Replay > 0 && len(w.acked) > 0 {
			number := int64(step.Replay%len(w.acked)) + 1
			replayed, err := p.daemon.Load().Replay(ctx, delivery.ReplayRequest{Numbers: []int64{number}})
			w.note("replay of %d: %v %v", number, replayed, err)
			if errors.Is(err, errDead) {
				return
			}
		}
		in := w.lastBody
		isTwin := step.Twin && in.Body != nil
		switch {
		case isTwin:
			in = twinOf(in, w.next)
		case !step.Again || in.Body == nil:
			in = incoming(w.next, step)
		}
		got, err := p.Append(ctx, in)
		if errors.Is(err, errDisk) {
			continue // the sender sends it again
		}
		if err != nil {
			w.note("append %d: %v", w.next, err)
			return
		}
		w.note("append %d: number %d, duplicate %t, twin %t", w.next, got.Number, got.Duplicate, isTwin)
		if isTwin {
			w.twins[got.ID] = true
		} else {
			w.lastBody = in
		}
		w.next++
		w.acked[got.ID] = got.Number
		p.daemon.Load().Wake()
	}
}

// quiet reports whether nothing is left to do, or nothing can be done any more.
func quiet(ctx context.Context, p *process) bool {
	if p.dead() {
		return true
	}
	counts, err := p.Count(ctx)
	return err == nil && counts.Unplanned == 0 && counts.Open == 0 &&
		counts.Deliveries[journal.Pending] == 0 && counts.Deliveries[journal.Uncertain] == 0
}

// incoming is an event with a body that ppm can read.
func incoming(n int, step appendStep) journal.Incoming {
	entity := fmt.Sprintf("entity-%d", step.Entity)
	name := "told"
	if step.Dull {
		name = "dull"
	}
	at := time.Date(1999, 1, 2, 3, 4, n, 0, time.UTC) // before the bubble began
	body := fmt.Sprintf(`{"WebhookId":"w","MessageId":"m-%d","Data":{"Id":%q,"Attributes":{"Name":%q,"Number":%d},"TimeStamp":%q}}`,
		n, entity, name, n, at.Format(time.RFC3339))
	fingerprint := make([]byte, 32)
	fingerprint[0], fingerprint[1] = byte(n), byte(n>>8)
	return journal.Incoming{
		Body: []byte(body), Received: time.Now(), Type: "Project:Updated", MessageID: fmt.Sprintf("m-%d", n), WebhookID: "w",
		Entity: event.Ref{Kind: event.Project, ID: entity, Name: name}, Occurred: at, Fingerprint: fingerprint,
	}
}

// twinOf is what a webhook of its own tells of the same change, a second later.
func twinOf(in journal.Incoming, n int) journal.Incoming {
	stamp := in.Occurred.Format(time.RFC3339)
	in.Received, in.Occurred = time.Now(), in.Occurred.Add(time.Second)
	in.WebhookID, in.MessageID = fmt.Sprintf("w-%d", n), fmt.Sprintf("twin-%d", n)
	in.Body = []byte(strings.Replace(string(in.Body), stamp, in.Occurred.Format(time.RFC3339), 1))
	in.Fingerprint = append([]byte{byte(n), 1}, make([]byte, 30)...)
	in.Fingerprint[31] = 2
	return in
}

// Targets and routes with a nature of their own.
const (
	tableTarget  = "c"       // has each row once, the others are chats
	urgentRoute  = "first-a" // to a, of entity 1
	resendTarget = "b"       // is told again where nobody can tell whether it was
)

func targetNames() []string { return []string{"a", "b", "c"} }

// singly tells each event on its own, byEntity all events of an entity at once.
// Each row says which version made it.
type (
	singly   struct{ version int }
	byEntity struct{ version int }
)

func (w singly) Say(events []event.Event) []delivery.Said {
	var all []delivery.Said
	for _, e := range events {
		said := delivery.Said{Item: sinks.Item{Events: []string{e.ID}, Rows: []event.Row{{Key: strconv.Itoa(w.version)}}}}
		if e.Entity.Name == "dull" {
			said.Skip = "nothing to tell"
		}
		all = append(all, said)
	}
	return all
}

func (w byEntity) Say(events []event.Event) []delivery.Said {
	var all []delivery.Said
	at := map[string]int{}
	for _, said := range singly(w).Say(events) {
		e := events[0]
		events = events[1:]
		i, ok := at[e.Entity.ID]
		if said.Skip != "" || !ok {
			all = append(all, said)
			if said.Skip == "" {
				at[e.Entity.ID] = len(all) - 1
			}
			continue
		}
		all[i].Events = append(all[i].Events, e.ID)
	}
	return all
}

func (w *world) note(format string, args ...any) {
	w.writing.Lock()
	defer w.writing.Unlock()
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

func (w *world) diary() string { return strings.Join(w.lines, "\n") }
