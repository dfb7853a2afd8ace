package sqlite

import (
	"errors"
	"os"
	"strings"

	codes "modernc.org/sqlite/lib"
)

// identity is which files a journal was opened in. A file that is removed or replaced while it is open goes on without a
// name: SQLite writes to it as ever, and all of it is gone when the process ends.
type identity struct {
	names []string
	infos []os.FileInfo
}

// identify looks at the files of an open journal. The WAL is there for as long as a connection is.
func identify(path string) (identity, error) {
	id := identity{names: []string{path, path + "-wal"}}
	for _, name := range id.names {
		info, err := os.Stat(name)
		if err != nil {
			return identity{}, err
		}
		id.infos = append(id.infos, info)
	}
	return id, nil
}

// check fails when a name stands for another file by now, or for none.
func (id identity) check() error {
	for i, name := range id.names {
		info, err := os.Stat(name)
		if err != nil || !os.SameFile(info, id.infos[i]) {
			return goneError{name}
		}
	}
	return nil
}

// goneError is about a file that lost its name.
type goneError struct{ name string }

func (e goneError) Error() string {
	return e.name + " was removed or replaced while it was in use"
}

// advice is what a person can do about a failure that does not pass by itself, or what passes it.
func advice(err error) string {
	if gone, ok := errors.AsType[goneError](err); ok {
		if strings.HasSuffix(gone.name, "-wal") {
			return "what it held was moved into the journal. Nothing more is written: start ppmrelay anew"
		}
		return "nothing more is written. What was acknowledged is safe only while this process runs: put the file back under" +
			" its name, or save it with ppmrelay journal backup, before you stop it"
	}
	if _, ok := errors.AsType[lostError](err); ok {
		return "move the journal, its -wal and its -shm away and put a backup in its place, or go on with what can be" +
			" read: ppmrelay journal restored --salvage asks the targets what they were told since"
	}
	if stray, ok := errors.AsType[strayError](err); ok {
		if stray.missing {
			return "put the file back. Where there is none any more, remove the -wal and the -shm, then put a backup in its place"
		}
		return "remove the -wal and the -shm, then start again"
	}
	switch codeOf(err) {
	case codes.SQLITE_FULL:
		return "make room on the disk: it goes on by itself"
	case codes.SQLITE_READONLY, codes.SQLITE_CANTOPEN:
		return "let ppmrelay write the file and its folder; a running one goes on by itself"
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return "a page of it is damaged. Stop ppmrelay, move the file, its -wal and its -shm away, find out more with ppmrelay" +
			" journal verify FILE, then restore a backup and run ppmrelay journal restored"
	case codes.SQLITE_IOERR:
		return "the disk failed: look at the system's log. It is tried again with each write"
	}
	return ""
}
