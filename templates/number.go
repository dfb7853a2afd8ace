package templates

import (
	"strconv"
	"strings"
)

const minus = "−" // U+2212

// number writes the digits of a number as they were sent, grouped by thousands, without any rounding: "−12,345.60".
// A small exponent is written out; a large one stays, as its zeros would say nothing and fill the disk.
func number(digits string) string {
	plain, ok := writtenOut(digits)
	if !ok {
		return strings.Replace(digits, "-", minus, 1)
	}
	negative := strings.HasPrefix(plain, "-")
	whole, fraction, point := strings.Cut(strings.TrimPrefix(plain, "-"), ".")
	var out strings.Builder
	if negative {
		out.WriteString(minus)
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteByte(whole[i])
	}
	if point {
		out.WriteString("." + fraction)
	}
	return out.String()
}

func count(n int) string { return number(strconv.Itoa(n)) }

// writtenOut returns a JSON number without exponent, leading zeros and minus zero: "-0.0000001". It reports false for
// what is no number, and for exponents beyond ±30.
func writtenOut(digits string) (string, bool) {
	const most = 30
	rest, negative := strings.CutPrefix(digits, "-")
	mantissa, power := rest, "0"
	if at := strings.IndexAny(rest, "eE"); at >= 0 {
		mantissa, power = rest[:at], rest[at+1:]
	}
	exponent, err := strconv.Atoi(power)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if err != nil || exponent < -most || exponent > most || !allDigits(whole) || !allDigits(fraction+"0") {
		return "", false
	}
	if exponent >= 0 {
		fraction += strings.Repeat("0", max(exponent-len(fraction), 0))
		whole, fraction = whole+fraction[:exponent], fraction[exponent:]
	} else {
		whole = strings.Repeat("0", max(-exponent-len(whole), 0)) + whole
		point := len(whole) + exponent
		whole, fraction = whole[:point], whole[point:]+fraction
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && strings.Trim(whole, "0.") != "" {
		whole = "-" + whole
	}
	return whole, true
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// exact reports whether a spreadsheet, which calculates with 15 significant digits, shows this number as it is.
func exact(plain string) bool {
	digits := strings.TrimLeft(strings.ReplaceAll(strings.TrimPrefix(plain, "-"), ".", ""), "0")
	if !strings.Contains(plain, ".") {
		digits = strings.TrimRight(digits, "0")
	}
	return len(digits) <= 15
}

// percentUnit is the unit of a percentage.
const percentUnit = "%"

// bar draws a percentage in ten steps.
func bar(digits string) string {
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil || value < 0 || value > 100 {
		return ""
	}
	full := int(value/10 + 0.5)
	return strings.Repeat("▰", full) + strings.Repeat("▱", 10-full)
}

// plural returns "1 day", "14 days".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + one + "s"
}
