package config

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/robfig/cron/v3"
)

// parseCron also survives what the library panics at: "TZ=0", a zone with nothing behind it. It refuses the zones that
// are none by name, which mean another hour on another machine.
func parseCron(text string) (schedule cron.Schedule, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("nothing follows the time zone")
		}
	}()
	if found := regexp.MustCompile(`^(CRON_)?TZ=(Local)? `).FindStringSubmatch(text); found != nil {
		return nil, errors.New("nameless zone " + found[2])
	}
	return cron.ParseStandard(text)
}

const cronHint = "write one such as \"*/5 * * * *\" or \"@every 5m\""

// cronReason says what the library says in words for people who never saw it.
func cronReason(text string) (reason, hint string) {
	find := func(pattern string) []string { return regexp.MustCompile(pattern).FindStringSubmatch(text) }
	if found := find(`\((\d+)\) above maximum \((\d+)\)`); found != nil {
		return found[1] + " is above " + found[2] + ", the most that its field takes", cronHint
	}
	if found := find(`\((\d+)\) below minimum \((\d+)\)`); found != nil {
		return found[1] + " is below " + found[2] + ", the least that its field takes", cronHint
	}
	if found := find(`beyond end of range \(\d+\): (([^-]+)-([^/]+).*)`); found != nil {
		return backwards(found[1], found[2], found[3])
	}
	if found := find(`failed to parse int from ([^:]*): `); found != nil {
		return noNumber(found[1]), cronHint
	}
	if found := find(`negative number \((-\d+)\)`); found != nil {
		return found[1] + " is below zero", cronHint
	}
	if found := find(`provided bad location ([^:]*): `); found != nil {
		return quoted(found[1]) + " is not a time zone that is known", zoneHint(found[1])
	}
	if found := find(`expected exactly 5 fields, found (\d+)`); found != nil {
		return "it has " + count(found[1], "field") + ", and not 5: minute, hour, day, month and weekday", cronHint
	}
	if found := find(`too many (hyphens|slashes): (.*)`); found != nil {
		return quoted(found[2]) + " has more than one " + map[string]string{"hyphens": "-", "slashes": "/"}[found[1]], cronHint
	}
	if found := find(`^nameless zone (.*)`); found != nil {
		reason := "no time zone stands behind TZ="
		if found[1] != "" {
			reason = quoted(found[1]) + " is not a time zone by name"
		}
		return reason, "write one such as TZ=Europe/Berlin"
	}
	if found := find(`^failed to parse duration @every (.*): time: `); found != nil {
		return noInterval(found[1]), cronHint
	}
	switch {
	case strings.HasPrefix(text, "unrecognized descriptor"):
		return "there are @every 5m, @hourly, @daily, @weekly, @monthly and @yearly", cronHint
	case strings.HasPrefix(text, "step of range"):
		return "the number behind / is above zero", cronHint
	default:
		return text, cronHint
	}
}

// backwards tells of a range whose end comes first. Weeks begin with Sunday here, which people put last.
func backwards(whole, from, to string) (reason, hint string) {
	reason = quoted(whole) + " goes backwards: " + from + " comes after " + to
	switch {
	case !strings.EqualFold(to, "sun") || strings.Contains(whole, "/"):
		return reason, cronHint
	case strings.EqualFold(from, "mon"):
		return reason + ", the first day of the week", "write * for every day"
	case strings.EqualFold(from, "sat"):
		return reason + ", the first day of the week", "write " + from + "," + to
	default:
		return reason + ", the first day of the week", "write " + from + "-sat," + to
	}
}

func noNumber(text string) string {
	switch {
	case text == "":
		return "a number is missing before or behind a -, or behind a /"
	case strings.Trim(text, "0123456789") == "":
		return quoted(text) + " is too large"
	default:
		return quoted(text) + " is neither a number nor a name such as MON or JAN"
	}
}

func noInterval(text string) string {
	if regexp.MustCompile(`^[0-9.]+(h|m|s|ms)([0-9.]+(h|m|s|ms))*$`).MatchString(text) {
		return quoted(text) + " is too long"
	}
	return "a duration such as 30s, 5m or 1h30m follows @every"
}

func count(number, what string) string {
	if number != "1" {
		what += "s"
	}
	return number + " " + what
}

// longStep returns the first step of an expression that is longer than its field, which therefore comes at the field's
// first number alone: */100 in minutes.
func longStep(spec string) (step string, first int) {
	spec = strings.TrimSpace(regexp.MustCompile(`^(CRON_)?TZ=\S+`).ReplaceAllString(strings.TrimSpace(spec), ""))
	lengths, firsts := []int{60, 24, 31, 12, 7}, []int{0, 0, 1, 1, 0}
	for i, field := range strings.Fields(spec) {
		for entry := range strings.SplitSeq(field, ",") {
			_, behind, found := strings.Cut(entry, "/")
			n, err := strconv.Atoi(behind)
			if found && err == nil && i < len(lengths) && n > lengths[i] && strings.HasPrefix(entry, "*") {
				return entry, firsts[i]
			}
		}
	}
	return "", 0
}
