package templates

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"text/template"
)

// The names of the functions that the rewritten tree calls. No template can: its text is checked before.
const (
	showFunction = "_show"
	stepFunction = "_step"
	cellFunction = "_cell"
)

// functions returns what a template can call, beside `and`, `or`, `not`, `len`, `index` and `slice` of Go's
// text/template.
//
//	field "Idea’s sponsor"        the value of any field by its name as sent; no value where it was not sent
//	bold .Change.After            *At risk*; code .Type: `Project:Updated`
//	link "https://…" .Entity      a link, if the address is http or https, else the text alone
//	mention "U012AB3CD"           rings a person, or a group: "S012AB3CD". Only a written id, never a field
//	eq .After "At risk"           compares as people read it; ne. A choice also equals the number that was sent
//	gt (field "Budget") 100000    lt le gt ge compare numbers, or days: "2022-03-31"; false where there is none
//	print, printf, println        as in Go; what they return is text
func (r *run) functions() template.FuncMap {
	return template.FuncMap{
		"field": r.field, "bold": r.bold, "code": r.code, "link": r.linked, "mention": mention,
		"eq": r.equal, "ne": r.differ,
		"lt": r.compare(-1, -1), "le": r.compare(-1, 0), "gt": r.compare(1, 1), "ge": r.compare(1, 0),
		"print": r.print, "println": r.println, "printf": r.printf,
		showFunction: r.show, stepFunction: r.step, cellFunction: r.capture,
	}
}

// builtinFunctions returns those of text/template that stay. The others (html, js, urlquery, call) escape for places
// that are not here, or call what should not be called.
func builtinFunctions() map[string]reflect.Type {
	return map[string]reflect.Type{
		"and": nil, "or": nil, "index": nil, "slice": nil,
		"not": reflect.TypeFor[func(any) bool](), "len": reflect.TypeFor[func(any) int](),
	}
}

func (r *run) field(name string) (Value, error) {
	a, ok := r.event.Attributes.Get(name)
	if !ok {
		return nil, r.spend(1)
	}
	return r.words.attribute(r.event.Entity.Kind, a), r.spend(1)
}

func (r *run) bold(x any) (Markup, error) {
	text := say(marked, x)
	if text == "" {
		return Markup{}, nil
	}
	return Markup{mrkdwn: "*" + text + "*", plain: say(spoken, x)}, r.spend(1)
}

func (r *run) code(x any) (Markup, error) {
	text := say(spoken, x)
	if text == "" {
		return Markup{}, nil
	}
	return Markup{mrkdwn: "`" + escapeCode(text) + "`", plain: text}, r.spend(1)
}

func (r *run) linked(address, x any) (Markup, error) {
	label := say(spoken, x)
	to := strings.TrimSpace(bare(address))
	escaped := escapeAddress(to)
	if !webAddress(to) || len(escaped) > maxAddress || label == "" {
		return Markup{mrkdwn: escape(label), plain: label}, r.spend(1)
	}
	return Markup{mrkdwn: "<" + escaped + "|" + escape(label) + ">", plain: label, link: to}, r.spend(1)
}

func mention(id string) (Markup, error) {
	const many = "write <!here> or <!channel> as it is"
	switch {
	case regexp.MustCompile(`^[UW][A-Z0-9]{5,20}$`).MatchString(id):
		return Markup{mrkdwn: "<@" + id + ">"}, nil
	case regexp.MustCompile(`^S[A-Z0-9]{5,20}$`).MatchString(id):
		return Markup{mrkdwn: "<!subteam^" + id + ">"}, nil
	default:
		return Markup{}, errors.New("mention takes the id of a member or group, like U012AB3CD; " + many)
	}
}

func (r *run) equal(a any, others ...any) (bool, error) {
	for _, other := range others {
		if is(a, other) {
			return true, r.spend(1)
		}
	}
	return false, r.spend(1)
}

func (r *run) differ(a, b any) (bool, error) { return !is(a, b), r.spend(1) }

// compare returns a function that reports whether a and b, as numbers or days, compare in one of two ways. What is
// neither compares with nothing.
func (r *run) compare(one, other int) func(a, b any) (bool, error) {
	return func(a, b any) (bool, error) {
		way, ok := order(a, b)
		return ok && (way == one || way == other), r.spend(1)
	}
}

func rational(x any) (*big.Rat, bool) {
	text := bare(x)
	if f, ok := x.(float64); ok {
		text = fmt.Sprint(f)
	}
	plain, ok := writtenOut(text)
	if !ok || len(plain) > 1000 {
		return nil, false
	}
	return new(big.Rat).SetString(plain)
}

func (r *run) print(all ...any) (string, error) {
	args, err := r.printable(all)
	if err != nil {
		return "", err
	}
	return r.charged(fmt.Sprint(args...))
}

func (r *run) println(all ...any) (string, error) {
	args, err := r.printable(all)
	if err != nil {
		return "", err
	}
	return r.charged(fmt.Sprintln(args...))
}

func (r *run) printf(format string, all ...any) (string, error) {
	if err := checkFormat(format); err != nil {
		return "", err
	}
	args, err := r.printable(all)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf(format, args...)
	if strings.Contains(text, "%!") && !strings.Contains(fmt.Sprint(args...), "%!") {
		return "", fmt.Errorf("printf %q does not fit what is printed", format)
	}
	return r.charged(text)
}

// printable turns what is ours into words, so that no verb shows how it is made, and refuses what is too long before it
// is copied.
func (r *run) printable(all []any) ([]any, error) {
	out, length := make([]any, len(all)), 0
	for i, x := range all {
		switch v := x.(type) {
		case string:
			out[i] = v
			length += len(v)
		case bool, int, float64:
			out[i] = v
		default:
			if isWhole(reflect.TypeOf(x)) {
				return nil, errWhole
			}
			text := say(spoken, v)
			out[i] = text
			length += len(text)
		}
		if r.bytes+length > maxOutput {
			return nil, errOutput
		}
	}
	return out, nil
}

// checkFormat refuses what printf could fill the memory with, or show Go's insides with.
func checkFormat(format string) error {
	rest := regexp.MustCompile(`%[-+# 0]*[0-9]{0,3}(\.[0-9]{0,3})?[vsqdtfgexXc%]`).ReplaceAllString(format, "")
	if strings.Contains(rest, "%") || strings.Contains(format, "#v") || len(format) > 1000 {
		return fmt.Errorf("printf %q: only %%s %%d %%f %%q %%t %%v %%x %%%% with widths up to 999", format)
	}
	return nil
}
