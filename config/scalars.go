package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// scalar is a type that reads itself from the text of one value.
type scalar interface {
	// parse returns the value that the text stands for, of the type it is called on. The text is never empty. The error
	// is a *mistake, or says in plain words what is wrong with the value.
	parse(text string, from surroundings) (scalar, error)
	// expects says what the value should be: "a size such as 4MiB".
	expects() string
}

// mistake is what is wrong with a value, and what to write instead.
type mistake struct{ message, hint string }

func (m *mistake) Error() string { return m.message }

func wrong(hint, format string, args ...any) error {
	return &mistake{message: fmt.Sprintf(format, args...), hint: hint}
}

// Duration is a length of time: 30s, 5m, 36h, 90d, or several of them in a row, as in 1h30m. A day has 24 hours.
type Duration time.Duration

func (d Duration) expects() string { return "a duration such as 30s, 5m, 36h or 90d" }

func (d Duration) parse(text string, _ surroundings) (scalar, error) {
	var total time.Duration
	rest := text
	for rest != "" {
		number, after := leadingDigits(rest)
		unit := leadingLetters(after)
		length := unitOf(unit)
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || length == 0 {
			return nil, wrong("", "%s is not %s", quoted(text), d.expects())
		}
		if n > int64((math.MaxInt64-total)/length) {
			return nil, wrong("", "%s is too long", quoted(text))
		}
		total += time.Duration(n) * length
		rest = after[len(unit):]
	}
	if total == 0 {
		return nil, wrong("", "%s is not a duration above zero", quoted(text))
	}
	return Duration(total), nil
}

// String writes it as a file would: in whole days where it is some, else as Go does, without the zeros at its end.
func (d Duration) String() string {
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func unitOf(name string) time.Duration {
	switch name {
	case "ms":
		return time.Millisecond
	case "s":
		return time.Second
	case "m":
		return time.Minute
	case "h":
		return time.Hour
	case "d":
		return 24 * time.Hour
	default:
		return 0
	}
}

// Size is a number of bytes: 512KiB, 4MiB, 1GiB.
type Size int64

func (s Size) expects() string { return "a size such as 512KiB or 4MiB" }

func (s Size) parse(text string, _ surroundings) (scalar, error) {
	number, unit := leadingDigits(text)
	n, err := strconv.ParseInt(number, 10, 64)
	shift, known := map[string]int{"B": 0, "KiB": 10, "MiB": 20, "GiB": 30}[unit]
	switch {
	case number == "" || err != nil:
		return nil, wrong("", "%s is not %s", quoted(text), s.expects())
	case !known:
		return nil, wrong(sizeHint(number, unit), "%s is not %s", quoted(text), s.expects())
	case n > math.MaxInt64>>shift:
		return nil, wrong("", "%s is too large", quoted(text))
	}
	return Size(n << shift), nil
}

func (s Size) String() string {
	for _, unit := range []struct {
		name  string
		shift int
	}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}} {
		if s != 0 && s%(1<<unit.shift) == 0 {
			return strconv.FormatInt(int64(s>>unit.shift), 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// sizeHint guesses the unit that was meant: 4MB and 4m are 4MiB, a bare number is bytes.
func sizeHint(number, unit string) string {
	if unit == "" {
		return "did you mean `" + number + "B`?"
	}
	switch unit[0] {
	case 'k', 'K':
		return "did you mean `" + number + "KiB`?"
	case 'm', 'M':
		return "did you mean `" + number + "MiB`?"
	case 'g', 'G':
		return "did you mean `" + number + "GiB`?"
	default:
		return ""
	}
}

func leadingDigits(text string) (digits, rest string) {
	rest = strings.TrimLeft(text, "0123456789")
	return text[:len(text)-len(rest)], rest
}

func leadingLetters(text string) string {
	return text[:len(text)-len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz"))]
}
