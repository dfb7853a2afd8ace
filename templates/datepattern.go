package templates

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dateLayout writes a moment in a language.
type dateLayout func(time.Time, language) string

func dateStyle(style string) (dateLayout, error) {
	switch style {
	case "short":
		return func(t time.Time, in language) string { return in.FmtDateShort(t) }, nil
	case "medium":
		return func(t time.Time, in language) string { return in.FmtDateMedium(t) }, nil
	case "long":
		return func(t time.Time, in language) string { return in.FmtDateLong(t) }, nil
	}
	parts, err := datePattern(style)
	if err != nil {
		return nil, err
	}
	return func(t time.Time, in language) string {
		var out strings.Builder
		for _, part := range parts {
			out.WriteString(datePart(part, t, in))
		}
		return out.String()
	}, nil
}

// datePattern parts a pattern into runs of one letter, and what stands between: "d", ". ", "mmmm". An m behind an hour
// or before a second is a minute, as in a spreadsheet: "MM".
func datePattern(pattern string) ([]string, error) {
	const most = 60
	if len(pattern) > most {
		return nil, errors.New("a pattern of a date is longer than 60 characters")
	}
	var parts []string
	for rest := pattern; rest != ""; {
		n := 1
		if letter := rest[0]; strings.IndexByte("dmyhs", letter) >= 0 {
			n = len(rest) - len(strings.TrimLeft(rest, string(letter)))
		} else if isWord(letter) && (letter < '0' || letter > '9') {
			return nil, noStyle(pattern)
		}
		parts = append(parts, rest[:n])
		rest = rest[n:]
	}
	hour, letters := false, 0
	for i, part := range parts {
		switch part[0] {
		case 'h':
			hour = true
		case 'd', 'y':
			hour = false
		case 'm':
			if hour && len(part) <= 2 {
				parts[i] = strings.ToUpper(part)
			}
			hour = false
		}
		if strings.IndexByte("dmyhsM", part[0]) >= 0 {
			letters++
			if datePart(parts[i], time.Time{}, language{}) == "" {
				return nil, fmt.Errorf("no %s in the pattern of a date: there are d dd ddd dddd, m mm mmm mmmm, yy yyyy, hh mm ss", part)
			}
		}
	}
	if letters == 0 {
		return nil, noStyle(pattern)
	}
	return parts, nil
}

func noStyle(style string) error {
	if near := strings.ToLower(style); near != style && slices.Contains([]string{"short", "medium", "long"}, near) {
		return fmt.Errorf("no style %q of a date%s", style, didYouMean(quoted(near)))
	}
	return fmt.Errorf("no style %q of a date: write short, medium, long, or a pattern like d mmmm yyyy", style)
}

// datePart writes one part of a pattern; empty for letters that mean nothing. The zero language writes names as "?".
func datePart(part string, t time.Time, in language) string {
	name := func(of func() string) string {
		if in.Translator == nil {
			return "?"
		}
		return of()
	}
	switch part {
	case "d":
		return t.Format("2")
	case "dd":
		return t.Format("02")
	case "ddd":
		return name(func() string { return in.WeekdayAbbreviated(t.Weekday()) })
	case "dddd":
		return name(func() string { return in.WeekdayWide(t.Weekday()) })
	case "m":
		return t.Format("1")
	case "mm":
		return t.Format("01")
	case "mmm":
		return name(func() string { return in.MonthAbbreviated(t.Month()) })
	case "mmmm":
		return name(func() string { return in.MonthWide(t.Month()) })
	case "yy":
		return t.Format("06")
	case "yyyy":
		return t.Format("2006")
	case "h":
		return strconv.Itoa(t.Hour())
	case "hh":
		return t.Format("15")
	case "M", "MM":
		return t.Format("04")
	case "s", "ss":
		return t.Format("05")
	}
	if strings.IndexByte("dmyhsM", part[0]) >= 0 {
		return ""
	}
	return part
}
