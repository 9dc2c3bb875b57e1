package projections

import (
	"strconv"
	"strings"

	"huisboek/events"
)

// A text is written as one byte when it is one of the words that events are made of,
// and short when it is of a form that comes often; whatever it is, it is read back as it
// was. The first byte says how:
const (
	textWords  = 0x50             // below: that one of lineWords
	textUUID   = textWords + iota // a UUID in small letters: 16 bytes
	textOIN                       // an identity or a source by an OIN: the number, and the text behind it
	textNumber                    // digits: how many, and the number
	textShort                     // from here up to 0x7f: the length of the text that follows
	textLong   = 0x80             // from here: the length, when it is more than that
)

const (
	oinPrefix  = "urn:nld:oin:"
	oinDigits  = 20
	minDigits  = 4  // fewer are as short as they are
	mostDigits = 18 // more may not fit in a number
)

func (e *encoder) text(s string) {
	if i, ok := lineWord[s]; ok {
		e.byte(byte(i))
		return
	}
	if id, ok := uuidBytes(s); ok {
		e.byte(textUUID)
		*e = append(*e, id[:]...)
		return
	}
	if rest, ok := strings.CutPrefix(s, oinPrefix); ok && len(rest) >= oinDigits && isNumber(rest[:oinDigits]) {
		if n, err := strconv.ParseUint(rest[:oinDigits], 10, 64); err == nil {
			e.byte(textOIN)
			e.uint(n)
			e.text(rest[oinDigits:])
			return
		}
	}
	if len(s) >= minDigits && len(s) <= mostDigits && isNumber(s) {
		n, _ := strconv.ParseUint(s, 10, 64)
		e.byte(textNumber)
		e.byte(byte(len(s)))
		e.uint(n)
		return
	}
	if len(s) < textLong-textShort {
		e.byte(byte(textShort + len(s)))
	} else {
		e.uint(uint64(textLong + len(s)))
	}
	*e = append(*e, s...)
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (d *decoder) text() string {
	switch n := d.uint(); {
	case n < uint64(len(lineWords)):
		return lineWords[n]
	case n >= textLong:
		return d.raw(n - textLong)
	case n >= textShort:
		return d.raw(n - textShort)
	case n == textUUID:
		if id := d.take(16); id != nil {
			var b [36]byte
			return d.said(appendUUID(b[:0], id))
		}
		return ""
	case n == textOIN:
		var b [64]byte
		number := appendNumber(append(b[:0], oinPrefix...), d.uint(), oinDigits)
		return d.said(append(number, d.text()...))
	case n == textNumber:
		var b [mostDigits]byte
		digits, number := int(d.byte()), d.uint()
		if digits > mostDigits {
			d.fail()
			return ""
		}
		return d.said(appendNumber(b[:0], number, digits))
	}
	d.fail()
	return ""
}

func (d *decoder) raw(size uint64) string { return d.said(d.take(size)) }

// said keeps a text that was read.
func (d *decoder) said(b []byte) string {
	if d.room.Cap()-d.room.Len() < len(b) { // what was read before stays where it is
		d.room = strings.Builder{}
		d.room.Grow(len(b) + 2*len(d.row))
	}
	at := d.room.Len()
	d.room.Write(b)
	return d.room.String()[at:]
}

// appendNumber appends a number in so many digits.
func appendNumber(b []byte, n uint64, digits int) []byte {
	at := len(b)
	b = append(b, "00000000000000000000"[:digits]...)
	for i := len(b) - 1; i >= at; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// A day is so many days after dayZero, in years of twelve months of 31: two bytes for
// most of a lifetime.
const (
	dayZero = 2020
	dayNone = 0 // no day
	dayText = 1 // what is no day, as it was written
	dayFrom = 2 // from here: a day
)

func (e *encoder) date(d events.Date) {
	if d == "" {
		e.byte(dayNone)
		return
	}
	y, m, on, ok := dateParts(d)
	if !ok {
		e.byte(dayText)
		e.text(string(d))
		return
	}
	n := int64((y-dayZero)*12*31 + (m-1)*31 + on - 1)
	e.uint(uint64(n<<1^n>>63) + dayFrom)
}

// dateParts is the year, month and day of a date; ok is false for anything else.
func dateParts(d events.Date) (year, month, day int, ok bool) {
	if len(d) != len("2026-11-22") || d[4] != '-' || d[7] != '-' || !isNumber(string(d[:4])) || !isNumber(string(d[5:7])) || !isNumber(string(d[8:])) {
		return 0, 0, 0, false
	}
	n := int(dayNumber(d))
	year, month, day = n/10_000, n/100%100, n%100
	return year, month, day, month >= 1 && month <= 12 && day >= 1 && day <= 31
}

func (d *decoder) date() events.Date {
	n := d.uint()
	switch n {
	case dayNone:
		return ""
	case dayText:
		return events.Date(d.text())
	}
	n -= dayFrom
	day := int64(n>>1) ^ -int64(n&1) + dayZero*12*31
	if day < 0 || day >= 10_000*12*31 {
		d.fail()
		return ""
	}
	var b [len("2026-11-22")]byte
	room := append(appendNumber(b[:0], uint64(day/(12*31)), 4), '-')
	room = append(appendNumber(room, uint64(day/31%12+1), 2), '-')
	return events.Date(d.said(appendNumber(room, uint64(day%31+1), 2)))
}

// uuidBytes reads a UUID in small letters; ok is false for any other text.
func uuidBytes(s string) (id [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	for i, at := range uuidPlaces {
		high, low := unhex[s[at]], unhex[s[at+1]]
		if high|low > 15 {
			return id, false
		}
		id[i] = high<<4 | low
	}
	return id, true
}

// uuidPlaces are where the digits of each byte stand.
var uuidPlaces = [16]int{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

const hexDigits = "0123456789abcdef"

// unhex is the number of a digit; 0xff when it is none.
var unhex = func() (numbers [256]byte) {
	for i := range numbers {
		numbers[i] = 0xff
	}
	for i := range len(hexDigits) {
		numbers[hexDigits[i]] = byte(i)
	}
	return numbers
}()

func appendUUID(b, id []byte) []byte {
	at := len(b)
	b = append(b, "00000000-0000-0000-0000-000000000000"...)
	for i, place := range uuidPlaces {
		b[at+place], b[at+place+1] = hexDigits[id[i]>>4], hexDigits[id[i]&15]
	}
	return b
}

func uuidText(id []byte) string { return string(appendUUID(nil, id)) }
