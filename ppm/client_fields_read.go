package ppm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Field is a field of a kind of entity, as the Fields feed of the Public API describes it.
type Field struct {
	Key      string // perhaps the attribute's name in events, which is not published
	Label    string // what people call it
	Type     string // which types there are is not published
	Many     bool   // it holds several values
	ReadOnly bool
	Options  []Option // what can be chosen; nil where nothing can, or it is not understood
	Puzzle   string   // what of it is not understood, as the end of a sentence; usually empty
}

// Option is one value of a choice: as it is sent, and as people read it.
type Option struct {
	Value string // the digits of a number, or a text
	Label string
}

// Bounds of what is read: a tenant has some hundred fields.
const (
	maxFields  = 5_000
	maxOptions = 10_000 // of one field
)

// ReadFields reads an answer of Client.Fields. It takes whatever comes: of what is not understood it says so in words, in
// the fields or, for what is no field, in puzzles.
func ReadFields(answer []byte) (fields []Field, puzzles []string) {
	list, ok := listOfFields(answer)
	if !ok {
		return nil, []string{"the answer is no list of fields"}
	}
	strange := 0
	for _, entry := range list[:min(len(list), maxFields)] {
		members, _ := entry.(map[string]any)
		field := Field{
			Key: textOf(members, "key"), Label: textOf(members, "label"), Type: textOf(members, "type"),
			Many: isTrue(memberOf(members, "isMultiChoice")), ReadOnly: isTrue(memberOf(members, "isReadonly")),
		}
		if field.Key == "" && field.Label == "" {
			strange++
			continue
		}
		field.Options, field.Puzzle = readOptions(memberOf(members, "settings"))
		fields = append(fields, field)
	}
	if strange > 0 {
		puzzles = append(puzzles, fmt.Sprintf("%d of %d entries have neither a key nor a label", strange, len(list)))
	}
	if len(list) > maxFields {
		puzzles = append(puzzles, fmt.Sprintf("of %d fields only the first %d are looked at", len(list), maxFields))
	}
	return fields, puzzles
}

// listOfFields returns the list of an answer, also where it is inside an object.
func listOfFields(answer []byte) (list []any, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var whole any
	if decoder.Decode(&whole) != nil {
		return nil, false
	}
	members, _ := whole.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if inner, found := members[name].([]any); found {
			return inner, true
		}
	}
	list, ok = whole.([]any)
	return list, ok
}

// memberOf returns a member by its name in any case; nil where there is none.
func memberOf(members map[string]any, name string) any {
	if value, found := members[name]; found {
		return value
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if strings.EqualFold(key, name) {
			return members[key]
		}
	}
	return nil
}

// textOf returns a member that is a text, without blanks around it; empty where it is none.
func textOf(members map[string]any, name string) string {
	text, _ := memberOf(members, name).(string)
	return strings.TrimSpace(text)
}

func isTrue(value any) bool {
	yes, _ := value.(bool)
	return yes
}
