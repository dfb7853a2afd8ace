package ppm

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// Choice is a value that can be chosen: the number or text that is sent, and what people call it.
type Choice struct {
	Value any
	Label string
}

// choicesOf returns what can be chosen in a field. What the numbers of a priority mean nothing of the vendor's hints at.
func (s *Server) choicesOf(kind, attribute string) []Choice {
	if own := s.options.Choices[kind+"."+attribute]; own != nil {
		return own
	}
	switch {
	case strings.HasSuffix(attribute, "Status"):
		return []Choice{{-1, "Not set"}, {0, "On track"}, {1, "At risk"}, {2, "Critical"}, {10, "Done"}}
	case kind == kindIdea && attribute == "Stage":
		return []Choice{{0, "Draft"}, {1, "Proposed"}, {2, "Active"}, {3, "Selected"}, {4, "Not selected"}, {5, "Archived"}}
	case kind == kindKeyDate && attribute == "Type":
		return []Choice{{0, "Key date"}, {1, "Milestone"}, {2, "Release"}}
	case kind == kindProject && attribute == "Progress":
		return []Choice{{1, "On hold"}, {2, "Not started"}, {3, "Completed"}, {4, "Cancelled"}}
	default:
		return nil
	}
}

// fields answers GET /Fields/{entity} with every attribute that an entity of the kind has.
func (s *Server) fields(c call) answer {
	kinds := []string{kindProject, kindIdea, kindTask, kindKeyDate, Program, Portfolio}
	i := slices.IndexFunc(kinds, func(kind string) bool { return strings.EqualFold(kind, c.id) })
	switch {
	case s.options.Switches.FieldsDenied:
		return refuse(http.StatusForbidden, "Access is denied")
	case s.options.Switches.FieldsPage:
		return answer{status: http.StatusOK, page: true}
	case i < 0:
		return refuse(http.StatusNotFound, "The entity is not known")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	attributes := defaults(kinds[i])
	for _, e := range s.entities {
		if e.Kind == kinds[i] {
			maps.Copy(attributes, e.Attributes)
		}
	}
	described := []any{}
	for n, name := range slices.Sorted(maps.Keys(attributes)) {
		if name == "Id" {
			continue
		}
		kind, many := fieldType(name, attributes[name])
		key, label := s.keyAndLabel(n, name)
		described = append(described, map[string]any{
			"key": key, "label": label, "type": kind, "isMultiChoice": many,
			"isReadonly": name == "CreatedDate" || name == "LastModifiedDate", "settings": s.settings(s.choicesOf(kinds[i], name)),
		})
	}
	return data(http.StatusOK, described)
}

func (s *Server) keyAndLabel(n int, name string) (key, label string) {
	switch s.options.Switches.FieldKeys {
	case KeysCamel:
		return lowerFirst(name), spaced(name)
	case KeysIDs:
		return fmt.Sprintf("field_%d", n+1), name
	default:
		return name, spaced(name)
	}
}

// settings holds what can be chosen, as the switch says.
func (s *Server) settings(choices []Choice) any {
	list := func(value, label string) []any {
		all := make([]any, len(choices))
		for i, c := range choices {
			all[i] = map[string]any{value: c.Value, label: c.Label, "color": "#6a6b6d"}
		}
		return all
	}
	switch way := s.options.Switches.FieldChoices; {
	case way == ChoicesNull:
		return nil
	case way == ChoicesMissing || choices == nil:
		return map[string]any{}
	case way == ChoicesIDName:
		return map[string]any{"allowEmpty": true, "options": list("id", "name")}
	case way == ChoicesKey:
		return map[string]any{"values": list("key", "label"), "default": 0}
	case way == ChoicesTitle:
		titled := list("value", "title")
		for i, c := range choices {
			one, _ := titled[i].(map[string]any)
			one["id"], one["value"] = namedID("choice", c.Label), fmt.Sprint(c.Value)
		}
		return titled
	default:
		return nested(list("id", "name"))
	}
}

// nested hides options three objects deep, in two lists, beside a list of other things with a value and a name.
func nested(options []any) map[string]any {
	half := (len(options) + 1) / 2
	return map[string]any{
		"layout": map[string]any{"columns": []any{map[string]any{"id": 1, "name": "Details"}, map[string]any{"id": 2, "name": "Plan"}}},
		"lookup": map[string]any{"source": map[string]any{"categories": []any{
			map[string]any{"title": "Open", "statuses": options[:half]},
			map[string]any{"title": "Closed", "statuses": options[half:]},
		}}},
	}
}

// fieldType guesses from a value: the vendor does not publish the names of types.
func fieldType(key string, value any) (kind string, many bool) {
	switch value.(type) {
	case bool:
		return "Flag", false
	case []any:
		return "User", true
	case map[string]any:
		return "User", false
	case string:
		if strings.HasSuffix(key, "Date") {
			return "Date", false
		}
		return "Text", false
	case nil:
		return "Text", false
	default:
		return "Integer", false
	}
}

// spaced writes OverallStatus as people read it: Overall Status. A name with blanks stays as it is.
func spaced(key string) string {
	if strings.Contains(key, " ") {
		return key
	}
	var out strings.Builder
	var last rune
	for _, r := range key {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}
