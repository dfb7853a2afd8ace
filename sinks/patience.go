package sinks

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait is the longest wait that is believed. What asks for more is taken for a mistake.
const longestWait = time.Hour

// RetryAfter reads how long an answer asks to wait: seconds, also with a fraction, or a date, which is compared with the
// answer's own (RFC 9110, 10.2.3). It returns 0 when there is nothing to read, or no time to wait, and at most an hour.
func RetryAfter(header http.Header) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if seconds > 0 && !math.IsInf(seconds, 0) { // NaN is not above 0 either
			return time.Duration(min(seconds, longestWait.Seconds()) * float64(time.Second))
		}
		return 0
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), longestWait)
}
