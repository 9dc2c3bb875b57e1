package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// ErrDamaged: a value is not what was written under this MAC key.
var ErrDamaged = errors.New("MAC does not match: changed outside, or another key")

// The buckets, and the two entries that have a name of their own.
var (
	bucketCredentials = []byte("credentials") // credential id
	bucketAccounts    = []byte("accounts")    // credential id; in older files partner UUID
	bucketSeeds       = []byte("seeds")       // keyLedger
	bucketDigests     = []byte("digests")     // digest id
	bucketFeeds       = []byte("feeds")       // feed id
	bucketPeople      = []byte("people")      // id of the entry
	bucketWhole       = []byte("whole")       // keyWhole

	keyLedger = []byte("ledger")
	keyWhole  = []byte("whole")

	guarded = [][]byte{bucketCredentials, bucketAccounts, bucketSeeds, bucketDigests, bucketFeeds, bucketPeople}
)

// sum is HMAC-SHA256 over the parts, each after its length, so that no two lists
// of parts give the same bytes.
func (f *File) sum(parts ...[]byte) []byte {
	h := hmac.New(sha256.New, f.mac)
	var length [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write(p)
	}
	return h.Sum(nil)
}

// put stores v as JSON behind its MAC.
func (f *File) put(tx *bolt.Tx, bucket, key []byte, v any) error {
	b, err := tx.CreateBucketIfNotExists(bucket)
	if err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put(key, append(f.sum(bucket, key, text), text...))
}

// open gives the JSON of a stored value when its MAC is right.
func (f *File) open(bucket, key, value []byte) ([]byte, error) {
	if len(value) < sha256.Size || !hmac.Equal(value[:sha256.Size], f.sum(bucket, key, value[sha256.Size:])) {
		return nil, fmt.Errorf("%s %q: %w", bucket, key, ErrDamaged)
	}
	return value[sha256.Size:], nil
}

// each gives every entry of a bucket, decoded into a fresh T.
func each[T any](f *File, tx *bolt.Tx, bucket []byte, fn func(key string, v T)) error {
	b := tx.Bucket(bucket)
	if b == nil {
		return nil
	}
	return b.ForEach(func(key, value []byte) error {
		text, err := f.open(bucket, key, value)
		if err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(text, &v); err != nil {
			return fmt.Errorf("%s %q: %w", bucket, key, err)
		}
		fn(string(key), v)
		return nil
	})
}

// wholeSum is over every guarded value, in order: an entry that was removed or
// put back changes it.
func (f *File) wholeSum(tx *bolt.Tx) (sum []byte, entries int, err error) {
	var parts [][]byte
	for _, bucket := range guarded {
		b := tx.Bucket(bucket)
		if b == nil {
			continue
		}
		err := b.ForEach(func(key, value []byte) error {
			parts = append(parts, bucket, key, value)
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return f.sum(parts...), len(parts) / 3, nil
}

func (f *File) sealWhole(tx *bolt.Tx) error {
	sum, _, err := f.wholeSum(tx)
	if err != nil {
		return err
	}
	b, err := tx.CreateBucketIfNotExists(bucketWhole)
	if err != nil {
		return err
	}
	return b.Put(keyWhole, sum)
}

// checkWhole passes a file in which nothing was ever written.
func (f *File) checkWhole(tx *bolt.Tx) error {
	sum, entries, err := f.wholeSum(tx)
	if err != nil {
		return err
	}
	b := tx.Bucket(bucketWhole)
	if b == nil && entries == 0 {
		return nil
	}
	if b == nil || !hmac.Equal(b.Get(keyWhole), sum) {
		return fmt.Errorf("%s %q: an entry was removed or put back: %w", bucketWhole, keyWhole, ErrDamaged)
	}
	return nil
}

// read checks and indexes everything in the file.
func (f *File) read(tx *bolt.Tx) (*state, error) {
	s := &state{
		credentials: map[string]stored{},
		tokens:      map[tokenHash]string{},
		accounts:    map[string]Account{},
		publicKeys:  map[string]string{},
		feeds:       map[string]storedFeed{},
		feedTokens:  map[tokenHash]string{},
	}
	err := errors.Join(
		each(f, tx, bucketCredentials, func(id string, c stored) {
			s.credentials[id] = c
			if c.Kind == KindToken {
				s.tokens[c.Token] = id
			}
		}),
		each(f, tx, bucketAccounts, func(_ string, a Account) {
			s.accounts[a.Credential] = a
			s.publicKeys[a.PublicKey] = a.Credential
		}),
		each(f, tx, bucketDigests, func(_ string, d Digest) { s.digests = append(s.digests, d) }),
		each(f, tx, bucketFeeds, func(id string, feed storedFeed) {
			s.feeds[id] = feed
			s.feedTokens[feed.Token] = id
		}),
		each(f, tx, bucketPeople, func(_ string, p Person) { s.people.add(p) }),
		each(f, tx, bucketSeeds, func(_ string, seed string) { s.ledgerSeed = seed }),
	)
	if err != nil {
		return nil, err
	}
	return s, f.checkWhole(tx)
}
