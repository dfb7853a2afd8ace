package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Version names what the file says, in 12 characters. Comments, the order of keys and the values of secrets do not
// change it.
func (c *Config) Version() string {
	said, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("a config is plain data: %s", err)) // unreachable unless a field of another kind was added
	}
	sum := sha256.Sum256(said)
	return hex.EncodeToString(sum[:6])
}
