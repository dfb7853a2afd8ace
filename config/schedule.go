package config

import (
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule is when something is done again and again: "*/5 * * * *", "@hourly", "@every 5m", also with a zone in front,
// as in "TZ=Europe/Berlin 0 7 * * 1-5".
type Schedule struct {
	spec     string
	schedule cron.Schedule
}

func defaultSchedule() Schedule {
	return Schedule{spec: "@every 5m", schedule: cron.Every(5 * time.Minute)}
}

func (s Schedule) expects() string {
	return "a cron expression such as \"*/5 * * * *\" or \"@every 5m\""
}

func (s Schedule) parse(text string, _ surroundings) (scalar, error) {
	schedule, err := parseCron(text)
	if err != nil {
		reason, hint := cronReason(err.Error())
		return nil, wrong(hint, "%s is not a cron expression: %s", quoted(text), reason)
	}
	if every, found := strings.CutPrefix(text, "@every "); found {
		if d, err := time.ParseDuration(every); err != nil || d < time.Second {
			return nil, wrong("", "%s is more often than once a second", quoted(text))
		}
	}
	// A fixed day, so that a file that is good today is good tomorrow. A year without leap days is no obstacle: the
	// search looks five years ahead.
	if schedule.Next(time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, wrong("", "%s names a date that never comes", quoted(text))
	}
	return Schedule{spec: text, schedule: schedule}, nil
}

// Next returns the first time after t.
func (s Schedule) Next(t time.Time) time.Time { return s.schedule.Next(t) }

// Cron returns the schedule in the library's form.
func (s Schedule) Cron() cron.Schedule { return s.schedule }

func (s Schedule) String() string { return s.spec }

// MarshalText writes the expression as it was written.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.spec), nil }

// Zone is a time zone by its name in the IANA database.
type Zone struct{ *time.Location }

func (z Zone) expects() string { return "a time zone such as Europe/Berlin or UTC" }

func (z Zone) parse(text string, _ surroundings) (scalar, error) {
	if text == "" || text == "Local" {
		return nil, wrong("write one such as Europe/Berlin", "%s is not a time zone by name", quoted(text))
	}
	location, err := time.LoadLocation(text)
	if err != nil {
		return nil, wrong(zoneHint(text), "%s is not a time zone that is known", quoted(text))
	}
	return Zone{location}, nil
}

// MarshalText writes the zone's name.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.String()), nil }
