package main

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a pair of files that somebody renews while huisboek runs: what
// stands in them is used for connections from then on.
type certificate struct {
	cert, key string
	now       func() time.Time
	log       *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	looked time.Time // when the files were last looked at
	stamp  [2]stamp  // what they were when pair was read
}

// stamp tells whether a file was written since.
type stamp struct {
	modified time.Time
	size     int64
}

// lookAgain is how long a renewed certificate may take to be seen.
const lookAgain = 10 * time.Second

// openCertificate reads the pair for the first time; then a fault is an error.
func openCertificate(cert, key string, now func() time.Time, log *slog.Logger) (*certificate, error) {
	c := &certificate{cert: cert, key: key, now: now, log: log, looked: now()}
	var err error
	if c.stamp, err = c.stamps(); err != nil {
		return nil, err
	}
	c.pair, err = c.read()
	return c, err
}

func (c *certificate) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	return &pair, err
}

func (c *certificate) stamps() (s [2]stamp, err error) {
	for i, path := range [2]string{c.cert, c.key} {
		info, err := os.Stat(path)
		if err != nil {
			return s, err
		}
		s[i] = stamp{info.ModTime(), info.Size()}
	}
	return s, nil
}

// get is the pair for a new connection. Files that cannot be read (one of the two
// is written before the other) leave the old pair in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.looked) >= lookAgain {
		c.looked = now
		if err := c.renew(); err != nil {
			c.log.Warn("the certificate cannot be read again; the one of before stays in use", "err", err)
		}
	}
	return c.pair, nil
}

func (c *certificate) renew() error {
	s, err := c.stamps()
	if err != nil || s == c.stamp {
		return err
	}
	pair, err := c.read()
	if err != nil {
		return err
	}
	c.pair, c.stamp = pair, s
	c.log.Info("the certificate was renewed")
	return nil
}
