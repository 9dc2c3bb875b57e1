package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// never is a pace at which only a test writes.
var never = pace{time.Hour, 1 << 30}

func newBehindStore(t *testing.T, p pace) *behind {
	t.Helper()
	b := newBehind(newStore(t), p)
	t.Cleanup(func() { b.close() })
	return b
}

// TestReadWhileFlushing: readers see whole states that never go back, however fast
// rows go into the file under them.
func TestReadWhileFlushing(t *testing.T) {
	for _, p := range []pace{{time.Microsecond, 1 << 20}, {0, 1}, live} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			b := newBehindStore(t, p)
			var done atomic.Bool
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					var last uint64
					for !done.Load() {
						err := b.View(func(tx projections.Tx, at events.Checkpoint) error {
							n := 0
							tx.Scan([]byte("r"), func(_, _ []byte) bool { n++; return true })
							sum, _ := binary.Uvarint(tx.Get([]byte("sum")))
							if p := uint64(at.Position); n != int(p) || sum != p || p < last {
								return fmt.Errorf("at %d after %d: %d rows, sum %d", p, last, n, sum)
							}
							last = uint64(at.Position)
							return nil
						})
						if err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			for at := events.Position(1); at <= 100; at++ {
				if err := b.Update(checkpoint(at), func(tx projections.Tx) error {
					was, _ := binary.Uvarint(tx.Get([]byte("sum")))
					tx.Put([]byte("sum"), binary.AppendUvarint(nil, was+1))
					tx.Put(fmt.Appendf(nil, "r%d", at*7%101), []byte("x"))
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}
			done.Store(true)
			all.Wait()
			if err := b.close(); err != nil {
				t.Fatal(err)
			}
			if at, err := b.store.Checkpoint(); at != checkpoint(100) || err != nil {
				t.Errorf("the file is at %v, %v", at, err)
			}
		})
	}
}

// TestUnwritten: a disk that is full is said to who updates, what is there can be
// asked, and all goes on when there is room.
func TestUnwritten(t *testing.T) {
	b := newBehindStore(t, never)
	put(t, b, 1, "a=1")
	for _, tt := range []struct {
		is, want error
	}{
		{syscall.ENOSPC, projections.ErrUnwritten},
		{ErrDamaged, ErrDamaged},
	} {
		b.write = func(*layer) error { return tt.is }
		if err := b.flush(); !errors.Is(err, tt.is) {
			t.Errorf("flush: %v", err)
		}
		for range 2 {
			err := b.Update(checkpoint(2), func(projections.Tx) error { t.Error("applied"); return nil })
			if !errors.Is(err, tt.want) || !errors.Is(err, tt.is) || errors.Is(err, projections.ErrUnwritten) != (tt.want == projections.ErrUnwritten) {
				t.Errorf("Update: %v", err)
			}
		}
		if at, rows := all(t, b); at != checkpoint(1) || !slices.Equal(rows, []string{"a=1"}) {
			t.Errorf("at %v: %v", at, rows)
		}
	}
	b.write = b.store.write
	if err := b.flush(); err != nil {
		t.Fatal(err)
	}
	put(t, b, 2, "b=2")
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
	if at, rows := all(t, b.store); at != checkpoint(2) || !slices.Equal(rows, []string{"a=1", "b=2"}) {
		t.Errorf("at %v: %v", at, rows)
	}
}

// TestTriedAgain: nobody has to say that there is room again.
func TestTriedAgain(t *testing.T) {
	b := newBehind(newStore(t), pace{time.Microsecond, 1 << 20})
	defer b.close()
	var tries atomic.Int32
	written := make(chan bool)
	b.write = func(l *layer) error {
		if tries.Add(1) == 1 {
			return syscall.ENOSPC
		}
		defer close(written)
		return b.store.write(l)
	}
	put(t, b, 1, "a=1")
	<-written
	put(t, b.store, 2) // waits for the transaction
	if _, rows := all(t, b.store); !slices.Equal(rows, []string{"a=1"}) {
		t.Error(rows)
	}
}

// TestPace: what comes together is written together, and at once when it is much.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace{50 * time.Millisecond, 1000}
		b := newBehindStore(t, p)
		var editions []int
		b.write = func(l *layer) error {
			editions = append(editions, l.edition)
			return b.store.write(l)
		}
		at := events.Position(0)
		puts := func(n int, row string) {
			for range n {
				at++
				put(t, b, at, row)
			}
		}
		for range 3 {
			puts(5, "a=1")
			time.Sleep(p.after)
			synctest.Wait()
		}
		puts(20, "a="+strings.Repeat("v", 99))
		synctest.Wait()
		if !slices.Equal(editions, []int{5, 5, 5, 10, 10}) {
			t.Errorf("transactions of %v Updates", editions)
		}
	})
}

// TestTooMuchWaits: what waits is bounded, however slow the disk is.
func TestTooMuchWaits(t *testing.T) {
	const size = 1000
	b := newBehindStore(t, pace{0, size})
	var most atomic.Int64
	b.write = func(l *layer) error {
		most.Store(max(most.Load(), int64(l.size)))
		return b.store.write(l)
	}
	row := "k=" + strings.Repeat("v", 99)
	for at := range events.Position(500) {
		put(t, b, at+1, row)
	}
	if err := b.close(); err != nil {
		t.Fatal(err)
	}
	if n := most.Load(); n < size || n > size+100 {
		t.Errorf("%d bytes waited, of %d", n, size)
	}
}
