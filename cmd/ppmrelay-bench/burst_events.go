package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	leastBurst     = 200
	stepsPerEntity = 20 // events of a burst for one entity of it, its part of the bulk edit included
	burstClients   = 16
)

// size is how large a burst is.
type size struct{ events, entities, channels int }

func sizeOfBurst(events, channels int) size {
	return size{events: events, entities: max(1, events/stepsPerEntity), channels: channels}
}

// step is one event of a burst and what has to become of it.
type step struct {
	entity int
	rows   int // changes, each of which has a row in the sheet
	body   []byte

	id    string    // what the relay calls it; empty until it is acknowledged
	acked time.Time // when it was
}

// project is what a burst does to one entity.
type project struct {
	id, name, team           string
	status, budget, priority int
	finish                   time.Time
}

// attributes are the sample's, with the project's own.
func (p project) attributes(sample map[string]any) map[string]any {
	own := maps.Clone(sample)
	own["Id"], own["Name"], own["Team"] = p.id, p.name, p.team
	own["OverallStatus"], own["Budget"], own["Priority"] = p.status, p.budget, p.priority
	own["FinishDate"] = p.finish.Format(time.RFC3339)
	return own
}

// next is the project after one more edit, and how many fields that changes.
func (p project) next(budget bool) (after project, changes int) {
	after, changes = p, 2
	after.status = (p.status + 1) % 3
	after.finish = p.finish.AddDate(0, 0, 1)
	if budget {
		after.budget, changes = p.budget+1000, 3
	}
	return after, changes
}

func teamOf(entity, channels int) string { return fmt.Sprintf("Team %02d", entity%channels+1) }

// burst makes the events of one: some people edit all entities again and again, in an order that is the same each time,
// and at the end one person sets a field of each, as a bulk edit does.
func burst(sample []byte, s size) ([]*step, error) {
	var of struct{ Data map[string]json.RawMessage }
	var attributes map[string]any
	if err := json.Unmarshal(sample, &of); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(of.Data["Attributes"], &attributes); err != nil {
		return nil, err
	}
	if len(attributes) == 0 {
		return nil, errors.New("the sample has no attributes")
	}
	chance := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // an order, no secret
	people := []string{"Anna Doe", "John Doe", "Brian Adams", "Chloé Martin", "Yuki Tanaka"}
	projects := make([]project, s.entities)
	for i := range projects {
		projects[i] = project{
			id: fmt.Sprintf("28e92b4c-3b0c-4100-83c8-%012d", i), name: fmt.Sprintf("Project %04d", i), team: teamOf(i, s.channels),
			budget: 250_000, priority: 3, finish: time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC),
		}
	}
	steps, begin := make([]*step, 0, s.events), time.Now().UTC()
	for len(steps) < s.events {
		last := s.events-len(steps) <= s.entities
		for _, i := range chance.Perm(s.entities)[:min(s.entities, s.events-len(steps))] {
			before, by := projects[i], people[chance.IntN(len(people))]
			after, changes := before.next(chance.IntN(3) == 0)
			if last {
				after, changes, by = before, 1, "Maria Schmidt"
				after.priority = 1
			}
			projects[i] = after
			at := begin.Add(time.Duration(len(steps)) * time.Millisecond / 10)
			body, err := eventOf(len(steps), by, at, before.attributes(attributes), after.attributes(attributes))
			if err != nil {
				return nil, err
			}
			steps = append(steps, &step{entity: i, rows: changes, body: body})
		}
	}
	return steps, nil
}

func eventOf(n int, by string, at time.Time, before, after map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{
		"WebhookId": "7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13",
		"MessageId": fmt.Sprintf("0a9c3d5e-7b1f-4e26-8d40-%012d", n),
		"Data": map[string]any{
			"Id": after["Id"], "Attributes": after, "BeforeAttributes": before, "TimeStamp": at.Format(stampForm),
			"Initiator": map[string]any{"UserId": "2158fcf3-d93d-4436-bff5-869f1d686d61", "FullName": by},
		},
	})
}

// deliver posts a burst as fast as it is acknowledged, the events of one entity in their order.
func deliver(ctx context.Context, address string, steps []*step) error {
	var posting sync.WaitGroup
	errs := make([]error, burstClients)
	for n := range burstClients {
		posting.Go(func() { errs[n] = deliverShare(ctx, address, steps, n) })
	}
	posting.Wait()
	return errors.Join(errs...)
}

func deliverShare(ctx context.Context, address string, steps []*step, share int) error {
	c, err := reach(ctx, address)
	if err != nil {
		return err
	}
	defer c.conn.Close() //nolint:errcheck // nothing is under way
	for _, s := range steps {
		if s.entity%burstClients != share {
			continue
		}
		text, err := c.exchange(requestOf(s.body))
		if err != nil {
			return err
		}
		var answer struct{ ID string }
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		s.id, s.acked = answer.ID, time.Now()
	}
	return nil
}
