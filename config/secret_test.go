package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/ppmrelay/ppmrelay/internal/raced"
)

const literal = "literal-secret-4711"

func TestSecretNeverShowsItself(t *testing.T) {
	type around struct {
		Shown  Secret
		hidden Secret
		list   []Secret
	}
	secret := NewSecret(literal)
	value := around{secret, secret, []Secret{secret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", secret)
		fmt.Fprintf(&out, verb+"\n", value)
		fmt.Fprintf(&out, verb+"\n", &value)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("starting", "secret", secret, "around", value)
	}
	encoded, err := json.Marshal(map[string]any{"secret": secret, "around": value})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	if got := out.String(); strings.Contains(got, literal) || strings.Contains(got, fmt.Sprintf("%x", literal)) {
		t.Errorf("got the secret in %s", got)
	}
	if !strings.Contains(out.String(), redacted) || secret.Reveal() != literal {
		t.Errorf("got %s and %q, want the mark and the value", out.String(), secret.Reveal())
	}
}

func TestConfigNeverShowsSecrets(t *testing.T) {
	c := mustLoad(t, "testdata/good/full.yaml")
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{string(encoded), fmt.Sprintf("%v %+v %#v", c, *c, *c)} {
		for _, secret := range append(c.Server.Secrets, c.PPMExpress.Token, c.Slack.Token, c.Google.Credentials) {
			if strings.Contains(got, secret.Reveal()) {
				t.Errorf("got %q in %s", secret.Reveal(), got)
			}
		}
	}
}

func TestSecretsFromElsewhere(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"unix": "from-a-file\n", "windows": "from-a-file\r\n", "bare": "from-a-file", "two-lines": "one\ntwo\n\n",
		"empty": "\n", "large": strings.Repeat("x", maxSecretBytes+1),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(folder, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	from := surroundings{folder: folder, lookup: lookup}
	for _, test := range []struct{ text, want, fault, hint string }{
		{"plain", "plain", "", ""},
		{"$2a$10$abc", "$2a$10$abc", "", ""},
		{"env:PPMRELAY_SECRET", "environment-secret-1", "", ""},
		{"env:NOT_SET", "", "the environment variable NOT_SET is not set", "set NOT_SET before the start"},
		{"env:EMPTY", "", "the environment variable EMPTY is empty", "give it a value"},
		{"env: NAME", "", "env: is not followed by the name of a variable", "write env:NAME, with no space between them"},
		{"env:" + literal, "", "env: is not followed by the name of a variable", "write env:NAME, with no space between them"},
		{"$SLACK_BOT_TOKEN", "", "variables are not filled in here", "write env: and the variable's name"},
		{"${SLACK_BOT_TOKEN}", "", "variables are not filled in here", "write env: and the variable's name"},
		{"file:unix", "from-a-file", "", ""},
		{"file:windows", "from-a-file", "", ""},
		{"file:bare", "from-a-file", "", ""},
		{"file:two-lines", "one\ntwo\n", "", ""},
		{"file:" + folder + "/unix", "from-a-file", "", ""},
		{"file:", "", "file: is not followed by a path", "write file:PATH, with no space between them"},
		{"file:empty", "", "the file " + folder + "/empty is empty", "put the secret into it"},
		{"file:none", "", "the file " + folder + "/none is not there", "put the secret into it, or correct the path"},
		{"file:large", "", "the file " + folder + "/large is too large for a secret", ""},
		{"file:pipe", "", folder + "/pipe is not a file", ""},
		{"file:unix/below", "", "the file " + folder + "/unix/below cannot be read: not a directory", ""},
	} {
		value, err := Secret{}.parse(test.text, from)
		m, _ := err.(*mistake) //nolint:errorlint // parse is its only source
		secret, _ := value.(Secret)
		if m == nil {
			m = &mistake{}
		}
		if secret.Reveal() != test.want || m.message != test.fault || m.hint != test.hint {
			t.Errorf("%q: got %q, %q, %q, want %q, %q, %q", test.text, secret.Reveal(), m.message, m.hint, test.want, test.fault, test.hint)
		}
	}
}

// secretive is a file with a secret in every place that has one, in every style of YAML. They differ, so that one that
// was not read is not kept out of faults by being another's value too.
func secretive() string {
	return `server:
  listen: ":8080"
  public_url: https://relay.example.com
  secrets: [literal-secret-1, 'literal-secret-2']
  max_body: 4MiB
ppm_express: { url: https://api-eu.ppm.express, tenant: contoso, token: literal-secret-3, api_version: v1.0 }
slack:
  token: "literal-secret-4"
  api_url: https://slack.com/api/
google:
  credentials: |
    {"type": "service_account",
     "private_key": "literal-secret-5"}
  endpoint: https://sheets.googleapis.com/
display: { time_zone: UTC }
templates:
  status: |
    {{ .Entity }}
routes:
  - name: team
    events: [Project:Updated, "KeyDate:*"]
    slack: { channel: C0123456789, template: status }
`
}

// TestNoMistakeShowsASecret makes one mistake at every place of a file, and looks for its secrets in all that is said.
func TestNoMistakeShowsASecret(t *testing.T) {
	raced.Calculates(t)
	good := secretive()
	if _, err := Parse("x.yaml", []byte(good), lookup); err != nil {
		t.Fatal(err)
	}
	faulty := 0
	try := func(text string) {
		_, err := Parse("x.yaml", []byte(text), lookup)
		if err == nil {
			return
		}
		faulty++
		encoded, jsonErr := json.Marshal(err)
		if jsonErr != nil {
			t.Fatal(jsonErr)
		}
		for _, got := range []string{err.Error(), printed(t, err), string(encoded)} {
			if strings.Contains(got, "literal-secret-") {
				t.Errorf("got the secret of\n%s\nin\n%s", text, got)
			}
		}
	}
	mistakes := []string{"x", ": ", "- ", "\n", "\n ", "[", "}", "\"", "*", "!", "&a ", "#", "\t"}
	for i := range good {
		try(good[:i] + good[i+1:])
		for j := range 2 { // all of them at every place would take a second for each
			try(good[:i] + mistakes[(i+6*j)%len(mistakes)] + good[i:])
		}
	}
	lines := strings.SplitAfter(good, "\n")
	for i := range lines {
		for j := range lines {
			swapped := append([]string{}, lines...)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			try(strings.Join(swapped, ""))
		}
	}
	if faulty < 1500 {
		t.Errorf("got %d files with faults, want a test that means something", faulty)
	}
}

// Whoever waits for changes has to know every file that was read, and those that are not there yet.
func TestFiles(t *testing.T) {
	folder := t.TempDir()
	main, there, absent := filepath.Join(folder, "ppmrelay.yaml"), filepath.Join(folder, "there"), filepath.Join(folder, "absent")
	if err := os.WriteFile(there, []byte("a-secret-in-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "server: { secrets: [file:there, \"file:" + there + "\", env:NOT_SET, file:absent] }\n"
	c, err := Parse(main, []byte(text), func(string) (string, bool) { return "", false })
	if err == nil || c == nil {
		t.Fatalf("got %v, %v, want what could be read, and faults", c, err)
	}
	if got, want := c.Files(), []string{absent, main, there}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
