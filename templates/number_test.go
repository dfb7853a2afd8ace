package templates

import (
	"strings"
	"testing"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	tests := []struct{ digits, want string }{
		{"0", "0"},
		{"-0", "0"},
		{"-0.0", "0.0"},
		{"999", "999"},
		{"1000", "1,000"},
		{"-120000", "−120,000"},
		{"1234567.8900", "1,234,567.8900"},
		{"12345678901234567890.123456789", "12,345,678,901,234,567,890.123456789"},
		{"1E-7", "0.0000001"},
		{"1.5e3", "1,500"},
		{"-12.5e-1", "−1.25"},
		{"1e400", "1e400"},
		{"-1e-400", "−1e-400"},
		{"1e999999999999999999999", "1e999999999999999999999"},
		{"00123", "123"},
		{"high", "high"},
		{"", ""},
	}
	for _, test := range tests {
		if got := number(test.digits); got != test.want {
			t.Errorf("%q: got %q, want %q", test.digits, got, test.want)
		}
	}
}

func TestExact(t *testing.T) {
	t.Parallel()
	tests := []struct {
		plain string
		want  bool
	}{
		{"0", true},
		{"123456789012345", true},
		{"1234567890123456", false},
		{"-9007199254740993", false},
		{"1" + strings.Repeat("0", 30), true},
		{"0.100000000000001", true},
		{"0.1000000000000000055", false},
		{"275000.50", true},
	}
	for _, test := range tests {
		if got := exact(test.plain); got != test.want {
			t.Errorf("%s: got %v, want %v", test.plain, got, test.want)
		}
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	tests := []struct{ digits, want string }{
		{"0", "▱▱▱▱▱▱▱▱▱▱"},
		{"4", "▱▱▱▱▱▱▱▱▱▱"},
		{"5", "▰▱▱▱▱▱▱▱▱▱"},
		{"40", "▰▰▰▰▱▱▱▱▱▱"},
		{"100", "▰▰▰▰▰▰▰▰▰▰"},
		{"101", ""},
		{"-1", ""},
		{"half", ""},
	}
	for _, test := range tests {
		if got := bar(test.digits); got != test.want {
			t.Errorf("%s: got %s, want %s", test.digits, got, test.want)
		}
	}
}
