package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	standin "github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

const webhookSecret = "webhook-secret-0123456789"

// office is a tenant and a configuration that names it.
type office struct {
	tenant *standin.Server
	board  *fault.Board
	config string
}

func newOffice(t *testing.T, options standin.Options) *office {
	t.Helper()
	o := &office{board: fault.NewBoard(), config: filepath.Join(t.TempDir(), "ppmrelay.yaml")}
	options.Board = o.board
	o.tenant = standin.New(options)
	server := httptest.NewServer(o.tenant)
	t.Cleanup(server.Close)
	text := fmt.Sprintf(`
server: { public_url: https://relay.example.com, secrets: [%s] }
ppm_express: { url: %s, tenant: contoso, token: %s }
routes:
  - { name: all, events: ["*"], file: { path: changes.csv } }
`, webhookSecret, server.URL, standin.DefaultToken)
	if err := os.WriteFile(o.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

// webhooks runs one command line below "webhooks", and checks that it shows no secret.
func (o *office) webhooks(t *testing.T, typed string, args ...string) (out string, err error) {
	t.Helper()
	var shown bytes.Buffer
	a := &app{out: &shown, err: &shown, env: func(string) (string, bool) { return "", false }, configFile: o.config, logLevel: "info"}
	command := a.webhooksCommand()
	command.SilenceErrors, command.SilenceUsage = true, true
	usageIsWrong(command)
	command.SetArgs(args)
	command.SetIn(strings.NewReader(typed))
	command.SetOut(&shown)
	command.SetErr(&shown)
	err = command.ExecuteContext(t.Context())
	for _, secret := range []string{webhookSecret, standin.DefaultToken, "strangers-secret", "signature"} {
		if strings.Contains(fmt.Sprint(shown.String(), err), secret) {
			t.Errorf("%v: got a secret in %s %v", args, &shown, err)
		}
	}
	return shown.String(), err
}

func mustSay(t *testing.T, said string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("got %s\nwant it to say %q", said, w)
		}
	}
}

func code(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	if err != nil {
		return exitFailed
	}
	return exitFine
}

func flow() standin.Webhook {
	return standin.Webhook{
		ID: "f10a", EventTypes: []string{"Idea:Created"}, HTTPVerb: "POST", URL: "https://flow.example/hooks/signature/run?sig=signature",
		Headers: []standin.Header{{Name: "X-Flow", Value: "strangers-secret"}},
	}
}

// TestEveryCallOfTheVendorsPage: create, list, one, delete one, delete all.
func TestEveryCallOfTheVendorsPage(t *testing.T) {
	o := newOffice(t, standin.Options{Webhooks: []standin.Webhook{flow()}})
	out, err := o.webhooks(t, "", "create", "Project:Updated", "keydate:updated")
	made := o.tenant.Webhooks()
	if err != nil || len(made) != 3 {
		t.Fatalf("got %d webhooks and error %v, want 3", len(made), err)
	}
	mustSay(t, out, "Project:Updated: created as "+made[1].ID, "KeyDate:Updated: created as "+made[2].ID)
	want := standin.Webhook{
		ID: made[1].ID, EventTypes: []string{"Project:Updated"}, HTTPVerb: "POST", URL: "https://relay.example.com/events/Project/Updated",
		Headers: []standin.Header{{Name: "Authorization", Value: "Bearer " + webhookSecret}},
	}
	if !reflect.DeepEqual(made[1], want) {
		t.Errorf("got %+v, want %+v", made[1], want)
	}

	out, err = o.webhooks(t, "", "list")
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, out, "WHOSE", "f10a", "foreign", "ours", "https://flow.example/…", "X-Flow", "Authorization", made[2].ID)

	out, err = o.webhooks(t, "", "show", made[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	mustSay(t, out, made[1].ID, "ours", "POST https://relay.example.com/events/Project/Updated", "Authorization", "not shown")

	out, err = o.webhooks(t, "", "delete", made[1].ID, "f10a")
	if err != nil || len(o.tenant.Webhooks()) != 1 {
		t.Fatalf("got %d webhooks and error %v, want 1", len(o.tenant.Webhooks()), err)
	}
	mustSay(t, out, "deleted "+made[1].ID+" (ours, Project:Updated)", "deleted f10a (foreign, Idea:Created)", "next pass")

	o.tenant.AddWebhook(flow())
	out, err = o.webhooks(t, "contoso\n", "delete", "--all")
	if err != nil || len(o.tenant.Webhooks()) != 0 || o.tenant.Calls("webhooks.deleteAll") != 1 {
		t.Fatalf("got %d webhooks and error %v, want none", len(o.tenant.Webhooks()), err)
	}
	mustSay(t, out, "1 webhook is not of this relay", "f10a", "type its name (contoso)", "deleted 2 webhooks")

	out, err = o.webhooks(t, "", "list")
	if err != nil || !strings.Contains(out, "no webhooks are registered") {
		t.Errorf("got %q and error %v", out, err)
	}
}

func TestDeleteAllAsksFirst(t *testing.T) {
	for _, typed := range []string{"", "\n", "yes\n", "Contoso\n", "contoso2\n"} {
		o := newOffice(t, standin.Options{Webhooks: []standin.Webhook{flow()}})
		out, err := o.webhooks(t, typed, "delete", "--all")
		if code(err) != exitFailed || !strings.Contains(err.Error(), "nothing was deleted") || o.tenant.Calls("webhooks.deleteAll") != 0 {
			t.Errorf("%q: got error %v and %d calls, want nothing deleted", typed, err, o.tenant.Calls("webhooks.deleteAll"))
		}
		mustSay(t, out, "f10a")
	}
	o := newOffice(t, standin.Options{})
	if out, err := o.webhooks(t, "", "delete", "--all"); err != nil || !strings.Contains(out, "no webhooks") {
		t.Errorf("got %q and error %v, want nothing to ask about", out, err)
	}
}

func TestPlanAndApply(t *testing.T) {
	o := newOffice(t, standin.Options{Webhooks: []standin.Webhook{flow()}})
	out, err := o.webhooks(t, "", "plan")
	if code(err) != exitDifference || len(o.tenant.Webhooks()) != 1 {
		t.Fatalf("got code %d and %d webhooks, want 3 and nothing changed", code(err), len(o.tenant.Webhooks()))
	}
	mustSay(t, out, "create", "KeyDate:Deleted", "https://relay.example.com/events/Project/Created", "12 to create", "1 of somebody else is left alone", "1 of 50")

	out, err = o.webhooks(t, "", "apply")
	if err != nil || len(o.tenant.Webhooks()) != 13 {
		t.Fatalf("got %d webhooks and error %v, want 13", len(o.tenant.Webhooks()), err)
	}
	mustSay(t, out, "Idea:Deleted: created as")

	out, err = o.webhooks(t, "", "plan")
	if code(err) != exitFine {
		t.Errorf("got code %d, want 0", code(err))
	}
	mustSay(t, out, "12 as wanted", "13 of 50")

	out, err = o.webhooks(t, "", "apply")
	if err != nil || o.tenant.Calls("webhooks.create") != 12 {
		t.Errorf("got %d creations and error %v, want no more", o.tenant.Calls("webhooks.create"), err)
	}
	mustSay(t, out, "Idea:Deleted: is registered as")

	mine := o.tenant.Webhooks()[1]
	o.tenant.ChangeWebhook(mine.ID, func(w *standin.Webhook) { w.Headers[0].Value = "Bearer signature" })
	out, err = o.webhooks(t, "", "plan")
	if code(err) != exitDifference {
		t.Errorf("got code %d, want 3", code(err))
	}
	mustSay(t, out, "~  Project:Created", mine.ID, "so its events are turned away", "11 as wanted, 1 to replace")
	out, err = o.webhooks(t, "", "apply")
	if err != nil || len(o.tenant.Webhooks()) != 13 {
		t.Errorf("got error %v and %d webhooks, want it replaced", err, len(o.tenant.Webhooks()))
	}
	made := o.tenant.Webhooks()[12]
	mustSay(t, out, "Project:Created: "+mine.ID+" is replaced as "+made.ID, "Idea:Deleted: is registered as")
	twin := o.tenant.AddWebhook(standin.Webhook{EventTypes: made.EventTypes, Headers: made.Headers, HTTPVerb: made.HTTPVerb, URL: made.URL})
	out, err = o.webhooks(t, "", "plan")
	if code(err) != exitDifference {
		t.Errorf("got code %d, want 3", code(err))
	}
	mustSay(t, out, "-  Project:Created", twin.ID, "a second webhook for the same events", "1 to remove")
	out, err = o.webhooks(t, "", "apply")
	if err != nil || len(o.tenant.Webhooks()) != 13 {
		t.Errorf("got error %v and %d webhooks, want the second one deleted", err, len(o.tenant.Webhooks()))
	}
	mustSay(t, out, twin.ID+" is deleted: a second webhook")
}

func TestJSON(t *testing.T) {
	o := newOffice(t, standin.Options{Webhooks: []standin.Webhook{flow(), {ID: "b"}}})
	out, err := o.webhooks(t, "", "list", "--json")
	var list []webhookOut
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	want := webhookOut{ID: "f10a", Owner: "foreign", EventTypes: []event.Type{"Idea:Created"}, Verb: "POST", URL: "https://flow.example/…", Headers: []string{"X-Flow"}}
	if err != nil || !reflect.DeepEqual(list[0], want) {
		t.Errorf("got %+v, want %+v", list[0], want)
	}
	if strings.Contains(out, "null") {
		t.Errorf("got null in %s, want lists", out)
	}
	out, _ = o.webhooks(t, "", "plan", "--json")
	var plan []control.WebhookStep
	if err := json.Unmarshal([]byte(out), &plan); err != nil || len(plan) != 14 {
		t.Fatalf("got %d steps and error %v, want 14", len(plan), err)
	}
	if plan[0].Action != "create" || plan[0].Type != "Project:Created" || plan[12].Action != "foreign" || plan[12].ID != "f10a" {
		t.Errorf("got %+v", plan)
	}
	out, _ = o.webhooks(t, "", "show", "f10a", "--json")
	var one webhookOut
	if err := json.Unmarshal([]byte(out), &one); err != nil || !reflect.DeepEqual(one, want) {
		t.Errorf("got %+v and error %v, want %+v", one, err, want)
	}
}

func TestNoRoom(t *testing.T) {
	full := make([]standin.Webhook, 49)
	for i := range full {
		full[i] = flow()
		full[i].ID = fmt.Sprint("f", i)
	}
	o := newOffice(t, standin.Options{Webhooks: full})
	out, err := o.webhooks(t, "", "apply")
	if code(err) != exitFailed || !strings.Contains(err.Error(), "49 of them not by this relay") || len(o.tenant.Webhooks()) != 50 {
		t.Errorf("got %v and %d webhooks, want 50 and why", err, len(o.tenant.Webhooks()))
	}
	mustSay(t, out, "Project:Created: created as", "KeyDate:Deleted: not registered")
	if out, err := o.webhooks(t, "", "plan"); code(err) != exitDifference || !strings.Contains(out, "11 without room") {
		t.Errorf("got code %d and %s", code(err), out)
	}
}

func TestWrongUsage(t *testing.T) {
	o := newOffice(t, standin.Options{})
	for _, args := range [][]string{
		{"show"},
		{"show", "a", "b"},
		{"create"},
		{"create", "Project:Renamed"},
		{"delete"},
		{"delete", "--all", "a"},
		{"list", "a"},
		{"plan", "a"},
		{"apply", "a"},
	} {
		if _, err := o.webhooks(t, "", args...); code(err) != exitWrong {
			t.Errorf("%v: got code %d (%v), want 2", args, code(err), err)
		}
	}
	if n := o.tenant.Calls("webhooks.list"); n != 0 {
		t.Errorf("got %d calls, want none", n)
	}
}

func TestNotThere(t *testing.T) {
	o := newOffice(t, standin.Options{Webhooks: []standin.Webhook{flow()}})
	for _, command := range []string{"show", "delete"} {
		if _, err := o.webhooks(t, "", command, "../Me"); code(err) != exitFailed || !strings.Contains(err.Error(), "not the id of a webhook") {
			t.Errorf("%s: got %v", command, err)
		}
		if _, err := o.webhooks(t, "", command, ""); code(err) != exitWrong {
			t.Errorf("%s without an id: got %v, want wrong usage", command, err)
		}
	}
	if _, err := o.webhooks(t, "", "show", "nobody"); code(err) != exitFailed || !strings.Contains(err.Error(), "there is no webhook nobody") {
		t.Errorf("got %v", err)
	}
	out, err := o.webhooks(t, "", "delete", "nobody", "f10a")
	if code(err) != exitFailed || !strings.Contains(err.Error(), "there is no webhook nobody") || len(o.tenant.Webhooks()) != 0 {
		t.Errorf("got %v and %d webhooks, want the one that is there deleted", err, len(o.tenant.Webhooks()))
	}
	mustSay(t, out, "deleted f10a")
}

func TestWebhooksWithoutSection(t *testing.T) {
	o := newOffice(t, standin.Options{})
	text := "server: { secrets: [" + webhookSecret + "] }\nroutes:\n  - { name: all, events: [\"*\"], file: { path: changes.csv } }\n"
	if err := os.WriteFile(o.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.webhooks(t, "", "list"); code(err) != exitWrong || !strings.Contains(err.Error(), "ppm_express") {
		t.Errorf("got %v, want what is missing", err)
	}
}

// TestWebhookFaults: a command says what is wrong, and a lost answer does not make a second webhook.
func TestWebhookFaults(t *testing.T) {
	o := newOffice(t, standin.Options{})
	o.board.Script("webhooks.create", fault.After)
	if _, err := o.webhooks(t, "", "create", "Project:Updated"); err != nil || len(o.tenant.Webhooks()) != 1 {
		t.Errorf("got error %v and %d webhooks, want one", err, len(o.tenant.Webhooks()))
	}
	o.board.Script("webhooks.create", fault.None, fault.Before)
	out, err := o.webhooks(t, "", "apply")
	if code(err) != exitFailed || !strings.Contains(err.Error(), "out of order (500)") {
		t.Errorf("got %v, want what happened", err)
	}
	mustSay(t, out, "Project:Created: created as", "Project:Updated: is registered as", "KeyDate:Deleted: not registered")
	o.tenant.Revoke(true)
	for _, args := range [][]string{{"list"}, {"plan"}, {"apply"}, {"show", "a"}, {"delete", "a"}, {"delete", "--all"}, {"create", "Project:Updated"}} {
		if _, err := o.webhooks(t, "contoso", args...); code(err) != exitFailed || !strings.Contains(err.Error(), "Administrate app") {
			t.Errorf("%v: got %v, want both causes named", args, err)
		}
	}
}

func TestHelpHasExamples(t *testing.T) {
	for _, command := range (&app{}).webhooksCommand().Commands() {
		if command.Example == "" || command.Short == "" {
			t.Errorf("%s has no example or no description", command.Name())
		}
	}
}
