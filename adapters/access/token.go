package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"huisboek/ledger"
)

// TokenPrefix begins every token, so that a scanner can find one that leaked.
const TokenPrefix = "hb_"

// tokenSize is the number of random bytes in a token: 256 bits.
const tokenSize = 32

// Why a token is not taken.
var (
	// ErrUnknownToken: no credential has this token (any more).
	ErrUnknownToken = errors.New("unknown token")
	// ErrExpired is an ErrUnknownToken of which its holder may know why.
	ErrExpired = fmt.Errorf("%w: it has expired", ErrUnknownToken)
)

// tokenHash is what is kept of a token. One hash is enough: 256 random bits
// cannot be tried, so nothing slower is needed.
type tokenHash [sha256.Size]byte

func newToken() (token string, hash tokenHash) {
	var b [tokenSize]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	token = TokenPrefix + base64.RawURLEncoding.EncodeToString(b[:])
	return token, sha256.Sum256([]byte(token))
}

// Authenticate is who has this token, or ErrUnknownToken, or ErrExpired. The caller of
// Authenticate sets Door. It takes the same time for every wrong token of one
// length: what is looked up and compared is the token's hash.
func (f *File) Authenticate(token string) (ledger.Caller, error) {
	if !strings.HasPrefix(token, TokenPrefix) {
		return ledger.Caller{}, ErrUnknownToken
	}
	hash := tokenHash(sha256.Sum256([]byte(token)))
	s := f.state.Load()
	id := s.tokens[hash]
	c := s.credentials[id]
	if subtle.ConstantTimeCompare(c.Token[:], hash[:]) != 1 {
		return ledger.Caller{}, ErrUnknownToken
	}
	if c.Ended(f.now()) {
		return ledger.Caller{}, ErrExpired
	}
	return c.caller(), nil
}
