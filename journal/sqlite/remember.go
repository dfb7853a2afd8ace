package sqlite

import "context"

// remembered is what stands before the names of what is remembered, so that they meet no other name of meta.
const remembered = "remembered "

const (
	recollect = `SELECT CAST(value AS BLOB) FROM meta WHERE name = ?`
	forget    = `DELETE FROM meta WHERE name = ?`
	keepValue = `INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2`
)

// Recollect returns what was remembered under a name, or journal.ErrNotFound.
func (j *Journal) Recollect(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	err := j.read(ctx, func(q querier) error {
		err := q.QueryRowContext(ctx, recollect, remembered+name).Scan(&value)
		return orNotFound(err, "what is remembered as %q", name)
	})
	if err != nil {
		return nil, err
	}
	return append([]byte{}, value...), nil // never nil: that would mean that it is forgotten
}

// Remember keeps a value under a name, in place of the one before; nil forgets it.
func (j *Journal) Remember(ctx context.Context, name string, value []byte) error {
	return j.write(ctx, func(ctx context.Context, c *connection) error {
		if value == nil {
			_, err := c.exec(ctx, forget, remembered+name)
			return err
		}
		_, err := c.exec(ctx, keepValue, remembered+name, value)
		return err
	})
}
