package ledger

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"huisboek/events"
)

// What is told with every answer stands in compact rows: an answer tells of twenty plans,
// and their JSON would cost more than the verdict.

// packed is what was not read yet of a compact row. What is read are parts of one string.
type packed struct {
	rest string
	bad  bool
}

func (p *packed) take(n uint64) (s string) {
	if n > uint64(len(p.rest)) {
		p.rest, p.bad = "", true
		return ""
	}
	s, p.rest = p.rest[:n], p.rest[n:]
	return s
}

func (p *packed) number() uint64 {
	s := p.take(8)
	if p.bad {
		return 0
	}
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}

func (p *packed) position() events.Position { return events.Position(p.number()) }

func (p *packed) length() uint64 {
	n := p.take(1)
	if p.bad {
		return 0
	}
	if n[0] < textOIN {
		return uint64(n[0])
	}
	p.bad = p.bad || n[0] != textLong
	return p.number()
}

func (p *packed) flags() byte {
	s := p.take(1)
	if p.bad {
		return 0
	}
	return s[0]
}

func (p *packed) text() string {
	if p.rest != "" {
		switch p.rest[0] {
		case textUUID:
			p.take(1)
			return p.id()
		case textBase64:
			p.take(1)
			return base64.RawURLEncoding.EncodeToString([]byte(p.take(p.length())))
		case textOIN:
			p.take(1)
			return oinPrefix + hex.EncodeToString([]byte(p.take(oinDigits/2))) + p.text()
		}
	}
	return p.take(p.length())
}

func (p *packed) id() string {
	var u uuid.UUID
	copy(u[:], p.take(16))
	return u.String()
}

func (p *packed) date() events.Date {
	s := p.take(4)
	if p.bad {
		return ""
	}
	var b [4]byte
	copy(b[:], s)
	return dayOf(binary.BigEndian.Uint32(b[:]))
}

func (p *packed) person() (w sealedPerson) {
	if key := events.KeyID(p.number()); key != 0 {
		w.Seal = &events.Seal{Key: key, Text: p.text()}
		w.Source, w.ID = p.text(), p.text()
	}
	return w
}

func (p *packed) done(key []byte) error {
	if p.bad || p.rest != "" {
		return damagedRow(key)
	}
	return nil
}

func appendNumber(b []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(b, n) }

func appendLength(b []byte, n int) []byte {
	if n < textOIN {
		return append(b, byte(n))
	}
	return appendNumber(append(b, textLong), uint64(n))
}

// What stands before a text is its length, or how it was made shorter: most texts of a row are ids,
// seals and sources.
const (
	textOIN    = 0xfc + iota // an identity or source by an OIN: the number in 10 bytes, and the text behind it
	textBase64               // what it is base64url of: length and bytes
	textUUID                 // a UUID in small letters: 16 bytes
	textLong                 // a length in 8 bytes
)

const (
	oinPrefix = "urn:nld:oin:"
	oinDigits = 20 // an even number
	minSeal   = 64 // a text this long may be a seal's
)

// appendText writes a text as short as it can be; whatever it is, it is read back as it was.
func appendText(b []byte, s string) []byte {
	if len(s) == 36 {
		if id, err := uuid.Parse(s); err == nil && id.String() == s {
			return append(append(b, textUUID), id[:]...)
		}
	}
	if rest, ok := strings.CutPrefix(s, oinPrefix); ok && len(rest) >= oinDigits && isNumber(rest[:oinDigits]) {
		number, _ := hex.DecodeString(rest[:oinDigits]) // two digits are as good as two of hexadecimal
		return appendText(append(append(b, textOIN), number...), rest[oinDigits:])
	}
	if len(s) >= minSeal {
		if raw, err := base64.RawURLEncoding.DecodeString(s); err == nil && base64.RawURLEncoding.EncodeToString(raw) == s {
			return append(appendLength(append(b, textBase64), len(raw)), raw...)
		}
	}
	return append(appendLength(b, len(s)), s...)
}

func isNumber(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func appendDate(b []byte, d events.Date) []byte {
	return binary.BigEndian.AppendUint32(b, dayNumber(d))
}

func appendPerson(b []byte, w sealedPerson) []byte {
	if w.Seal == nil {
		return appendNumber(b, 0)
	}
	b = appendText(appendNumber(b, uint64(w.Seal.Key)), w.Seal.Text)
	return appendText(appendText(b, w.Source), w.ID)
}

// openPlan is an open approach as it is told of.
type openPlan struct {
	Root          events.Position
	Partner       string // whose id it is
	by            string // who made the plan as it stands
	from, to      events.Date
	until         events.Date // until when it holds; "" when it does not
	position      events.Position
	establishment string
	outcome       events.Outcome
	purpose       string
	id            string
	Who           sealedPerson
}

func (p *openPlan) dates() (from, to events.Date) { return p.from, p.to }
func (p *openPlan) maker() string                 { return p.by }

// told is an approach as it is told of.
func (a *approach) told() openPlan {
	p := openPlan{
		Root: a.Root, Partner: a.Partner, by: a.maker(), until: held(a), position: a.position(),
		establishment: a.Establishment, purpose: a.Purpose, id: a.ID, Who: a.Who,
	}
	p.from, p.to = a.dates()
	if w := a.word(); w != nil {
		p.outcome = w.Outcome
	}
	return p
}

// The row of an open approach, behind whose plan it is:
//
//	partner16 maker16 from4 to4 until4 position8 (n1 text)… key8 (n1 text)…
func putOpen(tx Tx, a *approach) {
	p := a.told()
	b := append(append(make([]byte, 0, 512), uuidBytes(p.Partner)...), uuidBytes(p.by)...)
	b = appendDate(appendDate(appendDate(b, p.from), p.to), p.until)
	b = appendNumber(b, uint64(p.position))
	for _, s := range []string{p.establishment, string(p.outcome), p.purpose, p.id} {
		b = appendText(b, s)
	}
	tx.Put(openKey(a.Employer, p.to, a.Root), appendPerson(b, p.Who))
}

func readOpen(k, row []byte) (openPlan, error) {
	s := packed{rest: string(row)}
	p := openPlan{Root: positionAtEnd(k), Partner: s.id(), by: s.id()}
	p.from, p.to, p.until, p.position = s.date(), s.date(), s.date(), s.position()
	p.establishment, p.outcome, p.purpose, p.id = s.text(), events.Outcome(s.text()), s.text(), s.text()
	p.Who = s.person()
	return p, s.done(k)
}

// The row of a visit, behind what stands in its key:
//
//	position8 root8 n1 (with16)… (n1 form) key8 (n1 text)…
func encodeVisit(v *visitRow) []byte {
	b := appendNumber(appendNumber(make([]byte, 0, 512), uint64(v.Position)), uint64(v.Root))
	b = appendLength(b, len(v.With))
	for _, w := range v.With {
		b = append(b, uuidBytes(w)...)
	}
	return appendPerson(appendText(b, v.Form), v.Who)
}

func readVisit(k []byte, l *visitLane, date events.Date, row []byte) (*visitRow, error) {
	s := packed{rest: string(row)}
	v := &visitRow{
		Date: date, Partner: l.partner, Establishment: l.establishment, Purpose: l.purpose, AtRequest: l.atRequest,
		Position: s.position(), Root: s.position(),
	}
	for n := s.length(); n > 0 && !s.bad; n-- {
		v.With = append(v.With, s.id())
	}
	v.Form, v.Who = s.text(), s.person()
	return v, s.done(k)
}
