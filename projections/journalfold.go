package projections

import (
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// Journal is the view of what standings of targets are counted from: one row for each
// record that they need, which is the same whatever came before or after it. So a
// standing as known at any moment is what the rows up to that moment come to.
//
// Its zero value is ready to use.
type Journal struct{}

// Name implements Fold.
func (Journal) Name() string { return "journaal" }

// Shape implements Fold.
func (Journal) Shape() int { return 2 }

// rowJournal begins the rows of the journal:
//
//	'J' part1 position8   a record
const rowJournal = 'J'

func journalPrefix(part Part) []byte { return append(make([]byte, 0, 10), rowJournal, byte(part)) }

func journalKey(part Part, p events.Position) []byte {
	return binary.BigEndian.AppendUint64(journalPrefix(part), uint64(p))
}

func journalKeyName(rest []byte) (string, bool) {
	if len(rest) != 9 || !slices.Contains(Parts[:], Part(rest[0])) {
		return "", false
	}
	return fmt.Sprintf("journal %c of position %d", rest[0], binary.BigEndian.Uint64(rest[1:])), true
}

// Apply implements Fold.
func (Journal) Apply(tx Tx, r *events.Record) error {
	l, ok := lineOf(r)
	if !ok {
		return nil
	}
	row, err := l.encode()
	if err != nil {
		return fmt.Errorf("position %d: journal: %w", r.Position, err)
	}
	tx.Put(journalKey(l.Part(), r.Position), row)
	return nil
}

// lineOf is the line of a record; ok is false when standings do not need it.
func lineOf(r *events.Record) (l Line, ok bool) {
	root, target := r.Root(), r.Target()
	l = Line{
		Position: r.Position, At: r.At, Today: r.Verdict.Today, Type: r.Event.Type, Partner: r.Partner, Steward: r.Partner == r.Book,
		Target: target, Confirms: r.Confirms(), Hours: -1, Count: -1,
	}
	if e, ok := events.EmployerOf(r.Event.Data); ok {
		l.Employer = e.Key()
	}
	switch d := r.Event.Data.(type) {
	case *events.PlacementMade:
		l.Root, l.ID, l.Sort, l.From, l.To, l.Groups, l.Sector = root, d.Placement, d.Kind, d.Start, d.End, groupsOf(d.TargetGroup), d.Sector
		if d.Hours != nil {
			l.Hours = int(*d.Hours)
		}
		if d.Register != nil {
			l.Register = RegisterNo
			if *d.Register {
				l.Register = RegisterYes
			}
		}
	case *events.PlacementEnded:
		l.Root, l.ID, l.From = root, d.Placement, d.End
	case *events.PlacementsMatched, *events.PlacementsDistinct:
		l.Pair[0], l.Pair[1] = r.Pair()
	case *events.VisitMade:
		l.From, l.Sort, l.Groups = d.Date, d.Purpose, groupsOf(d.TargetGroups...)
	case *events.ServiceDelivered:
		l.From, l.To = span(d.Date, d.Period)
		l.Sort, l.Groups, l.Count = d.Service, groupsOf(d.TargetGroup), countOf(d)
	case *events.VacancyReported:
		l.Root, l.ID, l.From, l.Count = root, d.Vacancy, dayOf(r, d.Date), d.Count
	case *events.VacancyFilled:
		l.Root, l.ID, l.From = root, d.Vacancy, d.Date
		if d.Count != nil {
			l.Count = *d.Count
		}
	case *events.VacancyWithdrawn:
		l.Root, l.ID = root, d.Vacancy
	case *events.SignalNoted:
		l.From, l.Sort = dayOf(r, d.Date), d.Theme
	case *events.EventRetracted, *events.JointVisitConfirmed:
	default:
		return lineOfRegion(r, l)
	}
	return l, true
}

// lineOfRegion is the line of what says who and what there is in the region.
func lineOfRegion(r *events.Record, l Line) (Line, bool) {
	switch d := r.Event.Data.(type) {
	case *events.EmployerDescribed:
		l.Size, l.Sector = d.Size, d.Sector
		if d.Gemeente != "" {
			l.Gemeenten = []string{d.Gemeente}
		}
	case *events.LevelSet:
		if d.Establishment != "" { // what is counted does not say at which one it was
			return l, false
		}
		l.Sort = d.Level
	case *events.EmployersLinked:
		l.Employer, l.With, l.Sort = d.Employer.Employer().Key(), d.With.Employer().Key(), d.Kind
		l.Holds = slices.Contains(r.Verdict.Reasons, reasonLinkHolds)
	case *events.EmployersUnlinked:
		l.Employer, l.With = d.Employer.Employer().Key(), d.With.Employer().Key()
	case *events.PartnerAdmitted:
		l.Of, l.Identities, l.Name, l.From, l.Gemeenten, l.Subregion = d.Partner, d.Identities, d.Name, d.From, d.Gemeenten, d.Subregion
	case *events.PartnerDeparted:
		l.Of, l.From, l.Past = d.Partner, d.From, d.Past
		if l.Past == "" {
			l.Past = events.PastStays
		}
	case *events.PartnerSucceeded:
		l.Of, l.By, l.From = d.Partner, d.By, d.From
	case *events.TargetSet:
		l.ID, l.Set = d.Target, d
	case *events.TargetDropped:
		l.ID = d.Target
	case *events.EmployersCounted:
		l.From, l.Counted = d.From, d
	default:
		return l, false
	}
	return l, true
}
