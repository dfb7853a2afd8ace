//go:build race

package templates

const raced = true
