package events

import "strings"

// Type is the type attribute of a CloudEvent as it stands on the wire and in
// the stream, for example "nl.werkgeversdiensten.bezoek-gepland.v1". Written by
// hand and never derived from a Go name, so that renaming code changes no event.
type Type string

// The types that this version records (docs/contract.md, "Events").
const (
	TypeEmployerDescribed   Type = "nl.werkgeversdiensten.werkgever-beschreven.v1"
	TypeVisitPlanned        Type = "nl.werkgeversdiensten.bezoek-gepland.v1"
	TypeVisitMoved          Type = "nl.werkgeversdiensten.bezoek-verzet.v1"
	TypeVisitCalledOff      Type = "nl.werkgeversdiensten.bezoek-afgezegd.v1"
	TypeVisitMade           Type = "nl.werkgeversdiensten.bezoek-afgelegd.v1"
	TypeServiceDelivered    Type = "nl.werkgeversdiensten.dienst-geleverd.v1"
	TypePlacementMade       Type = "nl.werkgeversdiensten.plaatsing-gerealiseerd.v1"
	TypePlacementEnded      Type = "nl.werkgeversdiensten.plaatsing-beeindigd.v1"
	TypeContactAppointed    Type = "nl.werkgeversdiensten.contactpersoon-aangewezen.v1"
	TypeContactReleased     Type = "nl.werkgeversdiensten.contactpersoon-ontheven.v1"
	TypeApproachExtended    Type = "nl.werkgeversdiensten.benadering-verlengd.v1"
	TypeJointVisitConfirmed Type = "nl.werkgeversdiensten.samenwerking-bevestigd.v1"
	TypeEmployerFollowed    Type = "nl.werkgeversdiensten.werkgever-gevolgd.v1"
	TypeEmployerUnfollowed  Type = "nl.werkgeversdiensten.werkgever-losgelaten.v1"
	TypeEventRetracted      Type = "nl.werkgeversdiensten.melding-ingetrokken.v1"
	TypeVacancyReported     Type = "nl.werkgeversdiensten.vacature-gemeld.v1"
	TypeVacancyFilled       Type = "nl.werkgeversdiensten.vacature-vervuld.v1"
	TypeVacancyWithdrawn    Type = "nl.werkgeversdiensten.vacature-ingetrokken.v1"
	TypeSignalNoted         Type = "nl.werkgeversdiensten.signaal-opgevangen.v1"
	TypePartnerAdmitted     Type = "nl.werkgeversdiensten.partner-toegelaten.v1"
	TypePartnerDeparted     Type = "nl.werkgeversdiensten.partner-vertrokken.v1"
	TypePartnerSucceeded    Type = "nl.werkgeversdiensten.partner-opgevolgd.v1"
	TypeEmployersLinked     Type = "nl.werkgeversdiensten.werkgever-gekoppeld.v1"
	TypeEmployersUnlinked   Type = "nl.werkgeversdiensten.werkgever-ontkoppeld.v1"
	TypeAgreementSet        Type = "nl.werkgeversdiensten.afspraken-vastgesteld.v1"
	TypeLevelSet            Type = "nl.werkgeversdiensten.niveau-vastgesteld.v1"
	TypeEmployerSpared      Type = "nl.werkgeversdiensten.werkgever-ontzien.v1"
	TypeTargetSet           Type = "nl.werkgeversdiensten.doelstelling-vastgesteld.v1"
	TypeTargetDropped       Type = "nl.werkgeversdiensten.doelstelling-vervallen.v1"
	TypePlacementsMatched   Type = "nl.werkgeversdiensten.plaatsingen-gelijkgesteld.v1"
	TypePlacementsDistinct  Type = "nl.werkgeversdiensten.plaatsingen-onderscheiden.v1"
	TypeEmployersCounted    Type = "nl.werkgeversdiensten.werkgeversaantallen-vastgesteld.v1"
	TypePlanRefused         Type = "nl.werkgeversdiensten.plan-geweigerd.v1"
	TypeDataErased          Type = "nl.werkgeversdiensten.gegevens-gewist.v1"
	TypeBookOpened          Type = "nl.werkgeversdiensten.boek-geopend.v1"
)

const (
	typePrefix = "nl.werkgeversdiensten."
	typeSuffix = ".v1"
)

// Name is the short Dutch name, "bezoek-gepland": the last part of the stream's
// subject and what people see.
func (t Type) Name() string {
	return strings.TrimSuffix(strings.TrimPrefix(string(t), typePrefix), typeSuffix)
}

// Emitter says whose events of a type are: only that role may emit it.
type Emitter int

// The emitters, after the roles of docs/contract.md.
const (
	ByPartner Emitter = iota // a partner, under its own source
	BySteward                // the region's steward
	ByLedger                 // the ledger itself, never from outside
	ByEither                 // the steward, or a partner under its own source
	ByBoard                  // the regional board
)

// kinds is the closed set of what can be said, in the order of docs/contract.md.
var kinds = []struct {
	typ     Type
	emitter Emitter
	new     func() Data
}{
	{TypeEmployerDescribed, ByPartner, func() Data { return new(EmployerDescribed) }},
	{TypeVisitPlanned, ByPartner, func() Data { return new(VisitPlanned) }},
	{TypeVisitMoved, ByPartner, func() Data { return new(VisitMoved) }},
	{TypeVisitCalledOff, ByPartner, func() Data { return new(VisitCalledOff) }},
	{TypeVisitMade, ByPartner, func() Data { return new(VisitMade) }},
	{TypeServiceDelivered, ByPartner, func() Data { return new(ServiceDelivered) }},
	{TypePlacementMade, ByPartner, func() Data { return new(PlacementMade) }},
	{TypePlacementEnded, ByPartner, func() Data { return new(PlacementEnded) }},
	{TypeContactAppointed, ByPartner, func() Data { return new(ContactAppointed) }},
	{TypeContactReleased, ByPartner, func() Data { return new(ContactReleased) }},
	{TypeApproachExtended, ByPartner, func() Data { return new(ApproachExtended) }},
	{TypeJointVisitConfirmed, ByPartner, func() Data { return new(JointVisitConfirmed) }},
	{TypeEmployerFollowed, ByPartner, func() Data { return new(EmployerFollowed) }},
	{TypeEmployerUnfollowed, ByPartner, func() Data { return new(EmployerUnfollowed) }},
	{TypeEventRetracted, ByPartner, func() Data { return new(EventRetracted) }},
	{TypeVacancyReported, ByPartner, func() Data { return new(VacancyReported) }},
	{TypeVacancyFilled, ByPartner, func() Data { return new(VacancyFilled) }},
	{TypeVacancyWithdrawn, ByPartner, func() Data { return new(VacancyWithdrawn) }},
	{TypeSignalNoted, ByPartner, func() Data { return new(SignalNoted) }},
	{TypePartnerAdmitted, BySteward, func() Data { return new(PartnerAdmitted) }},
	{TypePartnerDeparted, BySteward, func() Data { return new(PartnerDeparted) }},
	{TypePartnerSucceeded, BySteward, func() Data { return new(PartnerSucceeded) }},
	{TypeEmployersLinked, ByEither, func() Data { return new(EmployersLinked) }},
	{TypeEmployersUnlinked, ByEither, func() Data { return new(EmployersUnlinked) }},
	{TypeAgreementSet, BySteward, func() Data { return new(AgreementSet) }},
	{TypeLevelSet, BySteward, func() Data { return new(LevelSet) }},
	{TypeEmployerSpared, BySteward, func() Data { return new(EmployerSpared) }},
	{TypeTargetSet, ByBoard, func() Data { return new(TargetSet) }},
	{TypeTargetDropped, ByBoard, func() Data { return new(TargetDropped) }},
	{TypePlacementsMatched, ByEither, func() Data { return new(PlacementsMatched) }},
	{TypePlacementsDistinct, ByEither, func() Data { return new(PlacementsDistinct) }},
	{TypeEmployersCounted, BySteward, func() Data { return new(EmployersCounted) }},
	{TypePlanRefused, ByLedger, func() Data { return new(PlanRefused) }},
	{TypeDataErased, ByLedger, func() Data { return new(DataErased) }},
	{TypeBookOpened, ByLedger, func() Data { return new(BookOpened) }},
}

var kindOf = func() map[Type]int {
	m := make(map[Type]int, len(kinds))
	for i, k := range kinds {
		m[k.typ] = i
	}
	return m
}()

// Types lists every type of this version in the order of the contract.
func Types() []Type {
	ts := make([]Type, len(kinds))
	for i, k := range kinds {
		ts[i] = k.typ
	}
	return ts
}

// Known reports whether this version knows the type.
func (t Type) Known() bool { _, ok := kindOf[t]; return ok }

// Emitter is who may emit the type; ByLedger for a type that is not known.
func (t Type) Emitter() Emitter {
	if i, ok := kindOf[t]; ok {
		return kinds[i].emitter
	}
	return ByLedger
}

// New is an empty data object for the type, or nil when it is not known.
func (t Type) New() Data {
	if i, ok := kindOf[t]; ok {
		return kinds[i].new()
	}
	return nil
}
