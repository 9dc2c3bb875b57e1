package natsserver

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// Server is a running server.
type Server struct {
	nats     *server.Server
	resolver *server.MemAccResolver
	log      *slog.Logger
	said     *logger
	options  *server.Options

	dir       string
	operator  nkeys.KeyPair
	ledger    nkeys.KeyPair
	ledgerPub string

	mu    sync.Mutex // guards conns, and orders the changes of accounts
	conns []*nats.Conn
}

// Start starts a server. When it returns, the streams are recovered and
// connections are taken.
func Start(c Config) (*Server, error) {
	o, err := c.options()
	if err != nil {
		return nil, err
	}
	if err := checkAll(c.Dir); err != nil {
		return nil, fmt.Errorf("natsserver: %w", err)
	}
	s := &Server{resolver: &server.MemAccResolver{}, log: c.Log, dir: c.Dir}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.trust(o); err != nil {
		return nil, err
	}
	if err := s.admitLedger(c.Ledger); err != nil {
		return nil, err
	}
	for _, p := range c.Partners {
		if err := s.admit(p); err != nil {
			return nil, err
		}
	}
	if s.nats, err = server.NewServer(o); err != nil {
		return nil, fmt.Errorf("natsserver: %w", err)
	}
	if err := protect(c.Dir); err != nil {
		return nil, fmt.Errorf("natsserver: %w", err)
	}
	l := &logger{log: s.log, gaveUp: make(chan struct{}, 1)}
	s.said, s.options = l, o
	s.nats.SetLoggerV2(l, false, false, false)
	s.nats.Start() // returns when all is up, listener included, or has called Fatalf
	if err := l.failure(); err != nil {
		s.Shutdown()
		return nil, errors.Join(fmt.Errorf("natsserver: %w", err), restored(c.Dir))
	}
	// JetStream of an account starts when the account is first looked up.
	if _, err := s.nats.LookupAccount(s.ledgerPub); err != nil {
		s.Shutdown()
		return nil, errors.Join(fmt.Errorf("natsserver: the ledger's account: %w", err), restored(c.Dir))
	}
	if err := restored(c.Dir); err != nil {
		s.Shutdown()
		return nil, fmt.Errorf("natsserver: %w", err)
	}
	return s, nil
}

// trust draws the operator and the system account of this run.
func (s *Server) trust(o *server.Options) error {
	operator, err := nkeys.CreateOperator()
	if err != nil {
		return fmt.Errorf("natsserver: drawing the operator: %w", err)
	}
	s.operator = operator
	public, err := operator.PublicKey()
	if err != nil {
		return err
	}
	seed, err := NewAccountSeed()
	if err != nil {
		return err
	}
	system, err := PublicKey(seed) // the seed is dropped: nobody is a user of the system account
	if err != nil {
		return err
	}
	if err := s.store(jwt.NewAccountClaims(system)); err != nil {
		return err
	}
	claims := jwt.NewOperatorClaims(public)
	claims.SystemAccount = system
	if _, err := claims.Encode(operator); err != nil {
		return fmt.Errorf("natsserver: signing the operator: %w", err)
	}
	o.TrustedOperators = []*jwt.OperatorClaims{claims}
	o.SystemAccount = system
	o.AccountResolver = s.resolver
	return nil
}

func (s *Server) admitLedger(seed string) (err error) {
	if s.ledger, err = accountPair(seed); err != nil {
		return fmt.Errorf("%w (the ledger's)", err)
	}
	if s.ledgerPub, err = s.ledger.PublicKey(); err != nil {
		return err
	}
	return s.store(ledgerClaims(s.ledgerPub))
}

// store signs an account and puts it where the server looks it up.
func (s *Server) store(c *jwt.AccountClaims) error {
	token, err := c.Encode(s.operator)
	if err != nil {
		return fmt.Errorf("natsserver: signing account %s: %w", c.Subject, err)
	}
	return s.resolver.Store(c.Subject, token)
}

// ClientURL is where partners connect to, "" without a listener.
func (s *Server) ClientURL() string {
	if s.nats.Addr() == nil {
		return ""
	}
	return s.nats.ClientURL()
}

// StreamDir is the folder that holds the files of one of the ledger's streams.
func (s *Server) StreamDir(stream string) string {
	return filepath.Join(s.dir, server.JetStreamStoreDir, s.ledgerPub, "streams", stream)
}

// Shutdown closes the connections that Connect gave, stops the server and waits
// until its files are written and closed.
func (s *Server) Shutdown() {
	s.mu.Lock()
	conns := s.conns
	s.conns = nil
	s.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}
