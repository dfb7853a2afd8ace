package sqlite

import (
	"context"
	"os"
	"time"
)

// inspect looks for lost commits before SQLite reads the WAL.
func (j *Journal) inspect() error {
	boot := bootID()
	noted, _ := os.ReadFile(j.path + ".lock") // not there: by a process that noted nothing
	return inspectWAL(j.path, boot != "" && string(noted) == boot)
}

// noteBoot writes into the lock file in which life of the machine the journal was opened. It is not synced: it is of use
// only while the machine lives.
func noteBoot(lock string) error {
	boot := bootID()
	if boot == "" {
		return nil
	}
	return os.WriteFile(lock, []byte(boot), 0o600)
}

// bootID changes each time the machine starts. It is empty where the system has none.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // Linux
	return string(id)
}

// noteSalvage makes the journal a backup that was made with the last commit that is left, as Made tells.
func (c *connection) noteSalvage(ctx context.Context) error {
	return c.transaction(ctx, func() error {
		made := time.UnixMicro(0)
		const newest = `SELECT max(coalesce((SELECT received FROM events ORDER BY number DESC LIMIT 1), 0),
			coalesce((SELECT started FROM effects ORDER BY number DESC LIMIT 1), 0))`
		if err := c.row(ctx, newest).Scan(timeColumn{&made}); err != nil {
			return err
		}
		_, err := c.exec(ctx, noteBackup, made.UTC().Format(time.RFC3339Nano))
		return err
	})
}
