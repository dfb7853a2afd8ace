package templates

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ppmrelay/ppmrelay/event"
)

// one is a template for updates of projects.
func one(name, text string) Text {
	return Text{Name: name, Text: text, Types: []event.Type{"Project:Updated"}}
}

func aPart(name, text string) Text { return Text{Name: name, Text: text, Part: true} }

func TestTemplatesIncludeOneAnother(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct {
		name  string
		texts []Text // the first one is the message
		want  string
	}{
		{
			"a part of a change", []Text{
				one("a", "{{ .Entity.Name }}{{ range .Changes }}{{ if .Days }}\n{{ template \"line\" . }}{{ end }}{{ end }}"),
				aPart("line", "{{ .Label }} moved {{ .Difference }}\n"),
			}, "Customer Portal\nFinish moved 14 days later",
		},
		{
			"a line goes on behind what it includes",
			[]Text{one("a", `By {{ template "who" . }}, {{ template "who" . }}!`), aPart("who", "{{ .By }}\r\n\n")},
			"By Anna Doe, Anna Doe!",
		},
		{
			"through another",
			[]Text{one("a", `{{ template "b" . }}`), aPart("b", `({{ template "c" . }})`), aPart("c", "{{ .By }}")},
			"(Anna Doe)",
		},
		{
			"defines belong to their template", []Text{
				one("a", `{{ define "x" }}a's{{ end }}{{ template "x" }} {{ template "b" . }} {{ template "x" }}`), aPart("b", `{{ define "x" }}b's {{ .By }}{{ end }}{{ template "x" . }}`),
			}, "a's b's Anna Doe a's",
		},
		{
			"a message of its own as well", []Text{one("a", `{{ template "b" . }} again`), one("b", "{{ .By }}")}, "Anna Doe again",
		},
		{
			"a built-in one",
			[]Text{one("a", "{{ template \"KeyDate-Deleted\" . }}\nA line of ours")},
			":large_orange_diamond: Key date *<" + projectPage + "28e92b4c-3b0c-4100-83c8-80231b62efcb|Customer Portal>* was *deleted*\nA line of ours",
		},
		{
			"what is passed on", []Text{one("a", `{{ template "b" .Entity }}`), aPart("b", "{{ .Kind }} {{ .Name }} {{ $.Noun }}")}, "Project Customer Portal project",
		},
		{
			"nothing is passed on", []Text{one("a", `{{ template "b" }}`), aPart("b", "a rule")}, "a rule",
		},
		{
			"markup of the author, not of the data",
			[]Text{one("a", `*{{ template "b" "<!here> *x*" }}*`), aPart("b", "_{{ . }}_ <!here>")},
			"*_&lt;!here&gt; ∗x∗_ <!here>*",
		},
	}
	for _, test := range tests {
		compiled, err := w.CompileAll(test.texts)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		m, err := compiled["a"].Message(netOf(sampleFile(t, "Project-Updated")))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := strings.Join(append([]string{m.Head}, m.Lines...), "\n"); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
		if last := test.want[strings.LastIndexByte(test.want, '\n')+1:]; !strings.HasSuffix(m.Text, unescaped(unmarked(last))+".") {
			t.Errorf("%s: the text for notifications is %q", test.name, m.Text)
		}
		if !strings.Contains(m.Context, "By Anna Doe") {
			t.Errorf("%s: the last line is %q", test.name, m.Context)
		}
	}
}

// unescaped is what was harmless in mrkdwn as it was written.
func unescaped(s string) string {
	return strings.NewReplacer("∗", "*", "ˍ", "_").Replace(s)
}

func TestIncludesAreChecked(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	tests := []struct {
		name  string
		texts []Text
		want  string // all faults
	}{
		{
			"a field that is not there, by what is passed on",
			[]Text{one("a", `{{ range .Changes }}{{ template "b" . }}{{ end }}`), aPart("b", "x\n{{ .Labl }} {{ .Entity }}")},
			"b:2:4: no field .Labl, did you mean .Label? (as \"a\" includes it)\n" +
				"b:2:16: no field .Entity; there are .Label .Field .Before .After .Difference .Days .Added .Removed .Steps (as \"a\" includes it)",
		},
		{
			"right for one, wrong for another",
			[]Text{one("a", `{{ template "line" . }}`), one("b", `x{{ range .Changes }}{{ template "line" . }}{{ end }}`), aPart("line", "{{ .By }}")},
			"line:1:4: no field .By; there are .Label .Field .Before .After .Difference .Days .Added .Removed .Steps (as \"b\" includes it)",
		},
		{
			"once, though two include it",
			[]Text{one("a", `{{ template "line" . }}`), one("b", `x{{ template "line" . }}`), aPart("line", "{{ .Buy }}")},
			"line:1:4: no field .Buy, did you mean .By? (as \"a\" includes it)",
		},
		{"nothing is passed on", []Text{one("a", `{{ template "b" }}`), aPart("b", "{{ .By }}")}, "b:1:4: no field .By: this is a single value (as \"a\" includes it)"},
		{"no such template", []Text{one("a", `x {{ template "lin" . }}`), aPart("line", "x")}, "a:1:15: no template \"lin\", did you mean \"line\"?"},
		{
			"a circle",
			[]Text{one("a", `x{{ template "b" . }}`), aPart("b", "\n{{ if .Late }}{{ template \"c\" . }}{{ end }}"), aPart("c", `{{ template "a" . }}`)},
			"c:1:13: a template cannot include itself: a → b → c → a (as \"a\" includes it)",
		},
		{"itself", []Text{one("a", `x{{ template "a" . }}`)}, "a:1:14: a template cannot include itself: a → a"},
		{"two of a name", []Text{one("a", "x"), one("a", "y")}, "a: another template has this name too: give one of them another one"},
		{
			"two of a name, one of them a file",
			[]Text{one("a", "x"), {Name: "a", Text: "y", File: "a.tmpl"}},
			"a: a.tmpl has this name too: give one of them another one",
		},
		{"the name of a built-in one", []Text{one("Project-Updated", "x")}, "Project-Updated: this is the name of a built-in template: give yours another one"},
		{"the name of the last line", []Text{one("context", "x")}, "context: this is the name of a built-in template: give yours another one"},
		{
			"a define with the name of another",
			[]Text{one("a", "{{ define \"b\" }}x{{ end }}{{ template \"b\" }}"), one("b", "y")},
			"a:1:11: there is a template named \"b\": give this define another name",
		},
		{"in a place that cannot be safe", []Text{one("a", "`{{ template \"b\" . }}`"), aPart("b", "x")}, "a:1:14: nothing can be printed between backticks: use {{ code .Type }}"},
		{
			"what is left open",
			[]Text{one("a", `{{ template "b" . }} x`), aPart("b", "it's `")},
			"b:1:1: what was opened here is never closed in its line: write &lt; for a less-than sign (as \"a\" includes it)",
		},
		{"a part that says nothing by itself, and nobody includes", []Text{aPart("b", "{{ range .Changes }}{{ end }}")}, "b: it prints nothing for Project:Created"},
		{
			"all at once",
			[]Text{one("a", `{{ template "b" . }}{{ .Entit }}`), aPart("b", "x\n{{ if }}"), one("c", "{{ .Buy }}"), one("c", "x"), one("d", "x")},
			"a:1:24: no field .Entit, did you mean .Entity?\nb:2:4: missing value for if\nc: another template has this name too: give one of them another one\n" +
				"c:1:4: no field .Buy, did you mean .By?",
		},
		{"a parse error", []Text{one("a", `{{ template "b" . }}`), aPart("b", "x\n{{ if }}")}, "b:2:4: missing value for if"},
		{
			"a fault that only shows when it is executed",
			[]Text{one("a", `x{{ template "b" . }}`), aPart("b", "\n{{ index .Changes 90 }}")},
			"b:2:4: index out of range: 90 (with a Project:Updated event)",
		},
		{"a loop without end", []Text{one("a", `x{{ template "b" . }}`), aPart("b", "{{ range 300000000 }}{{ end }}")}, "b:1:22: it takes too many steps (with a Project:Updated event)"},
	}
	for _, test := range tests {
		_, err := w.CompileAll(test.texts)
		if err == nil {
			t.Errorf("%s: compiled", test.name)
			continue
		}
		if got := err.Error(); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

// Templates that include each other twice are bounded, though none includes itself.
func TestIncludesAreBounded(t *testing.T) {
	t.Parallel()
	texts := []Text{one("a", `x{{ template "p0" . }}`), aPart("p30", "y")}
	for i := range 30 {
		next := count(i + 1)
		texts = append(texts, aPart("p"+count(i), `{{ template "p`+next+`" . }}{{ template "p`+next+`" . }}`))
	}
	_, err := testWords(t).CompileAll(texts)
	if err == nil || !strings.Contains(err.Error(), "it takes too many steps") {
		t.Errorf("got %v, want too many steps", err)
	}
}

func TestIncludes(t *testing.T) {
	t.Parallel()
	w := testWords(t)
	compiled, err := w.CompileAll([]Text{
		one("a", `x{{ with .Late }}{{ else }}{{ template "c" }}{{ end }}{{ field "Budget" }}`), one("b", `{{ template "a" . }}`),
		aPart("c", "y {{ changed \"Idea’s sponsor\" \"Budget\" }}"), aPart("d", "{{ .By }}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := compiled["b"].Includes(); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("got %v, want a and c", got)
	}
	if compiled["c"] != nil || compiled["d"] == nil || len(compiled) != 3 {
		t.Errorf("got %v, want the messages a, b, d", compiled)
	}
	want := []FieldUse{{"c", "Idea’s sponsor", 1, 14}, {"c", "Budget", 1, 31}, {"a", "Budget", 1, 64}}
	if got := compiled["b"].Fields(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReadFolder(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	texts, err := ReadFolder(fstest.MapFS{
		"status.tmpl": file("\ufeffx"), "line.tmpl": file("y\n"), "notes.txt": file("z"), ".status.tmpl": file("z"), "status.tmpl~": file("z"),
		".status.tmpl.swp": file("z"), "folder.tmpl/x.tmpl": file("z"), "..data/line.tmpl": file("z"),
	})
	want := []Text{{Name: "line", Text: "y\n", File: "line.tmpl"}, {Name: "status", Text: "x", File: "status.tmpl"}}
	if err != nil || len(texts) != 2 || texts[0].Text != want[0].Text || texts[0].Name != "line" || texts[1].Text != "x" || texts[1].File != "status.tmpl" {
		t.Errorf("got %v, %v, want %v", texts, err, want)
	}

	_, err = ReadFolder(fstest.MapFS{
		"a.tmpl": file("x"), "A.tmpl": file("x"), "b c.tmpl": file("x"), "d.tmpl": file("\xff"), "e.tmpl": file(strings.Repeat("x", maxTemplate+1)),
	})
	wantErr := "a: A.tmpl differs from it by small and capital letters alone, which some disks do not tell apart\n" +
		"b c: the name of a file is letters, digits, - and _, then .tmpl\n" + "d: it is no UTF-8: save it as that\ne: it is longer than 64 KB"
	if err == nil || err.Error() != wantErr || len(Errors(err)) != 4 {
		t.Errorf("got  %v\nwant %s", err, wantErr)
	}
}

// A folder that is mounted is made of links.
func TestReadFolderBehindLinks(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "..data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "..data", "a.tmpl"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"a.tmpl": "..data/a.tmpl", "b.tmpl": "..data/none"} {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := ReadFolder(os.DirFS(folder))
	if len(texts) != 1 || texts[0].Text != "x" || err == nil || err.Error() != "b: it is a link that leads nowhere" {
		t.Errorf("got %v, %v", texts, err)
	}
	if _, err := ReadFolder(os.DirFS(filepath.Join(folder, "none"))); err == nil || strings.Contains(err.Error(), folder) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestBuiltin(t *testing.T) {
	t.Parallel()
	for _, name := range append(BuiltinNames(), "project:updated", "KeyDate:Created", "Project-Updated.tmpl") {
		if text, _, ok := Builtin(name); !ok || text == "" {
			t.Errorf("%s: got %q, %v", name, text, ok)
		}
	}
	if text, near, ok := Builtin("Project-Update"); ok || text != "" || near != "Project-Updated" {
		t.Errorf("got %q, %q, %v", text, near, ok)
	}
	for _, name := range []string{"", "../go.mod", "status"} {
		if text, near, ok := Builtin(name); ok || text != "" || near != "" {
			t.Errorf("%q: got %q, %q, %v", name, text, near, ok)
		}
	}
}
