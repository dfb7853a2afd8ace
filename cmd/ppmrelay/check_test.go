package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/config"
)

// TestCheckTeaches holds what is said about mistakes in templates and conditions, each in a file named after it, to the
// text beside it. What the configuration itself finds stands in the folder above.
func TestCheckTeaches(t *testing.T) {
	t.Chdir(filepath.Join(repository, "config"))
	files, err := filepath.Glob("testdata/check/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("got %d files (%v), want at least 20", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			code, out, errs := ppmrelay(t, "check", file)
			got, beside := regexp.MustCompile(`\d+ ms\n$`).ReplaceAllString(out+errs, "1 ms\n"), strings.TrimSuffix(file, ".yaml")+".txt"
			if *update {
				if err := os.WriteFile(beside, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(mustRead(t, beside)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			want := exitWrong
			if strings.Contains(got, " 0 faults") {
				want = exitFine
			}
			if code != want {
				t.Errorf("got exit code %d, want %d", code, want)
			}
			if found := regexp.MustCompile(`templates\.|reflect|interface \{|\bstring\)|\*[a-z]+\.[A-Z]|not-a-real-token|sixteen-char`).FindString(got); found != "" {
				t.Errorf("got\n%s\nwith %q in it, which is no word for people", got, found)
			}
		})
	}
}

const twoFaultsAndAWarning = `server: { secrets: [` + secret + `] }
slack: { token: xoxb-not-a-real-token }
templates:
  lonely: "*{{ .Entity }}*"
routes:
  - { name: all, events: ["*"], when: 100 % 7 == 2 || true, slack: { channel: C0123456789 } }
`

func TestCheckSummary(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), twoFaultsAndAWarning)
	code, out, _ := ppmrelay(t, "check", file)
	if want := regexp.MustCompile(`ppmrelay\.yaml: 1 route, 1 template x 12 event types, 0 faults, 2 warnings, \d+ ms\n$`); code != exitFine || !want.MatchString(out) {
		t.Errorf("got exit code %d, %s, want %s", code, out, want)
	}
}

// An annotation is one line, and nothing in a file ends it early or begins another one.
func TestCheckForGitHub(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("a,b%c", 0o750); err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, "a,b%c/x:y.yaml", strings.Replace(twoFaultsAndAWarning, `"*"]`, `"100%::error"]`, 1))
	code, out, _ := ppmrelay(t, "check", "--format", "github", file)
	want := "::error file=a%2Cb%25c/x%3Ay.yaml,line=6,col=27::an entry of `events`: `100%25::error` is not a type of event; " +
		"the kinds are Project, Idea, Task, KeyDate\n"
	if code != exitWrong || !strings.HasPrefix(out, want) {
		t.Errorf("got exit code %d\n%s\nwant\n%s", code, out, want)
	}
	file = writeFile(t, "warnings.yaml", twoFaultsAndAWarning)
	code, out, _ = ppmrelay(t, "check", "--format", "github", file)
	want = "::warning file=warnings.yaml,line=4,col=3::no route uses the template `lonely`; name it in a route, as template: lonely\n" +
		"::warning file=warnings.yaml,line=6,col=39::this condition holds for every event that the route takes; leave `when` out\n"
	if code != exitFine || !strings.HasPrefix(out, want) {
		t.Errorf("got exit code %d\n%s\nwant\n%s", code, out, want)
	}
}

func TestWorkflowCommandsAreEscaped(t *testing.T) {
	faults := config.Errors{
		{File: "a\r\n:,%.yaml", Line: 1, Column: 2, Message: "one\n::error::two\r%0A", Hint: "three, four: five"},
		{File: "b.yaml", Message: "the file is empty", Warning: true},
	}
	var out strings.Builder
	if err := printFaultsForGitHub(&out, faults); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%0D%0A%3A%2C%25.yaml,line=1,col=2::one%0A::error::two%0D%250A; three, four: five\n" +
		"::warning file=b.yaml::the file is empty\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestCheckAsJSON(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), strings.Replace(twoFaultsAndAWarning, "|| true", "|| tru", 1))
	for _, args := range [][]string{{"--json"}, {"--format", "json"}, {"--json", "--format", "json"}} {
		code, out, _ := ppmrelay(t, append([]string{"check", file}, args...)...)
		var faults []config.Fault
		if err := json.Unmarshal([]byte(out), &faults); err != nil {
			t.Fatalf("%v: %v in %s", args, err, out)
		}
		if code != exitWrong || len(faults) != 2 || !faults[0].Warning || faults[1].Warning || faults[1].Line != 6 || faults[1].Column != 55 {
			t.Errorf("%v: got exit code %d, %+v, want the warning of line 4 and the fault of line 6", args, code, faults)
		}
	}
}

func TestCheckRefusesUnknownFormats(t *testing.T) {
	for _, args := range [][]string{{"--format", "xml"}, {"--format", ""}, {"--json", "--format", "github"}, {"--json", "--format", "text"}} {
		if code, _, errs := ppmrelay(t, append([]string{"check", "x.yaml"}, args...)...); code != exitWrong || !strings.Contains(errs, "--format") {
			t.Errorf("%v: got exit code %d, %s, want wrong usage of --format", args, code, errs)
		}
	}
}

func TestSchemaIsPrinted(t *testing.T) {
	code, out, _ := ppmrelay(t, "schema")
	if code != exitFine || out != readText(t, "config.schema.json") || !json.Valid([]byte(out)) {
		t.Errorf("got exit code %d and %d bytes, want the file config.schema.json", code, len(out))
	}
}

// A column is tried on what its route takes, and on nothing else.
func TestColumnsAreTriedOnWhatTheyMeet(t *testing.T) {
	for events, want := range map[string]int{"Project:Deleted": exitFine, "Project:Updated": exitWrong, "*": exitWrong} {
		file := writeFile(t, filepath.Join(t.TempDir(), "ppmrelay.yaml"), `server: { secrets: [`+secret+`] }
routes:
  - name: all
    events: ["`+events+`"]
    file: { path: all.csv, columns: [ { header: x, value: '{{ if eq .Action "Updated" }}{{ index .Changes 90 }}{{ end }}' } ] }
`)
		if code, out, _ := ppmrelay(t, "check", file); code != want || want == exitWrong && !strings.Contains(out, ":5:92: ") {
			t.Errorf("%s: got exit code %d, want %d: %s", events, code, want, out)
		}
	}
}
