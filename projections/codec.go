package projections

import (
	"encoding/binary"
	"errors"
	"time"

	"huisboek/events"
)

// ErrRow means that a row is not one that this version writes: the file is
// damaged or of another shape. Rebuild it.
var ErrRow = errors.New("a row of the view cannot be read; rebuild the view")

// Rows are written by hand and not as JSON: fifty contacts are read in a third
// of the time, and the store is smaller. A row is its members in a fixed order:
// numbers as varints, text and lists with their length before them. Which
// members there are is fixed by the fold's Shape.

type encoder []byte

func (e *encoder) uint(n uint64)              { *e = binary.AppendUvarint(*e, n) }
func (e *encoder) int(n int64)                { *e = binary.AppendVarint(*e, n) }
func (e *encoder) byte(b byte)                { *e = append(*e, b) }
func (e *encoder) position(p events.Position) { e.uint(uint64(p)) }
func (e *encoder) date(d events.Date)         { e.text(string(d)) }
func (e *encoder) time(t time.Time)           { e.int(t.UnixMilli()) }

func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	*e = append(*e, s...)
}

func (e *encoder) texts(list []string) {
	e.uint(uint64(len(list)))
	for _, s := range list {
		e.text(s)
	}
}

func (e *encoder) positions(list []events.Position) {
	e.uint(uint64(len(list)))
	for _, p := range list {
		e.position(p)
	}
}

func (e *encoder) bool(b bool) {
	if b {
		e.byte(1)
	} else {
		e.byte(0)
	}
}

// seal writes a seal, or that there is none. No row ever holds the plain member.
func (e *encoder) seal(s *events.Seal) {
	e.bool(s != nil)
	if s != nil {
		e.uint(uint64(s.Key))
		e.text(s.Text)
	}
}

func (e *encoder) hours(h *events.Hundredths) {
	e.bool(h != nil)
	if h != nil {
		e.int(int64(*h))
	}
}

// decoder reads what an encoder wrote. After the first fault everything it
// reads is zero, and err says so.
type decoder struct {
	s      string
	broken bool
}

// decode copies a row, which is valid only during its transaction.
func decode(row []byte) decoder { return decoder{s: string(row)} }

// err reports a row that ended too soon or went on too long.
func (d *decoder) err() error {
	if d.broken || d.s != "" {
		return ErrRow
	}
	return nil
}

func (d *decoder) uint() uint64 {
	var n uint64
	for i := 0; i < len(d.s) && i < binary.MaxVarintLen64; i++ {
		b := d.s[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			d.s = d.s[i+1:]
			return n
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	n := d.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *decoder) byte() byte {
	if d.s == "" {
		d.fail()
		return 0
	}
	b := d.s[0]
	d.s = d.s[1:]
	return b
}

func (d *decoder) text() string {
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.fail()
		return ""
	}
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *decoder) texts() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.text()
	}
	return list
}

// oneOf reads which member of a list it is.
func (d *decoder) oneOf(list []string) string {
	n := d.uint()
	if n >= uint64(len(list)) {
		d.fail()
		return ""
	}
	return list[n]
}

// count is the length of a list, of which each member takes a byte at least.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) positions() []events.Position {
	list := make([]events.Position, d.count())
	for i := range list {
		list[i] = d.position()
	}
	return list
}

func (d *decoder) seal() *events.Seal {
	if !d.bool() {
		return nil
	}
	return &events.Seal{Key: events.KeyID(d.uint()), Text: d.text()}
}

func (d *decoder) hours() *events.Hundredths {
	if !d.bool() {
		return nil
	}
	h := events.Hundredths(d.int())
	return &h
}

func (d *decoder) bool() bool                { return d.byte() == 1 }
func (d *decoder) position() events.Position { return events.Position(d.uint()) }
func (d *decoder) date() events.Date         { return events.Date(d.text()) }
func (d *decoder) time() time.Time           { return time.UnixMilli(d.int()).UTC() }

func (d *decoder) fail() { d.broken, d.s = true, "" }
