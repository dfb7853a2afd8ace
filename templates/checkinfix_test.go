package templates

import (
	"strings"
	"testing"
)

func TestFunctionsStandBeforeTheirValues(t *testing.T) {
	w := testWords(t)
	for text, want := range map[string]string{
		`x{{ if eq .By "a" or eq .By "b" }}a{{ end }}`: "f:1:19: or does not stand between what it joins",
		`x{{ if .Late and .Recovered }}a{{ end }}`:     "f:1:14: and does not stand between what it joins",
		`x{{ if not eq .By "a" }}a{{ end }}`:           "f:1:12: what follows not needs brackets: eq",
		`x{{ if .By eq "a" }}a{{ end }}`:               "f:1:12: eq does not stand between what it compares",
		`x{{ bold field "Name" }}`:                     "f:1:10: field and what it is given need brackets",
		`x{{ elif eq .By "a" }}`:                       "f:1:5: no function elif",
		`x{{ . By }}`:                                  "f:1:5: a space stands between the dot and By",
		`x{{ range .Changes }}{{ $.Label }}{{ end }}`:  "f:1:25: no $.Label: it belongs to a change, and $ is the message",
		`x{{ .Label }}`:                                "f:1:5: no .Label here: it belongs to a change",
		`x{{ if or (eq .By "a") (not .Late) (len .Changes) }}a{{ end }}{{ print true nil "or" }}{{ .By | default "or" }}`: "",
		`x{{ range .Changes }}{{ .Label }}{{ $c := . }}{{ with $.Entity }}{{ $c.Label }}{{ end }}{{ end }}`:               "",
	} {
		_, err := w.Compile("f", text)
		if got := faultText(err); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	_, err := w.Table(RowPerChange, []Column{{Header: "A", Value: "{{ .Label }}"}})
	if want := "no field .Label, did you mean .Change.Label?"; !strings.Contains(faultText(err), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func faultText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
