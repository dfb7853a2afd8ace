package handlers

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// keyring is the list of secrets that are accepted, and when each was last used. The secrets themselves are not kept.
type keyring struct {
	sums [][sha256.Size]byte
	used []atomic.Int64 // Unix nanoseconds; 0 = never
}

// newKeyring refuses what would let nobody in, or everybody.
func newKeyring(secrets []string) (*keyring, error) {
	if len(secrets) == 0 {
		return nil, errors.New("there is no secret, so every event would be refused")
	}
	ring := &keyring{used: make([]atomic.Int64, len(secrets))}
	for i, secret := range secrets {
		if secret == "" || strings.TrimSpace(secret) != secret {
			return nil, fmt.Errorf("secret %d is empty or has blanks around it, which a header cannot carry", i+1)
		}
		ring.sums = append(ring.sums, sha256.Sum256([]byte(secret)))
	}
	return ring, nil
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
	for i := range k.sums {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], k.sums[i][:]), i, found)
	}
	if found < 0 || !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	k.used[found].Store(now.UnixNano())
	return true
}

// usage returns when each secret was last used, in the order of the list; the zero time for one that was not.
func (k *keyring) usage() []time.Time {
	times := make([]time.Time, len(k.used))
	for i := range k.used {
		if at := k.used[i].Load(); at != 0 {
			times[i] = time.Unix(0, at).UTC()
		}
	}
	return times
}
