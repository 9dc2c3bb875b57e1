//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"go.etcd.io/bbolt"

	"huisboek/adapters/natsserver"
	"huisboek/events"
)

// benchRaw is JetStream alone: the server with the same settings, a stream with the same
// configuration, and messages that are records of our book, byte for byte.
type benchRaw struct {
	server  *natsserver.Server
	js      jetstream.JetStream
	stream  jetstream.Stream
	records [][]byte
	n       int
}

const benchSubject = "raw.AM36"

// jetStream is the peer, with records of our book to publish.
func (s *benchSet) jetStream(tb testing.TB) *benchRaw {
	tb.Helper()
	ours := s.ours(tb)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.raw == nil {
		r := new(benchRaw)
		if err := r.open(filepath.Join(s.dir, "raw"), ours); err != nil {
			tb.Fatal(err)
		}
		s.raw = r
	}
	return s.raw
}

func (r *benchRaw) open(dir string, ours *benchBook) error {
	if err := os.RemoveAll(dir); err != nil { // of another run
		return err
	}
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		return err
	}
	if r.server, err = natsserver.Start(natsserver.Config{Dir: dir, Ledger: seed, MaxStore: 1 << 42}); err != nil {
		return err
	}
	nc, err := r.server.Connect(natsserver.User{Name: "raw", Publish: []string{">"}, Subscribe: []string{">"}})
	if err != nil {
		return err
	}
	if r.js, err = jetstream.New(nc); err != nil {
		return err
	}
	ctx := context.Background()
	r.stream, err = r.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{ // natsstream's
		Name: "RAW", Subjects: []string{benchSubject}, Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage, Replicas: 1,
		Discard: jetstream.DiscardNew, MaxBytes: 200 << 30, MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Duplicates: 100 * time.Millisecond, DenyDelete: true, DenyPurge: true, AllowDirect: true, AllowAtomicPublish: true,
	})
	if err != nil {
		return err
	}
	last := uint64(ours.ledger.Position())
	dice := rand.New(rand.NewPCG(benchSeed, 1))
	for range 5_000 {
		data, err := ours.stream.Get(ctx, events.Position(1+dice.Uint64N(last)))
		if err != nil {
			return err
		}
		r.records = append(r.records, bytes.Clone(data))
	}
	return nil
}

// message is the next record to publish.
func (r *benchRaw) message() *nats.Msg {
	r.n++
	return &nats.Msg{Subject: benchSubject, Header: nats.Header{}, Data: r.records[r.n%len(r.records)]}
}

func (r *benchRaw) publish(m *nats.Msg) (*jetstream.PubAck, error) {
	return r.js.PublishMsg(context.Background(), m)
}

func (r *benchRaw) publishAll(all []*nats.Msg) error {
	_, err := jetstreamext.PublishMsgBatch(context.Background(), r.js, all)
	return err
}

func (r *benchRaw) close() error {
	if r != nil {
		r.server.Shutdown()
	}
	return nil
}

// benchBolt is bbolt alone: the same contacts as rows of one bucket, in the order in which
// they are read.
type benchBolt struct {
	db     *bbolt.DB
	events *benchEvents
	seq    uint64
}

var benchBucket = []byte("contacts")

// bbolt is the peer, filled.
func (s *benchSet) bbolt(tb testing.TB) *benchBolt {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bolt == nil {
		b := new(benchBolt)
		if err := b.open(s); err != nil {
			tb.Fatal(err)
		}
		s.bolt = b
	}
	return s.bolt
}

func (b *benchBolt) open(s *benchSet) (err error) {
	path := filepath.Join(s.dir, "bbolt.db")
	if b.events, err = newBenchEvents(s.region, path); err != nil {
		return err
	}
	b.seq = uint64(b.events.told)
	// As boltstore opens its files.
	if b.db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType, NoStatistics: true}); err != nil {
		return err
	}
	b.db.NoSync = true
	if err := s.fill("bbolt", b.events, 50_000, b.put); err != nil {
		return err
	}
	b.db.NoSync = false
	return b.db.Sync()
}

// put writes the events as rows: employer, day from the newest back, number.
func (b *benchBolt) put(list []benchTold) error {
	return b.db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(benchBucket)
		if err != nil {
			return err
		}
		for i := range list {
			e := &list[i]
			if e.Employer == "" {
				continue
			}
			b.seq++
			key := binary.BigEndian.AppendUint64(benchDay(append([]byte(e.Employer), 0), e.Date), b.seq)
			if err := bucket.Put(key, e.raw); err != nil {
				return err
			}
		}
		return nil
	})
}

// benchDay adds a day so that a later one sorts before an earlier one.
func benchDay(key []byte, d events.Date) []byte {
	for _, c := range []byte(d) {
		key = append(key, ^c)
	}
	return key
}

// last50 reads the newest rows of an employer.
func (b *benchBolt) last50(employer string) (rows int, err error) {
	prefix := append([]byte(employer), 0)
	err = b.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(benchBucket).Cursor()
		for k, v := c.Seek(prefix); rows < 50 && bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if len(v) == 0 {
				return errors.New("an empty row")
			}
			rows++
		}
		return nil
	})
	return rows, err
}

func (b *benchBolt) close() error {
	if b == nil {
		return nil
	}
	return errors.Join(b.db.Close(), b.events.close())
}
