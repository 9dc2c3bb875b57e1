package readlog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	bolt "go.etcd.io/bbolt"
)

// Filter is which looks are listed; what is empty leaves all through.
type Filter struct {
	Partners  []string // by people of one of these, or at what one of these described
	Employers []string // under one of these keys
	// By is who looked: a partner, or a credential. A credential of a partner that is
	// not one of Partners is not found by its id.
	By       string
	From, To time.Time // from, and before
}

// Shows reports whether a reader with this filter may know which credential of a
// partner looked: of its own people, or when it reads everything.
func (f *Filter) Shows(partner string) bool {
	return f.Partners == nil || slices.Contains(f.Partners, partner)
}

func (f *Filter) passes(e *Entry) bool {
	switch {
	case f.Partners != nil && !slices.Contains(f.Partners, e.Partner) && !slices.Contains(f.Partners, e.Described),
		f.Employers != nil && !slices.Contains(f.Employers, e.Employer):
		return false
	}
	return f.By == "" || f.By == e.Partner || f.By == e.Who && f.Shows(e.Partner)
}

// ErrCursor: a cursor was not given out for this filter.
var ErrCursor = errors.New("not a cursor of this list")

const (
	maxList = 1_000  // the most that one call of List gives
	maxRead = 10_000 // and reads: a filter may fit few
)

// List is the looks that a filter lets through, newest first. It gives at most limit (1
// to 1,000; outside that, the nearest), and fewer, or none, when it read enough; next
// is "" at the end of the list.
func (f *File) List(q Filter, after string, limit int) (found []Entry, next string, err error) {
	limit = min(max(limit, 1), maxList)
	before := ^uint64(0)
	if !q.To.IsZero() {
		before = placeOf(q.To)
	}
	if after != "" {
		place, err := readCursor(&q, after)
		if err != nil {
			return nil, "", err
		}
		before = min(before, place)
	}
	err = f.view(func(tx *bolt.Tx) error {
		found, next = []Entry{}, ""
		from := newReading(tx, &q, before)
		for read := 0; ; read++ {
			place := from.next()
			if place == nil || !q.From.IsZero() && number(place) < placeOf(q.From) {
				return nil
			}
			if len(found) == limit || read == maxRead {
				next = cursor(&q, number(place)+1)
				return nil
			}
			e, err := decode(place, from.looks.Get(place))
			if err != nil {
				return err
			}
			if q.passes(e) {
				found = append(found, *e)
			}
		}
	})
	return found, next, err
}

// reading goes through the places of looks, newest first, by the index that fits best.
type reading struct {
	looks *bolt.Bucket
	heads []*head
	last  uint64
}

// head is one list of places: all, or those of one key of the index.
type head struct {
	c      *bolt.Cursor
	prefix []byte
	place  []byte // nil: at its end
}

func newReading(tx *bolt.Tx, q *Filter, before uint64) *reading {
	r := &reading{looks: tx.Bucket(bucketLooks)}
	kind, values := byte(byEmployer), q.Employers
	if values == nil {
		kind, values = byPartner, q.Partners
	}
	index := tx.Bucket(bucketIndex)
	for _, v := range values {
		r.heads = append(r.heads, newHead(index.Cursor(), prefix(kind, v), before))
	}
	if q.Employers == nil && q.Partners == nil {
		r.heads = append(r.heads, newHead(r.looks.Cursor(), nil, before))
	}
	return r
}

func newHead(c *bolt.Cursor, prefix []byte, before uint64) *head {
	h := &head{c: c, prefix: prefix}
	if k, _ := c.Seek(slices.Concat(prefix, bytesOf(before))); k == nil {
		k, _ = c.Last()
		h.at(k)
	} else {
		h.step()
	}
	return h
}

func (h *head) step() {
	k, _ := h.c.Prev()
	h.at(k)
}

func (h *head) at(k []byte) {
	h.place = nil
	if len(k) == len(h.prefix)+8 && bytes.HasPrefix(k, h.prefix) {
		h.place = k[len(h.prefix):]
	}
}

// next is the newest place that was not given yet; nil at the end. A look stands under
// several keys, and is given once.
func (r *reading) next() (place []byte) {
	var newest *head
	for _, h := range r.heads {
		for h.place != nil && r.last != 0 && number(h.place) >= r.last {
			h.step()
		}
		if h.place != nil && (newest == nil || bytes.Compare(h.place, newest.place) > 0) {
			newest = h
		}
	}
	if newest == nil {
		return nil
	}
	r.last = number(newest.place)
	return newest.place
}

// A cursor is the place before which to go on, and a sum that binds it to its filter:
// it is no secret.
func cursor(q *Filter, before uint64) string {
	filter, err := json.Marshal(q)
	if err != nil {
		panic(err) // texts and moments
	}
	sum := sha256.Sum256(append(bytesOf(before), filter...))
	return base64.RawURLEncoding.EncodeToString(append(bytesOf(before), sum[:8]...))
}

func readCursor(q *Filter, s string) (uint64, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 16 || cursor(q, number(b[:8])) != s {
		return 0, ErrCursor
	}
	return number(b[:8]), nil
}

// Snapshot writes the file as it is at one moment to another (0600). It is not synced.
func (f *File) Snapshot(path string) error {
	return f.view(func(tx *bolt.Tx) error { return tx.CopyFile(path, 0o600) })
}

// Check reads everything, and says how many looks there are. An error wraps ErrDamaged
// when the file is not what was written.
func (f *File) Check(ctx context.Context) (looks int, err error) {
	err = f.view(func(tx *bolt.Tx) error {
		looks = 0
		t, rows, size := tableOf(tx), 0, uint64(0)
		c := t.looks.Cursor()
		for k, v := c.First(); k != nil; k, v = c.Next() {
			if looks++; looks%1_000 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			e, err := decode(k, v)
			if err != nil {
				return err
			}
			index := e.indexed(number(k))
			size += cost(v, index)
			for _, row := range index {
				if rows++; t.index.Get(row) == nil {
					return fmt.Errorf("%w: a look is not found by what it is of", ErrDamaged)
				}
			}
		}
		c = t.index.Cursor()
		for k, _ := c.First(); k != nil; k, _ = c.Next() {
			rows--
		}
		if rows != 0 || size != t.bytes {
			return fmt.Errorf("%w: %d rows and %d bytes do not add up", ErrDamaged, rows, int64(size)-int64(t.bytes))
		}
		return nil
	})
	return looks, err
}

// CheckFile is Check of a file that nobody has open, such as one out of a backup.
func CheckFile(ctx context.Context, path string) (int, error) {
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	db, err := open(path)
	if err != nil {
		return 0, err
	}
	f := &File{path: path, db: db}
	looks, err := f.Check(ctx)
	return looks, errors.Join(err, guard(path, db.Close))
}
