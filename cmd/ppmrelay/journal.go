package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ppmrelay/ppmrelay/config"
	"github.com/ppmrelay/ppmrelay/control"
	"github.com/ppmrelay/ppmrelay/journal/sqlite"
)

func (a *app) journalCommand() *cobra.Command {
	journal := &cobra.Command{
		Use:   "journal",
		Short: "Back up the journal, check it, and say that a backup was restored",
		Example: "  ppmrelay journal backup /backup/ppmrelay-monday.db\n  ppmrelay journal verify\n" +
			"  ppmrelay journal restored --made 2026-03-01T08:00:00Z",
	}
	journal.AddCommand(a.journalBackupCommand(), a.journalVerifyCommand(), a.journalRestoredCommand())
	return journal
}

func (a *app) journalBackupCommand() *cobra.Command {
	var asJSON bool
	backup := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the journal to a file, also while ppmrelay runs",
		Long: `Copy the journal to a file that is not there yet, also while ppmrelay runs: then the running process makes the copy, and
goes on taking events meanwhile. The copy is complete and on disk when the command ends, and knows when it was made.`,
		Example: "  ppmrelay journal backup /backup/ppmrelay-monday.db\n  ppmrelay journal backup copy.db --json && ppmrelay journal verify copy.db",
		Args:    arguments("FILE", 1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			done, err := a.backup(c.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(done)
			}
			_, err = fmt.Fprintf(a.out, "%s: %d bytes, as of %s\n", done.File, done.Bytes, stamp(done.Made))
			return err
		},
	}
	backup.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return backup
}

// backup lets the running daemon make the copy, or makes it where none runs.
func (a *app) backup(ctx context.Context, file string) (control.BackedUp, error) {
	cfg, err := a.load(a.configPath())
	if err != nil {
		return control.BackedUp{}, err
	}
	file, err = filepath.Abs(file) // the daemon may run in another folder
	if err != nil {
		return control.BackedUp{}, fmt.Errorf("backup: %w", err)
	}
	done, err := control.NewClient(socketOf(cfg)).Backup(ctx, control.Backup{File: file})
	if !errors.Is(err, control.ErrNoDaemon) && !errors.Is(err, control.ErrTooLong) {
		return done, err
	}
	if err := a.look(ctx, cfg); err != nil {
		return done, err
	}
	err = a.withIdleJournal(ctx, cfg, false, func(store *sqlite.Journal) error {
		done, err = backUp(ctx, store, file)
		return err
	})
	return done, err
}

// copier is the part of the journal that a backup needs.
type copier interface {
	Backup(ctx context.Context, path string) error
}

// backUp makes a copy and describes it.
func backUp(ctx context.Context, store copier, file string) (control.BackedUp, error) {
	made := time.Now().UTC()
	if err := store.Backup(ctx, file); err != nil {
		return control.BackedUp{}, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return control.BackedUp{}, fmt.Errorf("looking at the backup: %w", err)
	}
	return control.BackedUp{File: file, Bytes: info.Size(), Made: made}, nil
}

// look fails when there is no journal that can be read, or one of an older version: only serve and restored bring it up to
// date.
func (a *app) look(ctx context.Context, cfg *config.Config) error {
	store, err := sqlite.Open(ctx, journalFile(cfg), sqlite.Options{Tenant: tenant(cfg), ReadOnly: true})
	if err != nil {
		return err
	}
	return store.Close()
}

// socketOf is where the daemon of a configuration's journal listens, whatever link the journal is named by.
func socketOf(cfg *config.Config) string {
	file, err := sqlite.RealPath(journalFile(cfg))
	if err != nil {
		file = journalFile(cfg)
	}
	return control.SocketOf(file)
}

// withIdleJournal opens a journal for writing that no daemon has open.
func (a *app) withIdleJournal(ctx context.Context, cfg *config.Config, salvage bool, use func(*sqlite.Journal) error) (err error) {
	log, err := a.logger()
	if err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, journalFile(cfg), sqlite.Options{Tenant: tenant(cfg), Logger: log, Salvage: salvage})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return use(store)
}

func (a *app) journalVerifyCommand() *cobra.Command {
	var asJSON bool
	verify := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Read the whole journal, or a copy of it, and say what is wrong",
		Long: `Read the whole journal of the configuration, or the copy of one in a file, and say what is wrong with it: damage, and
whatever could not be there. Nothing is changed; this works beside a running daemon.

Exit code: 0 nothing is wrong, 1 something is.`,
		Example: "  ppmrelay journal verify\n  ppmrelay journal verify /backup/ppmrelay-monday.db --json",
		Args:    arguments("FILE", 0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.verify(c.Context(), args[0], asJSON)
			}
			cfg, err := a.load(a.configPath())
			if err != nil {
				return err
			}
			return a.verify(c.Context(), journalFile(cfg), asJSON)
		},
	}
	verify.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return verify
}

// verifiedJSON is what a check of a journal found.
type verifiedJSON struct {
	File     string    `json:"file"`
	Events   int64     `json:"events"`
	Made     time.Time `json:"made,omitzero"` // of a backup
	Findings []string  `json:"findings"`      // empty when nothing is wrong
}

func (a *app) verify(ctx context.Context, file string, asJSON bool) error {
	store, err := sqlite.Open(ctx, file, sqlite.Options{ReadOnly: true})
	if err != nil {
		err = unopened(file, err)
		if !asJSON || ctx.Err() != nil {
			return err
		}
		return cmp.Or(a.printJSON(verifiedJSON{File: file, Findings: []string{err.Error()}}), error(&exitError{code: exitFailed}))
	}
	defer store.Close() //nolint:errcheck // nothing was written
	found := verifiedJSON{File: file, Findings: []string{}}
	findings, err := store.Verify(ctx)
	if err != nil {
		return err
	}
	if found.Findings = append(found.Findings, findings...); len(findings) == 0 {
		counts, err := store.Count(ctx)
		if err != nil {
			return err
		}
		found.Events = counts.Events
		if found.Made, err = store.Made(ctx); err != nil {
			return err
		}
	}
	if asJSON {
		err = a.printJSON(found)
	} else {
		err = a.printVerified(found)
	}
	if err == nil && len(findings) > 0 {
		return &exitError{code: exitFailed}
	}
	return err
}

// unopened tells a file that is no journal from a journal that cannot be opened.
func unopened(file string, err error) error {
	info, absent := os.Stat(file)
	if absent != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no journal of ppmrelay: it is no file", file)
	}
	beginning, unread := beginningOf(file)
	switch {
	case unread != nil:
		return err
	case beginning != "SQLite format 3\x00": // https://sqlite.org/fileformat2.html#magic_header_string
		return fmt.Errorf("%s is no journal of ppmrelay, or its beginning is damaged", file)
	case strings.Contains(err.Error(), "tables are of version 0,"): // a database with other tables, or none
		return fmt.Errorf("%s is no journal of ppmrelay: it is a database of something else", file)
	}
	return err
}

// beginningOf reads the first 16 bytes of a file, or what there is.
func beginningOf(name string) (text string, err error) {
	file, err := os.Open(name) //nolint:gosec // named by the person who runs this
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	beginning, err := io.ReadAll(io.LimitReader(file, 16))
	return string(beginning), err
}

func (a *app) printVerified(found verifiedJSON) error {
	for _, finding := range found.Findings {
		if _, err := fmt.Fprintf(a.out, "%s: %s\n", found.File, printable(finding)); err != nil {
			return err
		}
	}
	if len(found.Findings) > 0 {
		return nil
	}
	made := ""
	if !found.Made.IsZero() {
		made = ", a backup as of " + stamp(found.Made)
	}
	_, err := fmt.Fprintf(a.out, "%s: nothing is wrong: %s%s\n", found.File, count1(int(found.Events), "event"), made)
	return err
}
