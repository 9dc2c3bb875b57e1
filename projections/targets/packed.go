package targets

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// packed is an Item as it is kept: 32 bytes without a pointer, a seventh of what it is
// when somebody looks at it. What is in nearly no item stays outside: its place among
// shelf.wide holds the whole of one that was corrected, or in which others have part.
type packed struct {
	at       int64 // milliseconds since 1970
	employer uint32
	from, to uint16 // these, and the next, are words
	partner  uint16
	sort     uint16
	sector   uint16
	groups   uint16 // of lists
	hours    int16
	count    uint16
	register byte
	state    byte
}

// What is in a slot.
const (
	itemGone = iota // it was taken back, or never there
	itemPacked
	itemWide
)

// pack is false when an item does not fit. A placement's UUID is not in it.
func (w *words) pack(x *Item) (p packed, ok bool) {
	if x.Last != x.Root || len(x.With) > 0 || int(int16(x.Hours)) != x.Hours || int(uint16(x.Count)) != x.Count {
		return p, false
	}
	p = packed{at: x.At.UnixMilli(), employer: w.employer(x.Employer), hours: int16(x.Hours), count: uint16(x.Count), register: byte(x.Register), state: itemPacked}
	ok = true
	for _, word := range [...]struct {
		to   *uint16
		text string
	}{{&p.from, string(x.From)}, {&p.to, string(x.To)}, {&p.partner, x.Partner}, {&p.sort, x.Sort}, {&p.sector, x.Sector}} {
		n := w.word(word.text)
		*word.to = uint16(n)
		ok = ok && n <= math.MaxUint16
	}
	groups, fits := w.list(x.Groups)
	p.groups = groups
	return p, ok && fits && x.At.Equal(time.UnixMilli(p.at))
}

// unpack is the opposite of pack: all but where it stands, and its UUID.
func (w *words) unpack(p *packed, x *Item) {
	x.At, x.Employer = time.UnixMilli(p.at).UTC(), w.key(p.employer)
	x.From, x.To, x.Partner = events.Date(w.texts[p.from]), events.Date(w.texts[p.to]), w.texts[p.partner]
	x.Sort, x.Sector, x.Groups = w.texts[p.sort], w.texts[p.sector], w.lists[p.groups]
	x.Hours, x.Count, x.Register = int(p.hours), int(p.count), projections.Register(p.register)
}

// words are numbers for what items say again and again: days, partners, kinds, groups,
// and the keys of employers. They stay.
type words struct {
	texts  []string // [0] is nothing
	at     map[string]uint32
	lists  [][]string // [0] is nothing
	listAt map[string]uint16
	keys   []string // that are no KvK number
	keyAt  map[string]uint32
}

func newWords() *words {
	return &words{
		texts: []string{""}, at: map[string]uint32{"": 0}, lists: [][]string{nil}, listAt: map[string]uint16{}, keyAt: map[string]uint32{},
	}
}

// word numbers a text.
func (w *words) word(s string) uint32 {
	n, ok := w.at[s]
	if !ok {
		n = uint32(len(w.texts))
		w.texts, w.at[s] = append(w.texts, s), n
	}
	return n
}

func (w *words) list(list []string) (n uint16, ok bool) {
	if len(list) == 0 {
		return 0, true
	}
	key := list[0]
	if len(list) > 1 {
		key = strings.Join(list, "\x00")
	}
	n, ok = w.listAt[key]
	if !ok && len(w.lists) <= math.MaxUint16 {
		n, ok = uint16(len(w.lists)), true
		w.lists, w.listAt[key] = append(w.lists, slices.Clip(list)), n
	}
	return n, ok
}

// otherKey is the first number of keys that are no KvK number: those are their own.
const otherKey = 100_000_000

// employer numbers a key.
func (w *words) employer(key string) uint32 {
	n, ok := w.known(key)
	if !ok {
		n = otherKey + uint32(len(w.keys))
		w.keys, w.keyAt[key] = append(w.keys, key), n
	}
	return n
}

// known is the number of a key, if there is one.
func (w *words) known(key string) (n uint32, ok bool) {
	if len(key) != 8 {
		n, ok = w.keyAt[key]
		return n, ok
	}
	for i := range len(key) {
		digit := key[i] - '0'
		if digit > 9 {
			n, ok = w.keyAt[key]
			return n, ok
		}
		n = 10*n + uint32(digit)
	}
	return n, true
}

func (w *words) key(n uint32) string {
	if n >= otherKey {
		return w.keys[n-otherKey]
	}
	return strconv.FormatUint(otherKey+uint64(n), 10)[1:]
}

// itemID is a UUID as it is kept; all zero is none.
type itemID = [16]byte

func uuidOf(s string) (id itemID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	_, err := hex.Decode(id[:], []byte(digits))
	return id, err == nil && s == strings.ToLower(s) && id != (itemID{})
}

func uuidText(id *itemID) string {
	if *id == (itemID{}) {
		return ""
	}
	b := make([]byte, 0, 36)
	b = hex.AppendEncode(b, id[:4])
	for i := 4; i < 10; i += 2 {
		b = hex.AppendEncode(append(b, '-'), id[i:i+2])
	}
	return string(hex.AppendEncode(append(b, '-'), id[10:]))
}
