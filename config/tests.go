package config

import "go.yaml.in/yaml/v3"

// Test says what the routes make of one event. Nobody but "ppmrelay test" looks at it.
type Test struct {
	// Name says in words what is expected: a slip is told. Unique.
	Name string `yaml:"name"`
	// Event is what happens: a sample by its name, such as Project-Updated, or a file with the body of a webhook.
	Event string `yaml:"event"`
	// Type is the type of the event, where neither the name of its file nor its shape tells it: Project:Created.
	//
	// Empty when absent.
	Type EventType `yaml:"type"`
	// Expect says what a route makes of the event, by the route's name: told, not told, or what is in it. A route that is
	// not named here may do anything. At least one.
	Expect map[string]Expectation `yaml:"expect"`
}

// Expectation is what one route is expected to make of an event. All that is written must hold. Is, Contains, Lacks and
// Matches are of a message, Cells and RowCount of a table. A text may be written as it is sent to Slack, or as people read
// it there.
type Expectation struct {
	// Told says whether the route tells the event at all: false where it must not. With anything else written here it is
	// true.
	//
	// Nil when absent.
	Told *Flag `yaml:"told"`
	// Is is the whole message, line by line. Blanks at the ends of lines do not count.
	Is Text `yaml:"is"`
	// Contains is text that the message has, or a list of such.
	Contains OneOrMore[Text] `yaml:"contains"`
	// Lacks is text that the message does not have, or a list of such.
	Lacks OneOrMore[Text] `yaml:"lacks"`
	// Matches is a regular expression for a part of the message, or a list of such: "\d+ days later". The signs ^ and $ are
	// the ends of a line.
	Matches OneOrMore[Regexp] `yaml:"matches"`
	// Cells are cells of one row, by header, as "ppmrelay render" shows them: { Field: Status, After: Done }. A list of such
	// is for several rows.
	Cells OneOrMore[map[string]Shown] `yaml:"cells"`
	// RowCount is how many rows there are.
	//
	// Zero when absent.
	RowCount Count `yaml:"rows"`
}

// Forbids reports whether the route must not tell the event.
func (e *Expectation) Forbids() bool { return e.Told != nil && !bool(*e.Told) }

func (e *Expectation) expects() string {
	return "`told`, `not told`, or a section such as { contains: later }"
}

// long makes { told: false } of "not told".
func (e *Expectation) long(n *yaml.Node) *yaml.Node {
	flag := map[string]string{"told": "true", "not told": "false"}[n.Value]
	if n.Kind != yaml.ScalarNode || flag == "" {
		return n
	}
	part := func(tag, value string) *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value, Line: n.Line, Column: n.Column}
	}
	return &yaml.Node{
		Kind: yaml.MappingNode, Line: n.Line, Column: n.Column,
		Content: []*yaml.Node{part("!!str", "told"), part("!!bool", flag)},
	}
}

// OneOrMore is a list that may be written without brackets when it has one entry.
type OneOrMore[T any] []T

func (l *OneOrMore[T]) long(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{n}}
}

// Shown is what a cell shows: any plain value as it is written, "" for an empty cell.
type Shown string

// shown reads what a cell shows.
func (w *walker) shown(path string, at place, target *Shown) {
	if at.value.Kind != yaml.ScalarNode {
		w.fault(at.value, bracesHint(at.value), "%s must be what the cell shows", nameOf(path))
		return
	}
	*target = Shown(at.value.Value)
}

// KeyPlace returns where the key of a value stands in the file, by the path of the value: see Place.
func (c *Config) KeyPlace(path string) (line, column int) {
	if at := c.written[path]; at.key != nil {
		return at.key.Line, at.key.Column
	}
	return c.Place(path)
}
