package sinks

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetryAfter: how long a 429 asks to wait, in every form that it comes in.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now().UTC() // the bubble's; whole seconds
		at := func(after time.Duration) string { return now.Add(after).Format(http.TimeFormat) }
		for _, test := range []struct {
			text, date string
			want       time.Duration
		}{
			{"", "", 0},
			{"7", "", 7 * time.Second},
			{" 7 ", "", 7 * time.Second},
			{"1.5", "", 1500 * time.Millisecond},
			{"0", "", 0},
			{"-5", "", 0},
			{"3601", "", time.Hour},
			{"1e300", "", time.Hour},
			{"Inf", "", 0},
			{"NaN", "", 0},
			{"soon", "", 0},
			{"7, 8", "", 0},
			{at(9 * time.Second), "", 9 * time.Second},
			{at(-time.Minute), "", 0},
			{at(48 * time.Hour), "", time.Hour},
			{at(3*time.Hour + 2*time.Second), at(3 * time.Hour), 2 * time.Second}, // by the clock of the other side
			{at(-3*time.Hour + 2*time.Second), at(-3 * time.Hour), 2 * time.Second},
			{at(9 * time.Second), "yesterday", 9 * time.Second},
		} {
			header := http.Header{}
			header.Set("Retry-After", test.text)
			header.Set("Date", test.date)
			if got := RetryAfter(header); got != test.want {
				t.Errorf("%q at %q: got %v, want %v", test.text, test.date, got, test.want)
			}
		}
	})
}
