package readlog

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	bolt "go.etcd.io/bbolt"
)

// The buckets of the file. A place is 8 bytes big endian: when the look was written,
// in microseconds since 1970, and always more than the place before it.
//
//	stand   "vorm" -> shape, "bewaren" -> nanoseconds8, "bytes" -> what looks and index take, 8
//	inzagen place8 -> an Entry as JSON; the bucket's sequence is the last place given out
//	wegwijs 'p' partner 0 place8, 'w' employer 0 place8 -> nothing
var (
	bucketState = []byte("stand")
	bucketLooks = []byte("inzagen")
	bucketIndex = []byte("wegwijs")

	keyShape = []byte("vorm")
	keyKeep  = []byte("bewaren")
	keyBytes = []byte("bytes")
	shape    = []byte("1")
)

// Kinds of index.
const (
	byPartner  = 'p' // whose people looked, or who described
	byEmployer = 'w'
)

// rowCost is what bbolt itself adds to a row, about.
const rowCost = 16

func prepare(tx *bolt.Tx) error {
	for _, name := range [][]byte{bucketState, bucketLooks, bucketIndex} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	state := tx.Bucket(bucketState)
	switch known := state.Get(keyShape); {
	case known == nil:
		return state.Put(keyShape, shape)
	case !bytes.Equal(known, shape):
		return errShape
	}
	return nil
}

func prefix(kind byte, value string) []byte { return append(append([]byte{kind}, value...), 0) }

// indexed are the rows of the index for an entry.
func (e *Entry) indexed(place uint64) [][]byte {
	rows := [][]byte{
		binary.BigEndian.AppendUint64(prefix(byEmployer, e.Employer), place),
		binary.BigEndian.AppendUint64(prefix(byPartner, e.Described), place),
	}
	if e.Partner != "" && e.Partner != e.Described {
		rows = append(rows, binary.BigEndian.AppendUint64(prefix(byPartner, e.Partner), place))
	}
	return rows
}

// cost is what a look takes, with its rows in the index.
func cost(value []byte, index [][]byte) (n uint64) {
	n = uint64(8 + len(value) + rowCost)
	for _, k := range index {
		n += uint64(len(k) + rowCost)
	}
	return n
}

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func bytesOf(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func placeOf(t time.Time) uint64 { return uint64(max(0, t.UnixMicro())) }

// encode is an entry as it is stored; its moment is its place.
func encode(e *Entry) ([]byte, error) { return json.Marshal(e) }

func decode(place, value []byte) (*Entry, error) {
	e := new(Entry)
	if err := json.Unmarshal(value, e); err != nil || len(place) != 8 || len(e.Records) == 0 {
		return nil, fmt.Errorf("%w: the look at %x cannot be read", ErrDamaged, place)
	}
	e.At, e.People = time.UnixMicro(int64(number(place))).UTC(), len(e.Records)
	return e, nil
}

// table is the file in one transaction that writes.
type table struct {
	state, looks, index *bolt.Bucket
	bytes               uint64
}

func tableOf(tx *bolt.Tx) *table {
	t := &table{state: tx.Bucket(bucketState), looks: tx.Bucket(bucketLooks), index: tx.Bucket(bucketIndex)}
	t.looks.FillPercent = 1 // places only grow
	t.bytes = number(t.state.Get(keyBytes))
	return t
}

// add puts a look at the first place that is not before now.
func (t *table) add(e *Entry, value []byte, now time.Time) error {
	place := max(t.looks.Sequence()+1, placeOf(now))
	if err := t.looks.SetSequence(place); err != nil {
		return err
	}
	index := e.indexed(place)
	if err := t.looks.Put(bytesOf(place), value); err != nil {
		return err
	}
	for _, k := range index {
		if err := t.index.Put(k, nil); err != nil {
			return err
		}
	}
	t.bytes += cost(value, index)
	return nil
}

// prune drops the oldest looks, most of them at most: those from before a moment, and
// those for which there is no room. It says how many were dropped for room, and
// whether there are more to drop.
func (t *table) prune(before time.Time, most int, room uint64) (crowded int, more bool, err error) {
	c := t.looks.Cursor()
	for k, v := c.First(); k != nil; k, v = c.First() {
		old := number(k) < placeOf(before)
		if !old && t.bytes <= room {
			return crowded, false, nil
		}
		if most--; most < 0 {
			return crowded, true, nil
		}
		if !old {
			crowded++
		}
		e, err := decode(k, v)
		if err != nil {
			return crowded, false, err
		}
		index := e.indexed(number(k))
		t.bytes -= min(t.bytes, cost(v, index))
		for _, row := range index {
			if err := t.index.Delete(row); err != nil {
				return crowded, false, err
			}
		}
		if err := c.Delete(); err != nil {
			return crowded, false, err
		}
	}
	return crowded, false, nil
}

func (t *table) close() error { return t.state.Put(keyBytes, bytesOf(t.bytes)) }
