//go:build race

package recovery_test

const raced = true
