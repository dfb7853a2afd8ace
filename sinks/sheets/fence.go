package sheets

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"
	"time"

	"github.com/google/uuid"
	"google.golang.org/api/sheets/v4"
)

const (
	fenceKey = "ppm"

	// fenceAge is how long a fence is kept after its effect ended. No copy of its batch can be on its way for so long.
	fenceAge = 15 * time.Minute

	// sweepEvery bounds the work of deleting old fences. 60 writes a minute leave 1200 fences of 14 characters: Google
	// takes 30,000 characters.
	sweepEvery = 5 * time.Minute
)

// fence is the metadata that an effect is fenced by.
type fence struct {
	id    int64  // 1 to 2^31-1, by the effect's id
	value string // says whose it is
}

// fenceOf follows from the effect's id alone. Two effects of the same fence id are told apart by the value.
func fenceOf(effect string) fence {
	hash := sha256.Sum256([]byte(effect))
	last := hash[:8]
	if id, err := uuid.Parse(effect); err == nil {
		last = id[8:]
	}
	return fence{
		id:    max(1, int64(binary.BigEndian.Uint32(hash[:4])&math.MaxInt32)),
		value: base64.RawURLEncoding.EncodeToString(last),
	}
}

// burnt is the value of a fence that nobody can pass any more. No value of a fence begins like that.
func (f fence) burnt() string { return "!" + f.value }

// create puts the fence on a tab.
func (f fence) create(tab int64) *sheets.Request {
	return f.request(f.value, &sheets.DeveloperMetadataLocation{SheetId: tab, ForceSendFields: []string{"SheetId"}})
}

// burn puts the burnt fence on the spreadsheet, so that it holds even when the tab is deleted and made anew.
func (f fence) burn() *sheets.Request {
	return f.request(f.burnt(), &sheets.DeveloperMetadataLocation{Spreadsheet: true})
}

func (f fence) request(value string, location *sheets.DeveloperMetadataLocation) *sheets.Request {
	return &sheets.Request{CreateDeveloperMetadata: &sheets.CreateDeveloperMetadataRequest{
		DeveloperMetadata: &sheets.DeveloperMetadata{
			MetadataId: f.id, MetadataKey: fenceKey, MetadataValue: value, Location: location, Visibility: "DOCUMENT",
		},
	}}
}

// holder says whose a fence is.
type holder int

const (
	nobody holder = iota
	ours
	burnt
	foreign
)

// holder reads the fence. Ours counts above all: it says that the rows were written.
func (s *Sink) holder(ctx context.Context, f fence) (holder, error) {
	found, err := s.client.search(ctx, s.config.Spreadsheet, &sheets.DeveloperMetadataLookup{MetadataId: f.id})
	if err != nil {
		return nobody, err
	}
	who := nobody
	for _, m := range found {
		switch {
		case m.MetadataValue == f.value && m.MetadataKey == fenceKey:
			return ours, nil
		case m.MetadataValue == f.burnt() && m.MetadataKey == fenceKey:
			who = burnt
		case who == nobody:
			who = foreign
		}
	}
	return who, nil
}

// fences is what a sink knows of fences whose effects have ended: since when, at the least.
type fences struct {
	ended map[int64]time.Time
	swept time.Time
}

func (f *fences) end(id int64) {
	if f.ended == nil {
		f.ended = map[int64]time.Time{}
	}
	f.ended[id] = time.Now()
}

// sweep deletes old fences of the tab, and burnt ones. Those that an earlier process left are counted from when they are
// first seen: while an effect is performed no other one of this tab is open, so all that are found belong to effects
// that have ended. It is asked for only then. What fails is left for the next time; what was
// never swept is swept at once.
func (s *Sink) sweep(ctx context.Context, tab int64) {
	// Under load there is never a quiet moment, and without sweeping there is no room for fences after an hour.
	if age := time.Since(s.fences.swept); age < sweepEvery || age < 2*sweepEvery && !s.client.idle() {
		return
	}
	s.fences.swept = time.Now()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	found, err := s.client.search(ctx, s.config.Spreadsheet, &sheets.DeveloperMetadataLookup{MetadataKey: fenceKey})
	if err != nil {
		return
	}
	known := s.fences.ended
	s.fences.ended = map[int64]time.Time{}
	var old []*sheets.Request
	for _, m := range found {
		if m.Location == nil || (!m.Location.Spreadsheet && m.Location.SheetId != tab) {
			continue // of another tab, which may have an open effect
		}
		since, ok := known[m.MetadataId]
		if !ok {
			since = time.Now()
		}
		if time.Since(since) < fenceAge {
			s.fences.ended[m.MetadataId] = since
			continue
		}
		old = append(old, &sheets.Request{DeleteDeveloperMetadata: &sheets.DeleteDeveloperMetadataRequest{
			DataFilter: &sheets.DataFilter{DeveloperMetadataLookup: &sheets.DeveloperMetadataLookup{
				MetadataId: m.MetadataId, MetadataKey: fenceKey, MetadataValue: m.MetadataValue,
			}},
		}})
	}
	if len(old) > 0 {
		_ = s.client.update(ctx, s.config.Spreadsheet, old) // what was not deleted is found again
	}
}
