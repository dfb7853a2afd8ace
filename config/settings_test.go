package config

import (
	"maps"
	"os"
	"strings"
	"testing"
)

// Every value that the large example writes has a path of its own, and no secret shows.
func TestSettings(t *testing.T) {
	lookup := func(string) (string, bool) { return `{"type":"service_account"}`, true }
	data, err := os.ReadFile("testdata/good/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse("testdata/good/full.yaml", data, lookup)
	if err != nil {
		t.Fatal(err)
	}
	found := c.Settings()
	for path := range c.written {
		at := c.written[path].value
		if strings.HasPrefix(path, "tests") || at == nil || at.Kind != 8 { // a scalar
			continue
		}
		if _, there := found[path]; !there {
			t.Errorf("%s was written, and is no setting", path)
		}
	}
	for path, value := range found {
		if strings.Contains(value, "service_account") {
			t.Errorf("%s shows a secret: %q", path, value)
		}
	}
	again, err := Parse("testdata/good/full.yaml", []byte("# a comment\n"+string(data)), lookup)
	if err != nil || !maps.Equal(found, again.Settings()) {
		t.Errorf("got other settings with a comment before them (%v)", err)
	}
}

func TestSettingsTellChangesApart(t *testing.T) {
	read := func(text string) map[string]string {
		t.Helper()
		c, err := Parse("x.yaml", []byte(text), func(name string) (string, bool) { return name, true })
		if err != nil {
			t.Fatal(err)
		}
		return c.Settings()
	}
	const before = `
server: { secrets: [env:ONE, env:TWO] }
slack: { token: env:TOKEN }
display: { labels: { Project.OverallStatus: { 0: On track } } }
templates: { status: "{{ .Entity }}" }
routes:
  - { name: team, events: ["*"], when: deleted(), slack: { channel: C0123456789, template: status } }
`
	tests := map[string][2]string{
		"server.secrets[1]":                      {"env:TWO", "env:THREE"},
		"slack.token":                            {"env:TOKEN", "env:OTHER"},
		"slack.burst":                            {"slack: {", "slack: { burst: 7,"},
		"display.labels.Project.OverallStatus.0": {"On track", "Fine"},
		"templates.status":                       {"{{ .Entity }}", "{{ .Entity.Name }}"},
		"routes[0].when":                         {"deleted()", "created()"},
		"routes[0].slack.channel":                {"C0123456789", "C0123456780"},
		"routes[0].events[0]":                    {`["*"]`, `["Project:*"]`},
		"console.listen":                         {"slack:", "console: { listen: \"127.0.0.1:1\" }\nslack:"},
	}
	old := read(before)
	for path, change := range tests {
		now := read(strings.Replace(before, change[0], change[1], 1))
		var differing []string
		for p := range now {
			if now[p] != old[p] {
				differing = append(differing, p)
			}
		}
		if len(differing) != 1 || differing[0] != path {
			t.Errorf("%s: got %q, want that alone", path, differing)
		}
	}
}
