package web

import (
	"time"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// Person is an account manager. Employee and Email are for its own partner only.
type Person struct {
	Name     string `json:"naam"`
	Phone    string `json:"telefoon" doc:"Leeg als het niet bekend is."`
	Employee string `json:"medewerker,omitempty" doc:"Alleen voor de eigen partner."`
	Email    string `json:"email,omitempty" doc:"Alleen voor de eigen partner."`
}

// Card is what is known of an employer. Name, Place and Postcode are null where
// they are not known or were erased.
type Card struct {
	Position      events.Position        `json:"positie"`
	At            time.Time              `json:"op"`
	Partner       ledger.PartnerName     `json:"partner" doc:"Wie dit meldde."`
	Establishment string                 `json:"vestigingsnummer,omitempty"`
	Name          *string                `json:"naam"`
	Place         *string                `json:"plaats"`
	Postcode      *string                `json:"postcode"`
	Gemeente      string                 `json:"gemeentecode,omitempty"`
	SBICode       string                 `json:"sbiCode,omitempty"`
	SBIVersion    string                 `json:"sbiVersie,omitempty"`
	Size          string                 `json:"grootteklasse,omitempty"`
	Sector        string                 `json:"sector,omitempty"`
	People        []events.ContactPerson `json:"contactpersonen" doc:"Alleen voor de partner die ze meldde; voor anderen leeg."`
	PeopleCount   int                    `json:"aantalContactpersonen" doc:"Hoeveel er gemeld zijn, voor iedereen."`
	Erased        bool                   `json:"gewist,omitzero" doc:"Er stond hier iets dat gewist is."`
}

// FixedContact is who is agreed to be called first, for one purpose or for all.
type FixedContact struct {
	Position       events.Position    `json:"positie"`
	At             time.Time          `json:"op"`
	Partner        ledger.PartnerName `json:"partner"`
	AccountManager *Person            `json:"accountmanager"`
	Purpose        *string            `json:"doel" doc:"Null: voor elk doel."`
	Establishment  string             `json:"vestigingsnummer,omitempty"`
	Erased         bool               `json:"gewist,omitzero" doc:"Er stond hier iets dat gewist is."`
}

// Contact is one item of a timeline (docs/contract.md, "Shapes"): a plan, a visit, a
// service, a vacancy, or a placement or signal of one's own. What its type does not have is null; the
// members after Status are only there where the type has them.
type Contact struct {
	Position       events.Position    `json:"positie"`
	Type           events.Type        `json:"type" example:"nl.werkgeversdiensten.bezoek-afgelegd.v1"`
	Date           events.Date        `json:"datum" doc:"De dag, of de eerste van een periode."`
	At             time.Time          `json:"op" doc:"Wanneer dit is vastgelegd."`
	Partner        ledger.PartnerName `json:"partner"`
	AccountManager *Person            `json:"accountmanager"`
	Purpose        *string            `json:"doel"`
	Form           *string            `json:"vorm"`
	Outcome        []string           `json:"uitkomst"`
	Approach       *string            `json:"benadering"`
	Status         string             `json:"status" doc:"Gepland, bevestigd, verzet, verlopen, afgezegd, afgelegd, geleverd, gerealiseerd, beeindigd, open, vervuld, ingetrokken of opgevangen, in kleine letters."`
	Key            string             `json:"sleutel" doc:"Onder welke sleutel van de werkgever dit gemeld is."`

	Event         *events.Ref        `json:"melding,omitempty" doc:"Alleen bij wat van u is: de melding zoals zij nu geldt, om haar te verbeteren (vervangt) of in te trekken."`
	Period        *events.Period     `json:"periode,omitempty"`
	Until         events.Date        `json:"geldigTot,omitempty" doc:"Bij een open plan dat de werkgever vasthoudt: tot en met welke dag."`
	Confirmed     []string           `json:"bevestigd,omitempty" doc:"Wie van samenMet zelf zei mee te doen: de eerste identiteit van elk."`
	Despite       bool               `json:"ondanks,omitzero" doc:"De maker ging door een waarschuwing heen, met een reden."`
	Establishment string             `json:"vestigingsnummer,omitempty"`
	TargetGroups  []string           `json:"doelgroepen,omitempty"`
	With          []string           `json:"samenMet,omitempty" doc:"Wat deze partner zegt; bij bevestigd staat wie dat zelf ook zei."`
	AtRequest     bool               `json:"opVerzoekVanWerkgever,omitzero"`
	Note          *string            `json:"toelichting,omitempty" doc:"Alleen voor de eigen partner."`
	Service       string             `json:"dienst,omitempty"`
	Count         int                `json:"aantal,omitzero" doc:"Bij een dienst of vacature."`
	TargetGroup   string             `json:"doelgroep,omitempty"`
	Placement     string             `json:"plaatsing,omitempty"`
	Kind          string             `json:"soort,omitempty" doc:"Bij een plaatsing."`
	Hours         *events.Hundredths `json:"urenPerWeek,omitempty"`
	Register      *bool              `json:"doelgroepregister,omitempty"`
	End           events.Date        `json:"einddatum,omitempty"`
	Vacancy       string             `json:"vacature,omitempty" doc:"De vacature (UUID van de partner)."`
	Occupation    string             `json:"beroep,omitempty" doc:"Bij een vacature."`
	Filled        *int               `json:"vervuld,omitempty" doc:"Bij een vacature: hoeveel plaatsen er vervuld zijn."`
	PerWeek       *events.Hundredths `json:"uren,omitempty" doc:"Bij een vacature: uren per week, voor elk."`
	Theme         string             `json:"thema,omitempty" doc:"Bij een signaal: waar het over gaat."`
	Text          *string            `json:"tekst,omitempty" doc:"Bij een signaal: wat er gezegd is."`
	Corrected     bool               `json:"verbeterd,omitzero" doc:"Het is later verbeterd, op het moment van op; dit is de verbetering."`
	Erased        bool               `json:"gewist,omitzero" doc:"Er stond hier iets dat gewist is."`
}

// PlacementCount is how many placements of a partner began here in a month.
type PlacementCount struct {
	Month   string             `json:"maand" pattern:"^[0-9]{4}-[0-9]{2}$"`
	Partner ledger.PartnerName `json:"partner"`
	Count   int                `json:"aantal"`
}

// EmployerAnswer is everything about one employer before a visit.
type EmployerAnswer struct {
	Employer       EmployerName     `json:"werkgever"`
	Card           *Card            `json:"kaart"`
	Call           *ledger.Call     `json:"bel" doc:"Wie u het eerst belt."`
	CallNext       []ledger.Call    `json:"belDaarna" doc:"Wie u daarna kunt bellen, de beste eerst; elke partner één keer."`
	Outcome        events.Outcome   `json:"oordeel" enum:"vrij,let-op,bezet,geweigerd"`
	Reasons        []ledger.Reason  `json:"redenen"`
	Planned        []OpenPlan       `json:"vanPlan" doc:"Open plannen van iedereen, ook de eigen, het eerste bovenaan."`
	LastVisit      *ledger.Visit    `json:"laatstGeweest"`
	Followed       bool             `json:"gevolgd,omitzero" doc:"Uw partner volgt deze werkgever, of de vestiging waarnaar gevraagd is; afwezig als dat niet zo is."`
	Level          *string          `json:"niveau" enum:"lokaal,regionaal,landelijk" nullable:"true" doc:"Wie deze werkgever benadert: de eigen gemeente, of de partners samen. Null: niet vastgesteld."`
	Spared         *Spared          `json:"ontzien" doc:"De werkgever wordt met rust gelaten, nu of straks; null als dat niet zo is."`
	Clashes        *EmployerClashes `json:"botsingen,omitempty" doc:"Wat hier achteraf botste."`
	Fixed          []FixedContact   `json:"vasteContactpersonen"`
	Vacancies      []Vacancy        `json:"vacatures" doc:"Open vacatures van iedereen, de oudste eerst, ten hoogste 200."`
	VacanciesWhole bool             `json:"vacaturesVolledig" doc:"Onwaar: er zijn meer open vacatures dan hier staan."`
	Signals        []Signal         `json:"signalen" doc:"De eigen signalen, de nieuwste eerst, ten hoogste 50, uit de nieuwste 2000 regels van de tijdlijn; van anderen alleen aantallen bij /v1/tellingen."`
	Contacts       []Contact        `json:"contacten" doc:"De nieuwste tien."`
	Next           string           `json:"volgende,omitempty" doc:"Voor na bij …/contacten; ontbreekt aan het eind."`
	Placements     []PlacementCount `json:"plaatsingen" doc:"Aantallen per maand en partner; van anderen alleen afgesloten maanden."`
	Group
	Links    []Link            `json:"koppelingen" doc:"Wat er gezegd is over deze werkgever en andere: wat geldt, wat wacht en wat verbroken is, het nieuwste eerst, ten hoogste 200."`
	Coverage *EmployerCoverage `json:"dekking" doc:"Of dit antwoord volledig kan zijn, en van wie er iets kan ontbreken."`
	Freshness
}

// OpenPlan is an open plan of anybody, one's own too.
type OpenPlan struct {
	Position       events.Position    `json:"positie"`
	Approach       string             `json:"benadering"`
	From           events.Date        `json:"van"`
	To             events.Date        `json:"tot"`
	Partner        ledger.PartnerName `json:"partner"`
	AccountManager *ledger.Person     `json:"accountmanager"`
	Purpose        string             `json:"doel"`
	HoldsUntil     events.Date        `json:"geldigTot,omitempty"`
	With           []string           `json:"samenMet,omitempty" doc:"Met wie deze partner zegt te gaan; bij bevestigd staat wie dat zelf ook zei."`
	Confirmed      []string           `json:"bevestigd,omitempty" doc:"Wie van samenMet zelf zei mee te doen: de eerste identiteit van elk."`
}

// Spared says that an employer is left in peace: its own wish, or the region's.
type Spared struct {
	Position      events.Position `json:"positie"`
	Establishment string          `json:"vestigingsnummer,omitempty"`
	From          events.Date     `json:"van"`
	To            *events.Date    `json:"tot" format:"date" nullable:"true" doc:"De laatste dag; null: tot nader order."`
	Ground        string          `json:"grond" enum:"werkgever,regio" doc:"Wiens wens het is: van de werkgever zelf, of van de regio."`
	Purposes      []string        `json:"doelen" doc:"Voor welke doelen; leeg: voor elk doel."`
}

// ContactsAnswer is a page of an employer's timeline, newest first.
type ContactsAnswer struct {
	Employer EmployerName `json:"werkgever"`
	Contacts []Contact    `json:"contacten"`
	Next     string       `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Group
	Coverage *EmployerCoverage `json:"dekking" doc:"Of dit antwoord volledig kan zijn, en van wie er iets kan ontbreken."`
	Freshness
}

// AdviceAnswer is the ledger's advice on an approach.
type AdviceAnswer struct {
	ledger.Advice
	Coverage *EmployerCoverage `json:"dekking" doc:"Of het antwoord volledig kan zijn; null terwijl de overzichten worden opgebouwd."`
	Freshness
}

// Receipt is the answer to an event, as both doors give it.
type Receipt = intake.Receipt

// EmployerName says which employer an answer is about.
type EmployerName = intake.EmployerName

// BatchItem is what became of one event of a batch: a receipt or a problem.
type BatchItem struct {
	Status  int      `json:"status" doc:"Zoals bij een enkele gebeurtenis: 201, 200 of die van het probleem." example:"201"`
	Receipt *Receipt `json:"ontvangstbewijs"`
	Problem *Problem `json:"probleem"`
}

// BatchAnswer is what became of a batch, in its order.
type BatchAnswer struct {
	Items    []BatchItem `json:"resultaten"`
	Recorded int         `json:"vastgelegd"`
	Again    int         `json:"eerderGezien"`
	Refused  int         `json:"geweigerd" doc:"Alles met een probleem, ook wat later nog eens moet (429 of 503); bij een proef ook wat de afspraken zouden weigeren."`
}

// Covered is what the caller has told of one type.
type Covered struct {
	Type   events.Type     `json:"type"`
	Count  int             `json:"aantal" doc:"Alles wat is vastgelegd, ook verbeteringen."`
	First  time.Time       `json:"eersteOp"`
	Last   time.Time       `json:"laatsteOp"`
	LastAt events.Position `json:"laatstePositie"`
}

// DeliveriesAnswer is what came in from the caller.
type DeliveriesAnswer struct {
	Book       Book              `json:"boek"`
	Deliveries []intake.Delivery `json:"aanleveringen" doc:"De nieuwste eerst, ten hoogste 90 dagen terug; zonder wat alleen later terug moest komen."`
	Days       []intake.Day      `json:"dagen" doc:"Per dag en per weg hoeveel er binnenkwam, de nieuwste eerst."`
	Coverage   []Covered         `json:"dekking" doc:"Wat er ooit is vastgelegd, per soort gebeurtenis."`
	Next       string            `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Freshness
}

// Message tells a partner what another's event means for it. What its kind does
// not have is null; so is a person whose name was erased.
type Message struct {
	ID             string              `json:"id" doc:"Hetzelfde bericht heeft altijd hetzelfde id: de positie, en bij verloopt en opgeschaald de positie en de soort." example:"1204"`
	Kind           string              `json:"soort" enum:"ander-plan,ander-plan-verzet,ander-bezoek,gegevens-gewist,doorgezet,botsing,samen-gevraagd,samen-bevestigd,vrijgekomen,verloopt,opgeschaald"`
	At             time.Time           `json:"op" doc:"Wanneer vastgelegd is waar het over gaat; bij verloopt en opgeschaald het begin van de dag waarop het zover was."`
	Position       events.Position     `json:"positie" doc:"Van de gebeurtenis waar het over gaat; bij verloopt en opgeschaald van de gebeurtenis waardoor het zover kwam."`
	Reasons        []ledger.Reason     `json:"redenen" doc:"Waarom u dit bericht krijgt: een of meer van open-plan, vaste-contactpersoon, gevolgd, genoemd, eigen-melding en regio."`
	Sentence       events.Sentence     `json:"zin"`
	Employer       *EmployerName       `json:"werkgever"`
	Partner        *ledger.PartnerName `json:"partner" doc:"Wie er gaat, ging of meldde."`
	AccountManager *ledger.Person      `json:"accountmanager"`
	From           *events.Date        `json:"van" nullable:"true" doc:"De eerste dag waar het over gaat; bij vrijgekomen van de dagen die vrijkwamen."`
	To             *events.Date        `json:"tot" nullable:"true"`
	Purpose        *string             `json:"doel"`
	Approach       *string             `json:"benadering" doc:"Uw eigen open benadering bij deze werkgever."`
	Event          *events.Ref         `json:"melding,omitempty" doc:"Bij samen-gevraagd: het plan of bezoek, of de verbetering ervan, dat u noemt. Meld samenwerking-bevestigd met precies deze melding."`
	Erased         *Erased             `json:"gewist"`
	Despite        *string             `json:"ondanks,omitempty" doc:"Bij doorgezet, als u er zelf een open plan heeft: de reden die de ander gaf; weg als die gewist is."`
	Until          *events.Date        `json:"geldigTot,omitempty" format:"date" doc:"Bij verloopt: tot en met welke dag uw plan, dat geen dag heeft of pas daarna, de werkgever vasthoudt."`
	Vacancy        *MessageVacancy     `json:"vacature,omitempty"`
}

// MessageVacancy is a vacancy that became the whole region's, as it now stands.
type MessageVacancy struct {
	ID         string      `json:"id" doc:"Van wie haar meldde." format:"uuid"`
	Occupation string      `json:"beroep" doc:"Zoals gemeld."`
	Count      int         `json:"aantal" doc:"Hoeveel plaatsen er gemeld zijn."`
	Left       int         `json:"open" doc:"Hoeveel daarvan er nog open zijn."`
	Since      events.Date `json:"sinds" doc:"Sinds wanneer de vacature er is."`
}

// Erased is what an erasure took from the caller's own events.
type Erased struct {
	Ground string     `json:"grond"`
	Count  int        `json:"aantal" doc:"Uit hoeveel meldingen er iets gewist is."`
	Events []EventRef `json:"meldingen" doc:"De oudste eerst, ten hoogste 50."`
}

// EventRef is one of the caller's own events.
type EventRef struct {
	Source   string          `json:"source"`
	ID       string          `json:"id"`
	Position events.Position `json:"positie"`
}

// MessagesAnswer are messages for a partner, the oldest first.
type MessagesAnswer struct {
	Book     Book      `json:"boek"`
	Messages []Message `json:"berichten"`
	Next     string    `json:"volgende" doc:"Bewaar dit en geef het de volgende keer als na, ook als er nu niets was."`
	More     bool      `json:"meer" doc:"Er is nu al meer; vraag meteen verder."`
	Freshness
}
