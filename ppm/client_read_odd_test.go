package ppm_test

import (
	"testing"

	"github.com/ppmrelay/ppmrelay/ppm"
)

// An element that cannot be understood is handed over as odd, with the id that it has, and the next one as ever.
func TestOddElementsOfLists(t *testing.T) {
	for element, id := range map[string]string{
		`{"attributes":{}}`:                                "",
		`{"id":"x"}`:                                       "x",
		`{"id":"x","attributes":null}`:                     "x",
		`{"id":"x","attributes":[1]}`:                      "x",
		`{"id":"x","attributes":"{}"}`:                     "x",
		`{"id":"","attributes":{}}`:                        "",
		`{"id":null,"attributes":{}}`:                      "",
		`{"id":7,"attributes":{"Name":"a"}}`:               "7",
		`{"id":["x"],"attributes":{}}`:                     "",
		`{"sourceType":["Ppmx"],"id":"x","attributes":{}}`: "x",
		`null`:                         "",
		`5`:                            "",
		`"x"`:                          "",
		`[{"id":"x","attributes":{}}]`: "",
	} {
		t.Run(element, func(t *testing.T) {
			var got []ppm.Element
			err := listing(t, says(`{"data":[`+element+`,{"id":"2","attributes":{"Name":"B"}}]}`)).Projects(t.Context(), func(e ppm.Element) error {
				got = append(got, e)
				return nil
			})
			if err != nil || len(got) != 2 {
				t.Fatalf("got %+v, %v, want both elements", got, err)
			}
			if !got[0].Odd || got[0].ID != id || got[0].Read.IsZero() {
				t.Errorf("got %+v, want it odd, with the id %q", got[0], id)
			}
			if got[1].Odd || got[1].ID != "2" || got[1].Name != "B" {
				t.Errorf("got %+v, want the second as ever", got[1])
			}
		})
	}
}
