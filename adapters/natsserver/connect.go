package natsserver

import (
	"fmt"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
)

// Connect gives an in-process connection to the ledger's account, with the
// user's permissions and under a key that is drawn for it and dropped with it.
// It comes back by itself when the server drops it (for being slow), and is
// closed by Shutdown. While it is away, publishing fails rather than waits: the
// outcome of what would be sent later is nobody's any more.
func (s *Server) Connect(u User, opts ...nats.Option) (*nats.Conn, error) {
	claims, seed, err := u.claims()
	if err != nil {
		return nil, err
	}
	// An empty list is everything to NATS; here it is nothing.
	if len(u.Publish) == 0 {
		claims.Pub.Deny.Add(">")
	}
	if len(u.Subscribe) == 0 {
		claims.Sub.Deny.Add(">")
	}
	claims.AllowedConnectionTypes.Add(jwt.ConnectionTypeInProcess)
	token, err := claims.Encode(s.ledger)
	if err != nil {
		return nil, fmt.Errorf("natsserver: signing user %s: %w", u.Name, err)
	}
	opts = append([]nats.Option{
		nats.Name(u.Name),
		nats.InProcessServer(s.nats),
		nats.UserJWTAndSeed(token, string(seed)),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(20 * time.Millisecond),
		nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			s.log.Warn("nats connection", "user", u.Name, "error", err)
		}),
	}, opts...)
	nc, err := nats.Connect("", opts...)
	if err != nil {
		return nil, fmt.Errorf("natsserver: connecting %s: %w", u.Name, err)
	}
	s.mu.Lock()
	s.conns = append(s.conns, nc)
	s.mu.Unlock()
	return nc, nil
}
