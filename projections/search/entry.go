package search

import (
	"encoding/binary"
	"math"
	"strconv"

	"huisboek/events"
)

// pack writes an entry as one string, with its names as they are compared: a quarter of
// what the structs would be, and no work for the garbage collector.
func (c *codes) pack(e *Entry, names []foldedName) string {
	b := make([]byte, 0, 160)
	b = binary.AppendUvarint(b, uint64(len(names)))
	for i := range names {
		b = appendText(b, names[i].glued)
	}
	for _, keys := range [...][]string{e.Keys, e.Settled} {
		b = binary.AppendUvarint(b, uint64(len(keys)))
		for _, k := range keys {
			b = appendKey(b, k)
		}
	}
	for _, list := range [...][]string{e.Names, e.Establishments} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, s := range list {
			b = appendText(b, s)
		}
	}
	b = appendText(appendText(b, e.Place), e.Postcode)
	for _, value := range [...]string{e.Gemeente, e.Sector, e.Size} {
		n := c.of(value)
		if b = binary.AppendUvarint(b, uint64(n)); n == 0 {
			b = appendText(b, value)
		}
	}
	day := dayOf(e.LastContact)
	if dayText(day) != e.LastContact {
		day = 0
	}
	if b = binary.AppendUvarint(b, uint64(day)); day == 0 {
		b = appendText(b, string(e.LastContact))
	}
	return string(b)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendKey writes a key; a KvK number takes five bytes, the first of them zero.
func appendKey(b []byte, key string) []byte {
	if n, ok := numberOf(key, kvkDigits); ok {
		return binary.BigEndian.AppendUint32(append(b, 0), uint32(n))
	}
	return append(binary.AppendUvarint(b, uint64(len(key)+1)), key...)
}

// unpack is the opposite of pack. Its strings are parts of the packed one, or of values.
func unpack(s string, values []string) (e Entry) {
	p := packed(s)
	for range p.uint() {
		p.text()
	}
	e.Keys, e.Settled = p.keys(), p.keys()
	e.Names, e.Establishments = p.texts(), p.texts()
	e.Place, e.Postcode = p.text(), p.text()
	for _, to := range [...]*string{&e.Gemeente, &e.Sector, &e.Size} {
		if n := p.uint(); n > 0 {
			*to = values[n]
		} else {
			*to = p.text()
		}
	}
	if day := p.uint(); day > 0 {
		e.LastContact = dayText(uint32(day))
	} else {
		e.LastContact = events.Date(p.text())
	}
	return e
}

func unpackKeys(s string) []string {
	p := afterNames(s)
	return p.keys()
}

// packedKey is the first key of a packed entry.
func packedKey(s string) string {
	p := afterNames(s)
	p.uint()
	return p.key()
}

// packedGlued is a name of a packed entry as it is compared, "" when there are not so many.
func packedGlued(s string, nth uint8) (glued string) {
	p := packed(s)
	if p.uint() <= uint64(nth) {
		return ""
	}
	for range int(nth) + 1 {
		glued = p.text()
	}
	return glued
}

func afterNames(s string) packed {
	p := packed(s)
	for range p.uint() {
		p.text()
	}
	return p
}

// packed is what is left of a packed entry.
type packed string

func (p *packed) uint() (n uint64) {
	for i := 0; ; i++ {
		n |= uint64((*p)[i]&0x7f) << (7 * i)
		if (*p)[i] < 0x80 {
			*p = (*p)[i+1:]
			return n
		}
	}
}

func (p *packed) take(n uint64) string {
	s := (*p)[:n]
	*p = (*p)[n:]
	return string(s)
}

func (p *packed) text() string { return p.take(p.uint()) }

func (p *packed) key() string {
	if n := p.uint(); n > 0 {
		return p.take(n - 1)
	}
	return kvkText(binary.BigEndian.Uint32([]byte(p.take(4))))
}

func (p *packed) texts() []string { return p.list(p.text) }

func (p *packed) keys() []string { return p.list(p.key) }

func (p *packed) list(next func() string) (list []string) {
	if n := p.uint(); n > 0 {
		list = make([]string, n)
		for i := range list {
			list[i] = next()
		}
	}
	return list
}

func kvkText(n uint32) string { return strconv.FormatUint(1e8+uint64(n), 10)[1:] }

// dayText is the opposite of dayOf; "" is none.
func dayText(n uint32) events.Date {
	if n == 0 {
		return ""
	}
	s := strconv.FormatUint(1e8+uint64(n), 10)
	return events.Date(s[1:5] + "-" + s[5:7] + "-" + s[7:])
}

// codes are numbers for values, from 1 on. There are some hundreds of values in all,
// and they stay.
type codes struct {
	at    map[string]uint16
	texts []string // [0] is none
}

func newCodes() codes { return codes{map[string]uint16{}, []string{""}} }

// unknownCode is of a value that no employer has.
const unknownCode = math.MaxUint16

func (c *codes) of(value string) uint16 {
	if value == "" {
		return 0
	}
	n, ok := c.at[value]
	if !ok && len(c.texts) < unknownCode {
		n = uint16(len(c.texts))
		c.at[value], c.texts = n, append(c.texts, value)
	}
	return n
}

func (c *codes) facetsOf(e *Entry) facets {
	return facets{c.of(e.Gemeente), c.of(e.Sector), c.of(e.Size)}
}
