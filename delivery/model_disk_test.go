package delivery_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// disk is what a machine that loses its power leaves of the journal's two files. A commit is acknowledged after an fsync
// of the WAL, so everything up to the last acknowledged commit is there. What stands behind it may be there, cut off at
// any byte, or garbled. A checkpoint may have been running: it copies pages from that part of the WAL into the database,
// in any order, and each may be old, new or torn, while the WAL is still whole.
//
// The files are those of the real journal, taken in the middle of the operation that the process dies at. That SQLite
// calls fsync when it should is not shown here.
type disk struct {
	dir    string // where the next life finds what is left
	random *rand.Rand

	synced, before position // the WAL's end at the last acknowledged operation, and at the one before
}

// position is a place in one generation of the WAL: every reset gives it new salts.
type position struct {
	salts uint64
	end   int
}

func newDisk(w *world, d death) *disk {
	return &disk{
		dir:    filepath.Join(w.dir, "next"),
		random: rand.New(rand.NewPCG(d.Seed, 0)),
	}
}

// acknowledge notes how much of the WAL an acknowledged operation has made durable.
func (d *disk) acknowledge(p *process) {
	if d == nil {
		return
	}
	wal, err := os.ReadFile(filepath.Join(p.dir, "journal.db-wal"))
	if err != nil {
		p.fault("reading the journal's WAL: %v", err)
	}
	d.before, d.synced = d.synced, committed(wal)
}

// fail writes down what the next life finds, and moves the world there.
func (d *disk) fail(p *process) {
	if d == nil {
		return
	}
	pages, wal, err := d.files(p.dir)
	if err == nil {
		err = os.Mkdir(d.dir, 0o700)
	}
	if err != nil {
		p.fault("taking the journal's files: %v", err)
		return
	}
	safe := d.synced
	if p.bug == acknowledgesBeforeSync {
		safe = d.before
	}
	if safe.salts != committed(wal).salts {
		safe.end = 0 // it was reset since, when all of it stood in the database
	}
	pages = d.checkpoint(pages, wal[:safe.end])
	wal = d.tail(wal, safe.end)
	err = errors.Join(
		os.WriteFile(filepath.Join(d.dir, "journal.db"), pages, 0o600),
		os.WriteFile(filepath.Join(d.dir, "journal.db-wal"), wal, 0o600),
	)
	if err != nil {
		p.fault("leaving the journal's files: %v", err)
	}
	p.note("the power fails: %d bytes of the WAL were safe, %d are left", safe.end, len(wal))
	p.dir = d.dir
}

// files reads the WAL before the database: a checkpoint between the two leaves a state that a power failure can leave,
// as it only copies what that WAL holds. The WAL is read until it stands still: of one that is emptied meanwhile a part
// would be read, which no power failure leaves.
func (d *disk) files(dir string) (pages, wal []byte, err error) {
	for still := false; !still && err == nil; {
		before := wal
		wal, err = os.ReadFile(filepath.Join(dir, "journal.db-wal"))
		if errors.Is(err, os.ErrNotExist) {
			wal, err = nil, nil
		}
		still = bytes.Equal(before, wal)
	}
	if err == nil {
		pages, err = os.ReadFile(filepath.Join(dir, "journal.db"))
	}
	return pages, wal, err
}

// tail returns the WAL with what was not synced left alone, cut off, or garbled. Where frames stand its header is safe:
// SQLite syncs it before it writes the first one (wal.c, sqlite3WalFrames).
func (d *disk) tail(wal []byte, safe int) []byte {
	if len(wal) > walHeader {
		safe = max(safe, walHeader)
	}
	if safe == len(wal) {
		return wal
	}
	from := safe + d.random.IntN(len(wal)-safe)
	switch d.random.IntN(3) {
	case 0:
		return wal
	case 1:
		return wal[:from]
	default:
		for i := from; i < len(wal); i++ {
			wal[i] = byte(d.random.Uint32())
		}
		return wal
	}
}

// checkpoint copies some of the pages that the WAL holds into the database, or parts of them, sector by sector.
func (d *disk) checkpoint(pages, wal []byte) []byte {
	const sector = 512
	newest := map[int][]byte{}
	for _, f := range framesOf(wal) {
		newest[f.page] = f.data
	}
	for _, page := range slices.Sorted(maps.Keys(newest)) {
		data := newest[page]
		from, to := 0, 0
		switch d.random.IntN(3) {
		case 0: // not written yet
		case 1:
			to = len(data)
		case 2:
			from, to = 0, sector*d.random.IntN(len(data)/sector)
			if d.random.IntN(2) == 0 {
				from, to = to, len(data)
			}
		}
		at := (page - 1) * len(data)
		if from == to {
			continue
		}
		if missing := at + to - len(pages); missing > 0 {
			pages = append(pages, make([]byte, missing)...)
		}
		copy(pages[at+from:], data[from:to])
	}
	return pages
}

// frame is one page in a WAL (sqlite.org, "WAL-mode File Format").
type frame struct {
	page   int
	commit bool // the last one of its transaction
	data   []byte
}

const (
	walHeader   = 32
	frameHeader = 24
)

// framesOf returns the frames of a WAL's current generation.
func framesOf(wal []byte) (all []frame) {
	if len(wal) < walHeader {
		return nil
	}
	size, salts := int(binary.BigEndian.Uint32(wal[8:])), string(wal[16:24])
	for at := walHeader; at+frameHeader+size <= len(wal); at += frameHeader + size {
		header := wal[at : at+frameHeader]
		if string(header[8:16]) != salts {
			break // left over from the generation before
		}
		all = append(all, frame{
			page: int(binary.BigEndian.Uint32(header)), commit: binary.BigEndian.Uint32(header[4:]) != 0,
			data: wal[at+frameHeader : at+frameHeader+size],
		})
	}
	return all
}

// committed returns where the last whole transaction of a WAL ends.
func committed(wal []byte) position {
	var p position
	if len(wal) < walHeader {
		return p
	}
	p.salts = binary.BigEndian.Uint64(wal[16:])
	for i, f := range framesOf(wal) {
		if f.commit {
			p.end = walHeader + (i+1)*(frameHeader+len(f.data))
		}
	}
	return p
}
