package fault

import (
	"hash/fnv"
	"math/rand/v2"
)

// Chance is how often chance chooses a kind: 0.05 is one request in twenty.
type Chance struct {
	Kind  Kind    `json:"kind"`
	Share float64 `json:"share"`
}

// Evenly gives a share of all requests to several kinds in equal parts.
func Evenly(share float64, kinds ...Kind) []Chance {
	chances := make([]Chance, len(kinds))
	for i, kind := range kinds {
		chances[i] = Chance{kind, share / float64(len(kinds))}
	}
	return chances
}

// dice are the chance of one endpoint.
type dice struct{ *rand.Rand }

// draw takes the next kind of an endpoint. The board's lock is held.
func (s *standing) draw(endpoint string) Kind {
	d, ok := s.dice[endpoint]
	if !ok {
		name := fnv.New64a()
		_, _ = name.Write([]byte(endpoint))                   // a hash takes everything
		d = dice{rand.New(rand.NewPCG(s.seed, name.Sum64()))} //nolint:gosec // chance that must be reproducible
		s.dice[endpoint] = d
	}
	left := d.Float64()
	for _, chance := range s.chances {
		if left -= chance.Share; left < 0 {
			return chance.Kind
		}
	}
	return None
}

// checkChances stops chances that cannot be, where they are written.
func checkChances(chances []Chance) {
	sum := 0.0
	for _, chance := range chances {
		check(chance.Kind)
		if sum += chance.Share; chance.Share < 0 || sum > 1.000001 { // parts of 1 need not add up to it exactly
			panic("fault: shares are from 0 to 1, and 1 together at most")
		}
	}
}
