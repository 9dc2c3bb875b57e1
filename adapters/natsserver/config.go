package natsserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// MaxPayload is the largest message that is let in, in bytes, headers included:
// the largest event (64 KiB) as it is stored, sealed and with its head.
const MaxPayload = 128 << 10

// MaxBatch is the largest number of messages in one atomic batch. The server's
// own limit of 1,000 makes a pool of keys cost a fifth of the rate.
const MaxBatch = 10_000

// What one connection may cost. The program's own connections are held to the
// same, the door's among them, through which all partners come.
const (
	// maxPending is how much may wait in memory for a connection that does not
	// read; with more it is closed. With 8 MiB a flood of large events closed the
	// door's own on a busy machine, and with it everybody's requests were lost:
	// the server slows senders down only from three quarters on, and the last
	// quarter has to hold what they send until then. The default, 64 MiB, would let
	// the eight connections of one account take half a gigabyte; writeDeadline
	// closes most of what does not read long before that.
	maxPending = 32 << 20
	// writeDeadline is how long one write to a client may stand still before the
	// connection is closed: what is behind it would be for nobody.
	writeDeadline = 5 * time.Second
	// maxControlLine bounds a protocol line before anything is known of who sends
	// it; the longest honest one is CONNECT, with a user JWT of about 1 KiB.
	maxControlLine = 4 << 10
	// authTimeout is how long a connection may be open without saying who it is.
	authTimeout = 5 // seconds
	// A peer that vanished without a word, as behind a firewall that forgets, is
	// found after three unanswered pings: a minute.
	pingInterval = 20 * time.Second
	maxPingsOut  = 2
)

// Config is what a server is started with.
type Config struct {
	// Dir is the folder that JetStream keeps its files in. It is made when it
	// does not exist.
	Dir string
	// Listen is host:port for partners to connect to; port 0 takes a free one.
	// Empty: no listener, in-process connections only.
	Listen string
	// TLS makes the listener speak TLS. In-process connections never do.
	TLS *tls.Config
	// Ledger is the seed of the ledger's account (see NewAccountSeed). Another
	// seed is another account, which does not see the streams of this one.
	Ledger string
	// Partners are the accounts of the partners.
	Partners []Account
	// MaxStore is the room for all streams together, in bytes. A stream reserves
	// its own limit within it. Required: the server's default is a share of what
	// is free when it starts, so a store that is half full would be refused more
	// after a restart.
	MaxStore int64
	// Log gets what the server says; nil is silence.
	Log *slog.Logger
}

func (c *Config) options() (*server.Options, error) {
	o := &server.Options{
		ServerName:             "huisboek",
		DontListen:             c.Listen == "",
		NoSigs:                 true, // signals are for the program that embeds it
		MaxPayload:             MaxPayload,
		JetStream:              true,
		JetStreamMaxStore:      c.MaxStore,
		StoreDir:               c.Dir,
		SyncAlways:             true, // the default, every two minutes, loses acknowledged writes on a power cut
		JetStreamLimits:        server.JSLimitOpts{MaxBatchSize: MaxBatch},
		DisableJetStreamBanner: true,
		TLSConfig:              c.TLS,
		TLSTimeout:             authTimeout,
		AuthTimeout:            authTimeout,
		MaxPending:             maxPending,
		WriteDeadline:          writeDeadline,
		MaxControlLine:         maxControlLine,
		PingInterval:           pingInterval,
		MaxPingsOut:            maxPingsOut,
		// JetStreamKey stays empty for good: with it the server reports an erasure
		// and erases nothing (natsstream has the test). Encrypt the disk instead.
	}
	if c.Dir == "" {
		return nil, errors.New("natsserver: no folder given")
	}
	if c.MaxStore <= 0 {
		return nil, errors.New("natsserver: MaxStore is required")
	}
	if c.Listen == "" {
		return o, nil
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, fmt.Errorf("natsserver: listen address: %w", err)
	}
	o.Host = host
	if o.Port, err = strconv.Atoi(port); err != nil || o.Port < 0 || o.Port > 65535 {
		return nil, fmt.Errorf("natsserver: listen address: no port %q", port)
	}
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	return o, nil
}
