package event

import (
	"math/big"
	"strconv"
	"strings"
)

// decimal is an exact number in normal form: digits × 10^exponent, where digits neither begin nor end with a zero and
// are empty for zero. It is never expanded to be compared, so 1e999999999 costs no more than 1.
type decimal struct {
	negative bool
	digits   string
	exponent int64
}

// maxCalculated bounds what is calculated with: digits and zeros of a number. What is beyond is only compared.
const maxCalculated = 1000

// parseDecimal reads a number as JSON spells it. Exponents of more than 17 digits are not understood.
func parseDecimal(text string) (decimal, bool) {
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, power := rest, ""
	if at := strings.IndexAny(rest, "eE"); at >= 0 {
		mantissa, power = rest[:at], rest[at+1:]
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if !onlyDigits(whole) || point && !onlyDigits(fraction) {
		return decimal{}, false
	}
	exponent, ok := parseExponent(power, len(mantissa) < len(rest))
	if !ok {
		return decimal{}, false
	}
	significant := strings.TrimLeft(whole+fraction, "0")
	digits := strings.TrimRight(significant, "0")
	if digits == "" {
		return decimal{}, true
	}
	exponent += int64(len(significant) - len(digits) - len(fraction))
	return decimal{negative, digits, exponent}, true
}

func parseExponent(power string, present bool) (int64, bool) {
	if !present {
		return 0, true
	}
	sign := ""
	if power != "" && (power[0] == '+' || power[0] == '-') {
		sign, power = power[:1], power[1:]
	}
	if !onlyDigits(power) {
		return 0, false
	}
	power = strings.TrimLeft(power, "0")
	if power == "" {
		return 0, true
	}
	if len(power) > 17 { // keeps the sums with lengths inside 64 bits
		return 0, false
	}
	exponent, err := strconv.ParseInt(sign+power, 10, 64)
	return exponent, err == nil
}

func onlyDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// normal returns the one spelling of the number.
func (d decimal) normal() string {
	if d.digits == "" {
		return "0"
	}
	return d.sign() + d.digits + "e" + strconv.FormatInt(d.exponent, 10)
}

func (d decimal) sign() string {
	if d.negative {
		return "-"
	}
	return ""
}

// calculable reports whether the number is small enough to be written out.
func (d decimal) calculable() bool {
	return int64(len(d.digits)) <= maxCalculated && -maxCalculated <= d.exponent && d.exponent <= maxCalculated
}

// scaled returns the number as a multiple of 10^exponent, which must not be above its own.
func (d decimal) scaled(exponent int64) *big.Int {
	number := new(big.Int)
	if d.digits == "" {
		return number
	}
	number.SetString(d.sign()+d.digits, 10)
	return number.Mul(number, new(big.Int).Exp(big.NewInt(10), big.NewInt(d.exponent-exponent), nil))
}

// difference returns b-a and |a| as multiples of 10^exponent.
func difference(a, b decimal) (diff, base *big.Int, exponent int64) {
	exponent = min(a.exponent, b.exponent)
	base = a.scaled(exponent)
	diff = new(big.Int).Sub(b.scaled(exponent), base)
	return diff, base.Abs(base), exponent
}

// plain writes number × 10^exponent without an exponent.
func plain(number *big.Int, exponent int64) string {
	digits := new(big.Int).Abs(number).String()
	sign := ""
	if number.Sign() < 0 {
		sign = "-"
	}
	if exponent >= 0 {
		if number.Sign() == 0 {
			return "0"
		}
		return sign + digits + strings.Repeat("0", int(exponent))
	}
	places := int(-exponent)
	if missing := places + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - places
	fraction := strings.TrimRight(digits[point:], "0")
	if fraction == "" {
		return sign + digits[:point]
	}
	return sign + digits[:point] + "." + fraction
}

// percent returns diff in percent of base, rounded half away from zero to one decimal: "-12.7", "10".
func percent(diff, base *big.Int) string {
	tenths := new(big.Int).Abs(diff)
	tenths.Mul(tenths, big.NewInt(2000)).Add(tenths, base)
	tenths.Quo(tenths, new(big.Int).Lsh(base, 1))
	if diff.Sign() < 0 {
		tenths.Neg(tenths)
	}
	return plain(tenths, -1)
}
