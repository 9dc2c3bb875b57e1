package natsserver

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
)

// ErrUnknownAccount: the account was never added.
var ErrUnknownAccount = errors.New("natsserver: account is not known")

// AddPartner lets the users of an account in from now on; for an account that is
// known already it renews what it may do.
func (s *Server) AddPartner(a Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admit(a)
}

// RemovePartner shuts an account out: its open connections are closed before it
// returns, and its credentials stop working. public is the account's public key.
// ErrUnknownAccount when it was never added.
func (s *Server) RemovePartner(public string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if public == s.ledgerPub {
		return fmt.Errorf("natsserver: %s is the ledger's own account", public)
	}
	if _, err := s.resolver.Fetch(public); err != nil {
		return fmt.Errorf("%w: %s", ErrUnknownAccount, public)
	}
	// The server has no way to forget an account: an empty one that admits
	// nobody takes its place until the next start.
	c := jwt.NewAccountClaims(public)
	c.Name = "verwijderd"
	c.Limits.Conn = 0
	c.RevokeAt(jwt.All, time.Now().AddDate(1, 0, 0))
	return s.renew(c)
}

// admit stores a partner's account, and tells the server when it runs.
func (s *Server) admit(a Account) error {
	public, err := PublicKey(a.Key)
	if err != nil {
		return fmt.Errorf("%w (of partner %s)", err, a.Name)
	}
	if public == s.ledgerPub {
		return fmt.Errorf("natsserver: partner %s has the ledger's own account", a.Name)
	}
	return s.renew(partnerClaims(public, a.Name, s.ledgerPub))
}

func (s *Server) renew(c *jwt.AccountClaims) error {
	if err := s.store(c); err != nil {
		return err
	}
	if s.nats == nil {
		return nil
	}
	account, err := s.nats.LookupAccount(c.Subject)
	if err == nil {
		// Lookup fetches an account that the server had not met; one that it had
		// keeps what it knew until it is told.
		s.nats.UpdateAccountClaims(account, c)
	}
	if err != nil && err != server.ErrMissingAccount {
		return fmt.Errorf("natsserver: account %s: %w", c.Subject, err)
	}
	return nil
}
