package config

// Written reports whether the file has a value at a path: "display.ignore[0]".
func (c *Config) Written(path string) bool {
	at, found := c.written[path]
	return found && at.value != nil
}

// PlaceOfKey returns where a key stands in the file, by its path; as Place where it has none, or was not written.
func (c *Config) PlaceOfKey(path string) (line, column int) {
	if at, found := c.written[path]; found && at.key != nil && at.key.Line > 0 {
		return at.key.Line, at.key.Column
	}
	return c.Place(path)
}
