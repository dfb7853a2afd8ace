package file

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// classify says what an error of the file system means, in words that name the file. It is asked only about errors
// after which nothing of ours is in the file; what is in doubt is an Unsure error already.
func (s *Sink) classify(doing string, err error) *sinks.Error {
	if known, ok := errors.AsType[*sinks.Error](err); ok {
		return sinks.Fail(known.Class, known.Reason, "%s %s: %w", doing, s.config.Path, known.Err)
	}
	class, reason, advice := meaning(err)
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err // the path is named already
	}
	return sinks.Fail(class, reason, "%s %s: %w%s", doing, s.config.Path, err, advice)
}

// meaning returns the class of a system error, its reason and what a person can do.
func meaning(err error) (class sinks.Class, reason sinks.Reason, advice string) {
	switch {
	case anyOf(err, syscall.ENOSPC, syscall.EDQUOT):
		return sinks.Retry, sinks.ReasonStorage, "; make room on the disk"
	case anyOf(err, syscall.EROFS):
		return sinks.Park, sinks.ReasonTargetRefuses, "; the system mounts a disk so when it finds it damaged"
	case anyOf(err, syscall.EACCES, syscall.EPERM):
		return sinks.Park, sinks.ReasonTargetRefuses, "; the account of this program must be allowed to write to it"
	case anyOf(err, syscall.ENOENT, syscall.ENOTDIR):
		return sinks.Park, sinks.ReasonTargetGone, "; its folder must exist, it is not made by itself"
	case anyOf(err, syscall.EISDIR, syscall.ENAMETOOLONG, syscall.ELOOP, syscall.EINVAL, syscall.ENXIO):
		return sinks.Park, sinks.ReasonTargetRefuses, "; another path is needed"
	default:
		return sinks.Retry, sinks.ReasonStorage, ""
	}
}

func anyOf(err error, numbers ...syscall.Errno) bool {
	for _, number := range numbers {
		if errors.Is(err, number) {
			return true
		}
	}
	return false
}

// unsynced is an error after which nobody knows what the disk holds.
func unsynced(err error) error {
	return sinks.Fail(sinks.Unsure, sinks.ReasonStorage, "%w", err)
}

// unreadable refuses a file whose records cannot be told apart. An error of the disk stays what it is.
func unreadable(err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return err
	}
	return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
		"a row cannot be read (%w); correct it, or move the file away and a new one is begun", err)
}

// lacking refuses a file that has no place for some of the cells.
func lacking(headers []string) error {
	if len(headers) == 0 {
		return nil
	}
	quoted := make([]string, len(headers))
	for i, header := range headers {
		quoted[i] = fmt.Sprintf("%q", header)
	}
	return sinks.Fail(sinks.Park, sinks.ReasonTargetRefuses,
		"its first line has no column %s; add it there, or move the file away and a new one is begun",
		strings.Join(quoted, ", "))
}
