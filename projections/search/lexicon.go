package search

import (
	"strings"
	"unicode/utf8"
)

// postings are the docs that have a word, in order.
type postings = list[uint32]

func seekDoc(p *postings, d uint32) place { return p.seek(func(v uint32) bool { return v < d }) }

func has(p *postings, d uint32) bool {
	v, ok := p.at(seekDoc(p, d))
	return ok && v == d
}

// lexicon is words and the docs that have them. A word that no doc has is not in it.
type lexicon struct {
	words []word
	free  []uint32     // places in words
	order list[uint32] // of words, by their text
}

type word struct {
	text string
	docs postings
}

// seek is the place of the first word that is not before a text.
func (l *lexicon) seek(text string) place {
	return l.order.seek(func(id uint32) bool { return l.words[id].text < text })
}

// exact is the docs of a word; nil when there is no such word.
func (l *lexicon) exact(text string) *postings {
	if id, ok := l.order.at(l.seek(text)); ok && l.words[id].text == text {
		return &l.words[id].docs
	}
	return nil
}

// begins gives every word that begins with a text, in order.
func (l *lexicon) begins(text string, fn func(w *word)) {
	for p := l.seek(text); ; p = l.order.next(p) {
		id, ok := l.order.at(p)
		if !ok || !strings.HasPrefix(l.words[id].text, text) {
			return
		}
		fn(&l.words[id])
	}
}

func (l *lexicon) add(text string, d uint32) {
	p := l.seek(text)
	id, ok := l.order.at(p)
	if !ok || l.words[id].text != text {
		id = l.newWord(strings.Clone(text)) // not the text that it is a part of
		l.order.insert(p, id)
	}
	docs := &l.words[id].docs
	docs.insert(seekDoc(docs, d), d)
}

func (l *lexicon) newWord(text string) uint32 {
	if n := len(l.free); n > 0 {
		id := l.free[n-1]
		l.free = l.free[:n-1]
		l.words[id].text = text
		return id
	}
	l.words = append(l.words, word{text: text})
	return uint32(len(l.words) - 1)
}

func (l *lexicon) remove(text string, d uint32) {
	p := l.seek(text)
	id, ok := l.order.at(p)
	if !ok || l.words[id].text != text {
		return
	}
	docs := &l.words[id].docs
	if has(docs, d) {
		docs.remove(seekDoc(docs, d))
	}
	if len(docs.blocks) == 0 {
		l.order.remove(p)
		l.words[id] = word{}
		l.free = append(l.free, id)
	}
}

// fewWords is how many words are rather compared one by one than looked up with
// every possible error.
const fewWords = 48

// near gives every word that is one typing error away from a text, and every word
// of which the beginning is, or with begins false not all of those. Some words come
// more than once, also without an error. What is typed must be ASCII.
//
// An error at some letter leaves the letters before it right: the words that
// begin with those are the only ones to look at.
func (l *lexicon) near(text string, begins bool, fn func(w *word, whole bool)) {
	look := func(begin string) {
		for p := l.seek(begin); ; p = l.order.next(p) {
			id, ok := l.order.at(p)
			if !ok || !strings.HasPrefix(l.words[id].text, begin) {
				return
			}
			whole := len(l.words[id].text) == len(begin)
			if !whole && !begins {
				return
			}
			fn(&l.words[id], whole)
		}
	}
	for i := 0; i <= len(text); i++ {
		if l.compareFew(text[:i], text, fn) {
			return
		}
		before, after := text[:i], text[i:]
		for p := l.seek(before); ; {
			id, ok := l.order.at(p)
			if !ok || !strings.HasPrefix(l.words[id].text, before) {
				break
			}
			w := l.words[id].text
			if len(w) == i {
				p = l.order.next(p)
				continue
			}
			if w[i] >= utf8.RuneSelf {
				break // these come after all others
			}
			c := w[i : i+1]
			look(before + c + after) // a letter too few was typed
			if after != "" && c != after[:1] {
				look(before + c + after[1:]) // another letter
			}
			p = l.seek(before + string([]byte{w[i] + 1}))
		}
		if after != "" {
			look(before + after[1:]) // a letter too many
		}
		if len(after) > 1 {
			look(before + after[1:2] + after[:1] + after[2:]) // two exchanged
		}
	}
}

// compareFew compares a text with each word that begins with a part of it, if
// those are few.
func (l *lexicon) compareFew(begin, text string, fn func(w *word, whole bool)) bool {
	first := l.seek(begin)
	n := 0
	for p := first; ; p = l.order.next(p) {
		id, ok := l.order.at(p)
		if !ok || !strings.HasPrefix(l.words[id].text, begin) {
			break
		}
		if n++; n > fewWords {
			return false
		}
	}
	for p := first; n > 0; p, n = l.order.next(p), n-1 {
		id, _ := l.order.at(p)
		w := &l.words[id]
		if within, whole := oneError(text, w.text); within {
			fn(w, whole)
		}
	}
	return true
}

// oneError reports whether a typed text is at most one error away from a word
// (whole) or from the beginning of it. Wherever the error was made, it may as well
// have been where the two begin to differ.
func oneError(typed, w string) (within, whole bool) {
	n := 0
	for n < len(typed) && n < len(w) && typed[n] == w[n] {
		n++
	}
	t, v := typed[n:], w[n:] // they differ at the first letter, or one has ended
	if t == "" {
		return true, len(v) <= 1
	}
	try := func(t, v string) {
		if strings.HasPrefix(v, t) {
			within, whole = true, whole || len(t) == len(v)
		}
	}
	try(t[1:], v) // a letter too many
	if v != "" {
		try(t, v[1:])     // a letter too few
		try(t[1:], v[1:]) // another letter
	}
	if len(t) > 1 && len(v) > 1 && t[0] == v[1] && t[1] == v[0] {
		try(t[2:], v[2:]) // two exchanged
	}
	return within, whole
}

// numbers are those of one length, so that they sort as their digits do: each with a
// doc that has it behind it, in docBits.
type numbers struct{ order list[uint64] }

// docBits is room for a doc beside a number of twelve digits: sixteen million names,
// eight times what the country has of employers.
const docBits = 24

const (
	kvkDigits           = 8
	establishmentDigits = 12
)

// numberOf reads a number of so many digits.
func numberOf(s string, digits int) (n uint64, ok bool) {
	if len(s) != digits || !isDigits(s) {
		return 0, false
	}
	return digitsOf(s), true
}

func digitsOf(s string) (n uint64) {
	for i := range len(s) {
		n = 10*n + uint64(s[i]-'0')
	}
	return n
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (l *numbers) seek(n uint64) place {
	return l.order.seek(func(v uint64) bool { return v < n })
}

func (l *numbers) add(n uint64, d uint32) {
	v := n<<docBits | uint64(d)
	l.order.insert(l.seek(v), v)
}

func (l *numbers) remove(n uint64, d uint32) {
	v := n<<docBits | uint64(d)
	p := l.seek(v)
	if at, ok := l.order.at(p); ok && at == v {
		l.order.remove(p)
	}
}

// exact is a doc that has a number.
func (l *numbers) exact(n uint64) (d uint32, ok bool) {
	v, ok := l.order.at(l.seek(n << docBits))
	return uint32(v & (1<<docBits - 1)), ok && v>>docBits == n
}

// begins gives the docs of every number of so many digits that begins with some.
func (l *numbers) begins(s string, digits int, fn func(d uint32)) {
	from, to := digitsOf(s), digitsOf(s)+1
	for range digits - len(s) {
		from, to = 10*from, 10*to
	}
	l.between(from, to, fn)
}

// between gives the docs of every number from one up to another, in order.
func (l *numbers) between(from, to uint64, fn func(d uint32)) {
	for p := l.seek(from << docBits); ; p = l.order.next(p) {
		v, ok := l.order.at(p)
		if !ok || v>>docBits >= to {
			return
		}
		fn(uint32(v & (1<<docBits - 1)))
	}
}

// postcodes is the numbers of all postcodes that begin with "8011", "8011a" or are
// "8011ab": most have one employer, and a number is a tenth of a word.
func postcodes(begin string) (from, to uint64) {
	from, to = digitsOf(begin[:areaLength]), 1
	for i := range 2 {
		from, to = 26*from, 26*to
		if at := areaLength + i; at < len(begin) {
			from, to = from+uint64(begin[at]-'a'), to/26
		}
	}
	return from, from + to
}
