package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox"
	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// play is the story, scene by scene. Between two scenes everything is told, so that what is told together does not
// depend on who is faster.
func (p *trial) play(ctx context.Context) error {
	p.twin(event.TypeOf(event.Project, event.Updated))
	for i, scene := range []func(context.Context) error{
		p.projects, p.faults, p.lostAnswers, p.bulk, p.deletions, p.webhookGone,
	} {
		err := scene(ctx)
		if err == nil {
			err = p.quiet(ctx)
		}
		if err != nil {
			return fmt.Errorf("scene %d: %w", i+1, err)
		}
	}
	return nil
}

// twin registers a webhook of ours a second time, as somebody does who runs a second relay's commands.
func (p *trial) twin(t event.Type) {
	for _, w := range p.sandbox.PPM.Webhooks() {
		if strings.Contains(w.URL, "/events/") && slices.Equal(w.EventTypes, []string{string(t)}) {
			w.ID = ""
			p.sandbox.PPM.AddWebhook(w)
			return
		}
	}
}

func (p *trial) anna() event.Person { return p.people[0] }
func (p *trial) john() event.Person { return p.people[1] }

// named finds an entity.
func (p *trial) named(kind, name string) ppm.Entity {
	for _, e := range p.sandbox.PPM.Entities(kind) {
		if e.Attributes["Name"] == name {
			return e
		}
	}
	panic(fmt.Sprintf("the tenant has no %s %q", kind, name))
}

func (p *trial) edit(kind, name string, by event.Person, changes map[string]any) error {
	return p.sandbox.PPM.Edit(kind, p.named(kind, name).ID, changes, by)
}

// projects: what is told of a project is told by its tasks, too, so it comes first.
func (p *trial) projects(context.Context) error {
	p.sandbox.PPM.Create(ppm.Entity{Kind: event.Project, Attributes: map[string]any{"Name": "Online Booking", "OverallStatus": 0}}, p.john())
	return errors.Join(
		p.edit(event.Project, "Customer Portal", p.anna(), map[string]any{"OverallStatus": 1, "FinishDate": ppm.Day(2026, 8, 3)}),
		p.edit(event.Project, "Customer Portal", p.anna(), map[string]any{"OverallStatus": 2}),
		p.edit(event.Project, "Payment Gateway", p.john(), map[string]any{
			"Description": strings.Repeat("<!channel> & *@here* <b>=1+1</b>\n", 300), "HighLevelScope": "=HYPERLINK(\"https://example.com\")",
		}),
		p.edit(event.Project, "Identity and Sign-in", p.anna(), map[string]any{}), // nothing that is told
		p.edit(event.Project, "Data Platform", event.Person{}, map[string]any{"Budget": 71_000.5}),
	)
}

// faults: each vendor takes something without saying so, refuses something, and asks for patience once.
func (p *trial) faults(ctx context.Context) error {
	board := p.sandbox.Google.Board
	board.Script("batchUpdate", fault.After)
	p.slack.Script("chat.postMessage", fault.After)
	portal := p.named(event.Project, "Customer Portal")
	below := event.Ref{Kind: portal.Kind, ID: portal.ID}
	p.sandbox.PPM.Create(ppm.Entity{Kind: event.Task, Parent: below, Attributes: map[string]any{"Name": "Write the texts"}}, p.john())
	p.sandbox.PPM.Create(ppm.Entity{Kind: event.Task, Parent: below, Source: "Jira", Attributes: map[string]any{"Name": "PORTAL-17"}}, p.john())
	if err := p.quiet(ctx); err != nil {
		return err
	}
	if !p.few {
		board.Script("batchUpdate", fault.Before)
	}
	p.slack.Script("chat.postMessage", fault.TooMany, fault.Before)
	p.sandbox.PPM.Create(ppm.Entity{Kind: event.Idea, Attributes: map[string]any{"Name": "A shop for spare parts"}}, p.anna())
	return errors.Join(
		p.edit(event.Task, "Test plan for Customer Portal", p.anna(), map[string]any{"Progress": 40, "Status": 1}),
		p.edit(event.KeyDate, "Go-live of Customer Portal", p.anna(), map[string]any{"IsComplete": true, "Status": 10}),
		p.edit(event.Idea, "Chat for customers", p.john(), map[string]any{"Stage": 1, "Tags": []any{"#service", "#chat"}}),
	)
}

// lostAnswers: PPM Express does not hear that something was taken.
func (p *trial) lostAnswers(ctx context.Context) error {
	p.road.loseNext(1)
	if err := p.edit(event.Idea, "Chat for customers", p.john(), map[string]any{"ExpectedCost": 13_500}); err != nil {
		return err
	}
	if err := p.sandbox.PPM.Idle(ctx); err != nil {
		return err
	}
	if err := p.covered(ctx); err != nil {
		return err
	}
	return p.edit(event.Idea, "Chat for customers", p.john(), map[string]any{"ExpectedCost": 14_000})
}

// bulk: somebody edits all projects while the PMO has filtered every row away.
func (p *trial) bulk(context.Context) error {
	if n := len(p.sandbox.Google.Rows(sandbox.Spreadsheet, "Changes")); n > 2 {
		p.sandbox.Google.HideRows(sandbox.Spreadsheet, "Changes", 1, n)
	}
	var ids []string
	for _, e := range p.sandbox.PPM.Entities(event.Project) {
		ids = append(ids, e.ID)
	}
	return p.sandbox.PPM.BulkEdit(event.Project, ids, map[string]any{"ScheduleStatus": 1, "Priority": 1}, p.john())
}

// deletions, of each kind.
func (p *trial) deletions(context.Context) error {
	var all []error
	for _, gone := range [][2]string{
		{event.Idea, "One bill for everything"},
		{event.Task, "Test plan for Field Service"},
		{event.KeyDate, "Go-live of Customer Portal"},
		{event.Project, "Status Page"},
	} {
		all = append(all, p.sandbox.PPM.Delete(gone[0], p.named(gone[0], gone[1]).ID, p.anna()))
	}
	return errors.Join(all...)
}

// webhookGone: a webhook disappears where it cannot come back at once: the tenant is full, then the permission is gone.
func (p *trial) webhookGone(ctx context.Context) error {
	s := p.sandbox.PPM
	var strangers []string
	for n := 1; len(s.Webhooks()) <= ppm.Limit; n++ {
		strangers = append(strangers, s.AddWebhook(foreign(n)).ID)
	}
	ours := slices.IndexFunc(s.Webhooks(), func(w ppm.Webhook) bool { return slices.Contains(w.EventTypes, "Idea:Updated") })
	id := s.Webhooks()[ours].ID
	var said strings.Builder
	if code := run(ctx, []string{"webhooks", "delete", id, "--config", p.config}, io.Discard, &said); code != exitFine {
		return fmt.Errorf("webhooks delete ends with %d: %s", code, said.String())
	}
	if err := p.passes(ctx, 2); err != nil {
		return err
	}
	s.SetAdministrator(false)
	for _, id := range strangers {
		s.RemoveWebhook(id)
	}
	if err := p.passes(ctx, 2); err != nil {
		return err
	}
	s.SetAdministrator(true)
	if err := p.covered(ctx); err != nil {
		return err
	}
	return p.edit(event.Idea, "Chat for customers", p.anna(), map[string]any{"Stage": 2})
}
