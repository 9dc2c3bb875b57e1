package projections

import (
	"encoding/binary"
	"fmt"

	"huisboek/events"
)

// MonthCount is how many placements a partner began at an employer in a month:
// all that others may see of them, and that only of closed months
// ([VisibleMonths]).
type MonthCount struct {
	Month   string // "2026-11"
	Partner string // internal UUID
	Count   int
}

// placement is one placement as reported, with the reports of its end.
type placement struct {
	Employer string
	Partner  string
	Start    events.Date
	End      events.Date // as reported with the placement
	Ends     []entry
}

// end is the end as it was reported last.
func (p *placement) end() events.Date {
	end, last := p.End, events.Position(0)
	for _, e := range p.Ends {
		if e.Order >= last {
			last, end = e.Order, e.From
		}
	}
	return end
}

func (p *placement) key(root events.Position) []byte {
	return datedKey(rowTimeline, p.Employer, p.Start, root)
}

func readPlacement(tx Tx, root events.Position) (*placement, error) {
	if root == 0 {
		return nil, nil
	}
	row := tx.Get(positionKey(rowPlacement, root))
	if row == nil {
		return nil, nil
	}
	d := decode(row)
	p := &placement{Employer: d.text(), Partner: d.text(), Start: d.date(), End: d.date(), Ends: d.entries()}
	return p, d.err()
}

func (p *placement) write(tx Tx, root events.Position, c *Contact) {
	e := make(encoder, 0, 96)
	e.text(p.Employer)
	e.text(p.Partner)
	e.date(p.Start)
	e.date(p.End)
	e.entries(p.Ends)
	tx.Put(positionKey(rowPlacement, root), e)

	c.End, c.Status = p.end(), StatusPlaced
	if len(p.Ends) > 0 {
		c.Status = StatusEnded
	}
	tx.Put(p.key(root), c.encode())
}

// place reports a placement, or corrects that report.
func place(tx Tx, r *events.Record, d *events.PlacementMade, did *done) error {
	was, err := readPlacement(tx, did.Root)
	if err != nil {
		return err
	}
	if did.Root == 0 {
		did.Root = r.Position
	}
	p := &placement{Employer: did.Employer, Partner: r.Partner, Start: d.Start, End: d.End}
	if was != nil {
		p.Ends = was.Ends
		tx.Delete(was.key(did.Root))
		if err := addMonth(tx, was, -1); err != nil {
			return err
		}
	}
	if err := addMonth(tx, p, +1); err != nil {
		return err
	}

	c := contactOf(r, did.Root, d.Employer, d.Start, d.Start, StatusPlaced)
	c.Placement, c.PlacementKind, c.Hours = d.Placement, d.Kind, d.Hours
	c.TargetGroup, c.Register, c.With = d.TargetGroup, d.Register, d.With
	p.write(tx, did.Root, c)
	return nil
}

func addEnd(tx Tx, root events.Position, e entry) error {
	return changeEnds(tx, root, func(list []entry) []entry { return replaceEntry(list, e) })
}

func dropEnd(tx Tx, root, order events.Position) error {
	return changeEnds(tx, root, func(list []entry) []entry { return withoutEntry(list, order) })
}

func changeEnds(tx Tx, root events.Position, change func([]entry) []entry) error {
	p, err := readPlacement(tx, root)
	if p == nil || err != nil {
		return err // its report was retracted: there is nothing left to end
	}
	c, err := decodeContact(tx.Get(p.key(root)))
	if err != nil {
		return err
	}
	p.Ends = change(p.Ends)
	p.write(tx, root, &c)
	return nil
}

func dropPlacement(tx Tx, root events.Position) error {
	p, err := readPlacement(tx, root)
	if p == nil || err != nil {
		return err
	}
	tx.Delete(p.key(root))
	tx.Delete(positionKey(rowPlacement, root))
	dropConfirmed(tx, root)
	return addMonth(tx, p, -1)
}

func addMonth(tx Tx, p *placement, n int64) error {
	return addCount(tx, monthKey(p.Employer, p.Start.Month(), p.Partner), n)
}

// addCount adds to a row that holds a count; one that comes to zero is deleted.
func addCount(tx Tx, key []byte, n int64) error {
	row := tx.Get(key)
	count, size := binary.Varint(row)
	if row != nil && (size <= 0 || size != len(row)) {
		return ErrRow
	}
	if count += n; count == 0 {
		tx.Delete(key)
	} else {
		tx.Put(key, binary.AppendVarint(nil, count))
	}
	return nil
}

// Placements counts the placements at an employer, under all its keys, by the
// month they began in and by partner, in that order.
func (Employers) Placements(tx Tx, employers []string) (counts []MonthCount, err error) {
	merge(tx, rowMonth, employers, nil, func(employer string, place, v []byte) bool {
		n, size := binary.Varint(v)
		if len(place) < monthSize || size <= 0 || size != len(v) {
			err = fmt.Errorf("placements of %s: %w", employer, ErrRow)
			return false
		}
		c := MonthCount{Month: string(place[:monthSize]), Partner: string(place[monthSize:]), Count: int(n)}
		if last := len(counts) - 1; last >= 0 && counts[last].Month == c.Month && counts[last].Partner == c.Partner {
			counts[last].Count += c.Count
		} else {
			counts = append(counts, c)
		}
		return true
	})
	return counts, err
}
