package google

import (
	"encoding/json"
	"strings"
)

// tree is a field mask: names to what is wanted of them, nil = all.
type tree map[string]tree

// mask returns the part of an answer that a field mask selects: "sheets(properties,data/rowData)". Empty selects all.
func mask(answer any, fields string) (any, error) {
	if fields == "" || fields == "*" {
		return answer, nil
	}
	wanted, rest, ok := parseMask(fields)
	if !ok || rest != "" {
		return nil, invalid("Invalid field selection %s", fields)
	}
	data, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	var raw any
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	return prune(raw, wanted), nil
}

func prune(raw any, wanted tree) any {
	if wanted == nil {
		return raw
	}
	switch value := raw.(type) {
	case []any:
		kept := make([]any, len(value))
		for i, element := range value {
			kept[i] = prune(element, wanted)
		}
		return kept
	case map[string]any:
		kept := map[string]any{}
		for name, inner := range wanted {
			if field, ok := value[name]; ok {
				kept[name] = prune(field, inner)
			}
		}
		return kept
	default:
		return raw
	}
}

// parseMask reads names up to a closing bracket or the end, and returns what follows.
func parseMask(text string) (tree, string, bool) {
	wanted := tree{}
	for {
		end := strings.IndexAny(text, ",/.()")
		if end < 0 {
			end = len(text)
		}
		name := strings.TrimSpace(text[:end])
		if name == "" {
			return nil, "", false
		}
		inner, rest, ok := parseInner(text[end:])
		if !ok {
			return nil, "", false
		}
		wanted.add(name, inner)
		after, more := strings.CutPrefix(rest, ",")
		if !more {
			return wanted, rest, true
		}
		text = after
	}
}

// parseInner reads what stands after a name: a path, a list in brackets, or nothing.
func parseInner(text string) (inner tree, rest string, ok bool) {
	switch {
	case strings.HasPrefix(text, "("):
		inner, rest, ok = parseMask(text[1:])
		if !ok || !strings.HasPrefix(rest, ")") {
			return nil, "", false
		}
		return inner, rest[1:], true
	case strings.HasPrefix(text, "/"), strings.HasPrefix(text, "."):
		end := strings.IndexAny(text[1:], ",/.()") + 1
		if end == 0 {
			end = len(text)
		}
		name := text[1:end]
		inner, rest, ok = parseInner(text[end:])
		return tree{name: inner}, rest, ok && name != ""
	default:
		return nil, text, true
	}
}

func (t tree) add(name string, inner tree) {
	old, present := t[name]
	if !present || inner == nil || old == nil {
		if present && old == nil {
			return // all of it already
		}
		t[name] = inner
		return
	}
	for name, deeper := range inner {
		old.add(name, deeper)
	}
}

// paths returns a mask as paths of names: "userEnteredFormat.numberFormat".
func (t tree) paths() [][]string {
	var all [][]string
	for name, inner := range t {
		if inner == nil {
			all = append(all, []string{name})
			continue
		}
		for _, path := range inner.paths() {
			all = append(all, append([]string{name}, path...))
		}
	}
	return all
}
