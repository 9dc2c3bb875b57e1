package search

import (
	"strings"
	"unicode/utf8"
)

// term is a word that was typed and must be found; its number is its place in the
// question. A question has at most MaxWords of them.
type term struct {
	text  string
	finds []find
	cost  int // how many docs finds has
}

// find is docs that have a term, and how well it is found there.
type find struct {
	docs    *postings
	few     []uint32 // instead of docs
	quality quality
}

// quality is how a term was found in a doc: the higher, the better.
type quality uint8

const (
	notFound       quality = iota
	placeTypoBegin         // the beginning of a word of the place, with a typing error
	nameTypoBegin
	placeTypo
	nameTypo
	placeBegin
	nameBegin
	numberBegin  // five digits or more of a number, or a part of a foreign one
	postcodeArea // "8011"
	postcodeFull
	placeWord
	nameJoined // part of a word of the name, found with the term before it
	nameSplit  // two words of the name typed as one
	nameWord
	numberFull
)

// points are what a term is worth when it was found so, in the name or elsewhere.
var points = [...]struct{ name, other int }{
	placeTypoBegin: {0, 20}, placeTypo: {0, 25}, placeBegin: {0, 40}, placeWord: {0, 50},
	nameTypoBegin: {45, 0}, nameTypo: {55, 0}, nameBegin: {70, 0}, nameJoined: {84, 0}, nameSplit: {84, 0}, nameWord: {85, 0},
	postcodeArea: {0, 48}, postcodeFull: {0, 80}, numberBegin: {0, 65}, numberFull: {0, 100},
}

// question is what was typed.
type question struct {
	words []string // all words
	term  []int    // the term that each word is, or -1 for one that need not be found
	terms []term
	weak  uint64 // which weak words were typed
	idle  bool   // nothing else was typed

}

const (
	typoLength   = 5 // from so many letters a word may have a typing error
	numberLength = 5 // from so many digits a number is looked for by its beginning
	areaLength   = 4 // the digits of a postcode
)

// ask reads what was typed.
func ask(text string) *question {
	q := &question{words: Fold(cut(text, MaxText))}
	q.term = make([]int, len(q.words))
	seen := map[string]int{}
	for _, onlyStrong := range []bool{true, false} {
		for i, w := range q.words {
			q.weak |= weakWords[w]
			t, ok := seen[w]
			switch {
			case onlyStrong && weakWords[w] != 0, !ok && len(q.terms) == MaxWords:
				t = -1
			case !ok:
				t = len(q.terms)
				seen[w] = t
				q.terms = append(q.terms, term{text: w})
			}
			q.term[i] = t
		}
		if len(q.terms) > 0 {
			q.idle = !onlyStrong
			break // the weak ones count when there are no others
		}
	}
	return q
}

// isPostcode reports whether a folded word is "8011ab".
func isPostcode(s string) bool {
	return len(s) == areaLength+2 && isDigits(s[:areaLength]) && s[0] != '0' && isLower(s[4]) && isLower(s[5])
}

// look collects where each term is found.
func (x *Index) look(text string, q *question) {
	for i := range q.terms {
		x.lookName(&q.terms[i])
		x.lookPlace(&q.terms[i])
		x.lookNumber(&q.terms[i])
	}
	x.lookJoined(q)
	x.lookPostcode(q)
	x.lookDigits(q)
	x.lookKey(text, q)
	for i := range q.terms {
		for _, f := range q.terms[i].finds {
			q.terms[i].cost += f.len()
		}
	}
}

func (f *find) len() int {
	if f.docs != nil {
		return f.docs.len()
	}
	return len(f.few)
}

func (t *term) add(docs *postings, q quality) {
	if docs != nil {
		t.finds = append(t.finds, find{docs: docs, quality: q})
	}
}

func (x *Index) lookName(t *term) {
	t.inLexicon(&x.names, nameWord, nameBegin, nameTypo, nameTypoBegin)
	x.lookSplit(t)
}

func (x *Index) lookPlace(t *term) {
	t.inLexicon(&x.places, placeWord, placeBegin, placeTypo, placeTypoBegin)
	switch {
	case isPostcode(t.text):
		x.addPostcodes(t, t.text, postcodeFull)
	case len(t.text) == areaLength+1 && isDigits(t.text[:areaLength]) && isLower(t.text[areaLength]), // the second letter is to come
		len(t.text) == areaLength && isDigits(t.text):
		x.addPostcodes(t, t.text, postcodeArea)
	}
}

func (x *Index) addPostcodes(t *term, begin string, q quality) {
	f := find{quality: q}
	from, to := postcodes(begin)
	x.postcodes.between(from, to, func(d uint32) { f.few = append(f.few, d) })
	t.finds = append(t.finds, f)
}

// lookPostcode finds a postcode that was typed in two parts: "8011 AB".
func (x *Index) lookPostcode(q *question) {
	for i := 0; i+1 < len(q.words); i++ {
		if both := q.words[i] + q.words[i+1]; len(q.words[i]) == areaLength && isPostcode(both) {
			for _, t := range q.term[i : i+2] {
				if t >= 0 {
					x.addPostcodes(&q.terms[t], both, postcodeFull)
				}
			}
		}
	}
}

// inLexicon finds a term as a word, as the beginning of words, and with an error.
func (t *term) inLexicon(l *lexicon, whole, begin, typo, typoBegin quality) {
	for _, text := range spellings(t.text) {
		l.begins(text, func(w *word) {
			if w.text == text {
				t.add(&w.docs, whole)
			} else {
				t.add(&w.docs, begin)
			}
		})
	}
	if len(t.text) < typoLength-1 || isDigits(t.text) || !isASCII(t.text) {
		return
	}
	l.near(t.text, len(t.text) >= typoLength, func(w *word, all bool) {
		switch {
		case all && len(w.text) >= typoLength:
			t.add(&w.docs, typo)
		case !all && len(t.text) >= typoLength: // it is still being typed
			t.add(&w.docs, typoBegin)
		}
	})
}

// spellings are a word with "ij" for "y" and the other way round: first as typed,
// then with each one changed, then with all. An i at the end may be half an ij.
func spellings(w string) []string {
	all := []string{w}
	if strings.HasSuffix(w, "i") {
		all = append(all, w[:len(w)-1]+"y")
	}
	for i := 0; i < len(w) && len(all) < 6; i++ {
		if w[i] == 'y' {
			all = append(all, w[:i]+"ij"+w[i+1:])
		} else if strings.HasPrefix(w[i:], "ij") {
			all = append(all, w[:i]+"y"+w[i+2:])
		}
	}
	if len(all) > 2 {
		all = append(all, strings.ReplaceAll(w, "y", "ij"), strings.ReplaceAll(w, "ij", "y"))
	}
	return all
}

// splitMost is how many docs one half of a word may have, for its two halves to be
// looked for in the same name.
const splitMost = 5_000

// lookSplit finds a term that is two words of a name: "jansenbouw" in "Jansen Bouw".
func (x *Index) lookSplit(t *term) {
	if !isASCII(t.text) {
		return
	}
	for k := 2; k+2 <= len(t.text); k++ {
		first, second := x.names.exact(t.text[:k]), x.names.exact(t.text[k:])
		if first == nil || second == nil {
			continue
		}
		q := nameSplit
		if weakWords[t.text[:k]]|weakWords[t.text[k:]] != 0 {
			q = nameWord // it is one strong word
		}
		if few := both(first, second); len(few) > 0 {
			t.finds = append(t.finds, find{few: few, quality: q})
		}
	}
}

// both is the docs that two words have.
func both(a, b *postings) (few []uint32) {
	if a.len() > b.len() {
		a, b = b, a
	}
	if a.len() > splitMost {
		return nil
	}
	for _, block := range a.blocks {
		for _, d := range block {
			if has(b, d) {
				few = append(few, d)
			}
		}
	}
	return few
}

// lookJoined finds words that are one word of a name: "jansen bouw" in "Jansenbouw",
// and the last of them may be a beginning.
func (x *Index) lookJoined(q *question) {
	for i := range q.words {
		glued := q.words[i]
		for j := i + 1; j < len(q.words) && j < i+3; j++ {
			if glued += q.words[j]; utf8.RuneCountInString(glued) < typoLength {
				continue
			}
			x.names.begins(glued, func(w *word) {
				quality := nameBegin
				if w.text == glued {
					quality = nameWord
				}
				for k := i; k <= j; k++ {
					if t := q.term[k]; t >= 0 {
						q.terms[t].add(&w.docs, quality)
						quality = nameJoined // the word counts once
					}
				}
			})
		}
	}
}

func (x *Index) lookNumber(t *term) {
	if isDigits(t.text) && len(t.text) >= numberLength {
		t.inNumbers(&x.kvk, kvkDigits)
		t.inNumbers(&x.establishments, establishmentDigits)
	}
	q := numberBegin
	if len(t.text) >= numberLength && strings.ContainsAny(t.text, "0123456789") {
		q = numberFull
	}
	t.add(x.refs.exact(t.text), q)
	if q == numberFull {
		x.refs.begins(t.text, func(w *word) { t.add(&w.docs, numberBegin) })
	}
}

func (t *term) inNumbers(list *numbers, digits int) {
	f := find{quality: numberBegin}
	switch {
	case len(t.text) > digits:
		return
	case len(t.text) == digits:
		f.quality = numberFull
	}
	list.begins(t.text, digits, func(d uint32) { f.few = append(f.few, d) })
	t.finds = append(t.finds, f)
}

// lookDigits finds a number that was typed in groups: "6875 0110".
func (x *Index) lookDigits(q *question) {
	for i := range q.words {
		s := ""
		for j := i; j < len(q.words) && isDigits(q.words[j]); j++ {
			if s += q.words[j]; j == i || len(s) != kvkDigits && len(s) != establishmentDigits {
				continue
			}
			list := &x.kvk
			if len(s) == establishmentDigits {
				list = &x.establishments
			}
			list.begins(s, len(s), func(d uint32) { q.foundAll(i, j, d) })
		}
	}
}

// lookKey finds what was typed as the key of an employer.
func (x *Index) lookKey(text string, q *question) {
	text = strings.TrimSpace(cut(text, MaxText))
	for _, k := range [...]string{text, strings.ToUpper(text), strings.ToLower(text), provisional + strings.ToLower(text)} {
		if head, ok := x.head(k); ok {
			q.foundAll(0, len(q.words)-1, head)
		}
	}
	if docs := x.refs.exact(strings.Join(q.words, "")); docs != nil && len(q.words) > 1 {
		for _, block := range docs.blocks {
			for _, d := range block {
				q.foundAll(0, len(q.words)-1, d)
			}
		}
	}
}

// foundAll says that some words are a number, in full, of a doc.
func (q *question) foundAll(from, to int, d uint32) {
	for i := from; i <= to; i++ {
		if t := q.term[i]; t >= 0 {
			q.terms[t].finds = append(q.terms[t].finds, find{few: []uint32{d}, quality: numberFull})
		}
	}
}
