package slack

import "slices"

// Version returns a number that grows with everything that changes in the workspace as people see it.
func (s *Server) Version() uint64 {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.store.changes
}

// Channels returns all channels, sorted by their ids.
func (s *Server) Channels() []Channel {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	ids := s.store.channelIDs()
	all := make([]Channel, len(ids))
	for i, id := range ids {
		all[i] = *s.store.channels[id]
	}
	return all
}

// Newest returns the last messages of a channel as Messages does, oldest first, and how many there are in all.
func (s *Server) Newest(channel string, most int) (newest []Message, all int) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for _, m := range slices.Backward(s.store.messages) {
		if m.channel != channel {
			continue
		}
		if all++; all <= most {
			newest = append(newest, *m)
		}
	}
	for i := range newest {
		newest[i].Metadata = newest[i].sent
	}
	slices.Reverse(newest)
	return newest, all
}
