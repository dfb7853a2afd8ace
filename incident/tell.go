package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/journal"
)

// How often a key is told. What is counted is told again when it has become more.
const (
	oftenest     = 3 // in window
	window       = time.Hour
	windowOfOnce = 24 * time.Hour // of what has happened and nobody counts
)

// notes are what an incident has to know over a restart, beside what people see of it.
type notes struct {
	Parts    []string `json:"parts"`
	Once     bool     `json:"once,omitempty"`
	Count    int      `json:"count,omitempty"` // as it was told
	Peak     int64    `json:"peak,omitempty"`  // the most that waited
	Over     string   `json:"over,omitempty"`
	Silences string   `json:"silences,omitempty"`
	Listener string   `json:"listener,omitempty"` // who was told that it has begun
	Anew     int      `json:"anew,omitempty"`     // how often that was told to another listener
}

// readNotes reads notes; those that cannot be read are none.
func readNotes(text []byte) (n notes) {
	_ = json.Unmarshal(text, &n)
	return n
}

// keep stores an incident as it is.
func (w *Watcher) keep(ctx context.Context, o *incident) {
	if o.stored {
		return
	}
	o.stored = w.store(ctx, o) == nil
}

func (w *Watcher) store(ctx context.Context, o *incident) (err error) {
	if o.row.Notes, err = json.Marshal(o.notes); err == nil {
		err = w.config.Journal.SetIncident(ctx, o.row)
	}
	return err
}

// begin tells that an incident has begun, once, as soon as that is possible. Another listener is told anew: what waited for
// the one before is told to nobody.
func (w *Watcher) begin(ctx context.Context, o *incident, now time.Time, p Problem, waiting func([]string) int64) {
	if p.Key == "" || !o.stored {
		return // it is not seen just now, or the journal does not take it
	}
	listener := w.config.Listens()
	if !o.row.Told.IsZero() && (listener == o.notes.Listener || listener == "") {
		o.notes.Listener = listener // what waits for one that goes is skipped, even if it comes back
		if o.notes.Once && p.Count > o.notes.Count {
			w.again(ctx, o, now)
		}
		return
	}
	if listener == "" {
		return
	}
	untold, ok := w.mayTell(ctx, o, now)
	if !ok {
		return
	}
	words := w.words(p, waiting(o.notes.Parts))
	o.row.Title, o.notes.Over, o.notes.Silences, o.notes.Count = words.Title, words.Over, words.Silences, p.Count
	words.Lines = append(words.Lines, uncounted(untold)...)
	anew := o.notes.Anew
	if !o.row.Told.IsZero() {
		anew++
	}
	m := Message{Incident: o.row.ID, Phase: Stopped, Anew: anew, Words: words, Since: o.row.Since}
	if words.Silences != "" {
		m.Stale = now.Add(w.config.Late)
	}
	if o.notes.Once {
		m.Phase = Noticed
	}
	number, err := w.tell(ctx, o, m, now)
	if err != nil {
		return
	}
	o.row.Told, o.row.Event, o.notes.Listener, o.notes.Anew, o.stored = now, number, listener, anew, false
	w.keep(ctx, o)
}

// again ends an incident that has happened once more, so that the next look tells it anew, when its time has come.
func (w *Watcher) again(ctx context.Context, o *incident, now time.Time) {
	if now.Sub(o.row.Told) < window {
		return
	}
	o.row.Until = now
	if w.store(ctx, o) != nil {
		o.row.Until = time.Time{}
		return
	}
	delete(w.open, o.row.Key)
}

// end tells that an incident is over, and ends it. Where one of both cannot be written down it lasts: the next look tries
// again.
func (w *Watcher) end(ctx context.Context, o *incident, now time.Time, waiting func([]string) int64) {
	told := o.row.Told
	if !o.notes.Once && w.config.Listens() != "" {
		untold, may := []journal.Incident(nil), true
		if told.IsZero() {
			untold, may = w.mayTell(ctx, o, now)
		}
		if may && !w.heard(ctx, o) {
			if _, err := w.tell(ctx, o, w.ending(o, untold, waiting(o.notes.Parts)), now); err != nil {
				return
			}
			told = now
		}
	}
	was := o.row
	o.row.Until, o.row.Told = o.gone, told
	if w.store(ctx, o) != nil {
		o.row = was
		return
	}
	delete(w.open, o.row.Key)
	w.config.Logger.InfoContext(ctx, "something is over", "incident", o.row.ID, "key", o.row.Key, "title", o.row.Title,
		"since", o.row.Since, "until", o.row.Until)
}

// ending says that an incident is over. To whom its beginning was not told, it says why it was there.
func (w *Watcher) ending(o *incident, untold []journal.Incident, waiting int64) Message {
	m := Message{Incident: o.row.ID, Phase: Over, Since: o.row.Since, Until: o.gone}
	words := w.config.Begins(Problem{Key: o.row.Key, Part: o.row.Part, Parts: o.notes.Parts, Why: o.row.Why}, waiting)
	m.Title, m.Over = words.Over, words.Over
	if o.row.Told.IsZero() || o.notes.Listener != w.config.Listens() {
		for _, line := range words.Lines {
			if line.Label == labelWhy {
				m.Lines = append(m.Lines, line)
			}
		}
	}
	m.Lines = append(m.Lines, w.config.Ends(o.row.Key, o.notes.Parts, o.notes.Peak, waiting)...)
	m.Lines = append(m.Lines, uncounted(untold)...)
	return m
}

// tell hands a message over as an event. It says once why it cannot.
func (w *Watcher) tell(ctx context.Context, o *incident, m Message, now time.Time) (number int64, err error) {
	in, err := m.incoming(now)
	var appended journal.Appended
	if err == nil {
		appended, err = w.config.Journal.Append(ctx, in)
	}
	if err != nil {
		if o.unheard != err.Error() {
			w.config.Logger.WarnContext(ctx, "what is wrong cannot be told", "incident", o.row.ID, "error", err)
		}
		o.unheard = err.Error()
		return 0, err
	}
	o.unheard = ""
	if w.config.Wake != nil {
		w.config.Wake()
	}
	return appended.Number, nil
}

// mayTell reports whether an incident may be told by now, and returns those of its key that were not told since one was.
func (w *Watcher) mayTell(ctx context.Context, o *incident, now time.Time) (untold []journal.Incident, ok bool) {
	if now.Before(o.mute) {
		return nil, false
	}
	const enough = 500
	rows, err := w.config.Journal.Incidents(ctx, journal.IncidentFilter{Key: o.row.Key, Limit: enough})
	if err != nil {
		return nil, false
	}
	most, within := oftenest, window
	if o.notes.Once {
		most = 1
		if o.notes.Count == 0 {
			within = windowOfOnce
		}
	}
	var told []time.Time
	counting := true
	for _, row := range rows {
		if row.ID == o.row.ID {
			continue
		}
		if row.Told.After(now.Add(-within)) {
			told = append(told, row.Told)
		}
		if counting = counting && row.Told.IsZero(); counting {
			untold = append(untold, row)
		}
	}
	if len(told) < most {
		return untold, true
	}
	o.mute = told[most-1].Add(within) // when that makes room
	return nil, false
}

// uncounted counts what was not told, where that is something.
func uncounted(untold []journal.Incident) []Line {
	if len(untold) == 0 {
		return nil
	}
	first := untold[len(untold)-1].Since
	return []Line{{Label: "Before", Text: fmt.Sprintf("%s since %s UTC, not told each time", times(len(untold)), first.UTC().Format("15:04"))}}
}

func times(n int) string {
	if n == 1 {
		return "the same once more"
	}
	return fmt.Sprintf("the same %d times more", n)
}

// heard reports whether people know already that an incident is over, because news of it that silences them came through
// only then. One that went on for long after that is told after all.
func (w *Watcher) heard(ctx context.Context, o *incident) bool {
	const soon, inDoubt = 2 * time.Minute, time.Second // it was composed a moment before
	if o.notes.Silences == "" || o.row.Event == 0 {
		return false
	}
	story, err := w.config.Journal.Story(ctx, o.row.Event)
	if err != nil {
		return false // forgotten meanwhile: long ago
	}
	for _, d := range story.Deliveries {
		if d.Effect == nil || !strings.HasPrefix(d.Target, o.notes.Silences) {
			continue
		}
		started := d.Effect.Started
		if started.Sub(story.Entry.Received) > w.config.Late+inDoubt && o.gone.Sub(started) < soon {
			return true
		}
	}
	return false
}
