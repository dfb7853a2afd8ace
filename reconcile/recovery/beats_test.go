package recovery

import (
	"testing"
	"time"
)

func TestTheHeartBeatsWhenTheClockIsPutBack(t *testing.T) {
	r := New(Config{})
	last := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]bool{
		0: false, 29 * time.Second: false, 30 * time.Second: true, time.Hour: true, -time.Millisecond: true, -time.Hour: true,
	} {
		if got := r.beats(last, last.Add(after)); got != want {
			t.Errorf("%v after the last one: got %v, want %v", after, got, want)
		}
	}
}
