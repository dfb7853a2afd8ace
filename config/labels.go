package config

import (
	"math"
	"strconv"
	"strings"
)

// asSent returns the number that is meant by the key of a label as PPM Express sends it: of 01, 1.0, 0x1 or 1_ it is 1. What
// is no whole number is returned as it is.
func asSent(key string) string {
	digits := strings.TrimPrefix(strings.ReplaceAll(key, "_", ""), "+")
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	if n, err := strconv.ParseInt(digits, 0, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	if n, err := strconv.ParseFloat(digits, 64); err == nil && n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		return strconv.FormatInt(int64(n), 10)
	}
	return key
}
