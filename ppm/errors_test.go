package ppm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

// TestFaults covers what the samples do not: where exactly a body stops making sense.
func TestFaults(t *testing.T) {
	deep := `{"a":"[\"[[[",` + strings.Repeat(`"b":[],`, 20_000) + `"c":` + strings.Repeat("[", 10_000)
	tests := []struct {
		name, body string
		fault      ppm.Fault
		offset     int64
		text       string
	}{
		{"white space", " \r\n\t", ppm.FaultEmpty, 0, "the body is empty"},
		{"byte order mark alone", "\uFEFF", ppm.FaultEmpty, 0, "the body is empty"},
		{"big-endian UTF-16", "\xFE\xFF\x00{\x00}", ppm.FaultEncoding, 0, "the body is UTF-16, not UTF-8"},
		{"form", "payload=%7B%7D", ppm.FaultNotObject, 0, "the body is not one JSON object: it begins with 'p'"},
		{"typographic quote first", "”", ppm.FaultNotObject, 0, "the body is not one JSON object: it begins with '”'"},
		{"number", "12", ppm.FaultNotObject, 0, "the body is not one JSON object: it begins with '1'"},
		{"null", "null", ppm.FaultNotObject, 0, "the body is not one JSON object: it begins with 'n'"},
		{"brace alone", "{", ppm.FaultCutOff, 1, "the JSON ends early, at byte 1"},
		{"cut in a text", `{"a":"b`, ppm.FaultCutOff, 7, "the JSON ends early, at byte 7"},
		{"single quotes", `{'a':1}`, ppm.FaultSyntax, 2, `not valid JSON, at byte 2: '\'' does not belong there`},
		{"after a byte order mark", "\uFEFF{a}", ppm.FaultSyntax, 5, "not valid JSON, at byte 5: 'a' does not belong there"},
		{"comma at the end", `{"a":1,}`, ppm.FaultSyntax, 8, "not valid JSON, at byte 8: '}' does not belong there"},
		{"line break in a text", "{\"a\":\"\n\"}", ppm.FaultSyntax, 7, `not valid JSON, at byte 7: '\n' does not belong there`},
		{"not a number", `{"a":01}`, ppm.FaultSyntax, 7, "not valid JSON, at byte 7: '1' does not belong there"},
		{"second object", "{} \n {}", ppm.FaultTrailing, 6, "more follows the JSON object, from byte 6"},
		{"brace too many", "\uFEFF{}}", ppm.FaultTrailing, 6, "more follows the JSON object, from byte 6"},
		{"one level too deep", deep, ppm.FaultTooDeep, int64(len(deep)), "the JSON is more than 10000 levels deep, at byte 150018"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ppm.Parse([]byte(tt.body))
			failure, ok := errors.AsType[*ppm.BodyError](err)
			if !ok {
				t.Fatalf("got %v, want a BodyError", err)
			}
			if failure.Fault != tt.fault || failure.Offset != tt.offset || err.Error() != tt.text {
				t.Errorf("got %s at %d, %q, want %s at %d, %q", failure.Fault, failure.Offset, err, tt.fault, tt.offset, tt.text)
			}
			if _, err := ppm.DecodeState("Project", []byte(tt.body)); err == nil || err.Error() != tt.text {
				t.Errorf("as a state: got %v, want the same", err)
			}
		})
	}
}

// TestNothingInsideIsRefused: the envelope may hold anything.
func TestNothingInsideIsRefused(t *testing.T) {
	for _, value := range []string{"null", "true", "7", `"x"`, "[]", "[[{}]]", "{}", `{"Id":{}}`} {
		for _, body := range []string{
			`{"Data":` + value + `}`,
			`{"MessageId":` + value + `,"WebhookId":` + value + `}`,
			`{"Data":{"Id":` + value + `,"Attributes":` + value + `,"BeforeAttributes":` + value + `,"Initiator":` + value + `,"TimeStamp":` + value + `}}`,
			`{"Data":{"Attributes":{"Name":` + value + `,"Budget":` + value + `,"StartDate":` + value + `,"Manager":` + value + `}}}`,
		} {
			for _, kind := range []event.Type{"", "Project:Updated"} {
				if _, err := ppm.Decode([]byte(body), kind); err != nil {
					t.Errorf("%s as %q: got %v", body, kind, err)
				}
			}
		}
	}
}
