package events

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// HasBSN reports whether a number stands in the text that may be a
// burgerservicenummer, and at which byte it begins. The number itself must never
// be told on, in no answer and no log.
//
// A number is nine digits that pass the 11-test (SUWI-Gegevensregister 15.0),
// in groups as people write them: separators between digits are passed over,
// and so are characters that cannot be seen; digits of any script count. Eight
// digits, a BSN that lost its leading zero, count beside a word such as "bsn"
// only: otherwise one in eleven KvK numbers would be refused.
//
// Not looked at are UUIDs, whole dates, telephone numbers behind a country code
// and amounts of money beside a currency: each passes the test by chance once in
// eleven times. Other numbers of nine digits do too and are refused; the RSIN,
// which has the same test, on purpose. Words never exempt a number.
func HasBSN(text string) (offset int, found bool) {
	if fewDigits(text) || uuidShape(text) {
		return 0, false
	}
	s := digitScans.Get().(*digitScan)
	defer s.release()
	s.text = text
	for s.chain() {
		if offset, found = s.search(); found {
			return offset, true
		}
	}
	return 0, false
}

// digitScans keeps what a search needs. Between two it holds no digits.
var digitScans = sync.Pool{New: func() any { return &digitScan{beside: -1} }}

func (s *digitScan) release() {
	clear(s.values)
	*s = digitScan{groups: s.groups[:0], values: s.values[:0], beside: -1}
	digitScans.Put(s)
}

// fewDigits spares most texts the search.
func fewDigits(text string) bool {
	n := 0
	for i := range len(text) {
		c := text[i]
		if c >= utf8.RuneSelf {
			return false
		}
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n < 8
}

// elevenTest: 9 times the first digit up to 2 times the eighth, less the ninth,
// is a multiple of 11; nine zeros are no number.
func elevenTest(d []byte) bool {
	sum, all := 0, byte(0)
	for i, c := range d[:8] {
		sum += (9 - i) * int(c)
		all |= c
	}
	return (all|d[8]) != 0 && (sum-int(d[8]))%11 == 0
}

// digitGroup is a run of digits without anything between them.
type digitGroup struct {
	start, end int  // bytes in the text
	from, to   int  // of its digits, in the values of the scan
	plus       bool // a plus stands right before it
	by         rune // the only separator before it; 0 when there is none or more
	date       bool // part of a whole date
}

func (g *digitGroup) size() int { return g.to - g.from }

// digitScan walks through the chains of a text: groups of digits with nothing
// but separators between them.
type digitScan struct {
	text   string
	at     int
	groups []digitGroup
	values []byte // of all digits
	beside int    // whether the text has a word such as "bsn": -1 not looked yet
}

func (s *digitScan) digits(g *digitGroup) []byte { return s.values[g.from:g.to] }

// chain reads the next chain of groups; false at the end of the text.
func (s *digitScan) chain() bool {
	s.groups = s.groups[:0]
	var open bool   // the last group may go on
	var gap int     // separators since the last group
	var sep rune    // the last of them
	var before rune // the character before, for a plus
	for s.at < len(s.text) {
		if c := s.text[s.at] | 0x20; len(s.groups) == 0 && c > 'f' && c <= 'z' { // begins nothing
			before = rune(c)
			s.at++
			continue
		}
		if n := s.uuid(); n > 0 {
			s.at += n
			if len(s.groups) > 0 {
				return true
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s.text[s.at:])
		at := s.at
		d, isDigit := digitOf(r)
		switch {
		case isDigit && open:
			g := &s.groups[len(s.groups)-1]
			s.values = append(s.values, d)
			g.to, g.end = len(s.values), at+n
		case isDigit:
			s.values = append(s.values, d)
			last := len(s.values)
			g := digitGroup{start: at, end: at + n, from: last - 1, to: last, plus: before == '+'}
			if gap == 1 {
				g.by = sep
			}
			s.groups = append(s.groups, g)
			open, gap = true, 0
		case invisible(r):
			s.at += n
			continue
		case s.separates(r, at+n) && gap < maxGap:
			open, gap, sep = false, gap+1, r
		default:
			open, gap = false, 0
			if len(s.groups) > 0 {
				s.at += n
				return true
			}
		}
		before = r
		s.at += n
	}
	return len(s.groups) > 0
}

// maxGap is how many separators may stand between two groups of one number.
const maxGap = 4

// separates reports whether r may stand between the digits of one number. A
// comma does only without a space behind it, or any list would be a number; the
// end of a line and a colon do not.
func (s *digitScan) separates(r rune, next int) bool {
	switch r {
	case ' ', '-', '.', '_', '/', '\\', '\'', '’', '`', '·', '•', '∙', '|', '*', '~', '=', '(', ')', '[', ']', '+', '\t':
		return true
	case ',':
		after, _ := utf8.DecodeRuneInString(s.text[next:])
		return !unicode.IsSpace(after)
	}
	return r >= utf8.RuneSelf && (unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r) || r == '−')
}

// digitOf is the value of a decimal digit of any script: they stand in tens.
func digitOf(r rune) (byte, bool) {
	if r >= '0' && r <= '9' {
		return byte(r - '0'), true
	}
	if r < utf8.RuneSelf || !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10), true
		}
	}
	return 0, false
}

// invisible are characters that hide between digits: of no width, soft hyphens,
// marks of direction, variation selectors and other marks on a character.
func invisible(r rune) bool {
	return r >= 0x80 && unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me)
}

// uuid is the length of a UUID that begins here and is no part of more.
func (s *digitScan) uuid() int {
	const n = 36
	if len(s.text)-s.at < n || s.text[s.at+8] != '-' || !uuidShape(s.text[s.at:s.at+n]) {
		return 0
	}
	if s.at > 0 && isWord(s.text[s.at-1:s.at], "") {
		return 0
	}
	if end := s.at + n; end < len(s.text) && isWord(s.text[end:end+1], "") {
		return 0
	}
	return n
}

// search looks for a number in the chain.
func (s *digitScan) search() (offset int, found bool) {
	var number [9]byte
	s.dates()
	for from := range s.groups {
		n := 0
		for to := from; to < len(s.groups); to++ {
			d := s.digits(&s.groups[to])
			if n+len(d) > 9 || s.groups[to].date {
				break
			}
			n += copy(number[n:], d)
			if n == 9 && elevenTest(number[:]) && !s.phone(from, to) && !s.money(from, to) {
				return s.groups[from].start, true
			}
			if n == 8 && elevenTest(leadingZero(number)) && s.besideWord(from, to) {
				return s.groups[from].start, true
			}
		}
	}
	return 0, false
}

// leadingZero is the number of eight digits with the zero that it lost.
func leadingZero(eight [9]byte) []byte {
	var nine [9]byte
	copy(nine[1:], eight[:8])
	return nine[:]
}

// besideWord reports whether a word for BSN stands near those groups.
func (s *digitScan) besideWord(from, to int) bool {
	if s.beside < 0 {
		s.beside = 0
		if bsnWord(s.text) {
			s.beside = 1
		}
	}
	if s.beside == 0 {
		return false
	}
	const near = 40
	start, end := s.groups[from].start, s.groups[to].end
	return bsnWord(s.text[max(0, start-near):start]) || bsnWord(s.text[end:min(len(s.text), end+near)])
}

func bsnWord(s string) bool {
	s = strings.ToLower(s)
	for _, word := range [...]string{"bsn", "b.s.n", "sofi", "burgerservice"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}
