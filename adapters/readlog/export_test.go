package readlog

import bolt "go.etcd.io/bbolt"

// Fail makes each write fail with what fn says.
func (f *File) Fail(fn func() error) {
	f.queueSync(func() { f.hook = fn })
}

// queueSync runs fn while nothing is written.
func (f *File) queueSync(fn func()) {
	_ = f.db.Update(func(*bolt.Tx) error { fn(); return nil })
}

// Tidy drops what may be dropped in one step, besides the goroutine that does.
func (f *File) Tidy() bool { return f.tidy() }

// Tamper changes the file from behind.
func (f *File) Tamper(fn func(looks, index *bolt.Bucket) error) error {
	return f.db.Update(func(tx *bolt.Tx) error { return fn(tx.Bucket(bucketLooks), tx.Bucket(bucketIndex)) })
}

// MaxRead is how much List reads at most.
const MaxRead = maxRead
