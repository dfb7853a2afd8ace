package config

import "strings"

// refusal is a part of the file's shape that this version does not serve yet. Accepting and ignoring it would make its
// writer believe in something that never happens.
type refusal struct {
	path   string // with [] for any entry of a list
	value  string // only values that begin so; empty = the key as a whole
	advice string
}

// notBuilt is the one list of what is refused. A line goes when its part is built.
func notBuilt() []refusal {
	return []refusal{
		{"journal.url", "postgres://", "write file:ppmrelay.db"},
		{"journal.url", "postgresql://", "write file:ppmrelay.db"},
		{"console.public_url", "", "remove it"},
		{"routes[].sheet.overflow", "", "remove it"},
		{"routes[].sheet.rows", "entity", "write change or event"},
	}
}

// refused returns the refusal of a key, or of a value of it, and reports whether there is one.
func refused(path, value string) (refusal, bool) {
	path = anyEntry(path)
	for _, r := range notBuilt() {
		if r.path == path && (r.value == "" || strings.HasPrefix(value, r.value)) {
			return r, true
		}
	}
	return refusal{}, false
}

// what names the refused part as its writer sees it.
func (r refusal) what() string {
	switch {
	case r.value == "":
		return "`" + strings.ReplaceAll(r.path, "[]", "") + "`"
	case strings.HasSuffix(r.value, "//"):
		return "`" + r.path + "` with " + r.value
	default:
		return "`" + leaf(r.path) + ": " + r.value + "`"
	}
}

// anyEntry makes "routes[3].sheet" to "routes[].sheet".
func anyEntry(path string) string {
	var out strings.Builder
	inside := false
	for _, r := range path {
		inside = inside && r != ']'
		if !inside {
			out.WriteRune(r)
		}
		inside = inside || r == '['
	}
	return out.String()
}
