package boltstore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// Store is one fold's place in a file: its rows and its checkpoint. It satisfies
// projections.Store and ledger.Store.
type Store struct {
	file *File
	name string
}

var (
	_ projections.Store = (*Store)(nil)
	_ ledger.Store      = (*Store)(nil)
)

// A store is a bucket with a bucket of rows and its own marks.
var (
	rowsBucket    = []byte("rows")
	checkpointKey = []byte("checkpoint") // position8 hash32
	shapeKey      = []byte("shape")      // decimal
)

const checkpointSize = 8 + len(events.Hash{})

// Store is the store of that name, made when it is not there. shape is the
// version of the fold's rows: ErrShape when the store holds rows of another.
func (f *File) Store(name string, shape int) (*Store, error) {
	if name == "" || strings.HasPrefix(name, "\x00") {
		return nil, fmt.Errorf("%s: no name for a store: %q", f.path, name)
	}
	s := &Store{file: f, name: name}
	err := s.checkShape(shape)
	if errors.Is(err, ErrNoStore) && !f.db.IsReadOnly() {
		err = s.create(shape)
	}
	if err != nil {
		return nil, fmt.Errorf("store %s in %s: %w", name, f.path, err)
	}
	return s, nil
}

func (s *Store) checkShape(shape int) error {
	return s.file.guard(func(*guard) error {
		return s.file.db.View(func(btx *bbolt.Tx) error {
			b := btx.Bucket([]byte(s.name))
			if b == nil {
				return ErrNoStore
			}
			if is := string(b.Get(shapeKey)); is != fmt.Sprint(shape) {
				return fmt.Errorf("%w: %s where this version has %d; rebuild it", ErrShape, is, shape)
			}
			if b.Bucket(rowsBucket) == nil {
				return fmt.Errorf("%w: the store has no rows", ErrDamaged)
			}
			return nil
		})
	})
}

func (s *Store) create(shape int) error {
	return s.file.guard(func(*guard) error {
		return s.file.db.Update(func(btx *bbolt.Tx) error {
			b, err := btx.CreateBucketIfNotExists([]byte(s.name))
			if err != nil {
				return err
			}
			if _, err := b.CreateBucketIfNotExists(rowsBucket); err != nil {
				return err
			}
			return b.Put(shapeKey, fmt.Append(nil, shape))
		})
	})
}

// Reset removes a store with its rows, checkpoint and shape, in one transaction.
// Store makes it anew. A store that is not there is no error. How far it had come
// stays known: Witness says it.
func (f *File) Reset(name string) error {
	return f.guard(func(*guard) error {
		return f.db.Update(func(btx *bbolt.Tx) error {
			b := btx.Bucket([]byte(name))
			if b == nil {
				return nil
			}
			at, err := f.witness(btx, name)
			if err != nil {
				return err
			}
			if at.Position > 0 {
				own, err := btx.CreateBucketIfNotExists(fileBucket)
				if err != nil {
					return err
				}
				if err := own.Put(witnessKey(name), encodeCheckpoint(at)); err != nil {
					return err
				}
			}
			return btx.DeleteBucket([]byte(name))
		})
	})
}

// Witness is the furthest that a store of that name ever came in this file, of
// whatever shape its rows were; zero when there was none. A stream that does not
// reach it lost its end.
func (f *File) Witness(name string) (at events.Checkpoint, err error) {
	err = f.guard(func(*guard) error {
		return f.db.View(func(btx *bbolt.Tx) error {
			at, err = f.witness(btx, name)
			return err
		})
	})
	return at, err
}

func (f *File) witness(btx *bbolt.Tx, name string) (at events.Checkpoint, err error) {
	if b := btx.Bucket([]byte(name)); b != nil {
		if at, err = decodeCheckpoint(b.Get(checkpointKey)); err != nil {
			return at, fmt.Errorf("store %s in %s: %w", name, f.path, err)
		}
	}
	if own := btx.Bucket(fileBucket); own != nil {
		was, err := decodeCheckpoint(own.Get(witnessKey(name)))
		if err != nil {
			return at, fmt.Errorf("witness of store %s in %s: %w", name, f.path, err)
		}
		if was.Position > at.Position {
			at = was
		}
	}
	return at, nil
}

func witnessKey(name string) []byte { return []byte("getuige " + name) }

func encodeCheckpoint(at events.Checkpoint) []byte {
	mark := binary.BigEndian.AppendUint64(make([]byte, 0, checkpointSize), uint64(at.Position))
	return append(mark, at.Hash[:]...)
}

// decodeCheckpoint reads a checkpoint; the zero one is nothing.
func decodeCheckpoint(mark []byte) (at events.Checkpoint, err error) {
	switch len(mark) {
	case 0:
	case checkpointSize:
		at.Position = events.Position(binary.BigEndian.Uint64(mark))
		copy(at.Hash[:], mark[8:])
	default:
		return at, fmt.Errorf("%w: its checkpoint has %d bytes", ErrDamaged, len(mark))
	}
	return at, nil
}

// empty removes everything, the book's name too.
func (f *File) empty() error {
	return f.guard(func(*guard) error {
		return f.db.Update(func(btx *bbolt.Tx) error {
			var names [][]byte
			err := btx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
				names = append(names, bytes.Clone(name))
				return nil
			})
			for _, name := range names {
				err = errors.Join(err, btx.DeleteBucket(name))
			}
			return err
		})
	})
}

func (f *File) stores() (stores []*Store, err error) {
	err = f.guard(func(*guard) error {
		return f.db.View(func(btx *bbolt.Tx) error {
			return btx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
				if string(name) != string(fileBucket) {
					stores = append(stores, &Store{file: f, name: string(name)})
				}
				return nil
			})
		})
	})
	return stores, err
}

// View implements projections.Store: fn reads a state that does not change, with
// the checkpoint that it is true for. A write in it fails View.
func (s *Store) View(fn func(tx projections.Tx, at events.Checkpoint) error) error {
	return s.file.guard(func(g *guard) error {
		return s.file.db.View(func(btx *bbolt.Tx) error {
			b, at, err := s.open(btx)
			if err != nil {
				return err
			}
			t := &tx{rows: b.Bucket(rowsBucket), guard: g}
			if err := g.call(func() error { return fn(t, at) }); err != nil {
				return err
			}
			return t.err
		})
	})
}

// Update implements projections.Store: the rows that fn writes and the checkpoint
// are on disk together when it returns nil, and neither is when fn fails, panics
// or has written what cannot be stored. A disk without room is ledger.ErrFull.
func (s *Store) Update(to events.Checkpoint, fn func(projections.Tx) error) error {
	err := s.update(to, fn)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = fmt.Errorf("%w: store %s in %s: %w", ledger.ErrFull, s.name, s.file.path, err)
	}
	return err
}

func (s *Store) update(to events.Checkpoint, fn func(projections.Tx) error) error {
	return s.file.guard(func(g *guard) error {
		return s.file.db.Update(func(btx *bbolt.Tx) error {
			b, _, err := s.open(btx)
			if err != nil {
				return err
			}
			t := &tx{rows: b.Bucket(rowsBucket), guard: g, pending: newPending()}
			if err := g.call(func() error { return fn(t) }); err != nil {
				return err
			}
			if t.flush(); t.err != nil {
				return fmt.Errorf("store %s in %s: %w", s.name, s.file.path, t.err)
			}
			return b.Put(checkpointKey, encodeCheckpoint(to))
		})
	})
}

// Checkpoint implements projections.Store.
func (s *Store) Checkpoint() (at events.Checkpoint, err error) {
	err = s.View(func(_ projections.Tx, here events.Checkpoint) error {
		at = here
		return nil
	})
	return at, err
}

// Close implements ledger.Store: it closes the whole file.
func (s *Store) Close() error { return s.file.Close() }

func (s *Store) open(btx *bbolt.Tx) (b *bbolt.Bucket, at events.Checkpoint, err error) {
	b = btx.Bucket([]byte(s.name))
	if b == nil || b.Bucket(rowsBucket) == nil {
		return nil, at, fmt.Errorf("store %s in %s: %w", s.name, s.file.path, ErrNoStore)
	}
	if at, err = decodeCheckpoint(b.Get(checkpointKey)); err != nil {
		return nil, at, fmt.Errorf("store %s in %s: %w", s.name, s.file.path, err)
	}
	return b, at, nil
}
