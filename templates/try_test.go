package templates

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/internal/raced"
)

// onEverything is the slow way, which the quick one is held to: every template on every sample.
func (t *Template) onEverything(types []event.Type) error {
	return t.tryOn(t.words.triedOn(everything, t.source.fields, types))
}

// parsed returns a template that was checked and not tried; nil where the check refuses it.
func parsed(t *testing.T, w *Words, text string) *Template {
	t.Helper()
	s, err := parseSource("a", text, reflect.TypeFor[Data](), w.library)
	if err != nil {
		return nil
	}
	return w.newTemplate(s)
}

// shapesSeen are questions that only events of some shape answer with yes.
func shapesSeen() []string {
	const marked = "Field **<!channel> *bold* \\u0060code\\u0060\\n> :tada: =A1 "
	return []string{
		`(gt (len .Entity.Name) 1000)`, `(gt (field "Budget") 1000000000)`, `(field "` + marked + `")`, `(eq (len (field "Manager")) 200)`,
		`(gt (field "OverallStatus") "2000-01-01")`, `(gt (len .Changes) 17)`, `(eq .Edits 2)`, `(gt .TakenBack 0)`, `(and .Late .Changes)`,
		`(lt (before "FinishDate") "0002-01-01")`, `(and (eq .Entity.Name "") (before "Stage"))`, `(not .Initiator)`, `(eq .Entity.Name "Customer Portal")`,
		`(not .Facts)`,
	}
}

// failing are actions that fail whenever they are executed, each in its own way.
func failing() []string {
	return []string{
		`{{ index .Changes 90 }}`, `{{ slice .Changes 0 999 }}`, `{{ printf (print "%" "d") .By }}`, `{{ range 300000000 }}{{ end }}`,
		`{{ $x := "aaaaaaaa" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}`, `{{ number (len "long, longer") 5 }}`, `{{ date .By .Occurred }}`,
		`{{ zone .By .Occurred }}`, `{{ $x := 1 }}{{ if true }}{{ $x = "a" }}{{ end }}{{ truncate $x .By }}`, `{{ len (index (field "Nope") 3) }}`,
		`{{ template "deep" . }}{{ define "deep" }}{{ index .Changes 90 }}{{ end }}`, `{{ money "EUR" .By .By }}`,
		`{{ range $n, $c := default 0 .By | slice .Changes 0 }}x{{ end }}`, `{{ truncate (len "") .By }}`,
	}
}

// What fails on events of one type and one shape alone is found, as it is by trying everything.
func TestWhatFailsOnOneSampleIsFound(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	actions, alone, n := failing(), 0, 0
	for i, typ := range event.Types() {
		for j, shape := range shapesSeen() {
			if (i+j)%3 == 2 {
				continue
			}
			n++
			text := fmt.Sprintf(`x{{ if eq .Type %q }}{{ if %s }}%s{{ end }}{{ end }}`, typ, shape, actions[n%len(actions)])
			template := parsed(t, w, text)
			if template == nil {
				continue // refused before it is tried
			}
			met := 0
			for _, s := range w.tried() {
				if s.net.Last().Type == typ && template.tryOn([]sample{s}) != nil {
					met++
				}
			}
			want := template.onEverything(nil)
			if (want != nil) != (met > 0) {
				t.Fatalf("%s: trying everything says %v, each alone fails on %d", text, want, met)
			}
			if met == 1 {
				alone++
			}
			sameFaults(t, text, template.try([][]event.Type{nil, {typ}}[n%2]), want)
		}
	}
	if alone < 40 {
		t.Errorf("only %d templates fail on one sample alone", alone)
	}
}

func sameFaults(t *testing.T, text string, got, want error) {
	t.Helper()
	if errors.Is(want, errTime) || errors.Is(got, errTime) { // a busy machine
		return
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s:\ngot  %v\nwant %v", text, got, want)
	}
}

// What is made at random of everything that a template can do is found to be wrong or right as by trying everything, in
// messages and in columns, and takes no more than is expected of it.
func TestQuickTrialFindsWhatTheSlowOneFinds(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	random := rand.New(rand.NewPCG(7, 11)) // the same each time
	sure, wrong := 0, 0
	for range 100 {
		text := randomTemplate(random, 2)
		template := parsed(t, w, text)
		if template == nil {
			continue
		}
		if agree(t, w, template) {
			sure++
		}
		if template.onEverything(nil) != nil {
			wrong++
		}
	}
	if sure < 20 || wrong < 20 {
		t.Errorf("%d are sure to be right, %d are wrong: that shows little", sure, wrong)
	}
}

// agree compares both ways of trying a template, and reports whether the quick one takes it for sure.
func agree(t *testing.T, w *Words, template *Template) (sure bool) {
	t.Helper()
	text := template.Text()
	sameFaults(t, text, template.try(nil), template.onEverything(nil))
	sure = template.source.course.sure(mostPrint)
	if sure {
		checkCourse(t, template, event.Types()...)
	}
	one, err := compileColumn(Column{Header: "a", Value: text}, RowPerEvent)
	if err != nil {
		return sure
	}
	table := (&Table{words: w, perRow: RowPerEvent, columns: []column{one}}).only(func(column) bool { return true })
	sameFaults(t, text+" as a column", errors.Join(table.tried(nil)...), errors.Join(table.tryOn(w.triedOn(everything, table.Fields(), nil))...))
	return sure
}

// checkCourse executes a template that is sure to be right on every sample of some types: it takes no more than its course
// says.
func checkCourse(t *testing.T, made *Template, types ...event.Type) {
	t.Helper()
	course := made.source.course
	if !course.sure(mostPrint) {
		t.Fatalf("%s is not sure to be right: %+v", made.Text(), course)
	}
	r, err := made.runner()
	if err != nil {
		t.Fatal(err)
	}
	r.run.within = tryTime
	for _, s := range made.words.triedOn(everything, made.source.fields, types) {
		for _, bound := range [...]*template.Template{r.marked, r.spoken} {
			if bound == r.spoken && !s.aloud {
				continue
			}
			r.run.start(map[bool]voice{true: spoken, false: marked}[bound == r.spoken], s.net)
			if err := bound.ExecuteTemplate(&r.run, root, s.data()); err != nil {
				t.Errorf("%s, sure to be right, fails with %s: %v", made.Text(), s.name, err)
			}
			if r.run.steps > course.steps || r.run.bytes > course.prints*mostPrint+course.text {
				t.Errorf("%s with %s: takes %d steps and %d bytes, expected were %+v", made.Text(), s.name, r.run.steps, r.run.bytes, course)
			}
		}
	}
}

// things are what a template can print, by kind.
func things() []string {
	all := []string{
		".Type", ".Action", ".Entity", ".Entity.Name", ".Entity.ID", ".Entity.Link", ".Parent", ".Parent.Name", ".Trail", ".By", ".Initiator", ".Occurred", ".When",
		".Changes", ".Unchanged", ".Facts", ".LastKnown", ".Edits", ".Took", ".TakenBack", ".Late", ".Emoji", `"text"`, "5", "true", `(field "Own field")`,
		`(before "Budget")`, `(changed "Name" "Status")`, `(daysMoved "FinishDate")`, `(label "Stage")`, `(len .Changes)`, `(not .Late)`,
	}
	for _, a := range sampleAttributes(1) {
		all = append(all, fmt.Sprintf("(field %q)", a.Name))
	}
	return all
}

// ways are ways of saying a thing.
func ways() []string {
	return []string{
		"%s", "bold %s", "code %s", `link "https://example.com/{a}" %s`, `link .Entity.Link %s`, `date "long" %s`, `date "dddd d mmm yyyy hh:mm:ss" "de" %s`,
		`zone "Asia/Tokyo" %s`, `number 2 %s`, `number 10 "fr" %s`, `money "EUR" %s`, `money "CHF" "de-CH" %s`, `percent 3 %s`, `truncate 20 %s`,
		`truncate 49000 %s`, `join ", " %s`, `join "\n" %s`, `default "none" %s`, `emoji "Created" ":seedling:" %s`, `emoji %s`, `print %s`, `printf "%%v" %s`,
		`bold (default .By %s)`, `and .Late %s`, `or %s .By`, `eq %s "x" 5`, `has "Anna Doe" %s`, `gt %s 5`, `le %s "2022-03-31"`, `index .Changes (len %s)`,
		`printf (print "%%" "d") %s`, `len (default "" %s)`, `not %s`, `slice .Changes 0 (len (default 7 %s))`, `ne %s .By`,
	}
}

func randomTemplate(random *rand.Rand, depth int) string {
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	action := func() string { return fmt.Sprintf(pick(ways()), pick(things())) }
	var out strings.Builder
	for range 1 + random.IntN(3) {
		form := random.IntN(9)
		if depth == 0 {
			form = 0
		}
		inner := func() string { return randomTemplate(random, depth-1) }
		switch form {
		case 1:
			out.WriteString("{{ if " + action() + " }}" + inner() + "{{ else }}" + inner() + "{{ end }}")
		case 2:
			out.WriteString("{{ with " + action() + " }}{{ . }}{{ else }}" + inner() + "{{ end }}")
		case 3:
			out.WriteString("{{ range .Changes }}{{ .Label }}{{ .Before }}{{ with .Difference }}{{ . }}{{ end }}{{ range .After }}{{ . }}{{ end }}{{ . }}\n{{ end }}")
		case 4:
			out.WriteString("{{ range .Facts }}{{ . }}{{ bold .Value }}{{ else }}" + inner() + "{{ end }}")
		case 5:
			out.WriteString("{{ $x := " + action() + " }}{{ $x }}")
		case 6:
			out.WriteString("{{ if eq .Type `" + string(event.Types()[random.IntN(12)]) + "` }}" + inner() + "{{ end }}")
		default:
			out.WriteString("a{{ " + action() + " }}")
		}
	}
	return out.String()
}

// Every function that is said to fail on nothing fails on nothing, whatever it is given, and everything that can be
// printed is as short as is counted on.
func TestSureFunctionsNeverFail(t *testing.T) {
	raced.Calculates(t)
	w := testWords(t)
	called := map[string]bool{}
	for _, way := range ways() {
		var actions []string
		for _, thing := range things() {
			action := "a{{ " + fmt.Sprintf(way, thing) + " }}"
			if s, err := parseSource("a", action, reflect.TypeFor[Data](), w.library); err == nil && s.course.sure(mostPrint) {
				called[strings.Fields(way)[0]] = true
				actions = append(actions, action)
			}
		}
		together := map[bool]int{true: 2, false: 50}[strings.HasPrefix(way, "join")]
		for some := range slices.Chunk(actions, together) {
			checkCourse(t, parsed(t, w, strings.Join(some, "")), "Task:Created", "Project:Updated", "Idea:Deleted", "Risk:Escalated")
		}
	}
	for _, f := range functionTable() {
		asked := slices.Contains([]string{"field", "before", "after", "changed", "daysMoved", "label", "lt", "ge", "mention"}, f.name)
		if f.sure != nil && !called[f.name] && !asked {
			t.Errorf("%s is said to fail on nothing, and was never called", f.name)
		}
	}
}

// The samples hold no more than what is counted on.
func TestSamplesAreAsLargeAsIsCountedOn(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	told, items := 0, 0
	for _, s := range w.tried() {
		d := s.data()
		told = max(told, len(d.Changes), len(d.Facts))
		for _, c := range d.Changes {
			items = max(items, len(c.Before), len(c.After), len(c.Added), len(c.Removed))
		}
		for _, f := range d.Facts {
			items = max(items, len(f.Value))
		}
	}
	if told > mostTold || items > mostItems || told < mostTold/2 || items < mostItems {
		t.Errorf("there are up to %d changes and %d entries of a value; counted on are %d and %d", told, items, mostTold, mostItems)
	}
}
