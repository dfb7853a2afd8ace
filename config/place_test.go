package config

import "testing"

func TestPlaceFindsWhatWasWritten(t *testing.T) {
	cfg, err := Parse("x.yaml", []byte(`server:
  secrets: [sixteen-characters]
routes:
  - name: all
    events: ["*"]
    file: { path: changes.csv }
`), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]int{
		"routes[0].file.path":    {6, 19},
		"routes[0].file.columns": {6, 11}, // not written: the section
		"routes[0].name":         {4, 11},
		"google.credentials":     {1, 1},
	} {
		if line, column := cfg.Place(path); line != want[0] || column != want[1] {
			t.Errorf("%s: got %d:%d, want %d:%d", path, line, column, want[0], want[1])
		}
	}
}
