package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
)

// selection is what a person types to narrow events.
type selection struct {
	kind, entity, state, since, until string
}

func (s *selection) flags(flags *pflag.FlagSet) {
	flags.StringVar(&s.kind, "type", "", "only events of this `TYPE`, as Project:Updated")
	flags.StringVar(&s.entity, "entity", "", "only events of the entity with this `ID`")
	flags.StringVar(&s.state, "state", "", "only events with a delivery in this `STATE`: pending, unsure, delivered, skipped, buried")
	flags.StringVar(&s.since, "since", "", "only events received at this `TIME` or later: 2h, 7d, 2026-03-01, 2026-03-01T08:00:00Z")
	flags.StringVar(&s.until, "until", "", "only events received before this `TIME`")
}

// apply narrows a filter. Its error is wrong usage.
func (s *selection) apply(filter *journal.Filter) (err error) {
	filter.Type, filter.Entity, filter.State = event.Type(s.kind), s.entity, journal.State(s.state)
	if filter.State != "" && !slices.Contains(states(), filter.State) {
		return wrong(fmt.Errorf("--state %q: write one of %v", s.state, states()))
	}
	if filter.Since, err = pointInTime("--since", s.since, time.Now()); err != nil {
		return err
	}
	if filter.Until, err = pointInTime("--until", s.until, time.Now()); err != nil {
		return err
	}
	if !filter.Since.IsZero() && !filter.Until.IsZero() && !filter.Since.Before(filter.Until) {
		return wrong(fmt.Errorf("nothing lies between --since %s and --until %s", stamp(filter.Since), stamp(filter.Until)))
	}
	return nil
}

// hint says what may be wrong with a selection that found nothing. A type that nobody knows is no mistake: PPM Express
// may send it.
func (s *selection) hint() string {
	var known []string
	for _, t := range event.Types() {
		known = append(known, string(t))
	}
	if s.kind == "" || slices.Contains(known, s.kind) {
		return ""
	}
	if near := config.Nearest(s.kind, known); near != "" {
		return fmt.Sprintf("no event has the type %q; did you mean %s?", s.kind, near)
	}
	return fmt.Sprintf("no event has the type %q; the types of PPM Express are %s", s.kind, strings.Join(known, ", "))
}

// pointInTime reads a time that a person typed: how long ago, a day, or a moment. Without a zone it is in UTC, as lists
// print it. Zero for nothing.
func pointInTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	if ago := regexp.MustCompile(`^(\d{1,6})([smhd])$`).FindStringSubmatch(text); ago != nil {
		n, _ := strconv.Atoi(ago[1]) // at most six digits
		unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[ago[2]]
		return now.Add(-time.Duration(n) * unit).UTC(), nil
	}
	return time.Time{}, wrong(fmt.Errorf("%s %q: write how long ago (30m, 2h, 7d), a day (2026-03-01) or a moment (2026-03-01T08:00:00Z)", flag, text))
}

func states() []journal.State {
	return []journal.State{journal.Pending, journal.Uncertain, journal.Delivered, journal.Skipped, journal.Buried}
}

// eventNumbers reads the numbers of events. Its error is wrong usage.
func eventNumbers(args []string) ([]int64, error) {
	var numbers []int64
	for _, arg := range args {
		number, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || number < 1 {
			return nil, wrong(fmt.Errorf("%q is not the number of an event: see the first column of ppmrelay events list", arg))
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}
