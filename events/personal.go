package events

import (
	"errors"

	"github.com/go-json-experiment/json"
)

// KeyID names a seal key: its sequence in the book's key stream.
type KeyID uint64

// Seal stands in a stored event where a personal member stood: ciphertext under
// the key with that id. Without the key it is noise.
type Seal struct {
	Key  KeyID  `json:"sleutel"`
	Text string `json:"zegel"` // base64url without padding: nonce, ciphertext, tag
}

// Personal is a member that says something of a person: plain in a submission,
// sealed in a record, and never both. The zero value is an absent member.
// Only a stored record may hold a seal; Decode refuses one from outside.
type Personal[T any] struct {
	Plain *T
	Seal  *Seal
}

// Plainly is the personal member with that plain value.
func Plainly[T any](value T) Personal[T] { return Personal[T]{Plain: &value} }

// IsZero reports whether the member is absent.
func (p Personal[T]) IsZero() bool { return p.Plain == nil && p.Seal == nil }

var errTwofold = errors.New("a personal member is either plain or sealed")

// MarshalJSON writes the plain value, or {"sleutel", "zegel"} for a seal, or
// null when the member is absent.
func (p Personal[T]) MarshalJSON() ([]byte, error) {
	switch {
	case p.Plain != nil && p.Seal != nil:
		return nil, errTwofold
	case p.Seal != nil:
		return json.Marshal(p.Seal)
	case p.Plain != nil:
		return json.Marshal(p.Plain)
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Personal[T]) UnmarshalJSON(b []byte) error {
	*p = Personal[T]{}
	if string(b) == "null" {
		return nil
	}
	var seal Seal
	if json.Unmarshal(b, &seal, json.RejectUnknownMembers(true)) == nil && seal.Text != "" {
		p.Seal = &seal
		return nil
	}
	p.Plain = new(T)
	return json.Unmarshal(b, p.Plain, json.RejectUnknownMembers(true))
}
