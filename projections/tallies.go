package projections

import (
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// The measures that are counted.
const (
	MeasureVisits     = "bezoeken"    // visits made, in the month of datum
	MeasureServices   = "diensten"    // services delivered (aantal), in the month of their first day
	MeasurePlacements = "plaatsingen" // placements, in the month of ingangsdatum
)

// Measures lists them in the order of their rows.
var Measures = [...]string{MeasureVisits, MeasureServices, MeasurePlacements}

// Tallies counts visits, services and placements by partner, month and target
// group. Each event counts once in the group "" (all) and once in each group it
// names. A retraction or correction takes back exactly what the event gave.
//
// Each count also knows in which month it was recorded, so that figures for
// others can stand still until a month ends (docs/design.md, promise 9).
//
// Its zero value is ready to use.
type Tallies struct{}

// NewTallies is the view of the counts.
func NewTallies() Tallies { return Tallies{} }

// Name implements Fold.
func (Tallies) Name() string { return "tellingen" }

// Shape implements Fold.
func (Tallies) Shape() int { return 1 }

// given is what one event gave to the counts.
type given struct {
	Measure byte // index in Measures
	Month   string
	Partner string
	Groups  []string // besides "", each once
	Count   int64
}

// Apply implements Fold.
func (Tallies) Apply(tx Tx, r *events.Record) error {
	recorded := events.DateOf(r.At).Month()
	if target := r.Target(); target != 0 {
		key := positionKey(rowGiven, target)
		if row := tx.Get(key); row != nil {
			g, err := decodeGiven(row)
			if err != nil {
				return fmt.Errorf("position %d: %w", r.Position, err)
			}
			if err := g.add(tx, recorded, -g.Count); err != nil {
				return fmt.Errorf("position %d: %w", r.Position, err)
			}
			tx.Delete(key)
		}
	}
	if g, ok := givenBy(r); ok {
		if err := g.add(tx, recorded, g.Count); err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
		tx.Put(positionKey(rowGiven, r.Position), g.encode())
	}
	return nil
}

func givenBy(r *events.Record) (given, bool) {
	switch d := r.Event.Data.(type) {
	case *events.VisitMade:
		return given{0, d.Date.Month(), r.Partner, groupsOf(d.TargetGroups...), 1}, true
	case *events.ServiceDelivered:
		from, _ := span(d.Date, d.Period)
		return given{1, from.Month(), r.Partner, groupsOf(d.TargetGroup), int64(countOf(d))}, true
	case *events.PlacementMade:
		return given{2, d.Start.Month(), r.Partner, groupsOf(d.TargetGroup), 1}, true
	}
	return given{}, false
}

// groupsOf names each group once, in order, and "" never.
func groupsOf(names ...string) []string {
	groups := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	slices.Sort(groups)
	return slices.Compact(groups)
}

func (g *given) add(tx Tx, recorded string, n int64) error {
	if err := addCount(tx, tallyKey(g.Measure, g.Month, g.Partner, "", recorded), n); err != nil {
		return err
	}
	for _, group := range g.Groups {
		if err := addCount(tx, tallyKey(g.Measure, g.Month, g.Partner, group, recorded), n); err != nil {
			return err
		}
	}
	return nil
}

func (g *given) encode() []byte {
	e := make(encoder, 0, 64)
	e.byte(g.Measure)
	e.text(g.Month)
	e.text(g.Partner)
	e.texts(g.Groups)
	e.int(g.Count)
	return e
}

func decodeGiven(row []byte) (g given, err error) {
	d := decode(row)
	g = given{Measure: d.byte(), Month: d.text(), Partner: d.text(), Groups: d.texts(), Count: d.int()}
	return g, d.err()
}

func tallyPrefix(measure byte) []byte { return []byte{rowTally, measure} }

func tallyKey(measure byte, month, partner, group, recorded string) []byte {
	k := make([]byte, 0, 80)
	k = append(append(k, rowTally, measure), month...)
	k = binary.BigEndian.AppendUint16(k, uint16(len(partner)))
	k = append(k, partner...)
	k = binary.BigEndian.AppendUint16(k, uint16(len(group)))
	k = append(k, group...)
	return append(k, recorded...)
}
