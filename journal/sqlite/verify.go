package sqlite

import (
	"context"
	"fmt"

	codes "modernc.org/sqlite/lib"
)

// invariants are queries for what must not be, one sentence a row. Every commit keeps them, whatever happened in between.
func invariants() []string {
	return []string{
		// Claims and open effects match, both ways.
		`SELECT 'delivery ' || d.id || ' of event ' || d.event || ' is ' || d.state || ', and no open effect has claimed it'
			FROM deliveries d LEFT JOIN effects f ON f.number = d.effect AND f.outcome IS NULL
			WHERE d.state IN ('claimed', 'unsure') AND f.number IS NULL`,
		`SELECT 'delivery ' || d.id || ' of event ' || d.event || ' is ' || d.state || ', and effect ' || f.number || ' that has claimed it is '
				|| iif(f.outcome IS NULL, iif(f.unsure, 'unsure', 'open'), f.outcome)
			FROM deliveries d JOIN effects f ON f.number = d.effect
			WHERE f.outcome IS NULL AND d.state <> iif(f.unsure, 'unsure', 'claimed') OR f.outcome = 'told' AND d.state <> 'delivered'`,
		`SELECT 'effect ' || f.number || ' is open, and has not claimed delivery ' || v.value || ' of its list'
			FROM effects f CROSS JOIN json_each(f.deliveries) v LEFT JOIN deliveries d ON d.id = v.value AND d.effect = f.number
			WHERE f.outcome IS NULL AND v.type = 'integer' AND d.id IS NULL`,
		// A target has one open effect, and each effect tells its own target.
		`SELECT target || ' has ' || count(*) || ' open effects'
			FROM effects NOT INDEXED WHERE outcome IS NULL GROUP BY target HAVING count(*) > 1`,
		`SELECT 'delivery ' || d.id || ' is for ' || d.target || ', and effect ' || f.number || ' that has claimed it for ' || f.target
			FROM deliveries d JOIN effects f ON f.number = d.effect WHERE d.target <> f.target`,
		// A delivery is in a state that goes on, or has ended; only an event that was planned has any.
		`SELECT 'delivery ' || id || ' of event ' || event || ' is in the unknown state ' || state
			FROM deliveries WHERE state NOT IN ('pending', 'claimed', 'unsure', 'delivered', 'skipped', 'buried')`,
		`SELECT DISTINCT 'event ' || e.number || ' is not planned, and has deliveries'
			FROM events e JOIN deliveries d ON d.event = e.number WHERE e.planned = 0`,
		`SELECT DISTINCT 'event ' || e.number || ' is in quarantine, and is to be told'
			FROM events e LEFT JOIN deliveries d ON d.event = e.number
			WHERE e.quarantine <> '' AND (d.id IS NOT NULL OR e.planned = 0)`,
		// What is compared will be forgotten in its turn, and the other way round.
		`SELECT 'the fingerprint of event ' || s.event || ' would never be forgotten'
			FROM seen s LEFT JOIN memory m ON m.event = s.event AND m.fingerprint = s.fingerprint WHERE m.event IS NULL`,
		`SELECT 'event ' || m.event || ' would not be known if it came again'
			FROM memory m LEFT JOIN seen s ON s.fingerprint = m.fingerprint AND s.event = m.event
			WHERE m.fingerprint IS NOT NULL AND s.event IS NULL`,
		// Numbers are given once.
		`SELECT 'event ' || max(number) || ' is newer than the last number that was given'
			FROM events HAVING max(number) > coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'events'), 0)`,
	}
}

// maxFindings is how many findings of one kind are told.
const maxFindings = 20

// Verify reads the whole journal and returns what is wrong with it, in plain words: damage of the file, rows that point to
// nothing, and what no commit could have left behind. It sees the journal as it is at one moment, and changes nothing.
// Damage of what people wrote is not seen: SQLite's pages carry no checksums. A WAL that has lost commits was seen by Open.
func (j *Journal) Verify(ctx context.Context) ([]string, error) {
	var findings []string
	err := j.read(ctx, func(q querier) error {
		damage, err := list(ctx, q, scanText, fmt.Sprintf(`PRAGMA integrity_check(%d)`, maxFindings))
		if err != nil && codeOf(err) == codes.SQLITE_CORRUPT {
			damage, err = append(damage, err.Error()), nil
		}
		if err != nil {
			return err
		}
		if len(damage) != 1 || damage[0] != "ok" {
			for _, line := range damage {
				findings = append(findings, "the file is damaged: "+line)
			}
			return nil // what follows would only stumble over it
		}
		loose, err := list(ctx, q, scanText, `SELECT DISTINCT 'a row of ' || "table" || ' points to nothing in ' || parent
			FROM pragma_foreign_key_check`)
		findings = append(findings, loose...)
		for _, query := range invariants() {
			if err != nil {
				return err
			}
			var found []string
			found, err = list(ctx, q, scanText, query+fmt.Sprintf(` LIMIT %d`, maxFindings))
			findings = append(findings, found...)
		}
		return err
	})
	return findings, err
}

func scanText(row scanner, text *string) error { return row.Scan(text) }
