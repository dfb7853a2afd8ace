//go:build !race

package slack

const raced = false
