package intake

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"

	"huisboek/events"
)

// ErrCursor: a cursor was not given out for this partner and filter.
var ErrCursor = errors.New("not a cursor of this list")

// maxList is the most that one call of List gives.
const maxList = 1_000

// List is a partner's deliveries, newest first, with what was noted just now. An
// outcome that is not empty filters. It gives at most limit (1 to 1,000; outside
// that, the nearest); next is "" at the end of the list.
func (f *File) List(partner, outcome, after string, limit int) (items []Delivery, next string, err error) {
	limit = min(max(limit, 1), maxList)
	before := uint64(math.MaxUint64)
	if after != "" {
		if before, err = readCursor(partner, outcome, after); err != nil {
			return nil, "", err
		}
	}
	memory := memory(f, func(n *noted) []line { return n.newest(partner, outcome, before, limit+1) })
	var found []line
	err = f.view(func(tx *bolt.Tx) (err error) {
		found = nil
		at, err := lastOf(tx)
		if err != nil {
			return err
		}
		for _, m := range memory {
			if m.number > at.number {
				found = append(found, m.value...)
			}
		}
		if missing := limit + 1 - len(found); missing > 0 {
			older, err := newestLines(tx, partner, outcome, before, missing)
			found = append(found, older...)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	oldest := f.o.oldest()
	if i := slices.IndexFunc(found, func(l line) bool { return l.At.Before(oldest) }); i >= 0 {
		found = found[:i] // too old; what is behind it is older
	}
	if len(found) > limit {
		found = found[:limit]
		next = cursor(partner, outcome, found[limit-1].order)
	}
	items = make([]Delivery, len(found))
	for i, l := range found {
		items[i] = l.Delivery
	}
	return items, next, nil
}

// Days are a partner's counts from one day to another, both included, newest first
// and then by door.
func (f *File) Days(partner string, from, to events.Date) ([]Day, error) {
	from = max(from, events.DateOf(f.o.oldest()))
	memory := memory(f, func(n *noted) (days []Day) {
		for k, d := range n.days {
			if k.partner == partner && from <= k.date && k.date <= to {
				sum := Day{Date: k.date, Door: k.door, Codes: map[string]int{}}
				sum.add(d)
				days = append(days, sum)
			}
		}
		return days
	})
	var found map[string]*Day
	err := f.view(func(tx *bolt.Tx) (err error) {
		at, err := lastOf(tx)
		if err != nil {
			return err
		}
		if found, err = storedDays(tx, partner, from, to); err != nil {
			return err
		}
		for _, m := range memory {
			for _, d := range m.value {
				if m.number > at.number {
					sumOf(found, d.Date, d.Door).add(&d)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	days := make([]Day, 0, len(found))
	for _, d := range found {
		days = append(days, *d)
	}
	slices.SortFunc(days, func(a, b Day) int {
		return cmp.Or(cmp.Compare(b.Date, a.Date), cmp.Compare(a.Door, b.Door))
	})
	return days, nil
}

// inMemory is what one noted has for a reader. The file may have it by now, too:
// its number tells.
type inMemory[T any] struct {
	number uint64
	value  []T
}

// memory asks what is not known to be in the file, newest first.
func memory[T any](f *File, ask func(*noted) []T) (all []inMemory[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range []*noted{f.noted, f.writing} {
		if n != nil {
			all = append(all, inMemory[T]{n.number, ask(n)})
		}
	}
	return all
}

func sumOf(days map[string]*Day, date events.Date, door string) *Day {
	k := string(dayRow(date, door))
	d := days[k]
	if d == nil {
		d = &Day{Date: date, Door: door, Codes: map[string]int{}}
		days[k] = d
	}
	return d
}

func storedDays(tx *bolt.Tx, partner string, from, to events.Date) (map[string]*Day, error) {
	found := map[string]*Day{}
	rows := tx.Bucket(bucketDays).Bucket([]byte(partner))
	if rows == nil {
		return found, nil
	}
	c := rows.Cursor()
	for k, v := c.Seek([]byte(from)); k != nil && string(k) < string(to)+"\x01"; k, v = c.Next() {
		d, err := decodeDay(v)
		if err != nil {
			return nil, err
		}
		found[string(k)] = d
	}
	return found, nil
}

// newestLines are the lines in the file before one, newest first.
func newestLines(tx *bolt.Tx, partner, outcome string, before uint64, limit int) ([]line, error) {
	var heads []*head
	for _, bucket := range [][]byte{bucketRefused, bucketOther} {
		rows := tx.Bucket(bucket).Bucket([]byte(partner))
		if rows == nil || outcome != "" && (outcome == OutcomeRefused) != (&bucket[0] == &bucketRefused[0]) {
			continue
		}
		h := &head{c: rows.Cursor(), outcome: outcome}
		h.k, h.v = h.c.Seek(bytesOf(before)) // the first that is not before it
		if h.k == nil {
			h.k, h.v = h.c.Last()
			h.skip()
		} else {
			h.step()
		}
		heads = append(heads, h)
	}
	var found []line
	for len(found) < limit {
		h := newest(heads)
		if h == nil {
			break
		}
		l, err := decodeLine(h.k, h.v)
		if err != nil {
			return nil, err
		}
		found = append(found, l)
		h.step()
	}
	return found, nil
}

// head is where the reading of a list is.
type head struct {
	c       *bolt.Cursor
	outcome string
	k, v    []byte
}

// step goes to the next older line.
func (h *head) step() {
	h.k, h.v = h.c.Prev()
	h.skip()
}

// skip passes over lines of another outcome.
func (h *head) skip() {
	for h.k != nil && h.outcome != "" && h.k[len(h.k)-1] != h.outcome[0] {
		h.k, h.v = h.c.Prev()
	}
}

func newest(heads []*head) (found *head) {
	for _, h := range heads {
		if h.k != nil && (found == nil || string(h.k) > string(found.k)) {
			found = h
		}
	}
	return found
}

// A cursor is the place of the last line that was given, and a sum that binds it
// to the list: it is no secret, for a list is only given to its partner.
const cursorSize = 16

func cursor(partner, outcome string, at uint64) string {
	sum := sha256.Sum256(slices.Concat(bytesOf(at), []byte(partner+"\x00"+outcome)))
	return base64.RawURLEncoding.EncodeToString(append(bytesOf(at), sum[:cursorSize-8]...))
}

func readCursor(partner, outcome, s string) (uint64, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != cursorSize || cursor(partner, outcome, number(b)) != s {
		return 0, ErrCursor
	}
	return number(b), nil
}
