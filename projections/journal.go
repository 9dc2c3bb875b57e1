package projections

import (
	"time"

	"huisboek/events"
)

// Line is what the standings of targets need of one record: small, so that all of a
// book can be read again in a second. Which members are set follows from its Type; none
// is personal, so that an erasure reaches nothing here.
type Line struct {
	Position events.Position
	At       time.Time   // when it was recorded
	Today    events.Date // the day that was
	Type     events.Type
	Partner  string // internal UUID of who said it; the book's own of the steward
	Steward  bool   // the steward, the board or the ledger said it, and no partner

	Target   events.Position    // what it retracts or corrects
	Root     events.Position    // of the placement or vacancy that it goes on with; 0 when it begins one
	Confirms events.Position    // the report of another partner that it confirms to take part in
	Pair     [2]events.Position // the first reports of two placements

	Employer, With string      // key; With of a link
	Holds          bool        // of a link
	From, To       events.Date // To of a placement and of a service; From also of what is dated by one day
	Sort           string      // soort, dienst, doel, niveau, thema, koppelingSoort
	ID             string      // plaatsing, vacature, doelstelling
	Groups         []string
	Hours          int // hundredths; -1 when it is not said
	Register       Register
	Sector         string
	Count          int // -1 when it is not said
	Gemeenten      []string
	Size           string
	Subregion      string
	Name           string // of a partner
	Identities     []string
	Past           string // what becomes of what a partner did before it left
	Of             string // whom it is about: the partner that was admitted, left or was succeeded
	By             string // who succeeds it
	Set            *events.TargetSet
	Counted        *events.EmployersCounted
}

// Register is whether somebody is in the doelgroepregister.
type Register uint8

// What may be said of the register.
const (
	RegisterUnknown Register = iota
	RegisterNo
	RegisterYes
)

// Part is a part of the journal that can be read by itself.
type Part byte

// The parts of the journal.
const (
	PartPlacements Part = 'p' // placements, their ends, and which are the same
	PartVisits     Part = 'v'
	PartServices   Part = 's'
	PartVacancies  Part = 'w'
	PartSignals    Part = 'i'
	PartEmployers  Part = 'e' // where an employer is, how large, at what level, and with whom it is one
	PartRegion     Part = 'm' // partners, targets, numbers of employers
	PartTakenBack  Part = 'r' // retractions, and who takes part in what another told: of whatever part
)

// Parts are all of them.
var Parts = [...]Part{
	PartPlacements, PartVisits, PartServices, PartVacancies, PartSignals, PartEmployers, PartRegion, PartTakenBack,
}

// linePart is the part of each type that has a line, in the order in which a row names
// them: a row holds the index, so that new types come last.
var linePart = [...]struct {
	typ  events.Type
	part Part
}{
	{events.TypePlacementMade, PartPlacements},
	{events.TypePlacementEnded, PartPlacements},
	{events.TypePlacementsMatched, PartPlacements},
	{events.TypePlacementsDistinct, PartPlacements},
	{events.TypeVisitMade, PartVisits},
	{events.TypeServiceDelivered, PartServices},
	{events.TypeVacancyReported, PartVacancies},
	{events.TypeVacancyFilled, PartVacancies},
	{events.TypeVacancyWithdrawn, PartVacancies},
	{events.TypeSignalNoted, PartSignals},
	{events.TypeEmployerDescribed, PartEmployers},
	{events.TypeLevelSet, PartEmployers},
	{events.TypeEmployersLinked, PartEmployers},
	{events.TypeEmployersUnlinked, PartEmployers},
	{events.TypePartnerAdmitted, PartRegion},
	{events.TypePartnerDeparted, PartRegion},
	{events.TypePartnerSucceeded, PartRegion},
	{events.TypeTargetSet, PartRegion},
	{events.TypeTargetDropped, PartRegion},
	{events.TypeEmployersCounted, PartRegion},
	{events.TypeEventRetracted, PartTakenBack},
	{events.TypeJointVisitConfirmed, PartTakenBack},
}

// Part is the part of the journal that the line stands in, 0 when there is none for its type.
func (l *Line) Part() Part {
	for i := range linePart {
		if linePart[i].typ == l.Type {
			return linePart[i].part
		}
	}
	return 0
}
