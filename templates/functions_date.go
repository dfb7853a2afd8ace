package templates

import (
	"fmt"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// dateFunctions show days and moments in other ways than by themselves.
func dateFunctions() []function {
	return []function{
		{
			name: "date", group: "Dates", of: func(r *run) any { return r.date }, sure: whereWritten, least: 2, written: writtenDate,
			does: "a day in the style `short`, `medium` or `long`, or by a pattern as in a spreadsheet: d dd ddd dddd, m mm mmm mmmm, " +
				"yy yyyy, hh:mm:ss; with a language behind it, else in British English. There are " + strings.Join(languageTags(), " ") +
				". Nothing where there is no value",
			examples: []example{
				{`{{ field "FinishDate" | date "long" "de" }}`, "14. April 2022"},
				{`{{ field "FinishDate" | date "medium" "fr" }}`, "14 avr. 2022"},
				{`{{ field "FinishDate" | date "dddd, d mmmm" }}`, "Thursday, 14 April"},
				{`{{ .Occurred | date "yyyy-mm-dd hh:mm" }}`, "2022-02-15 14:20"},
			},
		},
		{
			name: "zone", of: func(r *run) any { return r.zone }, sure: whereWritten, written: writtenZone,
			does: "a moment in this time zone, for all readers alike; in a message it is else in the zone of each. A day stays as it is",
			examples: []example{
				{`{{ .Occurred | zone "Asia/Tokyo" }}`, "15 Feb 2022 22:20"},
				{`{{ .Occurred | zone "America/New_York" | date "hh:mm" }}`, "08:20"},
			},
		},
	}
}

// date is given a style, perhaps a language, and what to show.
func (r *run) date(style string, rest ...any) (string, error) {
	x, in, err := r.inLanguage("date", rest)
	if err != nil {
		return "", err
	}
	layout, err := dateStyle(style)
	if err != nil {
		return "", err
	}
	switch v := x.(type) {
	case Time:
		if v.moment.IsZero() {
			return "", r.spend(1)
		}
		return r.charged(layout(v.moment.In(v.zone), in))
	case Value:
		var all []string
		for i := range min(len(v), maxListed) {
			all = append(all, r.dated(v[i], layout, in))
		}
		if left := len(v) - maxListed; left > 0 {
			all = append(all, more(left, "day"))
		}
		return r.charged(strings.Join(all, ", "))
	case Item:
		return r.charged(r.dated(v, layout, in))
	default:
		if t, ok := day(x); ok {
			return r.charged(layout(t, in))
		}
		return r.charged(say(r.plain(), x))
	}
}

func (r *run) dated(item Item, layout dateLayout, in language) string {
	switch v := item.value; v.Kind {
	case event.Date:
		return layout(v.Time.UTC(), in)
	case event.Instant:
		return layout(v.Time.In(item.zone()), in)
	default:
		return item.text(r.plain())
	}
}

func writtenDate(args []argument) (int, any) {
	if args[0].written {
		if _, err := dateStyle(args[0].text); err != nil {
			return 0, err
		}
	}
	return writtenLanguage(args)
}

// zone returns a moment in a time zone, which everybody then sees alike; what is no moment as it is.
func (r *run) zone(name string, x any) (any, error) {
	zone, err := r.words.zoneNamed(name)
	if err != nil {
		return nil, err
	}
	if list, ok := x.(Value); ok && len(list) == 1 {
		x = list[0]
	}
	switch v := x.(type) {
	case Time:
		return Time{moment: v.moment, zone: zone, fixed: true}, r.spend(1)
	case Item:
		if v.value.Kind == event.Instant {
			return Time{moment: v.value.Time, zone: zone, fixed: true}, r.spend(1)
		}
	}
	return x, r.spend(1)
}

// zoneNamed returns a time zone by its name. Each is read once.
func (w *Words) zoneNamed(name string) (*time.Location, error) {
	known, _ := w.zones.Load(name)
	if zone, ok := known.(*time.Location); ok {
		return zone, nil
	}
	zone, err := loadZone(name)
	if err == nil {
		w.zones.Store(name, zone)
	}
	return zone, err
}

func loadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, fmt.Errorf("no time zone %q: write one like Europe/Berlin or UTC", short(name, maxName))
	}
	return zone, nil
}

func writtenZone(args []argument) (int, any) {
	if len(args) > 0 && args[0].written {
		if _, err := loadZone(args[0].text); err != nil {
			return 0, err
		}
	}
	return 0, nil
}
