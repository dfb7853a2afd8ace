package ppm

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxSettings is how deep settings are looked into.
const maxSettings = 16

// readOptions looks for what can be chosen anywhere inside settings: a list of objects that pair a value, a key or an id
// with a label, a name or a title. It returns what is not understood, as the end of a sentence, where there are lists and
// none of them is one of options.
func readOptions(settings any) (options []Option, puzzle string) {
	found := &gathered{lists: map[string][]map[string]any{}}
	found.look("", settings, 0)
	best := ""
	for _, path := range slices.Sorted(maps.Keys(found.lists)) {
		paired := pair(found.lists[path])
		if len(paired) > 0 && (options == nil || isBetter(path, paired, best, options)) {
			best, options = path, paired
		}
	}
	if options == nil && found.any {
		return nil, "its settings hold a list, and no value in it is paired with a name"
	}
	return options[:min(len(options), maxOptions)], ""
}

// gathered are the objects of the lists inside settings. Lists at the same place of several objects of a list are taken
// together: the statuses of each category.
type gathered struct {
	lists map[string][]map[string]any // by the names that lead there: "categories.statuses"
	any   bool                        // there is a list with something in it, of whatever
}

func (g *gathered) look(path string, value any, depth int) {
	if depth > maxSettings {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			g.look(path+"."+strings.ToLower(name), v[name], depth+1)
		}
	case []any:
		g.any = g.any || len(v) > 0
		for _, entry := range v {
			if object, ok := entry.(map[string]any); ok && len(g.lists[path]) <= maxOptions {
				g.lists[path] = append(g.lists[path], object)
			}
			g.look(path, entry, depth+1)
		}
	}
}

// isBetter reports whether a list is more likely the one of options than another: by its name, then by its length.
func isBetter(path string, options []Option, than string, other []Option) bool {
	named := func(path string) bool {
		last := path[strings.LastIndexByte(path, '.')+1:]
		return slices.ContainsFunc([]string{"option", "choice", "value", "item", "status", "lookup"}, func(word string) bool {
			return strings.Contains(last, word)
		})
	}
	if named(path) != named(than) {
		return named(path)
	}
	return len(options) > len(other)
}

// pair reads objects as options: which member is the value and which the label is decided for all of them together.
func pair(objects []map[string]any) []Option {
	label := firstOf([]string{"label", "name", "title", "text", "displayName"}, func(name string) bool {
		return mostHave(objects, func(o map[string]any) bool { return textOf(o, name) != "" })
	})
	values := []string{"value", "key", "id"}
	if label == "" && mostHave(objects, func(o map[string]any) bool { return textOf(o, "value") != "" }) {
		label, values = "value", []string{"key", "id"} // as .NET writes a pair
	}
	if label == "" {
		return nil
	}
	fits := func(name string, isValue func(string) bool) bool {
		seen := map[string]bool{}
		return mostHave(objects, func(o map[string]any) bool {
			value := valueOf(memberOf(o, name))
			fresh := value != "" && !seen[value] && value != textOf(o, label) && isValue(value)
			seen[value] = true
			return fresh
		})
	}
	number := firstOf(values, func(name string) bool { return fits(name, isWholeNumber) })
	value := firstOf(append([]string{number}, values...), func(name string) bool {
		return name != "" && fits(name, func(string) bool { return true })
	})
	if value == "" {
		return nil
	}
	return paired(objects, label, value, values)
}

// paired returns the options by one member, and by those that hold a text beside it, such as an id: which of them events
// hold is not published. A number means what the first member says.
func paired(objects []map[string]any, label, value string, others []string) []Option {
	var options []Option
	known := map[string]bool{}
	add := func(object map[string]any, name string, wanted func(string) bool) {
		option := Option{Value: valueOf(memberOf(object, name)), Label: textOf(object, label)}
		if option.Value == "" || option.Label == "" || known[option.Value] || option.Value == option.Label || !wanted(option.Value) {
			return
		}
		known[option.Value] = true
		options = append(options, option)
	}
	for _, object := range objects {
		add(object, value, func(string) bool { return true })
	}
	for _, other := range others {
		for _, object := range objects {
			add(object, other, func(value string) bool { return !isWholeNumber(value) })
		}
	}
	return options
}

func firstOf(names []string, fits func(string) bool) string {
	for _, name := range names {
		if fits(name) {
			return name
		}
	}
	return ""
}

// mostHave reports whether more than half of the objects have something: one that has not is no reason to lose all others.
func mostHave(objects []map[string]any, have func(map[string]any) bool) bool {
	count := 0
	for _, object := range objects {
		if have(object) {
			count++
		}
	}
	return 2*count > len(objects)
}

// valueOf returns a number or a text as events would hold it; empty for anything else.
func valueOf(value any) string {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		const exact = 1 << 53
		if whole, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") && whole > -exact && whole < exact && whole == float64(int64(whole)) {
			return strconv.FormatInt(int64(whole), 10) // 1.0 is 1
		}
		return v.String()
	default:
		return ""
	}
}

func isWholeNumber(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}
