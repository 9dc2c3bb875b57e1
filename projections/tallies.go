package projections

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// The measures that are counted.
const (
	MeasureVisits     = "bezoeken"          // visits made, in the month of datum
	MeasureServices   = "diensten"          // services delivered (aantal), in the month of their first day
	MeasurePlacements = "plaatsingen"       // placements, in the month of ingangsdatum
	MeasureSignals    = "signalen"          // signals noted, in the month of datum; their groups are themes
	MeasureVacancies  = "vacatures"         // places asked for, in the month of datum
	MeasureFilled     = "vacatures-vervuld" // places filled, in the month of datum
)

// Measures lists them in the order of their rows.
var Measures = [...]string{MeasureVisits, MeasureServices, MeasurePlacements, MeasureSignals, MeasureVacancies, MeasureFilled}

// The place of each in Measures, which is its rows'.
const (
	countedVisits = iota
	countedServices
	countedPlacements
	countedSignals
	countedVacancies
	countedFilled
)

// Tallies counts visits, services, placements, signals and vacancies by partner,
// month and group: the target group, of a signal the theme. Each event counts once
// in the group "" (all) and once in each group it names. A retraction or correction
// takes back exactly what the event gave; a vacancy whose report is retracted takes
// the places back that were filled. How many were left, of a filling without a number,
// follows from what survives, as in [Vacancy].
//
// Its zero value is ready to use.
type Tallies struct{}

// NewTallies is the view of the counts.
func NewTallies() Tallies { return Tallies{} }

// Name implements Fold.
func (Tallies) Name() string { return "tellingen" }

// Shape implements Fold.
func (Tallies) Shape() int { return 5 }

// given is what one event gave to the counts.
type given struct {
	Measure byte // index in Measures
	Month   string
	Partner string
	Groups  []string // besides "", each once
	Count   int64
	Root    events.Position // of its vacancy; 0 when it is of none
	Order   events.Position // of a filling, among those of its vacancy: a correction keeps its place
	Rest    bool            // a filling without a number: of all that were left
}

// Apply implements Fold.
func (Tallies) Apply(tx Tx, r *events.Record) error {
	if err := tally(tx, r); err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	return nil
}

func tally(tx Tx, r *events.Record) error {
	var was given // what the event gave that is retracted or corrected
	if target := r.Target(); target != 0 {
		var err error
		if was, err = takeBack(tx, target); err != nil {
			return err
		}
		if r.Event.Type == events.TypeEventRetracted && was.Measure == countedVacancies && was.Root != 0 {
			return closePlaces(tx, was.Root)
		}
	}
	g, ok, err := givenBy(tx, r, &was)
	if err != nil {
		return err
	}
	if ok {
		if err := g.add(tx, g.Count); err != nil {
			return err
		}
		tx.Put(positionKey(rowGiven, r.Position), g.encode())
	}
	root := was.Root
	if g.Measure == countedFilled {
		root = g.Root
	}
	return settlePlaces(tx, root)
}

// takeBack takes back what the event at a position gave; nothing when it gave
// nothing, or that was taken back before.
func takeBack(tx Tx, p events.Position) (g given, err error) {
	key := positionKey(rowGiven, p)
	row := tx.Get(key)
	if row == nil {
		return g, nil
	}
	if g, err = decodeGiven(row); err != nil {
		return g, err
	}
	tx.Delete(key)
	if g.Measure == countedFilled {
		tx.Delete(filledKey(g.Root, p))
	}
	return g, g.add(tx, -g.Count)
}

// givenBy is what an event gives; was is what the event gave that it corrects. How
// many places were left is still to be settled.
func givenBy(tx Tx, r *events.Record, was *given) (g given, ok bool, err error) {
	g = given{Partner: r.Partner, Count: 1}
	switch d := r.Event.Data.(type) {
	case *events.VisitMade:
		g.Measure, g.Month, g.Groups = countedVisits, d.Date.Month(), groupsOf(d.TargetGroups...)
	case *events.ServiceDelivered:
		from, _ := span(d.Date, d.Period)
		g.Measure, g.Month, g.Groups, g.Count = countedServices, from.Month(), groupsOf(d.TargetGroup), int64(countOf(d))
	case *events.PlacementMade:
		g.Measure, g.Month, g.Groups = countedPlacements, d.Start.Month(), groupsOf(d.TargetGroup)
	case *events.SignalNoted:
		g.Measure, g.Month, g.Groups = countedSignals, monthOf(d.Date, r), groupsOf(d.Theme)
	case *events.VacancyReported:
		g.Measure, g.Month, g.Count = countedVacancies, monthOf(d.Date, r), int64(d.Count)
		g.Root = cmp.Or(was.Root, r.Position)
		askPlaces(tx, g.Root, g.Count)
	case *events.VacancyFilled:
		g.Measure, g.Month, g.Root = countedFilled, d.Date.Month(), r.Root()
		g.Order, g.Rest, g.Count = cmp.Or(was.Order, r.Position), d.Count == nil, 0
		if d.Count != nil {
			g.Count = int64(*d.Count)
		}
		ok, err = fillPlaces(tx, g.Root, r.Position)
		return g, ok, err
	default:
		return given{}, false, nil
	}
	return g, true, nil
}

// monthOf is the month of a day, or when there is none that of the day on which the
// event was recorded.
func monthOf(day events.Date, r *events.Record) string { return cmp.Or(day, r.Verdict.Today).Month() }

// groupsOf names each group once, in order, and "" never.
func groupsOf(names ...string) []string {
	groups := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	slices.Sort(groups)
	return slices.Compact(groups)
}

func (g *given) add(tx Tx, n int64) error {
	if err := addCount(tx, tallyKey(g.Measure, g.Month, g.Partner, ""), n); err != nil {
		return err
	}
	for _, group := range g.Groups {
		if err := addCount(tx, tallyKey(g.Measure, g.Month, g.Partner, group), n); err != nil {
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
	e.position(g.Root)
	e.position(g.Order)
	e.bool(g.Rest)
	return e
}

func decodeGiven(row []byte) (g given, err error) {
	d := decode(row)
	g = given{
		Measure: d.byte(), Month: d.text(), Partner: d.text(), Groups: d.texts(), Count: d.int(),
		Root: d.position(), Order: d.position(), Rest: d.bool(),
	}
	return g, d.err()
}

func tallyPrefix(measure byte) []byte { return []byte{rowTally, measure} }

func tallyKey(measure byte, month, partner, group string) []byte {
	k := make([]byte, 0, 80)
	k = append(append(k, rowTally, measure), month...)
	k = binary.BigEndian.AppendUint16(k, uint16(len(partner)))
	k = append(k, partner...)
	k = binary.BigEndian.AppendUint16(k, uint16(len(group)))
	return append(k, group...)
}
