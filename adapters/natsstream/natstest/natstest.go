// Package natstest starts a server with the streams of a book on it, for the
// tests of every room that needs real ones.
package natstest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream"
)

// Region is the region that the streams are for.
const Region = "AM36"

// Env is a server with its streams. Change the exported settings between Stop
// and Start, not in between.
type Env struct {
	Dir      string               // the server's folder
	Ledger   string               // seed of the ledger's account
	Partners []natsserver.Account // admitted at every Start
	Listen   string               // "" = no listener
	Book     string               // see natsstream.Config.Book
	MaxBytes int64                // of either stream; 0 = 256 MiB

	Server *natsserver.Server
	Conn   *nats.Conn // the streams' connection
	Stream *natsstream.Stream
	Keys   *natsstream.Keys

	t testing.TB
}

// New makes an Env that is not started, in a folder of its own.
func New(t testing.TB) *Env {
	t.Helper()
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	e := &Env{Dir: t.TempDir(), Ledger: seed, t: t}
	t.Cleanup(e.Stop)
	return e
}

// Start makes an Env and starts it; the test's end stops it.
func Start(t testing.TB) *Env {
	t.Helper()
	e := New(t)
	e.Start()
	return e
}

// Start starts the server and opens the streams, or fails the test.
func (e *Env) Start() {
	e.t.Helper()
	if err := e.Open(); err != nil {
		e.t.Fatal(err)
	}
}

// Open is Start for a test that expects an error.
func (e *Env) Open() (err error) {
	e.Server, err = natsserver.Start(natsserver.Config{
		Dir: e.Dir, Ledger: e.Ledger, Partners: e.Partners, Listen: e.Listen, MaxStore: 4 << 30,
	})
	if err != nil {
		return err
	}
	e.Conn, err = e.Server.Connect(natsserver.User{
		Name: "stroom", Publish: natsstream.Publishes(Region), Subscribe: natsstream.Subscribes(),
	})
	if err != nil {
		return err
	}
	size := e.MaxBytes
	if size == 0 {
		size = 256 << 20
	}
	// Not the test's context: a clean-up may open the streams, too.
	e.Stream, e.Keys, err = natsstream.Open(context.Background(), e.Conn, natsstream.Config{
		Region: Region, Book: e.Book, MaxBytes: size, KeyMaxBytes: size,
		KeyDir: e.Server.StreamDir(natsstream.KeyStreamName(Region)),
	})
	return err
}

// Stop stops the server cleanly. Stopping twice is no error.
func (e *Env) Stop() {
	if e.Server != nil {
		e.Server.Shutdown()
		e.Server = nil
	}
}

// Restart stops the server and starts it on the same folder.
func (e *Env) Restart() {
	e.t.Helper()
	e.Stop()
	e.Start()
}

// Kill leaves what a SIGKILL would leave: the files as they are now, without
// what a clean stop writes. Start goes on from there. No append may be under way.
func (e *Env) Kill() {
	e.t.Helper()
	dir := e.t.TempDir()
	e.Copy(dir)
	e.Stop()
	e.Dir = dir
}

// Copy copies the server's folder as it is now.
func (e *Env) Copy(to string) {
	e.t.Helper()
	if err := os.CopyFS(to, os.DirFS(e.Dir)); err != nil {
		e.t.Fatal(err)
	}
}

// Files lists the message blocks of one of the streams, oldest first.
func (e *Env) Files(stream string) []string {
	e.t.Helper()
	found, err := filepath.Glob(filepath.Join(e.StreamDir(stream), "msgs", "*.blk"))
	if err != nil {
		e.t.Fatal(err)
	}
	return found
}

// StreamDir is the folder of one of the streams, also when the server is stopped.
func (e *Env) StreamDir(stream string) string {
	account, err := natsserver.PublicKey(e.Ledger)
	if err != nil {
		e.t.Fatal(err)
	}
	return filepath.Join(e.Dir, "jetstream", account, "streams", stream)
}
