package main

import (
	"fmt"
	"strconv"
	"strings"
)

// This file is how numbers are said.

// count1 says "1 route", "2 routes".
func count1(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// thousands writes a number with a comma between each three digits.
func thousands(n int) string { return groupedDigits(strconv.Itoa(n)) }

func groupedDigits(whole string) string {
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole
}
