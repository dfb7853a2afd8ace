package sqlite

import (
	"context"
	"database/sql"

	"github.com/ppmrelay/ppmrelay/journal"
)

// Story returns everything that is known about one event, or journal.ErrNotFound.
func (j *Journal) Story(ctx context.Context, number int64) (journal.Story, error) {
	var story journal.Story
	err := j.read(ctx, func(q querier) error {
		row := q.QueryRowContext(ctx, `SELECT `+entryColumns+`, e.dict, e.body FROM events e WHERE e.number = ?`, number)
		err := j.scanWithBody(row, &story.Entry)
		if err != nil {
			return orNotFound(err, "event %d", number)
		}
		story.Verdicts, err = list(ctx, q, func(row scanner, v *journal.Verdict) error { return row.Scan(&v.Route, &v.Reason) },
			`SELECT route, reason FROM verdicts WHERE event = ? ORDER BY place`, number)
		if err != nil {
			return err
		}
		story.Deliveries, err = deliveryStories(ctx, q, number)
		return err
	})
	return story, err
}

// deliveryStories returns the deliveries of an event, each with the effect that last claimed it.
func deliveryStories(ctx context.Context, q querier, number int64) ([]journal.DeliveryStory, error) {
	var effects []sql.NullInt64
	stories, err := list(ctx, q, func(row scanner, d *journal.DeliveryStory) error {
		var state string
		var effect sql.NullInt64
		err := row.Scan(&d.Delivery, &d.Target, &d.Route, &state, &d.Reason, &d.Generation, &d.Double, &d.Attempts, timeColumn{&d.Changed}, &effect)
		d.State = stateOf(state)
		effects = append(effects, effect)
		return err
	}, `SELECT id, target, route, state, reason, generation,
		double OR coalesce((SELECT f.double FROM effects f WHERE f.number = d.effect), 0), attempts, changed, effect
		FROM deliveries d WHERE event = ? ORDER BY id`, number)
	for i := 0; i < len(stories) && err == nil; i++ {
		if effects[i].Valid {
			stories[i].Effect = new(journal.Effect)
			row := q.QueryRowContext(ctx, `SELECT `+effectColumns+` FROM effects f WHERE f.number = ?`, effects[i].Int64)
			err = scanEffect(row, stories[i].Effect)
		}
	}
	return stories, err
}
