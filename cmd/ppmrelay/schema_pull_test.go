package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/fields"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// pullSchema runs schema pull for an office, and demands that no secret is shown.
func (o *office) pullSchema(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	code, out, errs := ppmrelay(t, append([]string{"schema", "pull", o.config}, args...)...)
	for _, secret := range []string{webhookSecret, standin.DefaultToken} {
		if strings.Contains(out+errs, secret) {
			t.Errorf("got a secret in %s%s", out, errs)
		}
	}
	return code, out + errs
}

func TestSchemaPull(t *testing.T) {
	for _, tt := range []struct {
		switches standin.Switches
		say      []string
	}{
		{standin.Switches{}, []string{"2 of your own: Go-live approved, Region", "no choices with labels"}},
		{standin.Switches{FieldChoices: standin.ChoicesNull}, []string{"2 of your own", "no choices with labels"}},
		{standin.Switches{FieldChoices: standin.ChoicesIDName}, []string{"36 choices with labels, in 8 fields"}},
		{standin.Switches{FieldChoices: standin.ChoicesKey}, []string{"36 choices with labels, in 8 fields"}},
		{standin.Switches{FieldChoices: standin.ChoicesTitle}, []string{"36 choices with labels, in 8 fields"}},
		{standin.Switches{FieldChoices: standin.ChoicesNested}, []string{"36 choices with labels, in 8 fields"}},
		{standin.Switches{FieldChoices: standin.ChoicesNested, FieldKeys: standin.KeysIDs}, []string{"2 of your own: Go-live approved, Region", "36 choices"}},
		{standin.Switches{FieldChoices: standin.ChoicesIDName, FieldKeys: standin.KeysCamel}, []string{"2 of your own", "36 choices"}},
	} {
		options := regional(tt.switches, "North", "South")
		options.Entities = append(options.Entities, standin.NewSmall().Entities...)
		delete(options.Entities[0].Attributes, "Idea’s sponsor")
		o := newOffice(t, options)
		file := filepath.Join(filepath.Dir(o.config), "ppmrelay.db.fields.json")
		code, out := o.pullSchema(t)
		if code != exitFine {
			t.Errorf("%+v: got exit code %d", tt.switches, code)
		}
		mustSay(t, out, append(tt.say, "tenant contoso", "projects", "key dates", "written to "+file)...)
		if _, again := o.pullSchema(t); !strings.Contains(again, "holds the same already") {
			t.Errorf("%+v: got %s", tt.switches, again)
		}
		feed, err := fields.Load(file)
		if err != nil || feed.Tenant != "contoso" {
			t.Errorf("%+v: got %v", tt.switches, err)
		}
	}
}

func TestSchemaPullElsewhere(t *testing.T) {
	o := newOffice(t, regional(standin.Switches{FieldChoices: standin.ChoicesIDName}, "North"))
	out := filepath.Join(t.TempDir(), "mine.json")
	code, said := o.pullSchema(t, "--out", out, "--json")
	var got pulledJSON
	if err := json.Unmarshal([]byte(said), &got); err != nil || code != exitFine {
		t.Fatalf("got %v, exit code %d in %s", err, code, said)
	}
	project := got.Entities[0]
	at := slices.IndexFunc(project.Choices, func(c pulledChoiceJSON) bool { return c.Field == "Region" })
	if got.File != out || !got.Written || got.Tenant != "contoso" || got.Pulled.IsZero() || project.Fields < 30 || len(got.Missing) > 0 ||
		!slices.Equal(project.Own, []string{"Idea’s sponsor", "Region"}) || at < 0 || project.Choices[at].Labels["1"] != "North" {
		t.Errorf("got %+v", got)
	}
	if _, err := fields.Load(out); err != nil {
		t.Error(err)
	}
	// The configuration can name it, too.
	text := strings.Replace(string(mustRead(t, o.config)), "tenant: contoso", "tenant: contoso, fields: kept/fields.json", 1)
	writeFile(t, o.config, text)
	if code, said := o.pullSchema(t); code != exitFailed || !strings.Contains(said, "no such file or directory") {
		t.Errorf("got exit code %d, %s, want that the folder is not there", code, said)
	}
	if err := os.Mkdir(filepath.Join(filepath.Dir(o.config), "kept"), 0o700); err != nil {
		t.Fatal(err)
	}
	if code, said := o.pullSchema(t); code != exitFine || !strings.Contains(said, filepath.Join("kept", "fields.json")) {
		t.Errorf("got exit code %d, %s", code, said)
	}
}

func TestSchemaPullSaysWhyNot(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options standin.Options
		act     func(t *testing.T, o *office)
		args    []string
		code    int
		say     []string
	}{
		{"forbidden", standin.Options{Switches: standin.Switches{FieldsDenied: true}}, nil, nil, exitFailed, []string{"403", "may not read this"}},
		{"a wrong token", standin.Options{Token: "another"}, nil, nil, exitFailed, []string{"401", "Settings > Automation"}},
		{"a page", standin.Options{Switches: standin.Switches{FieldsPage: true}}, nil, nil, exitFailed, []string{"web page", "ppm_express.url"}},
		{"another tenant", standin.Options{Tenant: "fabrikam"}, nil, nil, exitFailed, []string{"404", "tenant and api_version"}},
		{"too often", standin.Options{}, func(_ *testing.T, o *office) { o.board.Always("fields", fault.TooMany) }, nil, exitFailed, []string{"429"}},
		{"once out of order", standin.Options{}, func(_ *testing.T, o *office) {
			o.board.Script("fields", fault.None, fault.Before)
		}, nil, exitFine, []string{"Not understood", "the fields of Idea", "try again later", "written to"}},
		{"no name for JSON", standin.Options{}, nil, []string{"--out", "fields.yaml"}, exitWrong, []string{"--out", "ends in .json"}},
		{"no ppm_express", standin.Options{}, func(t *testing.T, o *office) { t.Helper(); writeFile(t, o.config, goodConfig) }, nil, exitWrong, []string{"no section ppm_express"}},
		{"no token", standin.Options{}, func(t *testing.T, o *office) {
			t.Helper()
			writeFile(t, o.config, strings.Replace(string(mustRead(t, o.config)), "token: "+standin.DefaultToken, "token: env:NOT_SET", 1))
		}, nil, exitWrong, []string{"set NOT_SET before"}},
		{"a file of somebody else", standin.Options{}, func(t *testing.T, o *office) {
			t.Helper()
			writeFile(t, filepath.Join(filepath.Dir(o.config), "ppmrelay.db.fields.json"), `{"type":"service_account"}`)
		}, nil, exitFailed, []string{"it stays as it is", "name another file"}},
		// What is wrong elsewhere is no matter of this command.
		{"faults elsewhere", standin.Options{}, func(t *testing.T, o *office) {
			t.Helper()
			writeFile(t, o.config, strings.Replace(string(mustRead(t, o.config)), "routes:", "slack: { token: env:NOT_SET }\nrotes:", 1))
		}, nil, exitFine, []string{"written to"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, tt.options)
			if tt.act != nil {
				tt.act(t, o)
			}
			code, out := o.pullSchema(t, tt.args...)
			if code != tt.code {
				t.Errorf("got exit code %d, want %d", code, tt.code)
			}
			mustSay(t, out, tt.say...)
		})
	}
}

// What was pulled counts: render says the tenant's labels, and check knows its fields.
func TestWhatWasPulledCounts(t *testing.T) {
	o := newOffice(t, regional(standin.Switches{FieldChoices: standin.ChoicesTitle, FieldKeys: standin.KeysIDs}, "North", "South"))
	body := writeFile(t, filepath.Join(t.TempDir(), "Project-Updated.json"), regionMoved(2, 1))
	_, out, _ := ppmrelay(t, "render", o.config, "--event", body)
	if !strings.Contains(out, "2") || strings.Contains(out, "South") {
		t.Fatalf("got\n%s\nwant the numbers", out)
	}
	if code, out := o.pullSchema(t); code != exitFine {
		t.Fatal(out)
	}
	_, out, errs := ppmrelay(t, "render", o.config, "--event", body)
	mustSay(t, out+errs, "South", "North")
	text := strings.Replace(string(mustRead(t, o.config)), `events: ["*"]`, `events: ["Project:*"], when: after("Regoin") == "North" || after("Region") == "North"`, 1)
	writeFile(t, o.config, text)
	_, out, _ = ppmrelay(t, "check", o.config)
	mustSay(t, out, "no field `Regoin` is known of projects; did you mean `Region`?", "1 warning")
	_, out, errs = ppmrelay(t, "render", o.config, "--event", body)
	mustSay(t, out+errs, "South", "North")
}
