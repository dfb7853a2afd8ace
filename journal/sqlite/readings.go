package sqlite

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/ppmrelay/ppmrelay/journal"
)

// KeepReading commits what a sweep has read, with its stage and progress, in which it counts what is visible again.
func (j *Journal) KeepReading(ctx context.Context, sweep *journal.Sweep, reading journal.Reading) error {
	kept := *sweep
	err := j.write(ctx, func(ctx context.Context, c *connection) error {
		kept = *sweep
		if err := c.keepSeen(ctx, &kept, reading.Seen); err != nil {
			return err
		}
		if err := c.keepStates(ctx, &reading); err != nil {
			return err
		}
		if err := c.keepSuspects(ctx, &reading); err != nil {
			return err
		}
		if err := c.keepVisits(ctx, &kept, &reading); err != nil {
			return err
		}
		return c.saveSweep(ctx, kept)
	})
	if err == nil {
		*sweep = kept
	}
	return err
}

func (c *connection) saveSweep(ctx context.Context, sweep journal.Sweep) error {
	progress, err := json.Marshal(sweep.Progress)
	if err == nil {
		_, err = c.exec(ctx, saveSweep, string(sweep.Stage), string(progress), sweep.Number)
	}
	return err
}

func (c *connection) keepSeen(ctx context.Context, sweep *journal.Sweep, seen []string) error {
	for _, id := range seen {
		visible, err := c.exec(ctx, uncover, entityKey(id))
		if err != nil {
			return err
		}
		sweep.Progress.Visible += int(visible)
		if _, err := c.exec(ctx, sight, entityKey(id), sweep.Number); err != nil {
			return err
		}
	}
	return nil
}

// keepStates stores what was read as known. An event knows better than a reading of the same moment.
func (c *connection) keepStates(ctx context.Context, reading *journal.Reading) error {
	for i := range reading.Known {
		s := &reading.Known[i]
		var known bool
		err := c.row(ctx, `SELECT EXISTS (SELECT 1 FROM entities WHERE key = ?)`, entityKey(s.Entity.ID)).Scan(&known)
		if err == nil && !known {
			err = c.storeEntity(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	for i := range reading.Adopt {
		if err := c.storeEntity(ctx, &reading.Adopt[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *connection) keepVisits(ctx context.Context, sweep *journal.Sweep, reading *journal.Reading) error {
	for _, id := range reading.Visits {
		if _, err := c.exec(ctx, insertVisit, entityKey(id), id); err != nil {
			return err
		}
	}
	if reading.Visited != "" {
		if reading.Skipped == "" && sweep.Mode != journal.Rehearse && sweep.Stage != journal.StageAgain {
			if _, err := c.exec(ctx, becomesRead, entityKey(reading.Visited)); err != nil {
				return err
			}
		}
		if _, err := c.exec(ctx, visited, entityKey(reading.Visited)); err != nil {
			return err
		}
	}
	if project := cmp.Or(reading.Skipped, reading.Unclear); project != "" {
		return c.skip(ctx, sweep, project)
	}
	return nil
}

func (c *connection) skip(ctx context.Context, sweep *journal.Sweep, project string) error {
	_, err := c.exec(ctx, sightBelow, project, sweep.Number)
	if err == nil && (sweep.Mode == journal.Baseline || sweep.Mode == journal.Adopt) {
		_, err = c.exec(ctx, becomesUnread, entityKey(project))
	}
	return err
}
