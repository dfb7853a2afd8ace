package config

import "strconv"

// Count is a whole number above zero.
type Count int

// maxCount is more than any limit that is counted here.
const maxCount = 1_000_000

func (c Count) expects() string { return "a whole number above zero, such as 50" }

func (c Count) parse(text string, _ surroundings) (scalar, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxCount {
		return nil, wrong("", "%s is not %s", quoted(text), c.expects())
	}
	return Count(n), nil
}
