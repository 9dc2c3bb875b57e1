package events

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// Hash is a SHA-256 or an HMAC-SHA-256. As text it is base64url without padding:
// 43 characters (docs/design.md, "Stored format 1").
type Hash [sha256.Size]byte

var errNoHash = errors.New("not 43 characters of base64url")

const hashLen = 43

var base64url = base64.RawURLEncoding.Strict()

// HashOf is the SHA-256 of stored bytes.
func HashOf(stored []byte) Hash { return sha256.Sum256(stored) }

// IsZero reports whether h is the zero hash, the "previous" of position 1.
func (h Hash) IsZero() bool { return h == Hash{} }

// String is the hash as text.
func (h Hash) String() string { return base64url.EncodeToString(h[:]) }

// MarshalText gives the hash as text; JSON uses it.
func (h Hash) MarshalText() ([]byte, error) { return base64url.AppendEncode(nil, h[:]), nil }

// UnmarshalText takes exactly what MarshalText gives.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hashLen {
		return errNoHash
	}
	// Decode writes up to 33 bytes for 44 characters, 32 for 43.
	if n, err := base64url.Decode(h[:], text); err != nil || n != len(h) {
		return errNoHash
	}
	return nil
}
