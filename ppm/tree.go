package ppm

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// tree is a JSON text that is known to be valid, with the places of its values. Nodes stand in the order of the text:
// a list or object, then what it holds (key, value, key, value …), then what follows it.
type tree struct {
	body  []byte
	nodes []node
}

type node struct {
	start, end int // in the body
	next       int // the node after this one and all that it holds
}

const (
	root = 0
	none = -1 // the number of a value that was not sent
)

// newTree finds the values in valid JSON. It needs no grammar: commas and colons only separate.
func newTree(body []byte) tree {
	nodes := make([]node, 0, len(body)/16+1)
	var open []int
	for at := 0; at < len(body); at++ {
		switch body[at] {
		case ' ', '\t', '\r', '\n', ',', ':':
			continue
		case '}', ']':
			closed := open[len(open)-1]
			open = open[:len(open)-1]
			nodes[closed].end, nodes[closed].next = at+1, len(nodes)
			continue
		case '{', '[':
			open = append(open, len(nodes))
			nodes = append(nodes, node{start: at})
			continue
		}
		end := endOfScalar(body, at)
		nodes = append(nodes, node{start: at, end: end, next: len(nodes) + 1})
		at = end - 1
	}
	return tree{body, nodes}
}

// endOfScalar returns where the text, number or word that begins at start ends.
func endOfScalar(body []byte, start int) int {
	if body[start] != '"' {
		for end := start + 1; end < len(body); end++ {
			switch body[end] {
			case ' ', '\t', '\r', '\n', ',', ':', '}', ']':
				return end
			}
		}
		return len(body)
	}
	end := start + 1
	for body[end] != '"' {
		if body[end] == '\\' {
			end++
		}
		end++
	}
	return end + 1
}

// kind returns the first byte of a value, which tells its type: { [ " t f n, else a number; 0 when it was not sent.
func (t tree) kind(value int) byte {
	if value == none {
		return 0
	}
	return t.body[t.nodes[value].start]
}

// raw returns a value as it was sent.
func (t tree) raw(value int) []byte { return t.body[t.nodes[value].start:t.nodes[value].end] }

// object returns the value when it is an object.
func (t tree) object(value int) int {
	if t.kind(value) != '{' {
		return none
	}
	return value
}

// width returns how many members an object has.
func (t tree) width(object int) int {
	count := 0
	for range t.members(object) {
		count++
	}
	return count
}

// members goes through keys and values of an object in the order in which they were sent; nothing else has any.
func (t tree) members(object int) iter.Seq2[int, int] {
	return func(yield func(key, value int) bool) {
		if t.kind(object) != '{' {
			return
		}
		for key := object + 1; key < t.nodes[object].next; key = t.nodes[key+1].next {
			if !yield(key, key+1) {
				return
			}
		}
	}
}

// elements goes through the values of a list; nothing else has any.
func (t tree) elements(list int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if t.kind(list) != '[' {
			return
		}
		for value := list + 1; value < t.nodes[list].next; value = t.nodes[value].next {
			if !yield(value) {
				return
			}
		}
	}
}

// field returns the last value whose key is the name without regard to case, as encoding/json matches struct fields.
func (t tree) field(object int, name string) int {
	found := none
	for key, value := range t.members(object) {
		if bytes.EqualFold(t.content(key), []byte(name)) {
			found = value
		}
	}
	return found
}

// attribute returns the last value with exactly that key.
func (t tree) attribute(object int, name string) int {
	found := none
	for key, value := range t.members(object) {
		if string(t.content(key)) == name {
			found = value
		}
	}
	return found
}

// scalar returns a text decoded and a number as sent; everything else is empty.
func (t tree) scalar(value int) string {
	switch t.kind(value) {
	case 0, '{', '[', 't', 'f', 'n':
		return ""
	case '"':
		return string(t.content(value))
	default:
		return string(t.raw(value))
	}
}

// content returns what a JSON string says. It is valid UTF-8; where nothing had to be decoded it is part of the body.
func (t tree) content(text int) []byte {
	raw := t.raw(text)
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner
	}
	var decoded string
	if err := json.Unmarshal(raw, &decoded); err != nil {
		return bytes.ToValidUTF8(inner, []byte("\uFFFD")) // unreachable: the JSON is valid
	}
	return []byte(decoded)
}
