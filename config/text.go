package config

// Text is a template or an expression, with where it stands, so that what is wrong inside it can be told by the line
// and column of the file.
type Text struct {
	Value  string
	Line   int    // of the value in the file, from 1; of a block, the line of its |; 0 when absent
	Column int    // in characters, from 1
	Block  bool   // written below a |, so that its lines are the file's
	File   string // of a template that is a file of its own; empty where it stands in the configuration

	indent int // characters before the lines of a block
}

// At returns the line and column in the file of a place in the text. Both count from 1, columns in characters. Where the
// lines of the text are not those of the file (folded text, a quoted text over several lines), it is where the text
// begins.
func (t Text) At(line, column int) (fileLine, fileColumn int) {
	switch {
	case t.File != "":
		return line, max(column, 1)
	case t.Block:
		return t.Line + line, t.indent + max(column, 1)
	case line <= 1 && column > 0:
		return t.Line, t.Column + t.indent + column - 1
	default:
		return t.Line, t.Column
	}
}

func (t Text) String() string { return t.Value }

// MarshalText writes the text alone: where it stands does not make it another text.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.Value), nil }
