package ppm

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
)

// fingerprintVersion begins everything that is hashed, so that another way of hashing never meets this one's results.
const fingerprintVersion = 1

// Fingerprint returns 32 bytes that are equal for two deliveries of the same event, whatever webhook, white space or
// order of keys they came with, or nil where nothing tells events apart.
//
// It is the SHA-256 of the canonical Data where that has a TimeStamp, else of MessageId and Data. With neither, two
// equal bodies may well be two events: the same change, made twice.
func (m *Message) Fingerprint() []byte {
	hashed := make([]byte, 0, len(m.tree.body))
	data := m.tree.field(root, "Data")
	if stamp := m.tree.field(m.data, "TimeStamp"); m.tree.says(stamp) {
		hashed = append(hashed, fingerprintVersion, 'T')
	} else if id := m.tree.field(root, "MessageId"); m.tree.says(id) {
		hashed = append(hashed, fingerprintVersion, 'M')
		hashed = m.tree.appendCanonical(hashed, id, sent)
	} else {
		return nil
	}
	hashed = m.tree.appendCanonical(hashed, data, sent)
	sum := sha256.Sum256(hashed)
	return sum[:]
}

// says reports whether a value is there and neither null nor an empty text.
func (t tree) says(value int) bool {
	switch t.kind(value) {
	case 0, 'n':
		return false
	case '"':
		return len(t.raw(value)) > len(`""`)
	default:
		return true
	}
}

// spelling says how the keys of objects are written in canonical JSON.
type spelling bool

const (
	sent   spelling = false
	pascal spelling = true // "fullName" as "FullName": REST writes the former, webhooks the latter
)

// appendCanonical appends a value as JSON without white space, keys sorted, the last of equal keys kept, only the
// escapes that JSON demands, and numbers as sent.
func (t tree) appendCanonical(to []byte, value int, keys spelling) []byte {
	switch t.kind(value) {
	case 0:
		return append(to, "null"...)
	case '"':
		return appendText(to, t.content(value))
	case '[':
		to = append(to, '[')
		for element := range t.elements(value) {
			to = t.appendCanonical(separated(to, '['), element, keys)
		}
		return append(to, ']')
	case '{':
		to = append(to, '{')
		for _, m := range t.sortedMembers(value, keys) {
			to = append(appendText(separated(to, '{'), m.key), ':')
			to = t.appendCanonical(to, m.value, keys)
		}
		return append(to, '}')
	default:
		return append(to, t.raw(value)...)
	}
}

// separated appends a comma unless the list or object has just been opened.
func separated(to []byte, opening byte) []byte {
	if to[len(to)-1] == opening {
		return to
	}
	return append(to, ',')
}

type member struct {
	key   []byte
	value int
}

func (t tree) sortedMembers(object int, keys spelling) []member {
	all := make([]member, 0, t.width(object))
	for key, value := range t.members(object) {
		name := t.content(key)
		if keys == pascal && len(name) > 0 && 'a' <= name[0] && name[0] <= 'z' {
			name = append(bytes.ToUpper(name[:1]), name[1:]...)
		}
		all = append(all, member{name, value})
	}
	slices.SortFunc(all, func(a, b member) int { return cmp.Or(bytes.Compare(a.key, b.key), a.value-b.value) })
	last := all[:0]
	for i, m := range all {
		if i+1 == len(all) || !bytes.Equal(m.key, all[i+1].key) {
			last = append(last, m)
		}
	}
	return last
}

// appendText appends a JSON string.
func appendText(to, text []byte) []byte {
	const hex = "0123456789abcdef"
	to = append(to, '"')
	written := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[written:i]...)
		written = i + 1
		if c < ' ' {
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			to = append(to, '\\', c)
		}
	}
	return append(append(to, text[written:]...), '"')
}
