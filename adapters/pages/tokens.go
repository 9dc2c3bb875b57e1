package pages

import (
	"time"
)

// Tokens are the ways in of one partner, for its manager; the house gives them.
type Tokens interface {
	// List is every credential of a partner.
	List(partner string) ([]Token, error)
	// Rotate makes a successor, that is shown this once; the old one is good for a while.
	Rotate(partner, id string) (secret string, err error)
	// Remove ends one at once.
	Remove(partner, id string) error
}

// Token is a credential of a partner's system, without its secret.
type Token struct {
	ID      string
	Name    string
	Kind    string // access.KindToken or access.KindNATS
	Created time.Time
	Expires time.Time // zero: never
	Used    time.Time // zero: not known
}
