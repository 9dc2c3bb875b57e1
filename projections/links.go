package projections

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"huisboek/events"
)

// The kinds of a link, as a link's soort says them.
const (
	LinkSame      = "dezelfde"
	LinkSuccessor = "opvolger"
	LinkConcern   = "concern"
)

// MaxGroup is the most keys that Same and Concern give.
const MaxGroup = 500

// reasonLinkHolds is the ledger's word that a link holds as of that record; without
// it the link waits for a second voice.
const reasonLinkHolds = "koppeling-geldt"

// Link is what was said last of a pair of employers. Of a link that does not hold
// yet one partner has spoken, and another, or the steward, must say the same
// (docs/design.md, "Links").
type Link struct {
	Position events.Position // of the event that said so last
	At       time.Time       // when it was recorded
	Partner  string          // internal UUID of who said it; the book's own for the steward
	Kind     string          // "dezelfde", "opvolger" or "concern"; empty: said not to belong together
	Employer string          // key of the first; of an opvolger, who is succeeded
	With     string          // key of the other; of an opvolger, who goes on
	Holds    bool
}

// Waits reports whether a second voice is needed before it holds.
func (l *Link) Waits() bool { return l.Kind != "" && !l.Holds }

// other is the one of the pair that the given one is not.
func (l *Link) other(employer string) string {
	if l.Employer == employer {
		return l.With
	}
	return l.Employer
}

// linkKinds are the kinds of a link; a row holds the index.
var linkKinds = [...]string{"", LinkSame, LinkSuccessor, LinkConcern}

func linkKey(employer, other string) []byte {
	return append(employerPrefix(rowLink, employer), other...)
}

func (l *Link) encode(forward bool) []byte {
	e := make(encoder, 0, 64)
	e.position(l.Position)
	e.time(l.At)
	e.text(l.Partner)
	e.byte(indexOf(linkKinds[:], l.Kind))
	e.bool(l.Holds)
	e.bool(forward)
	return e
}

// decodeLink reads the row that stands with an employer about another.
func decodeLink(employer, other string, row []byte) (Link, error) {
	d := decode(row)
	l := Link{Position: d.position(), At: d.time(), Partner: d.text(), Kind: at(&d, linkKinds[:]), Holds: d.bool(), Employer: employer, With: other}
	if forward := d.bool(); !forward {
		l.Employer, l.With = other, employer
	}
	return l, d.err()
}

// link keeps the last word on a pair of employers, in both directions, in the place
// of the word before it. An empty kind says that they do not belong together.
func link(tx Tx, r *events.Record, first, other events.WholeEmployer, kind string) error {
	l := Link{
		Position: r.Position, At: r.At, Partner: r.Partner, Kind: kind, Employer: first.Employer().Key(), With: other.Employer().Key(),
		Holds: kind != "" && slices.Contains(r.Verdict.Reasons, reasonLinkHolds),
	}
	if row := tx.Get(linkKey(l.Employer, l.With)); row != nil {
		was, err := decodeLink(l.Employer, l.With, row)
		if err != nil {
			return fmt.Errorf("link of %s and %s: %w", l.Employer, l.With, err)
		}
		if was.Waits() {
			tx.Delete(positionKey(rowWaiting, was.Position))
		}
	}
	tx.Put(linkKey(l.Employer, l.With), l.encode(true))
	tx.Put(linkKey(l.With, l.Employer), l.encode(false))
	if l.Waits() {
		e := make(encoder, 0, 64)
		e.text(l.Employer)
		e.text(l.With)
		tx.Put(positionKey(rowWaiting, l.Position), e)
	}
	return nil
}

// scanLinks calls fn with the links of an employer, in the order of the others' keys.
func scanLinks(tx Tx, employer string, fn func(*Link) bool) (err error) {
	prefix := employerPrefix(rowLink, employer)
	tx.Scan(prefix, func(k, v []byte) bool {
		var l Link
		if l, err = decodeLink(employer, string(k[len(prefix):]), v); err != nil {
			err = fmt.Errorf("links of %s: %w", employer, err)
			return false
		}
		return fn(&l)
	})
	return err
}

// Links are what stands of an employer and others, what was unlinked included, in the order of the others' keys.
func (Employers) Links(tx Tx, employer string) (links []Link, err error) {
	err = scanLinks(tx, employer, func(l *Link) bool {
		links = append(links, *l)
		return true
	})
	return links, err
}

// Waiting are at most limit links that wait for a second voice, the oldest first,
// after that of a given position (0 to begin); more says that there are others.
func (Employers) Waiting(tx Tx, after events.Position, limit int) (links []Link, more bool, err error) {
	tx.ScanFrom(positionKey(rowWaiting, after+1), []byte{rowWaiting}, func(k, v []byte) bool {
		if more = len(links) >= limit; more {
			return false
		}
		d := decode(v)
		employer, with := d.text(), d.text()
		var l Link
		if err = d.err(); err == nil {
			l, err = decodeLink(employer, with, tx.Get(linkKey(employer, with)))
		}
		if err != nil {
			err = fmt.Errorf("waiting link at position %d: %w", binary.BigEndian.Uint64(k[1:]), err)
			return false
		}
		links = append(links, l)
		return true
	})
	if err != nil {
		return nil, false, err
	}
	return links, more, nil
}

// Same is every key under which an employer is known: itself first, then those
// linked to it, directly or through others, as the same or as its successor or
// predecessor, in order. When there are more than MaxGroup it is those that are the
// fewest links away.
func (Employers) Same(tx Tx, employer string) ([]string, error) {
	keys, err := reach(tx, []string{employer}, func(l *Link) bool { return l.Kind == LinkSame || l.Kind == LinkSuccessor })
	if err != nil {
		return nil, err
	}
	slices.Sort(keys[1:])
	return keys, nil
}

// Concern is every key of an employer's concern: what Same gives, then everything
// that links of any kind reach, in order. It is bounded as Same is.
func (e Employers) Concern(tx Tx, employer string) ([]string, error) {
	same, err := e.Same(tx, employer)
	if err != nil {
		return nil, err
	}
	keys, err := reach(tx, same, func(*Link) bool { return true })
	if err != nil {
		return nil, err
	}
	slices.Sort(keys[len(same):])
	return keys, nil
}

// reach adds to keys, up to MaxGroup, what links that hold lead to from them.
func reach(tx Tx, keys []string, through func(*Link) bool) ([]string, error) {
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		seen[k] = true
	}
	for i := 0; i < len(keys) && len(keys) < MaxGroup; i++ {
		from := keys[i]
		err := scanLinks(tx, from, func(l *Link) bool {
			if other := l.other(from); l.Holds && through(l) && !seen[other] {
				seen[other] = true
				keys = append(keys, other)
			}
			return len(keys) < MaxGroup
		})
		if err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// Preferred is which of the keys that Same gives is the one to use: of an employer
// with successors the last, else a KvK number before a foreign number before a
// provisional one, else the lowest. It is the same whichever of them Same was asked for.
func (Employers) Preferred(tx Tx, keys []string) (string, error) {
	switch len(keys) {
	case 0:
		return "", nil
	case 1:
		return keys[0], nil
	}
	family, succeeded, err := families(tx, keys)
	if err != nil {
		return "", err
	}
	last := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return succeeded[family[k]] })
	if len(last) == 0 { // successors in a ring: none is the last
		last = keys
	}
	return slices.MinFunc(last, func(a, b string) int {
		return cmp.Or(cmp.Compare(register(a), register(b)), cmp.Compare(a, b))
	}), nil
}

// families divides keys into those that are the same employer without a successor
// between them, each under a number, and says which of those numbers have a successor.
func families(tx Tx, keys []string) (family map[string]int, succeeded map[int]bool, err error) {
	family, succeeded = make(map[string]int, len(keys)), map[int]bool{}
	for i, k := range keys {
		family[k] = i
	}
	var successions []Link
	for _, k := range keys {
		err := scanLinks(tx, k, func(l *Link) bool {
			from, known := family[l.other(k)]
			switch to := family[k]; {
			case !known || !l.Holds:
			case l.Kind == LinkSuccessor && l.Employer == k:
				successions = append(successions, *l)
			case l.Kind == LinkSame && from != to:
				for _, x := range keys {
					if family[x] == from {
						family[x] = to
					}
				}
			}
			return true
		})
		if err != nil {
			return nil, nil, err
		}
	}
	for _, l := range successions {
		if family[l.Employer] != family[l.With] {
			succeeded[family[l.Employer]] = true
		}
	}
	return family, succeeded, nil
}

// register ranks a key by how sure it says who is meant.
func register(key string) int {
	switch e, err := events.ParseEmployerKey(key); {
	case err != nil:
		return 3
	case e.Provisional != "":
		return 2
	case e.Foreign != nil:
		return 1
	}
	return 0
}
