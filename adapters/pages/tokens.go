package pages

import (
	"time"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
)

// Tokens are the ways in of a partner's systems, for who looks after them; the house
// gives them. Each is of the partner named or it is not there: ErrNoToken.
type Tokens interface {
	// List is every credential of a partner, the oldest first.
	List(partner string) ([]Token, error)
	// Add makes one for HTTP; its secret is told this once.
	Add(partner, name string) (secret string, err error)
	// Rotate makes a successor of one for HTTP, whose secret is told this once; the old
	// one is good for as long as the overlap.
	Rotate(partner, id string, overlap time.Duration) (secret string, err error)
	// Remove ends one at once, its open connections included.
	Remove(partner, id string) error
}

// Token is a credential of a partner's system, without its secret.
type Token struct {
	ID      string
	Name    string
	NATS    bool // an account at the NATS door, whose secret is a file; otherwise a token for HTTP
	Created time.Time
	Expires time.Time // zero: never
	Ended   bool
	Next    bool // it has a successor already
}

// sessionLine is a session with the number by which it is told from another of the same
// browser.
type sessionLine struct {
	signin.Session
	Number int
}

// accountPage is what is somebody's own here.
type accountPage struct {
	Sessions []sessionLine
	Phone    *form
	CanPhone bool
	Tokens   []Token
	CanToken bool
	Secret   string // of a token that was just made; shown this once
	Feeds    []web.Feed
	NewFeed  string // the address of one that was just made; shown this once
	Scopes   []string
	Followed int // how many employers one's partner follows
	Digests  []web.Digest
	Digest   *form
	Overlap  int // days
}
