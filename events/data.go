package events

// The data of every event type. The json tags are the wire (Dutch, docs/contract.md);
// the check tags are the rules, read by Decode and by Schema alike:
//
//	required        must be there
//	max=N           at most N characters (text) or entries (list)
//	min=N           at least N (number) or N entries (list)
//	text            free text: at most 2,000 characters, under the BSN guard
//	label           one line of text, under the BSN guard
//	uuid date time duration phone email postcode postcodes gemeente region kvk
//	vestiging land register nummer sbi oin identity source id    a format, see format.go
//	enum=name       one of a closed list in values.go
//	hundredths      a number with at most two decimals
//
// Rules that tie members together stand in the type's check method (check.go).
// A member of type Personal is sealed before it is stored.

// Data is what an event says. The set is closed: only this package implements it.
type Data interface {
	// Type is the wire name under which it is said.
	Type() Type
	// check adds the faults that concern more than one member.
	check(c *checker)
}

// Ref points to one event by what its maker called it (docs/contract.md: melding, vervangt).
type Ref struct {
	Source string `json:"source" check:"required,max=255,source"`
	ID     string `json:"id" check:"required,max=255,id"`
}

// AccountManager is who of the partner keeps the contact. Sealed whole, with one
// key per person of a partner, so that one erasure reaches everything of them.
type AccountManager struct {
	Employee string `json:"medewerker" check:"required,max=100,label"` // the partner's own id of the person
	Name     string `json:"naam" check:"required,max=200,label"`
	Phone    string `json:"telefoon,omitempty" check:"phone"`
	Email    string `json:"email,omitempty" check:"email"`
}

// ContactPerson is somebody at the employer.
type ContactPerson struct {
	Name  string `json:"naam" check:"required,max=200,label"`
	Role  string `json:"functie,omitempty" check:"max=200,label"`
	Phone string `json:"telefoon,omitempty" check:"phone"`
	Email string `json:"email,omitempty" check:"email"`
}

// Period is from its first day up to and including its last.
type Period struct {
	From Date `json:"van" check:"required,date"`
	To   Date `json:"tot" check:"required,date"`
}

// Despite is the reason to go through a warning (docs/design.md, "Verdicts and advice": partners are autonomous).
type Despite struct {
	Reason Personal[string] `json:"reden" check:"required,text"`
}

// EmployerDescribed is what a partner knows of an employer. The name and address
// are sealed (a sole trader is a natural person), and so are its contact persons.
type EmployerDescribed struct {
	Employer
	Name       Personal[string]          `json:"naam" check:"required,max=200,label"`
	Place      Personal[string]          `json:"plaats,omitzero" check:"max=100,label"`
	Postcode   Personal[string]          `json:"postcode,omitzero" check:"postcode"`
	Gemeente   string                    `json:"gemeentecode,omitempty" check:"gemeente"`
	SBICode    string                    `json:"sbiCode,omitempty" check:"sbi"`
	SBIVersion string                    `json:"sbiVersie,omitempty" check:"enum=sbiVersie"`
	Size       string                    `json:"grootteklasse,omitempty" check:"enum=grootteklasse"`
	Sector     string                    `json:"sector,omitempty" check:"enum=sector"`
	Contacts   Personal[[]ContactPerson] `json:"contactpersonen,omitzero" check:"min=1,max=20"`
	Replaces   *Ref                      `json:"vervangt,omitempty"`
}

// VisitPlanned opens an approach: one intention to contact an employer. The
// approach's id belongs to the partner. Day or period, not both.
type VisitPlanned struct {
	Employer
	Approach       string                   `json:"benadering" check:"required,uuid"`
	Date           Date                     `json:"datum,omitempty" check:"date"`
	Period         *Period                  `json:"periode,omitempty"`
	Purpose        string                   `json:"doel" check:"required,enum=doel"`
	AccountManager Personal[AccountManager] `json:"accountmanager" check:"required"`
	Time           string                   `json:"tijd,omitempty" check:"time"`
	Duration       string                   `json:"duur,omitempty" check:"duration"`
	Form           string                   `json:"vorm,omitempty" check:"enum=vorm"`
	TargetGroups   []string                 `json:"doelgroepen,omitempty" check:"max=10,enum=doelgroep"`
	With           []string                 `json:"samenMet,omitempty" check:"max=60,identity"`
	AtRequest      bool                     `json:"opVerzoekVanWerkgever,omitzero"`
	Despite        *Despite                 `json:"ondanks,omitempty"`
	Note           Personal[string]         `json:"toelichting,omitzero" check:"text"`
	Replaces       *Ref                     `json:"vervangt,omitempty"`
}

// VisitMoved gives an open approach of one's own another day or period.
type VisitMoved struct {
	Approach string           `json:"benadering" check:"required,uuid"`
	Date     Date             `json:"datum,omitempty" check:"date"`
	Period   *Period          `json:"periode,omitempty"`
	Time     string           `json:"tijd,omitempty" check:"time"`
	Duration string           `json:"duur,omitempty" check:"duration"`
	Reason   Personal[string] `json:"reden,omitzero" check:"text"`
	Despite  *Despite         `json:"ondanks,omitempty"`
	Replaces *Ref             `json:"vervangt,omitempty"`
}

// VisitCalledOff ends an open approach of one's own without a visit.
type VisitCalledOff struct {
	Approach string           `json:"benadering" check:"required,uuid"`
	Reason   Personal[string] `json:"reden,omitzero" check:"text"`
	Replaces *Ref             `json:"vervangt,omitempty"`
}

// VisitMade is a contact that took place; with an approach it ends that approach.
type VisitMade struct {
	Employer
	Date           Date                     `json:"datum" check:"required,date"`
	Purpose        string                   `json:"doel" check:"required,enum=doel"`
	Form           string                   `json:"vorm" check:"required,enum=vorm"`
	Approach       string                   `json:"benadering,omitempty" check:"uuid"`
	AccountManager Personal[AccountManager] `json:"accountmanager,omitzero"`
	Outcome        []string                 `json:"uitkomst,omitempty" check:"max=5,enum=uitkomst"`
	TargetGroups   []string                 `json:"doelgroepen,omitempty" check:"max=10,enum=doelgroep"`
	With           []string                 `json:"samenMet,omitempty" check:"max=60,identity"`
	AtRequest      bool                     `json:"opVerzoekVanWerkgever,omitzero"`
	Note           Personal[string]         `json:"toelichting,omitzero" check:"text"`
	Replaces       *Ref                     `json:"vervangt,omitempty"`
}

// ServiceDelivered is what was delivered to an employer. A proefplaatsing is a
// service: the benefit goes on (docs/contract.md, "Values"). Day or period, not both.
type ServiceDelivered struct {
	Employer
	Service     string  `json:"dienst" check:"required,enum=dienst"`
	Date        Date    `json:"datum,omitempty" check:"date"`
	Period      *Period `json:"periode,omitempty"`
	TargetGroup string  `json:"doelgroep,omitempty" check:"enum=doelgroep"`
	Count       *int    `json:"aantal,omitempty" check:"min=1,max=10000"` // absent is one
	Replaces    *Ref    `json:"vervangt,omitempty"`
}

// PlacementMade is a person at work at an employer; never who. The placement's
// id belongs to the partner.
type PlacementMade struct {
	Employer
	Placement   string      `json:"plaatsing" check:"required,uuid"`
	Start       Date        `json:"ingangsdatum" check:"required,date"`
	Kind        string      `json:"soort" check:"required,enum=plaatsingSoort"`
	Region      string      `json:"arbeidsmarktregio" check:"required,region"`
	Hours       *Hundredths `json:"urenPerWeek,omitempty" check:"hundredths,min=0,max=168"`
	TargetGroup string      `json:"doelgroep,omitempty" check:"enum=doelgroep"`
	Register    *bool       `json:"doelgroepregister,omitempty"`
	End         Date        `json:"einddatum,omitempty" check:"date"`
	Sector      string      `json:"sector,omitempty" check:"enum=sector"`
	With        []string    `json:"samenMet,omitempty" check:"max=60,identity"`
	Replaces    *Ref        `json:"vervangt,omitempty"`
}

// PlacementEnded says when a placement of one's own ended.
type PlacementEnded struct {
	Placement string           `json:"plaatsing" check:"required,uuid"`
	End       Date             `json:"einddatum" check:"required,date"`
	Reason    Personal[string] `json:"reden,omitzero" check:"text"`
	Replaces  *Ref             `json:"vervangt,omitempty"`
}

// ContactAppointed names the fixed contact for an employer, for one purpose or
// for all (purpose absent).
type ContactAppointed struct {
	Employer
	AccountManager Personal[AccountManager] `json:"accountmanager" check:"required"`
	Purpose        string                   `json:"doel,omitempty" check:"enum=doel"`
	Replaces       *Ref                     `json:"vervangt,omitempty"`
}

// ContactReleased ends one's own appointment for that employer and purpose.
type ContactReleased struct {
	Employer
	Purpose  string `json:"doel,omitempty" check:"enum=doel"`
	Replaces *Ref   `json:"vervangt,omitempty"`
}

// EventRetracted takes one's own earlier event back.
type EventRetracted struct {
	Event  Ref              `json:"melding" check:"required"`
	Reason Personal[string] `json:"reden,omitzero" check:"text"`
}

// VacancyReported says that an employer looks for people. The vacancy's id belongs
// to the partner. An absent datum is the day on which it was recorded.
type VacancyReported struct {
	Employer
	Vacancy    string      `json:"vacature" check:"required,uuid"`
	Occupation string      `json:"beroep" check:"required,max=200,label"`
	Count      int         `json:"aantal" check:"required,min=1,max=10000"`
	Hours      *Hundredths `json:"uren,omitempty" check:"hundredths,min=0,max=168"` // a week, for each
	Date       Date        `json:"datum,omitempty" check:"date"`
	Replaces   *Ref        `json:"vervangt,omitempty"`
}

// VacancyFilled says that somebody was found: for so many of the places, absent for
// all that were left.
type VacancyFilled struct {
	Vacancy  string `json:"vacature" check:"required,uuid"`
	Date     Date   `json:"datum" check:"required,date"`
	Count    *int   `json:"aantal,omitempty" check:"min=1,max=10000"`
	Replaces *Ref   `json:"vervangt,omitempty"`
}

// VacancyWithdrawn ends a vacancy of one's own: what was left of it is no longer looked for.
type VacancyWithdrawn struct {
	Vacancy  string `json:"vacature" check:"required,uuid"`
	Replaces *Ref   `json:"vervangt,omitempty"`
}

// SignalNoted is what an employer said that is no vacancy. An absent datum is the
// day on which it was recorded.
type SignalNoted struct {
	Employer
	Theme    string           `json:"thema" check:"required,enum=thema"`
	Text     Personal[string] `json:"tekst,omitzero" check:"text"`
	Date     Date             `json:"datum,omitempty" check:"date"`
	Replaces *Ref             `json:"vervangt,omitempty"`
}

// PartnerAdmitted lets an organisation take part from a day on. Identities are
// "urn:nld:oin:<20 digits>" or "urn:nld:kvknr:<8 digits>".
type PartnerAdmitted struct {
	Partner    string   `json:"partner" check:"required,uuid"`
	Identities []string `json:"identiteiten" check:"required,min=1,max=20,identity"`
	Name       string   `json:"naam" check:"required,max=200,label"`
	Kind       string   `json:"soort" check:"required,enum=partnerSoort"`
	From       Date     `json:"per" check:"required,date"`
	Gemeenten  []string `json:"gemeentecodes,omitempty" check:"max=400,gemeente"`
	Postcodes  []string `json:"postcodes,omitempty" check:"max=2000,postcodes"` // "8011" or "8000-8049"
	Subregion  string   `json:"subregio,omitempty" check:"max=100,label"`
	Regions    []string `json:"arbeidsmarktregios,omitempty" check:"max=35,region"` // every region that it serves; absent: this one
}

// PartnerDeparted ends a partner's part from a day on; its history stays.
type PartnerDeparted struct {
	Partner string `json:"partner" check:"required,uuid"`
	From    Date   `json:"per" check:"required,date"`
	Past    string `json:"verleden,omitempty" check:"enum=verleden"` // absent: it stays
}

// PartnerSucceeded says that from a day on another partner goes on with a
// partner's work: history stays with who made it, rights go to the successor.
type PartnerSucceeded struct {
	Partner string `json:"partner" check:"required,uuid"`
	By      string `json:"door" check:"required,uuid"`
	From    Date   `json:"per" check:"required,date"`
}

// WholeEmployer is an employer without an establishment: what links are between.
type WholeEmployer struct {
	KvK         string   `json:"kvkNummer,omitempty" check:"kvk"`
	Foreign     *Foreign `json:"buitenlands,omitempty"`
	Provisional string   `json:"voorlopig,omitempty" check:"uuid"`
}

// Employer is the same as an [Employer].
func (w WholeEmployer) Employer() Employer {
	return Employer{KvK: w.KvK, Foreign: w.Foreign, Provisional: w.Provisional}
}

// EmployersLinked says how two employers belong together: they are the same one
// ("dezelfde"), met goes on with the work of werkgever ("opvolger"), or both are
// of one concern ("concern"). Of a pair of employers the last word counts.
type EmployersLinked struct {
	Employer WholeEmployer    `json:"werkgever" check:"required"`
	With     WholeEmployer    `json:"met" check:"required"`
	Kind     string           `json:"soort" check:"required,enum=koppelingSoort"`
	Reason   Personal[string] `json:"reden,omitzero" check:"text"`
}

// EmployersUnlinked takes whatever was said of a pair back, and says that the two
// do not belong together.
type EmployersUnlinked struct {
	Employer WholeEmployer    `json:"werkgever" check:"required"`
	With     WholeEmployer    `json:"met" check:"required"`
	Reason   Personal[string] `json:"reden,omitzero" check:"text"`
}

// ApproachExtended lets an open approach of one's own hold longer: its period goes
// on up to and including tot. Only a plan for a period is extended; one with a day
// is moved.
type ApproachExtended struct {
	Approach string           `json:"benadering" check:"required,uuid"`
	To       Date             `json:"tot" check:"required,date"`
	Reason   Personal[string] `json:"reden" check:"required,text"`
}

// JointVisitConfirmed says that one takes part in what another partner reported: a
// plan, a visit or a placement that names one in samenMet. Until then that is a claim.
type JointVisitConfirmed struct {
	Event Ref `json:"melding" check:"required"`
}

// EmployerFollowed asks for messages on an employer, and EmployerUnfollowed for no
// more of them. Both are about the partner that says it, and a last word each.
type EmployerFollowed struct {
	Employer
}

// EmployerUnfollowed ends EmployerFollowed.
type EmployerUnfollowed struct {
	Employer
}

// LevelSet says who approaches an employer: its municipality ("lokaal"), or the
// partners together ("regionaal", "landelijk"). Of an employer the last word counts.
type LevelSet struct {
	Employer
	Level  string           `json:"niveau" check:"required,enum=niveau"`
	Reason Personal[string] `json:"reden,omitzero" check:"text"`
}

// EmployerSpared says that an employer is to be left in peace from a day on, up to
// and including another (absent: until further notice), for some purposes (absent:
// for all). Of an employer and establishment the last word counts; opgeheven lifts it.
type EmployerSpared struct {
	Employer
	From     Date             `json:"van" check:"required,date"`
	To       Date             `json:"tot,omitempty" check:"date"`
	Ground   string           `json:"grond" check:"required,enum=ontzienGrond"`
	Purposes []string         `json:"doelen,omitempty" check:"min=1,max=10,enum=doel"`
	Lifted   bool             `json:"opgeheven,omitzero"`
	Reason   Personal[string] `json:"reden,omitzero" check:"text"`
}

// PlanRefused is a plan that the region's agreement refuses, as it was offered: the
// members of [VisitPlanned], under the source and id of its maker. The ledger
// records it in the plan's place; nothing is planned by it.
type PlanRefused struct {
	VisitPlanned
}

// DataErased says that keys were destroyed; it says nothing of whom.
type DataErased struct {
	Keys   []KeyID `json:"sleutels" check:"required,min=1,max=10000"`
	Ground string  `json:"grond" check:"required,enum=grond"`
}

// BookOpened is position 1 of every book.
type BookOpened struct {
	Book   string `json:"boek" check:"required,uuid"`
	Region string `json:"arbeidsmarktregio" check:"required,region"`
	OIN    string `json:"oin" check:"required,oin"` // the steward's
}

// Type implements Data.
func (*EmployerDescribed) Type() Type { return TypeEmployerDescribed }

// Type implements Data.
func (*VisitPlanned) Type() Type { return TypeVisitPlanned }

// Type implements Data.
func (*VisitMoved) Type() Type { return TypeVisitMoved }

// Type implements Data.
func (*VisitCalledOff) Type() Type { return TypeVisitCalledOff }

// Type implements Data.
func (*VisitMade) Type() Type { return TypeVisitMade }

// Type implements Data.
func (*ServiceDelivered) Type() Type { return TypeServiceDelivered }

// Type implements Data.
func (*PlacementMade) Type() Type { return TypePlacementMade }

// Type implements Data.
func (*PlacementEnded) Type() Type { return TypePlacementEnded }

// Type implements Data.
func (*ContactAppointed) Type() Type { return TypeContactAppointed }

// Type implements Data.
func (*ContactReleased) Type() Type { return TypeContactReleased }

// Type implements Data.
func (*EventRetracted) Type() Type { return TypeEventRetracted }

// Type implements Data.
func (*PartnerAdmitted) Type() Type { return TypePartnerAdmitted }

// Type implements Data.
func (*PartnerDeparted) Type() Type { return TypePartnerDeparted }

// Type implements Data.
func (*DataErased) Type() Type { return TypeDataErased }

// Type implements Data.
func (*BookOpened) Type() Type { return TypeBookOpened }

// Type implements Data.
func (*VacancyReported) Type() Type { return TypeVacancyReported }

// Type implements Data.
func (*VacancyFilled) Type() Type { return TypeVacancyFilled }

// Type implements Data.
func (*VacancyWithdrawn) Type() Type { return TypeVacancyWithdrawn }

// Type implements Data.
func (*SignalNoted) Type() Type { return TypeSignalNoted }

// Type implements Data.
func (*PartnerSucceeded) Type() Type { return TypePartnerSucceeded }

// Type implements Data.
func (*EmployersLinked) Type() Type { return TypeEmployersLinked }

// Type implements Data.
func (*EmployersUnlinked) Type() Type { return TypeEmployersUnlinked }

// Type implements Data.
func (*ApproachExtended) Type() Type { return TypeApproachExtended }

// Type implements Data.
func (*JointVisitConfirmed) Type() Type { return TypeJointVisitConfirmed }

// Type implements Data.
func (*EmployerFollowed) Type() Type { return TypeEmployerFollowed }

// Type implements Data.
func (*EmployerUnfollowed) Type() Type { return TypeEmployerUnfollowed }

// Type implements Data.
func (*AgreementSet) Type() Type { return TypeAgreementSet }

// Type implements Data.
func (*LevelSet) Type() Type { return TypeLevelSet }

// Type implements Data.
func (*EmployerSpared) Type() Type { return TypeEmployerSpared }

// Type implements Data.
func (*PlanRefused) Type() Type { return TypePlanRefused }
