//go:build race

package raced

// On reports whether the race detector watches.
const On = true
