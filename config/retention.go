package config

import "fmt"

// The least that is kept.
const (
	leastMemory   = day
	leastKeepSize = 64 << 20 // what is remembered of 100,000 events, their entities, and some room for events
)

// journal holds the rules of what is forgotten, and when. An event must not be forgotten before its fingerprint: the
// answer to one that is sent again names the original.
func (c *checker) journal() {
	const keep, memory = "journal.keep", "journal.memory"
	if c.written("journal.keep_size") && c.Journal.KeepSize < leastKeepSize {
		c.complain("journal.keep_size", "", "`keep_size` must be at least %s", Size(leastKeepSize))
	}
	if c.written(memory) && c.Journal.Memory < leastMemory {
		c.complain(memory, "what is sent again later than that is skipped as too old, or told again where it has no time stamp", "`memory` must be at least %s", leastMemory)
		return
	}
	if c.Journal.Keep >= c.Journal.Memory+day {
		return
	}
	why := fmt.Sprintf("an event must be kept a day longer than it is remembered (`memory: %s`)", c.Journal.Memory)
	if c.written(keep) {
		c.complain(keep, fmt.Sprintf("write %s or more", c.Journal.Memory+day), "%s", why)
		return
	}
	c.complain(memory, fmt.Sprintf("write keep: %s as well", c.Journal.Memory+day), "%s, and `keep` is %s", why, c.Journal.Keep)
}
