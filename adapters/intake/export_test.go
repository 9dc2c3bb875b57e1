package intake

import (
	"errors"

	bolt "go.etcd.io/bbolt"
)

// Flush writes what was noted now rather than soon.
func (f *File) Flush() bool { return f.flush() }

// WriteTwice writes what was noted twice over, as after a write that told an error
// when all of it was in the file. It calls look while it is in the file and in
// memory.
func (f *File) WriteTwice(look func()) error {
	f.flushing.Lock()
	defer f.flushing.Unlock()
	n := f.next()
	err := errors.Join(f.write(n), f.write(n))
	look()
	f.mu.Lock()
	f.writing = nil
	f.mu.Unlock()
	return err
}

// OnWrite makes every write fail with what fn gives, when that is an error. Call
// it before anything is noted.
func (f *File) OnWrite(fn func() error) { f.hook = fn }

// Tidy drops what is too old now rather than within the hour.
func (f *File) Tidy() { f.tidy() }

// Rows is how many rows the file has in a bucket of a partner.
func (f *File) Rows(bucket, partner string) (n int) {
	err := f.view(func(tx *bolt.Tx) error {
		n = 0
		b := tx.Bucket([]byte(bucket)).Bucket([]byte(partner))
		if b == nil {
			return nil
		}
		return b.ForEach(func(_, _ []byte) error { n++; return nil })
	})
	if err != nil {
		panic(err)
	}
	return n
}

// Waiting is how many deliveries are in memory.
func (f *File) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.noted.lines)
	if f.writing != nil {
		n += len(f.writing.lines)
	}
	return n
}

// Remembered is how many credentials are known.
func (l *Limits) Remembered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.shares)
}

// What the bounds are.
const (
	MaxNoted   = maxNoted
	MaxCodes   = maxCodes
	ManyShares = manyShares
)
