package sqlite

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// What SQLite does with a WAL after a crash, and what is added here.
//
// It reads the WAL from its beginning, believes every commit up to the first frame whose checksum is wrong, and takes all
// behind that for a commit that was cut short. That is right for what a crash leaves behind: a commit that nobody was
// answered. But a WAL that was cut, garbled or removed further inside loses commits that were answered, and SQLite says
// nothing. So the WAL is read here first, and compared with what else knows of its commits:
//
//   - Its index in shared memory (FILE-shm) counts the frames of every commit, each after its fsync. It outlives the
//     process. When the machine went down it may be an old one, which says little: only of a WAL with the same salt. Whoever
//     is the first to open the file makes it anew from the WAL, for a look as well, and sqlite3 does too: it says nothing
//     any more. So nothing of ours opens a file before it was read here.
//   - A commit is written only when the one before was synced. So when the frames of a later commit follow on the first
//     one that is wrong, that one was whole once.
//
// What remains unseen, and only after the machine went down too: the very last commit, garbled on the disk, and the mark
// that ends the one before it.
//
// A WAL names no file. Put beside another one, SQLite writes its pages into that, and deletes it where the file is empty.
// Both are refused as far as they can be seen: a backup is no file that a WAL was written for, its header says so.
//
// The formats are those of sqlite.org/fileformat2.html#walformat and sqlite.org/walformat.html.

const (
	walHeader   = 32
	frameHeader = 24
	indexHeader = 48 // of FILE-shm; it stands there twice
)

// lostError says that commits are missing in the WAL that were answered.
type lostError struct{ what string }

func (e lostError) Error() string { return e.what }

// inspectFile returns a strayError when the WAL cannot be the file's own. fresh says that the file has not been opened
// since it was copied by Backup, and that no WAL is there: then the index belongs to what was there before.
func inspectFile(path string) (fresh bool, err error) {
	wal, err := os.Stat(path + "-wal")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	empty := err != nil || wal.Size() == 0
	const writeVersion = 18 // in the header: 1, or 2 for a file that has a WAL
	header := make([]byte, writeVersion+1)
	file, err := os.Open(path) //nolint:gosec // the path comes from whoever runs this
	if err == nil {
		_, err = io.ReadFull(file, header)
		err = errors.Join(err, file.Close())
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, io.EOF):
		if empty {
			return false, nil
		}
		return false, strayError{file: path, missing: true}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return false, nil // SQLite says that it is none of its files
	case err != nil:
		return false, err
	case header[writeVersion] == 1 && !empty:
		return false, strayError{file: path}
	}
	return header[writeVersion] == 1, nil
}

// strayError is about a WAL beside a file that it was not written for, or beside none.
type strayError struct {
	file    string
	missing bool
}

func (e strayError) Error() string {
	if e.missing {
		return fmt.Sprintf("%s is missing or empty, and %s-wal is there", e.file, e.file)
	}
	return fmt.Sprintf("%s is a backup, and %s-wal belongs to what was there before", e.file, e.file)
}

// inspectWAL returns a lostError when commits that were answered cannot be read any more. sameBoot says that the machine
// has not been down since. Beside a process that writes it may be wrong for a moment.
func inspectWAL(path string, sameBoot bool) error {
	index, err := readIndex(path + "-shm")
	if err != nil {
		return err
	}
	wal, err := readWAL(path + "-wal")
	if err != nil {
		return err
	}
	name := path + "-wal"
	switch {
	case wal.later:
		return lostError{fmt.Sprintf("%s is damaged at frame %d, and commits behind it were acknowledged", name, wal.good+1)}
	case wal.headless:
		return lostError{fmt.Sprintf("%s is damaged in its first %d bytes, and none of its commits can be read", name, walHeader)}
	case sameBoot && wal.frames == 0 && index.frames > index.moved:
		return lostError{fmt.Sprintf("%s is empty or gone, and held %d frames that are not in the journal", name, index.frames-index.moved)}
	case wal.frames > 0 && wal.salt == index.salt && wal.good < index.frames:
		return lostError{fmt.Sprintf("%s can be read up to frame %d, and %d were acknowledged", name, wal.good, index.frames)}
	}
	return nil
}

// walIndex is what the shared memory says of the WAL.
type walIndex struct {
	salt   uint64
	frames int // of commits
	moved  int // of them in the file and synced
}

// readIndex returns zeros for an index that is not there or not whole: it was never synced.
func readIndex(name string) (walIndex, error) {
	file, err := os.Open(name) //nolint:gosec // beside the journal
	if errors.Is(err, fs.ErrNotExist) {
		return walIndex{}, nil
	}
	if err != nil {
		return walIndex{}, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	raw := make([]byte, 2*indexHeader+4)
	if _, err := io.ReadFull(file, raw); err != nil {
		return walIndex{}, nil // too short to be whole
	}
	native := binary.NativeEndian
	var sum checksum
	sum.add(native, raw[:40])
	if !bytes.Equal(raw[:indexHeader], raw[indexHeader:2*indexHeader]) || raw[12] == 0 || !sum.is(native, raw[40:48]) {
		return walIndex{}, nil
	}
	return walIndex{
		salt:   binary.BigEndian.Uint64(raw[32:]),
		frames: int(native.Uint32(raw[16:])),
		moved:  int(native.Uint32(raw[2*indexHeader:])),
	}, nil
}

// walState is what can be read of a WAL.
type walState struct {
	salt     uint64
	frames   int  // there are, good or not
	good     int  // up to the last commit that can be read
	later    bool // a commit behind the first bad frame is followed by another one
	headless bool // there are frames, and nothing that says which are to be believed
}

// readWAL reads all of a WAL, with as little memory as a frame takes.
func readWAL(name string) (walState, error) {
	file, err := os.Open(name) //nolint:gosec // beside the journal
	if errors.Is(err, fs.ErrNotExist) {
		return walState{}, nil
	}
	if err != nil {
		return walState{}, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	in := bufio.NewReaderSize(file, 1<<18)
	header := make([]byte, walHeader)
	if _, err := io.ReadFull(in, header); err != nil {
		return walState{}, nil // the first commit was cut short
	}
	big := binary.BigEndian
	var order binary.ByteOrder = binary.LittleEndian
	if header[3]&1 == 1 {
		order = big
	}
	var sum checksum
	sum.add(order, header[:24])
	if big.Uint32(header)&^1 != 0x377f0682 || big.Uint32(header[8:]) != pageSize || !sum.is(big, header[24:]) {
		_, err := io.ReadFull(in, make([]byte, frameHeader+pageSize))
		return walState{headless: err == nil}, nil
	}
	state := walState{salt: big.Uint64(header[16:])}
	err = state.readFrames(in, order, sum)
	return state, err
}

// readFrames follows the chain of checksums, and goes on behind a break with what the frames themselves say. What a
// damaged frame says of itself is believed where its neighbours bear it out: it can be followed by its checksum as stored
// or as computed, and ends a commit if the size of the file that it names is one that the file can have.
func (s *walState) readFrames(in io.Reader, order binary.ByteOrder, sum checksum) error {
	big := binary.BigEndian
	frame := make([]byte, frameHeader+pageSize)
	stored, size := sum, uint32(0)
	broken, ended := false, false // ended: the frame before is at or behind the break, and ends a commit
	for {
		_, err := io.ReadFull(in, frame)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.frames++
		for _, c := range []*checksum{&sum, &stored} {
			c.add(order, frame[:8])
			c.add(order, frame[frameHeader:])
		}
		ours := big.Uint64(frame[8:]) == s.salt
		linked := sum.is(big, frame[16:24]) || broken && stored.is(big, frame[16:24])
		pages := big.Uint32(frame[4:])
		switch {
		case !broken && ours && linked:
			if pages > 0 {
				s.good, size = s.frames, pages
			}
		case !broken:
			broken = true
		case ours && linked && ended:
			s.later = true
		}
		ended = broken && (ours || linked) && pages > 0 && pages >= size && pages-size < walLimit/pageSize
		stored.read(big, frame[16:24])
	}
}

// checksum is SQLite's, over pairs of words.
type checksum [2]uint32

func (c *checksum) add(order binary.ByteOrder, data []byte) {
	for ; len(data) >= 8; data = data[8:] {
		c[0] += order.Uint32(data) + c[1]
		c[1] += order.Uint32(data[4:]) + c[0]
	}
}

func (c *checksum) read(order binary.ByteOrder, stored []byte) {
	c[0], c[1] = order.Uint32(stored), order.Uint32(stored[4:])
}

func (c *checksum) is(order binary.ByteOrder, stored []byte) bool {
	var other checksum
	other.read(order, stored)
	return *c == other
}
