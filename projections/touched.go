package projections

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// Every is at most limit employers of which the view has a row, by the length of
// their keys and then by the key, after a given one ("" to begin): to go through
// all of them in parts, whatever is written meanwhile.
func (Employers) Every(tx Tx, after string, limit int) ([]string, error) {
	list := make([]string, 0, min(limit, 1_000))
	for len(list) < limit {
		next, err := employerAfter(tx, after)
		if err != nil {
			return nil, fmt.Errorf("employers after %q: %w", after, err)
		}
		if next == "" {
			break
		}
		list = append(list, next)
		after = next
	}
	return list, nil
}

// employerKinds are kinds of rows of which every employer in the view has one.
var employerKinds = [...]byte{rowCard, rowTimeline, rowFixed, rowLink, rowAbout}

// employerAfter is the first employer after another, "" when there is none: a
// seek in each kind of row, however many rows an employer has.
func employerAfter(tx Tx, after string) (least string, err error) {
	for _, kind := range employerKinds {
		from := []byte{kind}
		if after != "" {
			from = sizedPrefix(kind, after)
			from[len(from)-1]++ // past all rows of that one: its last character is never the last byte there is
		}
		tx.ScanFrom(from, []byte{kind}, func(k, _ []byte) bool {
			name, _, ok := cutSized(k[1:])
			if found := string(name); !ok || found == "" {
				err = ErrRow
			} else if least == "" || shorterFirst(found, least) < 0 {
				least = found
			}
			return false
		})
		if err != nil {
			return "", err
		}
	}
	return least, nil
}

// shorterFirst is the order of employers in the store: their length stands before them.
func shorterFirst(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// TouchedBy is the employers of which a record changes what the view answers, and
// those of which it makes a description unreadable. It reads what the view knows
// before the record is folded in, for a retraction takes that away: see [Touching].
func (Employers) TouchedBy(tx Tx, r *events.Record) (list []string, err error) {
	add := func(employer string) {
		if employer != "" && !slices.Contains(list, employer) {
			list = append(list, employer)
		}
	}
	switch d := r.Event.Data.(type) {
	case *events.EmployersLinked:
		add(d.Employer.Employer().Key())
		add(d.With.Employer().Key())
	case *events.EmployersUnlinked:
		add(d.Employer.Employer().Key())
		add(d.With.Employer().Key())
	case *events.DataErased:
		return describedWith(tx, d.Keys)
	}
	if e, ok := events.EmployerOf(r.Event.Data); ok {
		add(e.Key())
	}
	roots := []events.Position{r.Root()}
	if target := r.Target(); target != 0 {
		was, ok, err := readDone(tx, target)
		if err != nil {
			return nil, fmt.Errorf("position %d: %w", target, err)
		}
		if ok {
			add(was.Employer)
			roots = append(roots, was.Root)
		}
	}
	for _, root := range roots {
		employer, err := employerAt(tx, root)
		if err != nil {
			return nil, fmt.Errorf("position %d: %w", root, err)
		}
		add(employer)
	}
	return list, nil
}

// employerAt is the employer of the approach, placement or vacancy with a root, or
// "" when there is none (any more).
func employerAt(tx Tx, root events.Position) (string, error) {
	a, err := readApproach(tx, root)
	if err != nil {
		return "", err
	}
	if a != nil {
		return a.Employer, nil
	}
	p, err := readPlacement(tx, root)
	if err != nil {
		return "", err
	}
	if p != nil {
		return p.Employer, nil
	}
	v, err := readVacancy(tx, root)
	if v == nil || err != nil {
		return "", err
	}
	return v.Employer, nil
}

// describedWith is the employers whose surviving descriptions have a member
// sealed with one of these keys.
func describedWith(tx Tx, keys []events.KeyID) ([]string, error) {
	found := map[string]bool{}
	var list []string
	var err error
	for _, id := range keys {
		tx.Scan(sealPrefix(id), func(k, _ []byte) bool {
			var was done
			var ok bool
			position := events.Position(binary.BigEndian.Uint64(k[len(k)-8:]))
			if was, ok, err = readDone(tx, position); err != nil {
				err = fmt.Errorf("position %d: %w", position, err)
				return false
			}
			if ok && was.Type == events.TypeEmployerDescribed && !found[was.Employer] {
				found[was.Employer] = true
				list = append(list, was.Employer)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Touching is [Views] that remembers which employers the records touched that
// were folded in. It writes the same rows. Take is for the goroutine that folds:
// Runner.OnBatch.
type Touching struct {
	Views
	touched map[string]bool
}

// NewTouching is all views of a book, and what was touched in them.
func NewTouching() *Touching { return &Touching{touched: map[string]bool{}} }

// Apply implements Fold.
func (t *Touching) Apply(tx Tx, r *events.Record) error {
	list, err := t.TouchedBy(tx, r)
	if err != nil {
		return err
	}
	for _, employer := range list {
		t.touched[employer] = true
	}
	return t.Views.Apply(tx, r)
}

// Take gives the employers that were touched since the last call, in the order of
// Every. Those of a batch that could not be stored are among them.
func (t *Touching) Take() []string {
	list := make([]string, 0, len(t.touched))
	for employer := range t.touched {
		list = append(list, employer)
	}
	clear(t.touched)
	slices.SortFunc(list, shorterFirst)
	return list
}
