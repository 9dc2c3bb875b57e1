package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// Origin is what an incarnation of a book went on from. Each restore makes a new
// one; the first, that no restore made, is named by the book's own UUID and has no
// origin.
type Origin struct {
	Incarnation string          `json:"uitvoering"`
	Parent      string          `json:"ouder"`
	Position    events.Position `json:"positie"` // the last position that the two have in common
	Key         events.KeyID    `json:"sleutel"` // the highest key id that is the same key in both
	At          time.Time       `json:"op"`
}

// Line is one line of the list of erasures: an erasure, or a restore.
type Line struct {
	Book        string          `json:"boek"`
	Position    events.Position `json:"positie,omitzero"`
	Keys        []events.KeyID  `json:"sleutels,omitzero"`
	Incarnation string          `json:"uitvoering,omitempty"` // that the erasure was recorded in; empty: the first
	Restored    *Origin         `json:"hersteld,omitempty"`
}

// ErrLineage: an incarnation is named of which nothing says where it came from.
var ErrLineage = errors.New("incarnation of unknown origin")

// List is what a list of erasures says of one book.
type List struct {
	Book     string
	Erasures []Line   // in their order, each with its incarnation
	Restores []Origin // likewise
	Torn     []int    // numbers of lines that cannot be read: a crash leaves half a line, and the whole one after it
}

// ReadList reads what a list says of a book; lines about other books are passed over.
func ReadList(r io.Reader, book string) (*List, error) {
	l := &List{Book: book}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		var n Line
		switch {
		case len(lines.Bytes()) == 0:
		case json.Unmarshal(lines.Bytes(), &n, json.RejectUnknownMembers(true)) != nil || !n.whole():
			l.Torn = append(l.Torn, number)
		case n.Book != book:
		case n.Restored != nil:
			l.Restores = append(l.Restores, *n.Restored)
		default:
			if n.Incarnation == "" {
				n.Incarnation = book
			}
			l.Erasures = append(l.Erasures, n)
		}
	}
	return l, lines.Err()
}

// whole reports whether a line says what a line says.
func (n *Line) whole() bool {
	if n.Restored != nil {
		return n.Book != "" && n.Restored.Incarnation != "" && n.Restored.Parent != ""
	}
	return n.Book != "" && n.Position > 0 && len(n.Keys) > 0
}

// Newest is the last restore, nil when there was none: only that incarnation of the
// book may go on.
func (l *List) Newest() *Origin {
	if len(l.Restores) == 0 {
		return nil
	}
	return &l.Restores[len(l.Restores)-1]
}

// Erased gives the keys of an incarnation that the list says were erased, in order.
// What was erased in another incarnation counts as far as its keys are the same ones:
// an id that was given out after the two parted is somebody else's key. origins are
// what is known besides the list.
func (l *List) Erased(incarnation string, origins ...Origin) ([]events.KeyID, error) {
	known := family{book: l.Book, origins: map[string]Origin{}}
	for _, o := range slices.Concat(l.Restores, origins) {
		known.origins[o.Incarnation] = o
	}
	var ids []events.KeyID
	for _, n := range l.Erasures {
		shared, err := known.shared(n.Incarnation, incarnation)
		if err != nil {
			return nil, err
		}
		for _, id := range n.Keys {
			if id <= shared {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// family is how the incarnations of a book descend from one another.
type family struct {
	book    string
	origins map[string]Origin
}

// everything: within one incarnation every id is the same key.
const everything = events.KeyID(math.MaxUint64)

// shared is up to which id keys are the same ones in two incarnations: the lowest at
// which any of the restores between them parted.
func (f family) shared(a, b string) (events.KeyID, error) {
	up := map[string]events.KeyID{}
	err := f.climb(a, func(at string, limit events.KeyID) bool { up[at] = limit; return true })
	if err != nil {
		return 0, err
	}
	var shared events.KeyID
	err = f.climb(b, func(at string, limit events.KeyID) bool {
		other, met := up[at]
		shared = min(other, limit)
		return !met
	})
	return shared, err
}

// climb goes from an incarnation to the first, until step returns false, with up to
// which id the keys there are the same as where it began.
func (f family) climb(from string, step func(at string, limit events.KeyID) bool) error {
	limit := everything
	for range len(f.origins) + 1 {
		if !step(from, limit) || from == f.book {
			return nil
		}
		o, ok := f.origins[from]
		if !ok {
			return fmt.Errorf("%w: %s; the list that names its restore is needed", ErrLineage, from)
		}
		from, limit = o.Parent, min(limit, o.Key)
	}
	return fmt.Errorf("%w: %s descends from itself", ErrLineage, from)
}
