package google

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"google.golang.org/api/sheets/v4"
)

// createMetadata adds an entry. Its id is unique in the spreadsheet, wherever the entry is attached.
func (b *book) createMetadata(r *sheets.CreateDeveloperMetadataRequest) (*sheets.Response, error) {
	if r.DeveloperMetadata == nil {
		return nil, invalid("No developer metadata was given.")
	}
	entry := *r.DeveloperMetadata
	switch {
	case entry.MetadataKey == "":
		return nil, invalid("Developer metadata must have a key.")
	case entry.Visibility != "DOCUMENT" && entry.Visibility != "PROJECT":
		return nil, invalid("Developer metadata must have a visibility.")
	case entry.MetadataId < 0 || entry.MetadataId > math.MaxInt32:
		return nil, invalid("Invalid value at 'developer_metadata.metadata_id' (TYPE_INT32), %d", entry.MetadataId)
	case entry.Location == nil:
		return nil, invalid("Developer metadata must have a location.")
	case entry.Location.DimensionRange != nil:
		return nil, notBuilt("developer metadata of rows and columns")
	}
	if err := b.place(&entry); err != nil {
		return nil, err
	}
	if entry.MetadataId == 0 {
		b.nextID++
		entry.MetadataId = b.nextID
	}
	taken := slices.ContainsFunc(b.metadata, func(m *sheets.DeveloperMetadata) bool { return m.MetadataId == entry.MetadataId })
	if taken && !b.options.DuplicateMetadata {
		return nil, invalid("Cannot add developer metadata with ID [%d] because developer metadata with that ID already exists.",
			entry.MetadataId)
	}
	b.metadata = append(b.metadata, &entry)
	if b.stored(entry.Location) > b.options.MaxMetadata {
		return nil, invalid("Developer metadata storage limit of %d characters exceeded.", b.options.MaxMetadata)
	}
	return &sheets.Response{CreateDeveloperMetadata: &sheets.CreateDeveloperMetadataResponse{DeveloperMetadata: &entry}}, nil
}

// place completes an entry's location.
func (b *book) place(entry *sheets.DeveloperMetadata) error {
	location := *entry.Location
	entry.Location = &location
	if location.Spreadsheet {
		location.LocationType = "SPREADSHEET"
		return nil
	}
	location.LocationType = "SHEET"
	_, err := b.tab(location.SheetId)
	return err
}

// stored returns how many characters of metadata a place holds.
func (b *book) stored(location *sheets.DeveloperMetadataLocation) int {
	characters := 0
	for _, m := range b.metadata {
		if samePlace(m.Location, location) {
			characters += len(m.MetadataKey) + len(m.MetadataValue)
		}
	}
	return characters
}

func samePlace(a, b *sheets.DeveloperMetadataLocation) bool {
	return a.Spreadsheet == b.Spreadsheet && a.SheetId == b.SheetId
}

func (b *book) deleteMetadata(r *sheets.DeleteDeveloperMetadataRequest) (*sheets.Response, error) {
	gone, err := b.find([]*sheets.DataFilter{r.DataFilter})
	if err != nil {
		return nil, err
	}
	if len(gone) == 0 && b.options.DeleteMissingRefused {
		return nil, invalid("No developer metadata matches the filter.")
	}
	b.metadata = slices.DeleteFunc(b.metadata, func(m *sheets.DeveloperMetadata) bool { return slices.Contains(gone, m) })
	return &sheets.Response{
		DeleteDeveloperMetadata: &sheets.DeleteDeveloperMetadataResponse{DeletedDeveloperMetadata: gone},
	}, nil
}

// find returns the entries that match any of the filters, by id.
func (b *book) find(filters []*sheets.DataFilter) ([]*sheets.DeveloperMetadata, error) {
	var found []*sheets.DeveloperMetadata
	for _, filter := range filters {
		if filter == nil || filter.DeveloperMetadataLookup == nil {
			return nil, notBuilt("data filters other than developerMetadataLookup")
		}
		for _, m := range b.metadata {
			if matches(m, filter.DeveloperMetadataLookup) && !slices.Contains(found, m) {
				found = append(found, m)
			}
		}
	}
	slices.SortStableFunc(found, func(x, y *sheets.DeveloperMetadata) int { return cmp.Compare(x.MetadataId, y.MetadataId) })
	return found, nil
}

func matches(m *sheets.DeveloperMetadata, l *sheets.DeveloperMetadataLookup) bool {
	return (l.MetadataId == 0 || l.MetadataId == m.MetadataId) &&
		(l.MetadataKey == "" || l.MetadataKey == m.MetadataKey) &&
		(l.MetadataValue == "" || l.MetadataValue == m.MetadataValue) &&
		(l.Visibility == "" || l.Visibility == m.Visibility) &&
		(l.LocationType == "" || l.LocationType == m.Location.LocationType) &&
		(l.MetadataLocation == nil || samePlace(l.MetadataLocation, m.Location))
}

func getMetadata(c call) (any, error) {
	id, err := strconv.ParseInt(c.name, 10, 32)
	if err != nil {
		return nil, invalid("Invalid value at 'metadata_id' (TYPE_INT32), %q", c.name)
	}
	for _, m := range c.book.metadata {
		if m.MetadataId == id {
			return m, nil
		}
	}
	return nil, notFound("Requested entity was not found.")
}

func searchMetadata(c call) (any, error) {
	var search sheets.SearchDeveloperMetadataRequest
	if err := decode(c.body, &search); err != nil {
		return nil, err
	}
	found, err := c.book.find(search.DataFilters)
	if err != nil {
		return nil, err
	}
	answer := &sheets.SearchDeveloperMetadataResponse{}
	for _, m := range found {
		answer.MatchedDeveloperMetadata = append(answer.MatchedDeveloperMetadata,
			&sheets.MatchedDeveloperMetadata{DeveloperMetadata: m, DataFilters: search.DataFilters})
	}
	return answer, nil
}
