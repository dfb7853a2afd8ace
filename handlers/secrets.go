package handlers

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// keyring is the list of secrets that are accepted, and when each was last used. The secrets themselves are not kept.
// It is never changed; a new list takes over the times of the secrets that stay.
type keyring struct{ keys []key }

// key is one secret.
type key struct {
	sum   [sha256.Size]byte
	used  *atomic.Int64 // Unix nanoseconds; 0 = never
	added time.Time     // when it came into the list
}

// newKeyring refuses what would let nobody in, or everybody. Before is the list that this one follows; nil = it is the
// first.
func newKeyring(secrets []string, before *keyring, now time.Time) (*keyring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("there is no secret, so every event would be refused")
	}
	ring := &keyring{}
	for i, secret := range secrets {
		if secret == "" || strings.TrimSpace(secret) != secret {
			return nil, fmt.Errorf("secret %d is empty or has blanks around it, which a header cannot carry", i+1)
		}
		sum := sha256.Sum256([]byte(secret))
		if old, stays := before.find(sum); stays {
			ring.keys = append(ring.keys, old)
			continue
		}
		ring.keys = append(ring.keys, key{sum: sum, used: new(atomic.Int64), added: now})
	}
	return ring, nil
}

// find returns a key of the list, and whether there is one.
func (k *keyring) find(sum [sha256.Size]byte) (key, bool) {
	if k == nil {
		return key{}, false
	}
	i := slices.IndexFunc(k.keys, func(known key) bool { return known.sum == sum })
	if i < 0 {
		return key{}, false
	}
	return k.keys[i], true
}

// admit reports whether the request carries one of the secrets: exactly one Authorization header, "Bearer" in any
// case (RFC 9110, section 11.1), and the secret. Every secret is compared, each in constant time: how long it takes
// tells neither which one fits nor how far.
func (k *keyring) admit(header http.Header, now time.Time) bool {
	values := header.Values("Authorization")
	if len(values) != 1 {
		return false
	}
	scheme, presented, _ := strings.Cut(values[0], " ")
	presented = strings.TrimLeft(presented, " ")
	sum := sha256.Sum256([]byte(presented))
	found := -1
	for i := range k.keys {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], k.keys[i].sum[:]), i, found)
	}
	if found < 0 || !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	k.keys[found].used.Store(now.UnixNano())
	return true
}

// usage returns how each secret is used, in the order of the list.
func (k *keyring) usage() []secretUsage {
	all := make([]secretUsage, len(k.keys))
	for i, key := range k.keys {
		all[i] = secretUsage{Position: i + 1, Added: key.added.UTC()}
		if at := key.used.Load(); at != 0 {
			all[i].LastUsed = time.Unix(0, at).UTC()
		}
	}
	return all
}
