package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// RealPath returns the absolute path of a file without symbolic links, also of one that is not there yet. The lock, the WAL
// and whatever else stands beside a journal is found by it, so that two names of one file do not make two journals.
func RealPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	const most = 40 // links, as on Linux
	for range most {
		if found, err := filepath.EvalSymlinks(path); err == nil {
			return found, nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path)), nil
	}
	return path, nil // whoever opens it says what is wrong
}

// lookTakes is how long the lock is waited for: as long as somebody who begins to read may hold it, see inspectIdle.
const lookTakes = time.Second

// takeLock makes this process the one that writes.
func takeLock(ctx context.Context, path string) (*flock.Flock, error) {
	lock := flock.New(path + ".lock")
	ctx, cancel := context.WithTimeout(ctx, lookTakes)
	defer cancel()
	_, err := lock.TryLockContext(ctx, lookTakes/100)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("it is in use by another ppmrelay")
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// inspectIdle inspects a journal that nobody writes: whoever writes has done so, and beside it a look may be wrong for a
// moment. Nobody begins to write meanwhile.
func (j *Journal) inspectIdle() error {
	lock := flock.New(j.path+".lock", flock.SetFlag(os.O_RDONLY)) // makes no file
	idle, err := lock.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return j.inspect()
	}
	if err != nil || !idle {
		return err
	}
	return errors.Join(j.inspect(), lock.Unlock())
}
