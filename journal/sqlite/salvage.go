package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// salvageBegun stands in the lock file from before the WAL is emptied until the journal is a backup: a crash in between
// leaves nothing else that says that commits are missing.
const salvageBegun = "salvage"

// mayOpen fails when commits are lost that were acknowledged, unless that is known: then the journal, or the one whose
// salvage was cut short, is to become a backup.
func (j *Journal) mayOpen(ctx context.Context, opts Options) (salvaging bool, err error) {
	noted, _ := os.ReadFile(j.lock.Path())
	salvaging = string(noted) == salvageBegun
	lost := j.inspect()
	if lost == nil {
		return salvaging, nil
	}
	if _, ok := errors.AsType[lostError](lost); !ok || !opts.Salvage {
		return false, lost
	}
	opts.Logger.ErrorContext(ctx, "journal has lost what it had acknowledged", "path", j.path, "error", lost)
	return true, note(j.lock.Path(), salvageBegun)
}

// inspect looks for lost commits before SQLite reads the WAL.
func (j *Journal) inspect() error {
	fresh, err := inspectFile(j.path)
	if err != nil || fresh {
		return err
	}
	boot := bootID()
	noted, _ := os.ReadFile(j.path + ".lock") // not there: by a process that noted nothing
	return inspectWAL(j.path, boot != "" && string(noted) == boot)
}

// note writes into the lock file in which life of the machine the journal was opened, or that a salvage has begun.
func note(lock, text string) error {
	if err := os.WriteFile(lock, []byte(text), 0o600); err != nil {
		return err
	}
	return errors.Join(syncFile(lock), syncFile(filepath.Dir(lock)))
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
