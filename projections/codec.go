package projections

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"huisboek/events"
)

// ErrRow means that a row is not one that this version writes: the file is
// damaged or of another shape. Rebuild it.
var ErrRow = errors.New("a row of the view cannot be read; rebuild the view")

// Rows are written by hand and not as JSON: fifty contacts are read in a third
// of the time, and the store is smaller. A row is its members in a fixed order:
// numbers as varints, lists with their length before them, and text, days and seals as
// short as they can be (codectext.go). Which members there are is fixed by the fold's
// Shape.

type encoder []byte

func (e *encoder) uint(n uint64)              { *e = binary.AppendUvarint(*e, n) }
func (e *encoder) int(n int64)                { *e = binary.AppendVarint(*e, n) }
func (e *encoder) byte(b byte)                { *e = append(*e, b) }
func (e *encoder) position(p events.Position) { e.uint(uint64(p)) }
func (e *encoder) time(t time.Time)           { e.int(t.UnixMilli()) }

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

// How a seal is written.
const (
	sealNone  = iota
	sealBytes // what the text is base64url of
	sealText  // text that is not
)

var sealing = base64.RawURLEncoding.Strict()

// seal writes a seal, or that there is none. No row ever holds the plain member.
func (e *encoder) seal(s *events.Seal) {
	if s == nil {
		e.byte(sealNone)
		return
	}
	at := len(*e)
	e.byte(sealBytes)
	e.uint(uint64(s.Key))
	size := sealing.DecodedLen(len(s.Text))
	e.uint(uint64(size))
	begin := len(*e)
	b, err := sealing.AppendDecode(*e, []byte(s.Text))
	if *e = b; err == nil && len(b) == begin+size && sealing.EncodedLen(size) == len(s.Text) { // else a line end in it was passed over
		return
	}
	*e = append((*e)[:at], sealText)
	e.uint(uint64(s.Key))
	e.text(s.Text)
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
	row    []byte
	room   strings.Builder // of the texts that were read: one piece of memory for most rows
	broken bool
}

// decode reads a row, which is valid only during its transaction; what is read from it
// stays.
func decode(row []byte) decoder { return decoder{row: row} }

// err reports a row that ended too soon or went on too long.
func (d *decoder) err() error {
	if d.broken || len(d.row) > 0 {
		return ErrRow
	}
	return nil
}

func (d *decoder) uint() uint64 {
	if len(d.row) > 0 && d.row[0] < 0x80 {
		n := d.row[0]
		d.row = d.row[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(d.row)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.row = d.row[size:]
	return n
}

func (d *decoder) int() int64 {
	n := d.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *decoder) byte() byte {
	if len(d.row) == 0 {
		d.fail()
		return 0
	}
	b := d.row[0]
	d.row = d.row[1:]
	return b
}

// take is the next n bytes, nil when there are not so many.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.row)) {
		d.fail()
		return nil
	}
	b := d.row[:n]
	d.row = d.row[n:]
	return b
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
	if n > uint64(len(d.row)) {
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
	switch d.byte() {
	case sealBytes:
		s := &events.Seal{Key: events.KeyID(d.uint())}
		var b [512]byte
		s.Text = d.said(sealing.AppendEncode(b[:0], d.take(d.uint())))
		return s
	case sealText:
		return &events.Seal{Key: events.KeyID(d.uint()), Text: d.text()}
	case sealNone:
	default:
		d.fail()
	}
	return nil
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
func (d *decoder) time() time.Time           { return time.UnixMilli(d.int()).UTC() }

func (d *decoder) fail() { d.broken, d.row = true, nil }
