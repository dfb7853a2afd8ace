package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ppmrelay/ppmrelay/journal"
)

const (
	beginEffect = `INSERT INTO effects (id, target, deliveries, events, started, content, double) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`
	claimDeliveries = `UPDATE deliveries SET state = 'claimed', attempts = attempts + 1, changed = ?,
			effect = (SELECT number FROM effects WHERE id = ?)
		WHERE id IN (SELECT value FROM json_each(?)) AND +target = ? AND +state = 'pending'` // +: by id, not by queue
	endClaimed = `UPDATE deliveries SET state = ?, reason = ?, changed = coalesce(?, changed)
		WHERE id = ? AND effect = ? AND state IN ('claimed', 'unsure')`
	moveClaimed = `UPDATE deliveries INDEXED BY deliveries_of_effect SET state = ?, reason = ?, changed = coalesce(?, changed),
		double = double OR ? WHERE effect = ? AND state IN ('claimed', 'unsure')`
	openEffects = `SELECT ` + effectColumns + `, f.content FROM effects f INDEXED BY effects_open WHERE f.outcome IS NULL ORDER BY f.number`
)

// Begin commits an open effect and its claim. journal.ErrConflict when a delivery is not waiting in the target's queue
// any more, the target has an open effect, or the id was used. Of the effect, ID, Target, Content, Deliveries, Events,
// Started and Double are stored.
func (j *Journal) Begin(ctx context.Context, effect journal.Effect) error {
	id, err := packIDs(effect.ID)
	if err != nil {
		return j.fail(err)
	}
	events, err := packIDs(effect.Events...)
	if err != nil {
		return j.fail(fmt.Errorf("effect %s: event %w", effect.ID, err))
	}
	if effect.Started.IsZero() {
		return j.fail(fmt.Errorf("effect %s has no start", effect.ID))
	}
	deliveries, err := json.Marshal(effect.Deliveries)
	if err != nil {
		return j.fail(err)
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		return c.begin(ctx, effect, id, events, deliveries)
	})
}

func (c *connection) begin(ctx context.Context, effect journal.Effect, id, events, deliveries []byte) error {
	if err := c.knowTarget(ctx, effect.Target); err != nil {
		return err
	}
	content := append([]byte{}, effect.Content...) // never NULL
	begun, err := c.exec(ctx, beginEffect, id, effect.Target, string(deliveries), events, micros(effect.Started), content, bit(effect.Double))
	if err != nil {
		return err
	}
	if begun == 0 {
		return fmt.Errorf("beginning effect %s: %s has an open effect, or the id was used: %w",
			effect.ID, effect.Target, journal.ErrConflict)
	}
	claimed, err := c.exec(ctx, claimDeliveries, micros(effect.Started), id, string(deliveries), effect.Target)
	if err != nil {
		return err
	}
	if claimed != int64(len(effect.Deliveries)) {
		return fmt.Errorf("beginning effect %s: %d of %d deliveries wait for %s: %w",
			effect.ID, claimed, len(effect.Deliveries), effect.Target, journal.ErrConflict)
	}
	return nil
}

// effectColumns are what scanEffect reads, of effects as f. The content is apart.
const effectColumns = `f.id, f.target, f.deliveries, f.events, f.started, f.double, f.unsure, f.ended, coalesce(f.outcome, ''), f.reason, f.receipt`

func scanEffect(row scanner, f *journal.Effect, more ...any) error {
	var deliveries []byte
	err := row.Scan(append([]any{
		idColumn{&f.ID},
		&f.Target, &deliveries,
		idsColumn{&f.Events},
		timeColumn{&f.Started},
		&f.Double, &f.Unsure,
		timeColumn{&f.Ended},
		&f.Outcome, &f.Reason, &f.Receipt,
	}, more...)...)
	if err != nil {
		return err
	}
	return json.Unmarshal(deliveries, &f.Deliveries)
}

// OpenEffects returns the effects that have not ended, in the order in which they began.
func (j *Journal) OpenEffects(ctx context.Context) ([]journal.Effect, error) {
	return readList(ctx, j, func(row scanner, f *journal.Effect) error { return scanEffect(row, f, &f.Content) },
		openEffects)
}

// Settle commits an outcome. What is allowed:
//
//	outcome       of an effect that is        endings
//	Told          open, unsure                none
//	BecameUnsure  open, unsure (stays so)     none
//	Refused       open                        some, all or none
//	DidNot        unsure                      some, all or none
//	Abandoned     open, unsure                all
//
// Everything else is journal.ErrConflict. The target must be the effect's. At may be zero for BecameUnsure: no answer
// came at all. An effect that was unsure already keeps the time of its ambiguous answer. Double is for DidNot only, and
// counts only when a delivery is left to be told again. What was begun as a possible double stays one but for Refused and
// DidNot, which say that nothing is there.
func (j *Journal) Settle(ctx context.Context, s journal.Settlement) error {
	id, err := packIDs(s.Effect)
	if err == nil {
		err = checkEndings(s.Endings, journal.Skipped, journal.Buried)
	}
	if err == nil && s.At.IsZero() && s.Outcome != journal.BecameUnsure {
		err = errors.New("it has no end")
	}
	if err == nil && s.Double && s.Outcome != journal.DidNot {
		err = fmt.Errorf("%s cannot be told twice", s.Outcome)
	}
	if err != nil {
		return j.fail(fmt.Errorf("settling effect %s: %w", s.Effect, err))
	}
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		if err := c.settle(ctx, id, s); err != nil {
			return fmt.Errorf("settling effect %s as %s: %w", s.Effect, s.Outcome, err)
		}
		return nil
	})
}

func (c *connection) settle(ctx context.Context, id []byte, s journal.Settlement) error {
	number, err := c.mayBecome(ctx, id, s)
	if err != nil {
		return err
	}
	if s.Outcome == journal.BecameUnsure {
		_, err = c.exec(ctx, `UPDATE effects SET ended = iif(unsure, ended, ?), unsure = 1, reason = ? WHERE number = ?`,
			micros(s.At), s.Reason, number)
	} else {
		_, err = c.exec(ctx, `UPDATE effects SET outcome = ?1, ended = ?2, reason = ?3, receipt = ?4,
			double = double AND ?1 NOT IN ('refused', 'did-not') WHERE number = ?5`,
			string(s.Outcome), micros(s.At), s.Reason, s.Receipt, number)
	}
	if err != nil {
		return err
	}
	if err := c.settleDeliveries(ctx, number, s); err != nil {
		return err
	}
	return c.storeTarget(ctx, s.Target)
}

// mayBecome returns the number of an effect whose state allows the outcome.
func (c *connection) mayBecome(ctx context.Context, id []byte, s journal.Settlement) (number int64, err error) {
	var target string
	var unsure bool
	const open = `SELECT number, target, unsure FROM effects WHERE id = ? AND outcome IS NULL`
	err = c.row(ctx, open, id).Scan(&number, &target, &unsure)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("it is not open: %w", journal.ErrConflict)
	}
	if err != nil {
		return 0, err
	}
	if s.Target.Target != target {
		return 0, fmt.Errorf("its target is %q, not %q", target, s.Target.Target)
	}
	var allowed bool
	switch s.Outcome {
	case journal.Told, journal.BecameUnsure:
		allowed = len(s.Endings) == 0
	case journal.Refused:
		allowed = !unsure
	case journal.DidNot:
		allowed = unsure
	case journal.Abandoned:
		allowed = true
	}
	if !allowed {
		return 0, fmt.Errorf("ever unsure %t, %d endings: %w", unsure, len(s.Endings), journal.ErrConflict)
	}
	return number, nil
}

// settleDeliveries ends the deliveries that end, and moves the rest of the claim together.
func (c *connection) settleDeliveries(ctx context.Context, effect int64, s journal.Settlement) error {
	for _, e := range s.Endings {
		ended, err := c.exec(ctx, endClaimed, string(e.State), e.Reason, micros(s.At), e.Delivery, effect)
		if err != nil {
			return err
		}
		if ended == 0 {
			return fmt.Errorf("it has not claimed delivery %d: %w", e.Delivery, journal.ErrConflict)
		}
	}
	state := "pending" // to be composed anew
	switch s.Outcome {
	case journal.Told:
		state = "delivered"
	case journal.BecameUnsure:
		state = "unsure"
	default:
	}
	moved, err := c.exec(ctx, moveClaimed, state, s.Reason, micros(s.At), bit(s.Double), effect)
	if err != nil {
		return err
	}
	if s.Outcome == journal.Abandoned && moved > 0 {
		return fmt.Errorf("%d deliveries have no ending: %w", moved, journal.ErrConflict)
	}
	if s.Double && moved > 0 {
		_, err = c.exec(ctx, `UPDATE effects SET double = 1 WHERE number = ?`, effect)
	}
	return err
}
