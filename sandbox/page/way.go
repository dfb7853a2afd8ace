package page

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	wayEvery = 300 * time.Millisecond // between two questions to the relay
	wayTime  = 5 * time.Second        // for an answer
)

// wayfarer asks the relay how far everything is, no more often than it may be asked.
type wayfarer struct {
	relay Relay

	mu    sync.Mutex
	asked time.Time
	way   Way
	err   error
}

// now returns the newest answer. Where the relay does not answer it is the last one, with the error.
func (f *wayfarer) now(ctx context.Context) (Way, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.asked) < wayEvery {
		return f.way, f.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wayTime) // others get this answer, too
	defer cancel()
	way, err := f.relay.Way(ctx)
	if err == nil {
		f.way = way
	}
	f.err, f.asked = err, time.Now()
	return f.way, f.err
}

// strip is the way of the events as the page shows it.
type strip struct {
	Way

	Slack, Sheet stop
	Steps        []string // of the newest event
	Wrong        string   // why it is not known
	State        string   // in one sentence, for who does not see
}

// stop is a place where events are told.
type stop struct {
	Trouble string // a state; empty = nothing is wrong
	Words   string
	Why     string // in full
}

func (p *Page) strip(ctx context.Context) *strip {
	if p.options.Relay == nil {
		return nil
	}
	way, err := p.way.now(ctx)
	s := &strip{Way: way, Slack: stopOf(way.Slack, "change", "to Slack"), Sheet: stopOf(way.Sheet, "change", "to the sheet"), Steps: p.steps(way.Last)}
	if err != nil {
		s.Wrong = "The relay does not say how far it is: " + err.Error()
	}
	s.State = stateOfAll(way)
	return s
}

func stopOf(s Stop, one, where string) stop {
	switch {
	case s.Trouble != "":
		words := fmt.Sprintf("%s %ss wait", count(s.Waiting), one)
		if s.Waiting == 1 {
			words = "1 " + one + " waits"
		}
		if again := time.Until(s.Again).Round(time.Second); !s.Again.IsZero() && again > 0 {
			words += ", again in " + seconds(again)
		}
		return stop{s.Trouble, words, s.Why}
	case s.Waiting > 0:
		return stop{Words: fmt.Sprintf("%s on the way %s", count(s.Waiting), where)}
	case s.After > 0:
		return stop{Words: seconds(s.After) + " after the edit"}
	default:
		return stop{Words: "nothing yet"}
	}
}

// Causes are the places with trouble, and why.
func (s *strip) Causes() []stop {
	var all []stop
	for _, place := range []stop{s.Slack, s.Sheet} {
		if place.Trouble != "" && place.Why != "" {
			all = append(all, place)
		}
	}
	return all
}

// stateOfAll is what is read out when it changes: words only, no numbers that change all the time.
func stateOfAll(way Way) string {
	say := func(place string, s Stop) string {
		if s.Trouble != "" {
			return place + ": " + s.Trouble + "."
		}
		return place + " works."
	}
	taken := ""
	if way.Refused != "" {
		taken = "Events are not taken. "
	}
	promise := "Nothing is lost, nothing is told twice."
	if way.Lost > 0 || way.Twice > 0 {
		promise = fmt.Sprintf("%d lost, %d twice.", way.Lost, way.Twice)
	}
	return taken + say("Slack", way.Slack) + " " + say("The sheet", way.Sheet) + " " + promise
}

// steps are how far the newest event got.
func (p *Page) steps(t Track) []string {
	if t.Number == 0 {
		return nil
	}
	step := func(name string, after time.Duration, instead string) string {
		switch {
		case after > 0:
			return name + " +" + seconds(after)
		case instead != "":
			return instead
		default:
			return "not " + name + " yet"
		}
	}
	return []string{
		"received " + t.Received.In(p.options.Zone).Format("15:04:05.000"), step("journalled", t.Journalled, ""),
		step("told", t.Told, labelled("Slack:", t.Slack)), step("written", t.Written, labelled("sheet:", t.Sheet)),
	}
}

// story shows what became of one event.
func (p *Page) story(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil || p.options.Relay == nil {
		p.nothing(w, "There is no such event.")
		return
	}
	text, found, err := p.options.Relay.Story(r.Context(), number)
	switch {
	case err != nil:
		p.render(w, http.StatusInternalServerError, "nothing.tmpl", "The story cannot be told: "+err.Error())
	case !found:
		p.nothing(w, "There is no event "+strconv.FormatInt(number, 10)+".")
	default:
		p.render(w, http.StatusOK, "story.tmpl", struct {
			Number int64
			Text   string
		}{number, text})
	}
}

func (p *Page) nothing(w http.ResponseWriter, words string) {
	p.render(w, http.StatusNotFound, "nothing.tmpl", words)
}
