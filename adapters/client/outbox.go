package client

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"go.etcd.io/bbolt"

	"huisboek/events"
	"huisboek/ledger"
)

// What an Outbox may answer.
var (
	// ErrFull: there is no room for the event, and nothing was kept. Room comes as
	// the book answers, and when refused events are requeued or discarded.
	ErrFull = errors.New("outbox is full")
	// ErrLocked: another process, or another part of this one, has the file open.
	ErrLocked = errors.New("outbox is open elsewhere")
	// ErrDamaged: the file is not what was written. Nothing was changed. Keep the
	// file, and offer again everything since the last receipt that you know of:
	// what the book has already does not count twice.
	ErrDamaged = errors.New("outbox is damaged")
	// ErrRunning: Run is called while it runs already.
	ErrRunning = errors.New("outbox runs already")
	// ErrEvent: this is not an event, and nothing was kept.
	ErrEvent = errors.New("not an event")
	// ErrClosed: the outbox was closed.
	ErrClosed = errors.New("outbox is closed")
)

// Options of an Outbox. The zero value is right for a start.
type Options struct {
	// MaxEvents and MaxBytes bound what is kept, waiting and refused together;
	// more is ErrFull. Default 100,000 events and 1 GiB.
	MaxEvents int
	MaxBytes  int64
	// Check lets Put judge the form of an event as the book will, so that its maker
	// hears of a fault at once. What depends on the book is still its to say.
	Check bool
	// OnReceipt hears of every event that was recorded, and OnRefused of every one
	// that was refused, in order, from the goroutine of Run. Each is told at least
	// once: after a crash perhaps again, never not at all. An error ends Run, which
	// returns it; the same is told again when Run is called again.
	OnReceipt func(event []byte, r *ledger.Receipt) error
	OnRefused func(Refusal) error
	// Log hears when the line is down and when it is back; never what an event
	// says. Nil: nothing is logged.
	Log *slog.Logger
}

// Refusal is an event that the book refused. It is kept until it is requeued or
// discarded. What rests on it (the move of a plan that was refused) will have
// been refused as well. Of a plan that the region's agreement refuses the problem has
// the receipt; to offer it again is no use, the same plan keeps its verdict.
type Refusal struct {
	Number  uint64         `json:"nummer"` // for Requeue and Discard
	At      time.Time      `json:"op"`     // when it was refused
	Event   []byte         `json:"melding"`
	Problem ledger.Problem `json:"probleem"`
}

// Outbox keeps events in a file until a book has answered them. Its methods may
// be called from any goroutine, but Close only when nothing else is.
//
// The file grows to the size of the most that ever waited, and is used again.
type Outbox struct {
	db   *bbolt.DB
	path string
	o    Options
	log  *slog.Logger

	mu    sync.Mutex // one change at a time; guards what follows
	count int        // events, waiting and refused
	bytes int64      // of those
	told  uint64     // answers up to here were told, and their notes can go
	shut  bool

	wake    chan struct{} // something waits
	closed  chan struct{}
	running sync.Mutex // held by Run
}

// The buckets. Numbers are 8 bytes, big-endian, given out once: the order of the
// keys is that of Put. Every value is packed, so that damage shows.
var (
	waitingBucket = []byte("wachtrij")   // number: moment and event
	refusedBucket = []byte("geweigerd")  // number: Refusal
	answersBucket = []byte("antwoorden") // number: note
	stateBucket   = []byte("toestand")
	buckets       = [][]byte{waitingBucket, refusedBucket, answersBucket, stateBucket}

	formatKey = []byte("formaat")
	headKey   = []byte("eerste") // the number that is offered next
)

const format = "1"

// Put keeps an event: it is on disk, behind everything that was put before, when
// Put returns nil. It must be a JSON object with a source and an id, and at most
// 64 KiB; otherwise the error is ErrEvent, or with Options.Check a ledger.Problem
// with every fault. After another error it may or may not have been kept: put it
// again, it never counts twice.
func (b *Outbox) Put(event []byte) error {
	if err := b.judge(event); err != nil {
		return err
	}
	err := b.change(1, int64(len(event)), func(tx *bbolt.Tx) error {
		return enqueue(tx, time.Now(), event)
	})
	if err == nil {
		b.knock()
	}
	return err
}

func (b *Outbox) judge(event []byte) error {
	if b.o.Check {
		if _, err := events.Decode(event, time.Now()); err != nil {
			return ledger.ProblemOf(err)
		}
		return nil
	}
	if len(event) > events.MaxSize {
		return fmt.Errorf("%w: %d bytes are more than %d", ErrEvent, len(event), events.MaxSize)
	}
	_, err := readLabel(event)
	return err
}

// label is what an event is known by.
type label struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

func readLabel(event []byte) (label, error) {
	var l label
	if err := json.Unmarshal(event, &l); err != nil {
		return l, fmt.Errorf("%w: it cannot be read as JSON", ErrEvent) // not why: that would show what it says
	}
	if l.Source == "" || l.ID == "" {
		return l, fmt.Errorf("%w: it has no source or no id", ErrEvent)
	}
	return l, nil
}

func enqueue(tx *bbolt.Tx, at time.Time, event []byte) error {
	waiting := tx.Bucket(waitingBucket)
	n, err := waiting.NextSequence()
	if err != nil {
		return err
	}
	if k, _ := waiting.Cursor().First(); k == nil {
		if err := tx.Bucket(stateBucket).Put(headKey, key(n)); err != nil {
			return err
		}
	}
	body := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(event)), uint64(at.UnixNano()))
	return waiting.Put(key(n), pack(append(body, event...)))
}

// knock wakes Run.
func (b *Outbox) knock() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Len is how many events wait for an answer.
func (b *Outbox) Len() (n int, err error) {
	err = b.view(func(tx *bbolt.Tx) error {
		c := tx.Bucket(waitingBucket).Cursor()
		first, _ := c.First()
		if first == nil {
			return nil
		}
		last, _ := c.Last()
		n = int(number(last)-number(first)) + 1 // there are no gaps: what waits leaves from the front
		return nil
	})
	return n, err
}

// Oldest is when the event that is offered next was put, or the zero time when
// nothing waits.
func (b *Outbox) Oldest() (at time.Time, err error) {
	e, err := b.head()
	if e != nil {
		at = e.at
	}
	return at, err
}

// Refused lists the refused events, in the order in which they were refused.
func (b *Outbox) Refused() (list []Refusal, err error) {
	err = b.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(refusedBucket).ForEach(func(_, v []byte) error {
			var r Refusal
			err := unpackInto(v, &r)
			list = append(list, r)
			return err
		})
	})
	return list, err
}

// Requeue puts refused events behind everything that waits, in the order given,
// to be offered once more: all of them, or none when one is not in the list.
func (b *Outbox) Requeue(numbers ...uint64) error {
	err := b.remove(numbers, func(tx *bbolt.Tx, r *Refusal) error { return enqueue(tx, time.Now(), r.Event) })
	if err == nil {
		b.knock()
	}
	return err
}

// Discard forgets refused events: all of them, or none when one is not in the
// list.
func (b *Outbox) Discard(numbers ...uint64) error {
	return b.remove(numbers, nil)
}

// remove takes events off the list of refused ones, and hands each to then.
func (b *Outbox) remove(numbers []uint64, then func(*bbolt.Tx, *Refusal) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var gone int64
	err := b.update(func(tx *bbolt.Tx) error {
		refused := tx.Bucket(refusedBucket)
		for _, n := range numbers {
			v := refused.Get(key(n))
			if v == nil {
				return fmt.Errorf("number %d is not in the list of refused events", n)
			}
			var r Refusal
			if err := unpackInto(v, &r); err != nil {
				return err
			}
			if err := refused.Delete(key(n)); err != nil {
				return err
			}
			gone += int64(len(r.Event))
			if then == nil {
				continue
			}
			if err := then(tx, &r); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && then == nil {
		b.count -= len(numbers)
		b.bytes -= gone
	}
	return err
}

// entry is an event that waits.
type entry struct {
	number uint64
	at     time.Time
	event  []byte
}

// head is what is offered next, or nil.
func (b *Outbox) head() (e *entry, err error) {
	err = b.view(func(tx *bbolt.Tx) error {
		k, v := tx.Bucket(waitingBucket).Cursor().First()
		if k == nil {
			return nil
		}
		e, err = readEntry(k, v)
		return err
	})
	return e, err
}

func readEntry(k, v []byte) (*entry, error) {
	body, err := unpack(v)
	if err != nil {
		return nil, err
	}
	if len(body) < 8 {
		return nil, fmt.Errorf("%w: an event is cut short", ErrDamaged)
	}
	at := time.Unix(0, int64(binary.BigEndian.Uint64(body)))
	return &entry{number(k), at, append([]byte(nil), body[8:]...)}, nil
}
