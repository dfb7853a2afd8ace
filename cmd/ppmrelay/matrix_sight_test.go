package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/journal"
)

// see waits until everything was shown that a fault is to show. Meanwhile nobody else may be held.
func (s *rowPlay) see(ctx context.Context, shown []sight) error {
	hit, _ := targetsOf(shown)
	left := slices.Clone(shown)
	return s.until(ctx, "this is shown: "+inWords(left), func() (bool, error) {
		if err := s.undisturbed(ctx, hit); err != nil {
			return false, err
		}
		for i := len(left) - 1; i >= 0; i-- {
			seen, err := s.seen(ctx, &left[i])
			if err != nil {
				return false, err
			}
			if seen {
				left = slices.Delete(left, i, i+1)
			}
		}
		return len(left) == 0, nil
	})
}

func inWords(shown []sight) string {
	var all []string
	for _, look := range shown {
		text, reason := look.text()
		all = append(all, text+" "+reason)
	}
	return strings.Join(all, "; ")
}

// seen looks once. Of a sight of several targets those are left that were not seen yet.
func (s *rowPlay) seen(ctx context.Context, look *sight) (bool, error) {
	switch {
	case look.briefly:
		return true, nil
	case look.ready != "":
		return s.ready(ctx, look.ready)
	case look.said != "":
		if !strings.Contains(s.said, look.said) {
			return false, fmt.Errorf("the program says %q", s.said)
		}
		return true, nil
	case look.log != "":
		return strings.Contains(s.log.String(), look.log), nil
	case look.status != 0:
		for _, d := range s.sandbox.PPM.Deliveries() {
			if d.Status == look.status {
				return true, nil
			}
		}
		return false, nil
	}
	states, err := s.journal.Targets(ctx)
	if err != nil {
		return false, err
	}
	at := slices.Clone(look.at)
	for _, state := range states {
		if !slices.Contains(at, state.Target) || !look.matches(state) {
			continue
		}
		waits, err := s.inState(ctx, state.Target, look.state)
		if err != nil {
			return false, err
		}
		if waits && (look.lookup || s.logged(state.Target, *look)) {
			if look.any {
				return true, nil
			}
			at = slices.DeleteFunc(at, func(target string) bool { return target == state.Target })
		}
	}
	look.at = at
	return len(at) == 0, nil
}

// matches reports whether a target's state is the one to see.
func (s sight) matches(state journal.TargetState) bool {
	said := state.Reason
	if s.hold == eitherHold {
		return (state.Hold == journal.Parked || state.Hold == journal.Stopped) && strings.Contains(said, string(s.reason)+": ")
	}
	if s.lookup {
		var looking bool
		if _, said, looking = strings.Cut(said, "cannot look up"); !looking {
			return false
		}
		_, said, _ = strings.Cut(said, ": ")
	}
	return state.Hold == s.hold && strings.HasPrefix(said, string(s.reason)+": ")
}

// inState reports whether a delivery to the target is in that state, and whether events show says so, too.
func (s *rowPlay) inState(ctx context.Context, target string, state journal.State) (bool, error) {
	found, err := s.journal.Events(ctx, journal.Filter{State: state, Limit: 200})
	if err != nil {
		return false, err
	}
	for _, summary := range found {
		story, err := s.journal.Story(ctx, summary.Entry.Number)
		if err != nil {
			return false, err
		}
		for _, d := range story.Deliveries {
			if d.Target == target && d.State == state {
				return true, s.shows(ctx, summary.Entry.Number, target, state)
			}
		}
	}
	return false, nil
}

// shows demands that a person who asks for an event is told the same, unless it has passed already.
func (s *rowPlay) shows(ctx context.Context, number int64, target string, state journal.State) error {
	var out, failed bytes.Buffer
	args := []string{"events", "show", strconv.FormatInt(number, 10), "--config", s.config}
	if code := run(ctx, args, &out, &failed); code != exitFine {
		return fmt.Errorf("events show ends with %d: %s", code, &failed)
	}
	if strings.Contains(out.String(), string(state)) {
		return nil
	}
	story, err := s.journal.Story(ctx, number)
	if err != nil {
		return err
	}
	for _, d := range story.Deliveries {
		if d.Target == target && d.State == state {
			return fmt.Errorf("events show does not say that it is %s for %s:\n%s", state, target, &out)
		}
	}
	return nil
}

// logged reports whether the log tells of a failure of the target with the class and the reason.
func (s *rowPlay) logged(target string, look sight) bool {
	for line := range strings.Lines(s.log.String()) {
		var said struct{ Msg, Target, Class, Reason string }
		if json.Unmarshal([]byte(line), &said) != nil || said.Msg != "an effect failed" || said.Class != look.class.String() {
			continue
		}
		// A service that is stopped says so for one of its targets; the others follow.
		kind, _, _ := strings.Cut(target, ":")
		same := said.Target == target || look.hold == journal.Stopped && strings.HasPrefix(said.Target, kind+":")
		if same && said.Reason == string(look.reason) {
			return true
		}
	}
	return false
}

// ready reports whether /readyz says something.
func (s *rowPlay) ready(ctx context.Context, what string) (bool, error) {
	console := ""
	for line := range strings.Lines(s.log.String()) {
		var said struct{ Msg, Console string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "listening" {
			console = said.Console
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+console+"/readyz", http.NoBody)
	if err != nil {
		return false, err
	}
	answer, err := client().Do(request)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return strings.Contains(string(text), what), err
}
