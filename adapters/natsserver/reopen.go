package natsserver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nats-io/nats-server/v2/server"
)

// WriteError is why the server gave up writing to a stream: ErrNoRoom or ErrWrite. It
// does so at the first write that fails, for good, and answers no append from then on;
// reading goes on. Nil as long as it has not.
func (s *Server) WriteError() error { return s.said.writeError() }

// GaveUp tells when WriteError has something to say. For one reader.
func (s *Server) GaveUp() <-chan struct{} { return s.said.gaveUp }

// HasRoom tries whether the disk takes what opening the streams again needs: a file that is
// written and synced, and a second name for each of theirs. Streams that cannot be opened again are better
// left open, to be read.
func (s *Server) HasRoom() (err error) {
	f, err := os.CreateTemp(s.dir, "ruimte-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(make([]byte, 64<<10))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return errors.Join(protect(s.dir), os.RemoveAll(filepath.Join(s.dir, protectDir)))
}

// Reopen closes the streams and reads them again from the disk, as a start does, and
// so writes again after ErrNoRoom. Connections stay; who asks meanwhile gets no answer,
// and who follows has to begin anew. When it fails the streams are closed: try again.
func (s *Server) Reopen() error {
	if err := s.nats.ShutdownJetStream(); err != nil {
		return fmt.Errorf("natsserver: closing the streams: %w", err)
	}
	s.said.forgive()
	if err := checkAll(s.dir); err != nil {
		return fmt.Errorf("natsserver: %w", err)
	}
	if err := protect(s.dir); err != nil {
		return fmt.Errorf("natsserver: %w", err)
	}
	// As the server does at its start.
	o := s.options
	err := s.nats.EnableJetStream(&server.JetStreamConfig{
		StoreDir: o.StoreDir, SyncInterval: o.SyncInterval, SyncAlways: o.SyncAlways, Strict: !o.NoJetStreamStrict,
		MaxMemory: o.JetStreamMaxMemory, MaxStore: o.JetStreamMaxStore, CompressOK: true,
	})
	if err = errors.Join(err, restored(s.dir)); err != nil {
		return errors.Join(fmt.Errorf("natsserver: opening the streams again: %w", err), s.nats.ShutdownJetStream())
	}
	return nil
}
