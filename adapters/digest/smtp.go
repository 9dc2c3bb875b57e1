package digest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"time"
)

// The ways to reach a mail server.
const (
	StartTLS = "starttls" // plain at first, and nothing is said before it is encrypted
	TLS      = "tls"      // encrypted from the first byte
	Plain    = "plain"    // not encrypted: for a server on this machine
)

// Server is the mail server that takes the digests.
type Server struct {
	Address  string // host:port
	Security string // StartTLS (also when empty), TLS or Plain
	User     string // empty: the server asks for none
	Password string
	From     string // the address that the mail comes from
	// Trust is for tests: who signed the server's certificate. nil: the system's.
	Trust *tls.Config
}

// sendTimeout bounds one mail, from dialling to the server's word that it has it.
const sendTimeout = time.Minute

var errNoStartTLS = errors.New("the server does not offer STARTTLS, and a mail is not sent in the clear")

// send gives one mail to the server. When it returns nil the server has taken it.
func (s *Server) send(ctx context.Context, to string, mail []byte) (err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		return err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Whatever the server does, the mail ends with ctx.
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Trust != nil {
		secure = s.Trust.Clone()
	}
	secure.ServerName = host
	if s.Security == TLS {
		conn = tls.Client(conn, secure)
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	defer c.Close()
	if s.Security == StartTLS || s.Security == "" {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return errNoStartTLS
		}
		if err := c.StartTLS(secure); err != nil {
			return err
		}
	}
	if s.User != "" { // over an encrypted connection only, or to this machine: net/smtp sees to that
		if err := c.Auth(smtp.PlainAuth("", s.User, s.Password, host)); err != nil {
			return fmt.Errorf("user %s: %w", s.User, err)
		}
	}
	if err := c.Mail(s.From); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(mail); err != nil {
		return err
	}
	if err := w.Close(); err != nil { // the server's word comes with this
		return err
	}
	c.Quit() // it has the mail; how it says goodbye changes nothing
	return nil
}
