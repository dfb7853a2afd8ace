package reconcile

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/ppmrelay/ppmrelay/internal/raced"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

func parse(t *testing.T, spec string) cron.Schedule {
	t.Helper()
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		t.Fatal(err)
	}
	return schedule
}

// days returns on which days of a year a schedule is due, by the clocks of a zone, and how often.
func days(t *testing.T, schedule cron.Schedule, zone string, year int) map[string]int {
	t.Helper()
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for at := schedule.Next(time.Date(year, 1, 1, 0, 0, 0, 0, place).Add(-time.Second)); at.In(place).Year() == year; at = schedule.Next(at) {
		counts[at.In(place).Format(time.DateOnly)]++
	}
	return counts
}

// TestNoDayIsLost: a time that the clocks leave out is due when they do. The library leaves out the day.
func TestNoDayIsLost(t *testing.T) {
	raced.Calculates(t)
	for _, test := range []struct {
		zone, spec string
		year       int
		day, want  string // the day that the library loses, and when the pass is made
	}{
		{"Europe/Berlin", "30 2 * * *", 2026, "2026-03-29", "03:30"},
		{"Europe/Berlin", "0 2 * * *", 2026, "2026-03-29", "03:00"},
		{"America/New_York", "15,45 2 * * *", 2026, "2026-03-08", "03:15"},
		{"America/Sao_Paulo", "10 0 * * *", 2018, "2018-11-04", "01:10"},   // at midnight
		{"Australia/Lord_Howe", "10 2 * * *", 2026, "2026-10-04", "02:40"}, // by half an hour
		{"Africa/Cairo", "30 0 * * *", 2026, "2026-04-24", "01:30"},
		{"Europe/Berlin", "30 2 29 3 *", 2026, "2026-03-29", "03:30"}, // once a year, and just then
	} {
		t.Run(test.zone+" "+test.spec, func(t *testing.T) {
			inner := parse(t, "CRON_TZ="+test.zone+" "+test.spec)
			if n := days(t, inner, test.zone, test.year)[test.day]; n != 0 {
				t.Fatalf("the library makes %d passes on that day, so that this shows nothing", n)
			}
			schedule := EveryDay(inner)
			counts := days(t, schedule, test.zone, test.year)
			place, _ := time.LoadLocation(test.zone)
			day, _ := time.ParseInLocation(time.DateOnly, test.day, place)
			if got := schedule.Next(day.Add(-time.Second)).In(place).Format("2006-01-02 15:04"); counts[test.day] == 0 || got != test.day+" "+test.want {
				t.Errorf("got %d on %s, first at %s, want %s", counts[test.day], test.day, got, test.want)
			}
			for day, n := range days(t, inner, test.zone, test.year) {
				if counts[day] != n {
					t.Errorf("got %d on %s, want %d as the library", counts[day], day, n)
				}
			}
			if want := len(days(t, inner, test.zone, test.year)) + 1; len(counts) != want {
				t.Errorf("got %d days, want %d", len(counts), want)
			}
		})
	}
}

// TestUsualSchedulesStay: where the clocks leave nothing out that is due, nothing is different.
func TestUsualSchedulesStay(t *testing.T) {
	raced.Calculates(t)
	for _, spec := range []string{"*/5 * * * *", "0 12 * * *", "0 3 * * *", "0 7 * * 1-5", "30 * * * *", "@hourly", "59 1 * * *"} {
		for _, zone := range []string{"Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC"} {
			inner := parse(t, "CRON_TZ="+zone+" "+spec)
			ours := EveryDay(inner)
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for range 400 {
				next := inner.Next(at)
				if got := ours.Next(at); !got.Equal(next) {
					t.Fatalf("%s in %s: after %s got %s, want %s", spec, zone, at, got, next)
				}
				at = next.Add(13 * time.Hour)
			}
		}
	}
	if every := cron.Every(5 * time.Minute); EveryDay(every) != every || Spread(every) != cron.Schedule(every) {
		t.Error("a pause is no time by the clock")
	}
}

// TestSpread: late by the same time always, at most half a minute or a tenth of what lies between, and none is lost.
func TestSpread(t *testing.T) {
	for spec, most := range map[string]time.Duration{"*/5 * * * *": 30 * time.Second, "* * * * *": 6 * time.Second, "@daily": 30 * time.Second} {
		inner := parse(t, spec)
		different := map[time.Duration]bool{}
		for range 20 {
			schedule := Spread(inner)
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			by := schedule.Next(at).Sub(inner.Next(at.Add(-time.Second)))
			if by > inner.Next(at).Sub(at) { // it is after that already
				by -= inner.Next(at).Sub(at)
			}
			different[by] = true
			for due := inner.Next(at); due.Before(at.Add(time.Hour)); due = inner.Next(due) {
				if got := schedule.Next(due.Add(-time.Second).Add(by)); !got.Equal(due.Add(by)) || by > most {
					t.Fatalf("%s: got %s, want %s late by %s, at most %s", spec, got, due, by, most)
				}
			}
		}
		if len(different) < 5 {
			t.Errorf("%s: got %v, want different ones", spec, different)
		}
	}
}

// TestAPassEachDayOfTheYear: the whole, over a year with a change of the clocks in spring and one in autumn.
func TestAPassEachDayOfTheYear(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		place, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		r := newRelay("CRON_TZ=Europe/Berlin 30 2 * * *", standin.Options{Expires: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)})
		passes := map[string]int{}
		r.during(t, func() {
			for range 366 * 24 { // the year 2000
				time.Sleep(time.Hour)
				passes[r.Last().Began.In(place).Format(time.DateOnly)]++
			}
		})
		if len(passes) < 366 || passes["2000-03-26"] == 0 || passes["2000-10-29"] == 0 {
			t.Errorf("got passes on %d days, want one on each", len(passes))
		}
	})
}
