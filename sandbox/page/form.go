package page

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
)

// form is what a person has sent.
type form struct{ url.Values }

// text returns a value as the browser of the person showed it: on every system lines end the same way.
func (f form) text(name string) string {
	return strings.ReplaceAll(strings.Join(f.Values[name], ","), "\r\n", "\n")
}

// changed reports whether a field holds something else than when the form was made, which "was." and its name tells.
// Without that it has been changed if it is there at all.
func (f form) changed(one field) bool {
	was, shown := f.Values["was."+one.Name]
	if !shown {
		return f.Has(one.Name)
	}
	before, now := strings.ReplaceAll(was[0], "\r\n", "\n"), f.text(one.Name)
	if one.As == asText { // a browser leaves out the ends of lines in such a field
		unbroken := strings.NewReplacer("\n", "", "\r", "")
		before, now = unbroken.Replace(before), unbroken.Replace(now)
	}
	return one.differs(strings.TrimSpace(before), strings.TrimSpace(now))
}

// outcome is what came of a form.
type outcome struct {
	Say   string            // in a sentence
	Wrong map[string]string // what is wrong with the fields, by their names

	bad     bool       // nothing was done
	about   string     // the key of what the form is about; empty = the page
	open    string     // the key of what is open afterwards
	entered url.Values // of a form that has to be mended
}

// done is the outcome of what worked.
func done(say string) outcome { return outcome{Say: say} }

// refused is the outcome of what could not be done.
func refused(say string) outcome { return outcome{Say: say, bad: true} }

// doing answers a form: to the script as JSON, else by a redirect to the page, which then says what came of it.
func (p *Page) doing(do func(form) outcome) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		var o outcome
		if err := r.ParseForm(); err != nil {
			o = refused("The form cannot be read: it is too large, or it was cut off.")
		} else {
			o = do(form{r.Form})
		}
		if r.Header.Get("Accept") == "application/json" {
			answer(w, o)
			return
		}
		query, _ := url.ParseQuery(r.Form.Get("back")) // what cannot be read of it is left out
		back := understood(query)
		if tab := r.Form.Get("tab"); tab != "" {
			back.Set("tab", tab)
		}
		back.Set("said", strconv.Itoa(p.said.keep(o)))
		if o.open != "" {
			back.Set("open", o.open)
		}
		address := url.URL{Path: "/", RawQuery: back.Encode(), Fragment: o.open}
		http.Redirect(w, r, address.String(), http.StatusSeeOther)
	}
}

// answer says what came of a form, also that nothing did: the request was served.
func answer(w http.ResponseWriter, o outcome) {
	text, err := json.Marshal(map[string]any{"ok": !o.bad, "say": o.Say, "wrong": o.Wrong})
	if err != nil {
		panic(err) // unreachable: it consists of strings
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(text) // who went away does not read it
}

// input is a field of a form as it is shown.
type input struct {
	field

	ID     string // of the element
	Value  string
	Was    string // as the tenant has it
	People []event.Person
	Wrong  string
}

// Has reports whether a person, a choice or a yes is what the field holds.
func (i input) Has(value string) bool { return strings.Contains(","+i.Value+",", ","+value+",") }

// Full reports whether the field needs a line of its own.
func (i input) Full() bool { return i.As == asText || i.As == asLong || i.As == asPeople }

// inputs makes the fields of a form. What was entered and has to be mended takes the place of what the tenant has.
func (p *Page) inputs(kind, key string, attributes map[string]any, o outcome) []input {
	var all []input
	for _, f := range fieldsOf(kind) {
		text := f.text(attributes[f.Name])
		if f.As == asText {
			text = strings.NewReplacer("\r", "", "\n", "").Replace(text) // as a browser shows it
		}
		in := input{field: f, ID: key + "-" + f.Name, Value: text, Was: text}
		if f.As == asPeople {
			in.People = byName(p.known(attributes[f.Name]))
		}
		if own := statusOf(kind, attributes[f.Name]); f.As == asChoice && !slices.ContainsFunc(f.Choices, func(c choice) bool { return c.Value == text }) {
			in.Choices = append(slices.Clone(f.Choices), choice{Value: text, Label: own.Word}) // what the tenant calls its own
		}
		if o.bad && o.about == key && o.entered != nil {
			in.Value, in.Wrong = form{o.entered}.text(f.Name), o.Wrong[f.Name]
		}
		all = append(all, in)
	}
	return all
}

// byName keeps persons in their places when they are chosen.
func byName(persons []event.Person) []event.Person {
	slices.SortStableFunc(persons, func(a, b event.Person) int { return strings.Compare(a.Name, b.Name) })
	return persons
}

// known returns who can be chosen: who is named already, in this order, and everybody else.
func (p *Page) known(value any) []event.Person {
	all := personsOf(value)
	for _, other := range p.options.People {
		if !hasPerson(all, other.ID) {
			all = append(all, other)
		}
	}
	return all
}

// changes reads what was changed in a form, and what is wrong with it. Attributes are what the tenant has.
func (p *Page) changes(kind string, f form, attributes map[string]any) (changes map[string]any, wrong map[string]string) {
	changes, wrong = map[string]any{}, map[string]string{}
	for _, one := range fieldsOf(kind) {
		if !f.changed(one) {
			continue
		}
		value, fault := one.read(f.Values[one.Name], p.known(attributes[one.Name]))
		switch {
		case fault != "":
			wrong[one.Name] = fault
		case one.differs(one.text(value), one.text(attributes[one.Name])):
			changes[one.Name] = value
		}
	}
	both := maps.Clone(attributes)
	if both == nil {
		both = map[string]any{}
	}
	maps.Copy(both, changes)
	start, begins := dayOf(both["StartDate"])
	for _, end := range []string{"FinishDate", "DueDate"} {
		if finish, ends := dayOf(both[end]); begins && ends && finish.Before(start) && wrong[end] == "" && (changes[end] != nil || changes["StartDate"] != nil) {
			wrong[end] = "This is before the start."
		}
	}
	return changes, wrong
}
