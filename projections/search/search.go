// Package search holds the employers in memory by what people type, and finds which
// of them may be the same one.
//
// An [Index] is fed with an [Entry] for each employer, as the views and the keys
// give it: it keeps names in the clear, in memory and nowhere else, so that what is
// erased is gone as soon as its entry is put again. It does not know the stream.
//
// What is typed and what is known are folded to the same words ([Fold]); each word
// that was typed must be found in the name, the place, the postcode or a number.
// Answers are a function of the entries alone, in whatever order they were put.
package search

import (
	"slices"
	"strings"
	"sync"
	"time"

	"huisboek/events"
)

// Bounds. What lies beyond them is not an error: it is left out.
const (
	MaxText   = 200   // characters of a question that are looked at
	MaxWords  = 8     // words of a question that must be found, legal forms and articles not counted
	MaxDepth  = 1_000 // hits of one question that can be paged through
	MaxNames  = 16    // of one entry
	MaxPairs  = 5_000 // pairs that Likely gives
	wordRunes = 40    // of one word
	nameWords = 16    // of one name
	maxDocs   = 1 << docBits
)

// Entry is one employer, with everything it is known by.
type Entry struct {
	Keys           []string // events.Employer.Key; first the one to use, then those linked to it as the same
	Establishments []string // 12 digits
	Names          []string // as they were described, the newest first; empty when erased or never said
	Place          string
	Postcode       string      // "8011AB"
	Gemeente       string      // "GM0193"
	Sector         string      // "markt" or "overheid"; empty: not known
	Size           string      // grootteklasse, "10-19"; empty: not known
	LastContact    events.Date // of a visit or plan up to today; empty: none
	Settled        []string    // keys of which was said how they belong to this one, or that they do not
}

// Hit is an employer that was found.
type Hit struct {
	Entry
	Score int      // 1 to 100; 100 is a number typed in full
	Why   []string // what matched, the codes Why…, most telling first
}

// Why a hit is one, and why a pair may be the same employer. The codes are of the wire.
const (
	WhyKvK           = "kvk-nummer"
	WhyEstablishment = "vestigingsnummer"
	WhyNumber        = "nummer"             // in another country's register, or a provisional key
	WhyNumberBegins  = "begin-van-nummer"   // of any of these, or only the register
	WhyName          = "naam"               // all of it, but for legal forms and articles
	WhyWord          = "woord-uit-naam"     // whole words, and the name has more
	WhyNameBegins    = "begin-van-naam"     // of one or more words of the name
	WhyTypo          = "tikfout"            // one letter too many, too few, another, or two exchanged
	WhyEarlierName   = "eerdere-naam"       // not the newest
	WhyPlace         = "plaats"             //
	WhyPostcode      = "postcode"           //
	WhyNotAll        = "niet-alle-woorden"  // nothing has all words; this has all but one
	WhySameName      = "zelfde-naam"        //
	WhyNearName      = "bijna-zelfde-naam"  // one typing error apart; two in a long name
	WhyPartOfName    = "naam-in-naam"       // every word of the one is in the other
	WhySharedName    = "gedeelde-naam"      // an earlier name of the one is a name of the other
	WhySamePostcode  = "zelfde-postcode"    //
	WhySamePlace     = "zelfde-plaats"      //
	WhyOtherPlace    = "andere-plaats"      // it counts against
	WhySameBranch    = "zelfde-vestiging"   // the same establishment number
	WhyProvisional   = "een-is-voorlopig"   // one of the two has no number yet
	WhyForeign       = "een-is-buitenlands" // one of the two is in another country's register
	WhyMaybeConcern  = "mogelijk-concern"   // two KvK numbers with one name at one postcode
	WhyTwoKvKNumbers = "twee-kvk-nummers"   // it counts against
)

// Pair are two employers that may be the same one: A has the lower key.
type Pair struct {
	A, B  Entry
	Score int      // 1 to 100
	Why   []string // the codes Why…, in a fixed order
}

// none is no doc.
const none = ^uint32(0)

// doc is one name of an employer: each has its own, so that words of one name and
// another do not count as one. The first of them, the head, holds the entry.
type doc struct {
	packed string // the entry; only in the head
	weak   uint64 // which weak words the name has
	first  uint64 // the first eight bytes of the newest name as it is compared, for the order of names
	lead   uint32 // the first four of the entry's key, for the order of equal hits
	head   uint32
	next   uint32 // the employer's next name, or none
	day    uint32 // of the last contact: 20261122
	facets facets // of the entry
	strong uint8  // how many different strong words the name has
	idle   bool   // it has weak words only: then those count
	nth    uint8  // 0 is the newest name
}

// docBlock is how many docs lie together: a block is made at a time, and stays.
const docBlock = 4096

// Index is the employers in memory. Safe for concurrent use.
type Index struct {
	mu    sync.RWMutex // guards what follows
	docs  []*[docBlock]doc
	used  uint32            // so many docs there are, or were
	free  []uint32          // of those, the ones that are no more
	heads map[string]uint32 // of each key but KvK numbers
	size  int

	names, places, refs            lexicon // refs: numbers in other countries' registers
	kvk, establishments, postcodes numbers
	values                         codes // of facets

	pairing   sync.Mutex // one search for pairs at a time; before mu
	pairs     pairCache
	searching bool     // for pairs
	meanwhile []string // keys that changed since it began
	now       func() time.Time

	scratch sync.Pool // of *marks
}

// New is an empty index.
func New() *Index {
	return &Index{heads: make(map[string]uint32), values: newCodes(), now: time.Now}
}

// Put adds an employer, or replaces every entry that has one of its keys. An
// entry without a key is not kept.
func (x *Index) Put(e Entry) {
	if len(e.Keys) == 0 {
		return
	}
	names := foldNames(e.Names)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.changed(e.Keys...)
	for _, k := range e.Keys {
		x.drop(k)
	}
	if int(x.used)-len(x.free)+max(1, len(names)) > maxDocs {
		return
	}
	x.size++
	head, last := none, none
	first, facets := uint64(nameless), x.values.facetsOf(&e)
	if len(names) > 0 {
		first = leadOf(names[0].glued)
	}
	for i := range max(1, len(names)) {
		d := x.place()
		doc := doc{head: head, next: none, nth: uint8(i), day: dayOf(e.LastContact), lead: uint32(leadOf(e.Keys[0]) >> 32), first: first, facets: facets}
		if i < len(names) {
			doc.weak, doc.strong, doc.idle = names[i].weak, uint8(names[i].strong), names[i].idle
		}
		if i == 0 {
			head, doc.head, doc.packed = d, d, x.values.pack(&e, names)
		} else {
			x.doc(last).next = d
		}
		*x.doc(d), last = doc, d
	}
	for _, k := range unpackKeys(x.doc(head).packed) { // the same memory, not a copy
		if _, ok := numberOf(k, kvkDigits); !ok {
			x.heads[k] = head
		}
	}
	x.words(head, names, &e, func(l *lexicon, w string, d uint32) { l.add(w, d) }, func(l *numbers, n uint64, d uint32) { l.add(n, d) })
}

// Drop takes the entry with a key out.
func (x *Index) Drop(key string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.changed(key)
	x.drop(key)
}

// Entry is the entry that has a key.
func (x *Index) Entry(key string) (e Entry, ok bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	head, ok := x.head(key)
	if !ok {
		return Entry{}, false
	}
	return x.entry(head), true
}

// doc is the doc at a place.
func (x *Index) doc(d uint32) *doc { return &x.docs[d/docBlock][d%docBlock] }

// entry is what a doc is a name of.
func (x *Index) entry(d uint32) Entry {
	return unpack(x.doc(x.doc(d).head).packed, x.values.texts)
}

// head is the head of the entry that has a key.
func (x *Index) head(key string) (head uint32, ok bool) {
	if n, isKvK := numberOf(key, kvkDigits); isKvK {
		if d, ok := x.kvk.exact(n); ok {
			return x.doc(d).head, true
		}
		return none, false
	}
	head, ok = x.heads[key]
	return head, ok
}

// Len is how many employers there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.size
}

// changed is called with mu held. The pairs of what changed go at once: they hold
// names.
func (x *Index) changed(keys ...string) {
	if x.searching {
		x.meanwhile = append(x.meanwhile, keys...)
	}
	x.pairs.changed(keys, x.size <= manyEmployers)
}

func (x *Index) drop(key string) {
	head, ok := x.head(key)
	if !ok {
		return
	}
	e := x.entry(head)
	x.words(head, foldNames(e.Names), &e,
		func(l *lexicon, w string, d uint32) { l.remove(w, d) }, func(l *numbers, n uint64, d uint32) { l.remove(n, d) })
	for _, k := range e.Keys {
		delete(x.heads, k)
	}
	for d := head; d != none; {
		next := x.doc(d).next
		*x.doc(d) = doc{head: none, next: none}
		x.free = append(x.free, d)
		d = next
	}
	x.size--
}

// place is a free place in docs.
func (x *Index) place() uint32 {
	if n := len(x.free); n > 0 {
		d := x.free[n-1]
		x.free = x.free[:n-1]
		return d
	}
	if x.used%docBlock == 0 {
		x.docs = append(x.docs, new([docBlock]doc))
	}
	x.used++
	return x.used - 1
}

// words gives everything by which the docs of an entry are found.
func (x *Index) words(head uint32, names []foldedName, e *Entry, word func(*lexicon, string, uint32), number func(*numbers, uint64, uint32)) {
	place, postcode := distinct(Fold(e.Place)), foldPostcode(e.Postcode)
	var refs []string
	var kvk, establishments []uint64
	for _, k := range e.Keys {
		if n, ok := numberOf(k, kvkDigits); ok {
			kvk = append(kvk, n)
		} else {
			refs = append(refs, foldKey(k)...)
		}
	}
	for _, s := range e.Establishments {
		if n, ok := numberOf(s, establishmentDigits); ok {
			establishments = append(establishments, n)
		}
	}
	refs, kvk, establishments = distinct(refs), distinct(kvk), distinct(establishments)
	i := 0
	for d := head; d != none; d = x.doc(d).next {
		if i < len(names) {
			for _, w := range names[i].words {
				word(&x.names, w, d)
			}
		}
		i++
		for _, w := range place {
			word(&x.places, w, d)
		}
		if postcode != "" {
			n, _ := postcodes(postcode)
			number(&x.postcodes, n, d)
		}
		for _, w := range refs {
			word(&x.refs, w, d)
		}
		for _, n := range kvk {
			number(&x.kvk, n, d)
		}
		for _, n := range establishments {
			number(&x.establishments, n, d)
		}
	}
}

// distinct are the different members of a list, in order.
func distinct[T interface{ ~string | ~uint64 }](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}

// dayOf turns a date into a number that sorts as dates do; 0 for none.
func dayOf(d events.Date) (n uint32) {
	for _, c := range []byte(d) {
		if '0' <= c && c <= '9' {
			n = 10*n + uint32(c-'0')
		}
	}
	return n
}

// leadOf is the first eight bytes of a key or a name as a number that sorts as they do.
func leadOf(key string) (n uint64) {
	for i := range 8 {
		n <<= 8
		if i < len(key) {
			n |= uint64(key[i])
		}
	}
	return n
}

// foldPostcode is "8011ab", or "" for what is no postcode.
func foldPostcode(s string) string {
	s = strings.ToLower(strings.ReplaceAll(s, " ", ""))
	if !isPostcode(s) {
		return ""
	}
	return s
}
