// Package raced tells tests whether the race detector watches them: it takes five to twenty times as long. What it has
// nothing to find in is left out then, and played by a line of make test that runs without it. Only tests use it.
package raced

import "testing"

// Calculates begins a test that calculates for seconds in one goroutine, where the race detector has nothing to find.
func Calculates(tb testing.TB) {
	tb.Helper()
	if On {
		tb.Skip("NOT PLAYED under the race detector; make test plays it without")
	}
}
