package ppm_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/ppm"
)

func fingerprint(tb testing.TB, body []byte) string {
	tb.Helper()
	m, err := ppm.Parse(body)
	if err != nil {
		tb.Fatal(err)
	}
	return hex.EncodeToString(m.Fingerprint())
}

func TestSameEvent(t *testing.T) {
	const stamp = `"TimeStamp":"2022-02-15T13:20:44.9120457Z"`
	const base = `{"MessageId":"m","WebhookId":"w","Data":{"Id":"x","Attributes":{"A":1,"B":"é","C":[1,2]},` + stamp + `}}`
	tests := []struct {
		name, body string
		want       bool
	}{
		{"itself", base, true},
		{"other ids of delivery", `{"MessageId":"n","WebhookId":"v","Data":{"Id":"x","Attributes":{"A":1,"B":"é","C":[1,2]},` + stamp + `}}`, true},
		{"other order of keys", `{"Data":{` + stamp + `,"Attributes":{"C":[1,2],"B":"é","A":1},"Id":"x"},"WebhookId":"w","MessageId":"m"}`, true},
		{"white space", "\n" + strings.ReplaceAll(strings.ReplaceAll(base, ":", " :\t"), "13 :\t20 :\t", "13:20:") + "\r\n", true},
		{"byte order mark", "\uFEFF" + base, true},
		{"other escapes", strings.Replace(base, "é", `\u00E9`, 1), true},
		{"a member outside Data", strings.Replace(base, `"WebhookId"`, `"EventType":"Project:Updated","WebhookId"`, 1), true},
		{"another value", strings.Replace(base, `"A":1`, `"A":2`, 1), false},
		{"another spelling of a number", strings.Replace(base, `"A":1`, `"A":1.0`, 1), false},
		{"text for a number", strings.Replace(base, `"A":1`, `"A":"1"`, 1), false},
		{"another order of a list", strings.Replace(base, `[1,2]`, `[2,1]`, 1), false},
		{"another nesting of a list", strings.Replace(base, `[1,2]`, `[[1],2]`, 1), false},
		{"another time", strings.Replace(base, `44.9120457Z`, `44.9120458Z`, 1), false},
		{"a value moved", strings.Replace(base, `"A":1,"B":"é"`, `"A":"é","B":1`, 1), false},
		{"one more key", strings.Replace(base, `"A":1`, `"A":1,"D":null`, 1), false},
		{"of equal keys another last", strings.Replace(base, `"A":1`, `"A":1,"A":2`, 1), false},
		{"of equal keys the same last", strings.Replace(base, `"A":1`, `"A":2,"A":1`, 1), true},
		{"no time", strings.Replace(base, ","+stamp, "", 1), false},
	}
	for _, tt := range tests {
		if got := fingerprint(t, []byte(tt.body)) == fingerprint(t, []byte(base)); got != tt.want {
			t.Errorf("%s: got same event %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSameEventWithoutATime(t *testing.T) {
	const base = `{"MessageId":"m","WebhookId":"w","Data":{"Id":"x","TimeStamp":null}}`
	tests := []struct {
		name, body string
		want       bool
	}{
		{"another webhook", strings.Replace(base, `"w"`, `"v"`, 1), true},
		{"another message", strings.Replace(base, `"m"`, `"n"`, 1), false},
		{"other data", strings.Replace(base, `"x"`, `"y"`, 1), false},
		{"id moved into data", `{"MessageId":"","Data":{"Id":"x","TimeStamp":null,"MessageId":"m"}}`, false},
	}
	for _, tt := range tests {
		if got := fingerprint(t, []byte(tt.body)) == fingerprint(t, []byte(base)); got != tt.want {
			t.Errorf("%s: got same event %v, want %v", tt.name, got, tt.want)
		}
	}
	for _, body := range []string{`{}`, `{"Data":{"Id":"x"}}`, `{"MessageId":"","Data":{"Id":"x","TimeStamp":""}}`, `{"MessageId":null}`} {
		if got := fingerprint(t, []byte(body)); got != "" {
			t.Errorf("%s: got %s, want none", body, got)
		}
	}
}

// TestFingerprintStaysTheSame: what it is must not change with a release, or events that are under way would be told
// twice. Another way of hashing needs another version byte, and a look at what the journal remembers.
func TestFingerprintStaysTheSame(t *testing.T) {
	for name, want := range map[string]string{
		"Project-Updated.json":                   "4dfa82c8f0029f26ad8ea2b1cd348c5c4c17e14208db36b37b84cf214af97726",
		"hostile/no-initiator-no-timestamp.json": "4b1c504b5394864371dbd9402ddad8d7f99d79ef2937de305734302b81172310",
	} {
		if got := fingerprint(t, sample(t, name)); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestFingerprintsOfSamplesDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, name := range bodies(t) {
		m, err := ppm.Parse(sample(t, name))
		if err != nil {
			continue
		}
		sum := string(m.Fingerprint())
		if seen[sum] != "" && name != "hostile/odd-ids.json" && name != "hostile/missing-ids.json" {
			t.Errorf("%s has the fingerprint of %s", name, seen[sum])
		}
		seen[sum] = name
	}
}

// TestRewrittenByAnotherProgram: a proxy that decodes and encodes JSON does not make another event.
func TestRewrittenByAnotherProgram(t *testing.T) {
	for _, name := range bodies(t) {
		body := bytes.TrimPrefix(sample(t, name), []byte("\uFEFF"))
		m, err := ppm.Parse(body)
		if err != nil {
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var anything any
		if err := decoder.Decode(&anything); err != nil {
			t.Fatal(err)
		}
		rewritten, err := json.MarshalIndent(anything, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fingerprint(t, rewritten), hex.EncodeToString(m.Fingerprint()); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// TestLargeBodiesTakeTheTimeOfTheirSize: bodies that are built to be slow. What is quadratic would take minutes.
func TestLargeBodiesTakeTheTimeOfTheirSize(t *testing.T) {
	const size = 1 << 20
	deep := func(open, middle, shut string, levels int) string {
		return strings.Repeat(open, levels) + middle + strings.Repeat(shut, levels)
	}
	half := strings.Repeat("1,", size/4) + "1"
	for name, value := range map[string]string{
		"many numbers":       "[" + strings.Repeat("1,", size/2) + "1]",
		"many lists":         "[" + strings.Repeat("[],", size/3) + "1]",
		"deep, then wide":    deep("[", half, "]", 9_000),
		"wide on each level": deep(`{"a":[`+strings.Repeat("1,", size/10_000)+"1],\"b\":", "1", "}", 4_500),
		"equal keys":         "{" + strings.Repeat(`"a":1,`, size/6) + `"a":1}`,
		"escapes":            `"` + strings.Repeat(`\\`, size/2) + `"`,
		"one number":         strings.Repeat("9", size),
		"exponent":           "1e" + strings.Repeat("9", size),
	} {
		t.Run(name, func(t *testing.T) {
			body := []byte(`{"Data":{"Attributes":{"A":` + value + `},"BeforeAttributes":{"A":[` + value + `]},"TimeStamp":"x"}}`)
			start := time.Now()
			m, err := ppm.Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			m.Event("Project:Updated")
			m.Fingerprint()
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v for %d bytes", took, len(body))
			}
		})
	}
}
