package sandbox

import (
	"fmt"
	"strings"
)

// unknown is the error for a name that is not one of the right ones. It names the nearest, or all when none is near.
func unknown(what, name string, names []string) error {
	if near := nearest(name, names); near != "" {
		return fmt.Errorf("there is no %s %q, did you mean %q?", what, name, near)
	}
	return fmt.Errorf("there is no %s %q: it is one of %s", what, name, strings.Join(names, ", "))
}

// nearest returns the one of the names that a part of it was written for, else the one with the fewest typing errors: at
// most one for each three letters.
func nearest(name string, names []string) string {
	name = strings.ToLower(name)
	best, least := "", max(1, len(name)/3)+1
	for _, candidate := range names {
		lower := strings.ToLower(candidate)
		if len(name) > 3 && strings.Contains(lower, name) {
			return candidate
		}
		if distance := typos(name, lower); distance < least {
			best, least = candidate, distance
		}
	}
	return best
}

// typos counts the bytes to add, drop or replace to make b of a.
func typos(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
