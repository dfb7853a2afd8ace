package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/journal"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
	"github.com/ppmrelay/ppmrelay/ppm"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// online runs check --online for an office, and demands that no secret is shown.
func (o *office) online(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	code, out, errs := ppmrelay(t, append([]string{"check", "--online", o.config}, args...)...)
	for _, secret := range []string{webhookSecret, standin.DefaultToken} {
		if strings.Contains(out+errs, secret) {
			t.Errorf("got a secret in %s%s", out, errs)
		}
	}
	return code, out + errs
}

// received puts updates of a project into the office's journal.
func (o *office) received(t *testing.T, bodies ...string) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(filepath.Dir(o.config), "ppmrelay.db"), sqlite.Options{Tenant: "contoso"})
	if err != nil {
		t.Fatal(err)
	}
	for i, body := range bodies {
		e, err := ppm.Peek([]byte(body), "Project:Updated")
		if err != nil {
			t.Fatal(err)
		}
		in := journal.Incoming{Body: []byte(body), Received: time.Now(), Type: e.Type, Entity: e.Entity, MessageID: strconv.Itoa(i)}
		if _, err := store.Append(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCheckOnline(t *testing.T) {
	options := regional(standin.Switches{FieldChoices: standin.ChoicesIDName}, "North")
	options.Expires = time.Now().Add(100*24*time.Hour + time.Hour)
	o := newOffice(t, options)
	o.received(t, regionMoved(1, 2))
	code, out := o.online(t)
	if code != exitFine {
		t.Errorf("got exit code %d, want %d: warnings are no faults", code, exitFine)
	}
	mustSay(t, out, "tenant contoso", "the token is accepted", "in 100 days", "fields and", "choices with labels",
		"ppmrelay.db.fields.json yet: ppmrelay schema pull",
		"warning: `Project.Priority`: 3, 7 were seen and have no label", "warning: `Project.Region`: 2 was seen and has no label",
		"in the only event of the journal", "1 route, 0 templates, 0 faults, 2 warnings",
		"    Project.Priority: { 3: \"3\", 7: \"7\" }\n    Project.Region: { 2: \"2\" }\n")
	if strings.Contains(out, "assumed") {
		t.Errorf("got\n%s\nwant nothing assumed: the tenant names its statuses", out)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(o.config), "ppmrelay.db.fields.json")); err == nil {
		t.Error("something was written")
	}
}

// What is printed can be pasted: then every value has a label, and the numbers can be replaced one by one.
func TestLabelsThatArePastedCount(t *testing.T) {
	o := newOffice(t, regional(standin.Switches{}))
	text := string(mustRead(t, o.config)) + "display: { labels: { Project.Region: { 1: \"No: rth\" } } }\n"
	writeFile(t, o.config, text)
	sponsor := strings.Replace(regionMoved(1, 2), `"Priority":7`, `"Priority":7,"Idea’s #2":"x"`, 1)
	o.received(t, regionMoved(1, 2), sponsor, "{}")
	_, out := o.online(t)
	_, pasted, found := strings.Cut(out, "\ndisplay:\n")
	if !found {
		t.Fatalf("got\n%s\nwant a part to paste", out)
	}
	mustSay(t, out, "1: \"No: rth\"", "Project.OverallStatus: { 0: \"On track\", 1: \"At risk\" } # assumed: 0, 1")
	writeFile(t, o.config, strings.Split(text, "display:")[0]+"display:\n"+strings.Replace(pasted, `7: "7"`, `7: Urgent`, 1))
	code, out := o.online(t)
	mustSay(t, out, "every choice that was seen has a label", "0 faults")
	cfg, err := config.Load(o.config, os.LookupEnv)
	if err != nil || code != exitFine || strings.Contains(out, "warning") || cfg.Display.Labels["Project.Priority"]["7"] != "Urgent" {
		t.Errorf("got %d, %v\n%s", code, err, out)
	}
}

func TestCheckOnlineWithoutAJournal(t *testing.T) {
	entities := []standin.Entity{
		{Kind: event.Project, Attributes: map[string]any{"Name": "A", "Progress": 5, "Priority": "High"}},
		{Kind: event.Idea, Attributes: map[string]any{"Name": "B", "Stage": 6}},
		{Kind: event.Idea, Attributes: map[string]any{"Name": "C", "Stage": 1}},
	}
	o := newOffice(t, standin.Options{Entities: entities})
	code, out := o.online(t)
	if code != exitFine {
		t.Errorf("got exit code %d", code)
	}
	mustSay(t, out, "in 1 project and 2 ideas of the tenant", "Project.Progress: { 5: \"5\" }", "Idea.Stage: { 1: Proposed, 6: \"6\" } # assumed: 1")
	if strings.Contains(out, "Priority") {
		t.Errorf("got\n%s\nwant no word of a priority that was sent by its name", out)
	}
}

func TestCheckOnlineWhereNobodyAnswers(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options standin.Options
		act     func(o *office)
		code    int
		say     []string
	}{
		{"a wrong token", standin.Options{Token: "another"}, nil, exitFailed, []string{":3:", "cannot be asked", "401", "Settings > Automation"}},
		{"out of order", standin.Options{}, func(o *office) { o.board.Always("me", fault.Before) }, exitFailed, []string{"cannot be asked", "try again later"}},
		{"a page", standin.Options{}, func(o *office) { o.board.Always("me", fault.AfterHTML) }, exitFailed, []string{"web page", "ppm_express.url"}},
		{"too often", standin.Options{}, func(o *office) { o.board.Always("me", fault.TooMany) }, exitFailed, []string{"429"}},
		{"another tenant", standin.Options{Tenant: "fabrikam"}, nil, exitFailed, []string{"404", "ppm_express.url, tenant"}},
		{"no fields", standin.Options{Switches: standin.Switches{FieldsDenied: true}}, nil, exitFine, []string{"warning: the tenant's fields cannot be fetched", "403"}},
		{"no projects", standin.Options{}, func(o *office) { o.board.Always("projects", fault.Before) }, exitFine, []string{"warning: the values of projects cannot be looked at"}},
		{"expires soon", standin.Options{Expires: time.Now().Add(12*24*time.Hour + time.Hour)}, nil, exitFine, []string{"warning: the token expires on", "in 12 days"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, tt.options)
			if tt.act != nil {
				tt.act(o)
			}
			code, out := o.online(t)
			if code != tt.code {
				t.Errorf("got exit code %d, want %d", code, tt.code)
			}
			mustSay(t, out, append(tt.say, "0 faults")...)
		})
	}
}

func TestCheckOnlineAsksNobodyAboutWhatIsWrong(t *testing.T) {
	o := newOffice(t, standin.Options{})
	text := string(mustRead(t, o.config))
	writeFile(t, o.config, strings.Replace(text, "routes:", "rotes:", 1))
	code, out := o.online(t)
	if mustSay(t, out, "was not asked: mend the faults first"); code != exitWrong || o.tenant.Calls("me") > 0 {
		t.Errorf("got exit code %d and %d calls", code, o.tenant.Calls("me"))
	}
	writeFile(t, o.config, goodConfig)
	if code, out := o.online(t); code != exitWrong || !strings.Contains(out, "no section ppm_express") {
		t.Errorf("got exit code %d, %s", code, out)
	}
}

// Programs read the same: a list, and one annotation in each line.
func TestCheckOnlineForPrograms(t *testing.T) {
	o := newOffice(t, regional(standin.Switches{}))
	o.received(t, regionMoved(1, 2))
	_, out := o.online(t, "--json")
	var faults []config.Fault
	if err := json.Unmarshal([]byte(out), &faults); err != nil || len(faults) != 1 || !faults[0].Warning || faults[0].Line == 0 {
		t.Errorf("got %v in %s, want the warning of the priority", err, out)
	}
	_, out = o.online(t, "--format", "github")
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "::") && !strings.HasPrefix(line, "::warning file=") {
			t.Errorf("got %q", line)
		}
	}
	mustSay(t, out, "::warning file=", "Project.Priority", "display:\n")
	o.board.Always("me", fault.Before)
	code, out := o.online(t, "--json")
	faults = nil
	if err := json.Unmarshal([]byte(out), &faults); err != nil || code != exitFailed || len(faults) != 1 || faults[0].Warning {
		t.Errorf("got %v, exit code %d in %s, want that nobody can be asked", err, code, out)
	}
}

// A field that only the tenant has is known as soon as it was asked, also where nothing is kept yet.
func TestCheckOnlineKnowsTheFields(t *testing.T) {
	o := newOffice(t, regional(standin.Switches{}))
	text := strings.Replace(string(mustRead(t, o.config)), `events: ["*"]`, `events: ["Project:*"], when: changed("Regoin") || changed("Region")`, 1)
	writeFile(t, o.config, text+"display: { ignore: [LastModifiedDate, Scoer] }\n")
	if code, out := o.online(t); code != exitFine {
		t.Errorf("got exit code %d, %s", code, out)
	} else {
		mustSay(t, out, "no field `Regoin` is known of projects; did you mean `Region`?",
			"no field `Scoer` is known of projects, ideas, tasks and key dates; did you mean `Score`?", "4 warnings")
	}
}
