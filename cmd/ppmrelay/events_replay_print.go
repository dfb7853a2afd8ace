package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ppmrelay/ppmrelay/control"
)

// replayed is a replay as a person reads it.
type replayed struct {
	control.Replayed

	to string // the one target that was asked for
}

func (r replayed) json() any     { return r.Replayed }
func (r replayed) nothing() bool { return len(r.Targets) == 0 }

func (r replayed) tell(w io.Writer, dry bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	switch sums := sumsOf(r.Targets); {
	case r.Events == 0:
		fmt.Fprintln(table, "no event matches")
	case len(sums) == 0:
		fmt.Fprintln(table, "nothing to send")
	case dry:
		fmt.Fprintf(table, "would send %s\n", sums)
	default:
		fmt.Fprintf(table, "sending %s\n", sums)
	}
	for _, target := range r.Targets {
		fmt.Fprintf(table, "  %s\t%d\n", target.Target, target.Deliveries)
	}
	if n := len(r.Waiting); n > 0 {
		fmt.Fprintf(table, "%s waiting anyway, and left so: %s\n", count1(n, "event"), someOf(r.Waiting))
	}
	if n := len(r.Untaken); n > 0 {
		to := ""
		if r.to != "" {
			to = " to " + r.to
		}
		fmt.Fprintf(table, "%s that no route takes%s today: %s\n", count1(n, "event"), to, someOf(r.Untaken))
	}
	return table.Flush()
}

// sumsOf says "37 to 4 channels, 12 to 1 tab".
func sumsOf(targets []control.Target) string {
	var parts []string
	for _, kind := range [][2]string{{"slack:", "channel"}, {"sheet:", "tab"}, {"file:", "file"}} {
		places, deliveries := 0, 0
		for _, target := range targets {
			if strings.HasPrefix(target.Target, kind[0]) {
				places, deliveries = places+1, deliveries+target.Deliveries
			}
		}
		if places > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", deliveries, count1(places, kind[1])))
		}
	}
	return strings.Join(parts, ", ")
}

// someOf lists the first of many numbers.
func someOf(numbers []int64) string {
	const most = 10
	var parts []string
	for _, number := range slices.Sorted(slices.Values(numbers)) {
		if len(parts) == most {
			return strings.Join(parts, ", ") + fmt.Sprintf(" and %d more", len(numbers)-most)
		}
		parts = append(parts, strconv.FormatInt(number, 10))
	}
	return strings.Join(parts, ", ")
}

// released is what became of a quarantine as a person reads it.
type released struct{ control.Released }

func (r released) json() any     { return r.Released }
func (r released) nothing() bool { return len(r.Released.Released)+len(r.Duplicates) == 0 }

func (r released) tell(w io.Writer, dry bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if n := len(r.Released.Released); n > 0 {
		told := "is told"
		switch {
		case dry:
			told = "would be told"
		case n > 1:
			told = "are told"
		}
		fmt.Fprintf(table, "%s can be read by now and %s: %s\n", bodies(n), told, someOf(r.Released.Released))
	}
	for _, group := range []struct {
		what string
		left []control.Left
	}{{"told already", r.Duplicates}, {"left as it is", r.Left}} {
		if len(group.left) == 0 {
			continue
		}
		fmt.Fprintf(table, "%s %s\n", bodies(len(group.left)), group.what)
		for _, left := range group.left {
			fmt.Fprintf(table, "  %d\t%s\n", left.Number, printable(left.Why))
		}
	}
	if r.nothing() && len(r.Left) == 0 {
		fmt.Fprintln(table, "nothing is in quarantine")
	}
	return table.Flush()
}

func bodies(n int) string {
	if n == 1 {
		return "1 body"
	}
	return fmt.Sprintf("%d bodies", n)
}
