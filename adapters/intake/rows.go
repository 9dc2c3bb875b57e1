package intake

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	bolt "go.etcd.io/bbolt"

	"huisboek/events"
)

// The buckets of the file. Numbers are big endian, so that keys sort as numbers do.
//
//	stand     "vorm" -> shape, "laatste" -> number8 order8
//	geweigerd partner -> order8 'g' -> at8 (Unix milliseconds), a Delivery as JSON
//	overig    partner -> order8 'v' or 'e' -> the same
//	aantal    bucket partner -> how many lines that has, 8 bytes
//	dagen     partner -> date 0 door -> a Day as JSON
var (
	bucketState   = []byte("stand")
	bucketRefused = []byte("geweigerd")
	bucketOther   = []byte("overig")
	bucketCounts  = []byte("aantal")
	bucketDays    = []byte("dagen")

	keyShape = []byte("vorm")
	keyLast  = []byte("laatste")
	shape    = []byte("1")
)

// tidyMost is how many old rows are dropped in one transaction besides those that
// make room for new ones.
const tidyMost = 1_000

func prepare(tx *bolt.Tx) error {
	for _, name := range [][]byte{bucketState, bucketRefused, bucketOther, bucketCounts, bucketDays} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	state := tx.Bucket(bucketState)
	switch known := state.Get(keyShape); {
	case known == nil:
		return state.Put(keyShape, shape)
	case !bytes.Equal(known, shape):
		return fmt.Errorf("%w: of another version", errDamaged)
	}
	return nil
}

func lastOf(tx *bolt.Tx) (last, error) {
	b := tx.Bucket(bucketState).Get(keyLast)
	switch len(b) {
	case 0:
		return last{}, nil
	case 16:
		return last{number(b), number(b[8:])}, nil
	}
	return last{}, fmt.Errorf("%w: no number", errDamaged)
}

// store writes what was noted, and drops what is too old or too much of the
// partners that it is of.
func (o *Options) store(tx *bolt.Tx, n *noted) error {
	at, err := lastOf(tx)
	if err != nil || at.number >= n.number {
		return err // it is there already: the error of an earlier write came after the fact
	}
	lists := map[string]*list{}
	for i := range n.lines {
		l := &n.lines[i]
		at.order = l.order
		to, err := listOf(tx, lists, l)
		if err != nil {
			return err
		}
		if err := to.put(l); err != nil {
			return err
		}
	}
	oldest := o.oldest()
	for _, l := range lists {
		if err := l.cut(o.PerPartner, oldest, tidyMost); err != nil {
			return err
		}
	}
	if err := o.storeDays(tx, n); err != nil {
		return err
	}
	return tx.Bucket(bucketState).Put(keyLast, bytesOf(n.number, at.order))
}

// oldest is the moment before which nothing is kept.
func (o *Options) oldest() time.Time { return o.Now().Add(-o.Keep) }

// list is the lines of a partner, those refused or the others.
type list struct {
	rows     *bolt.Bucket
	counts   *bolt.Bucket
	countKey []byte
	count    int
}

func openList(tx *bolt.Tx, bucket, partner []byte) (*list, error) {
	rows, err := tx.Bucket(bucket).CreateBucketIfNotExists(partner)
	if err != nil {
		return nil, err
	}
	rows.FillPercent = 1 // keys only grow
	l := &list{rows: rows, counts: tx.Bucket(bucketCounts), countKey: append(append([]byte{}, bucket...), partner...)}
	if b := l.counts.Get(l.countKey); len(b) == 8 {
		l.count = int(number(b))
	}
	return l, nil
}

// listOf is the list that a line belongs to, opened once in a transaction.
func listOf(tx *bolt.Tx, open map[string]*list, l *line) (*list, error) {
	bucket := bucketOther
	if l.Outcome == OutcomeRefused {
		bucket = bucketRefused
	}
	name := string(bucket) + l.partner
	if known := open[name]; known != nil {
		return known, nil
	}
	opened, err := openList(tx, bucket, []byte(l.partner))
	open[name] = opened
	return opened, err
}

func (l *list) put(n *line) error {
	value, err := json.Marshal(&n.Delivery, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return err
	}
	l.count++
	return l.rows.Put(append(bytesOf(n.order), n.Outcome[0]), append(bytesOf(uint64(n.At.UnixMilli())), value...))
}

// cut drops the first lines while there are more than most, and then at most so
// many that are too old. It looks at no line that stays, but for one.
func (l *list) cut(most int, oldest time.Time, atMost int) error {
	c := l.rows.Cursor()
	for k, v := c.First(); k != nil; k, v = c.First() {
		if l.count <= most {
			at, err := lineTime(k, v)
			if err != nil {
				return err
			}
			if !at.Before(oldest) || atMost == 0 {
				break
			}
			atMost--
		}
		if err := c.Delete(); err != nil {
			return err
		}
		l.count--
	}
	return l.counts.Put(l.countKey, bytesOf(uint64(l.count)))
}

func lineTime(k, v []byte) (time.Time, error) {
	if len(k) != 9 || len(v) < 8 {
		return time.Time{}, fmt.Errorf("%w: a line cannot be read", errDamaged)
	}
	return time.UnixMilli(int64(number(v))).UTC(), nil
}

func decodeLine(k, v []byte) (l line, err error) {
	if _, err := lineTime(k, v); err != nil {
		return l, err
	}
	l.order = number(k)
	if err := json.Unmarshal(v[8:], &l.Delivery); err != nil {
		return l, fmt.Errorf("%w: a line: %w", errDamaged, err)
	}
	return l, nil
}

func (o *Options) storeDays(tx *bolt.Tx, n *noted) error {
	oldest := events.DateOf(o.oldest())
	for k, d := range n.days {
		rows, err := tx.Bucket(bucketDays).CreateBucketIfNotExists([]byte(k.partner))
		if err != nil {
			return err
		}
		sum := &Day{Date: d.Date, Door: d.Door, Codes: map[string]int{}}
		key := dayRow(k.date, k.door)
		if b := rows.Get(key); b != nil {
			if sum, err = decodeDay(b); err != nil {
				return err
			}
		}
		sum.add(d)
		value, err := json.Marshal(sum, json.Deterministic(true))
		if err != nil {
			return err
		}
		if err := rows.Put(key, value); err != nil {
			return err
		}
		if err := cutDays(rows, oldest); err != nil {
			return err
		}
	}
	return nil
}

func cutDays(rows *bolt.Bucket, oldest events.Date) error {
	c := rows.Cursor()
	for k, _ := c.First(); k != nil && string(k) < string(oldest); k, _ = c.First() {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

func dayRow(d events.Date, door string) []byte { return []byte(string(d) + "\x00" + door) }

func decodeDay(b []byte) (*Day, error) {
	var d Day
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("%w: a day: %w", errDamaged, err)
	}
	if d.Codes == nil {
		d.Codes = map[string]int{}
	}
	return &d, nil
}

// tidy drops what is too old of every partner, some of it at a time.
func (o *Options) tidy(tx *bolt.Tx) error {
	oldest := o.oldest()
	for _, bucket := range [][]byte{bucketRefused, bucketOther} {
		for _, partner := range partners(tx, bucket) {
			l, err := openList(tx, bucket, partner)
			if err == nil {
				err = l.cut(o.PerPartner, oldest, 10*tidyMost)
			}
			if err != nil {
				return err
			}
		}
	}
	var errs []error
	for _, partner := range partners(tx, bucketDays) {
		errs = append(errs, cutDays(tx.Bucket(bucketDays).Bucket(partner), events.DateOf(oldest)))
	}
	return errors.Join(errs...)
}

func partners(tx *bolt.Tx, bucket []byte) (names [][]byte) {
	c := tx.Bucket(bucket).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		names = append(names, bytes.Clone(k))
	}
	return names
}
