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

// EmployerName says which employer an answer is about.
type EmployerName struct {
	Key           string          `json:"sleutel" doc:"Zoals in het pad." example:"69599084"`
	KvK           string          `json:"kvkNummer,omitempty"`
	Establishment string          `json:"vestigingsnummer,omitempty" doc:"Als er naar een vestiging gevraagd is."`
	Foreign       *events.Foreign `json:"buitenlands,omitempty"`
	Provisional   string          `json:"voorlopig,omitempty"`
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
	Status         string             `json:"status" doc:"Gepland, verzet, verlopen, afgezegd, afgelegd, geleverd, gerealiseerd, beeindigd, open, vervuld, ingetrokken of opgevangen, in kleine letters."`
	Key            string             `json:"sleutel" doc:"Onder welke sleutel van de werkgever dit gemeld is."`

	Period        *events.Period     `json:"periode,omitempty"`
	Establishment string             `json:"vestigingsnummer,omitempty"`
	TargetGroups  []string           `json:"doelgroepen,omitempty"`
	With          []string           `json:"samenMet,omitempty" doc:"Wat deze partner zegt; geen bevestiging van de ander."`
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
	Outcome        events.Outcome   `json:"oordeel" enum:"vrij,let-op,bezet,geweigerd"`
	Reasons        []ledger.Reason  `json:"redenen"`
	Planned        []ledger.Plan    `json:"vanPlan" doc:"Open plannen van iedereen, ook de eigen, het eerste bovenaan."`
	LastVisit      *ledger.Visit    `json:"laatstGeweest"`
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

// Receipt is the answer to an event: ledger.Receipt as this door gives it.
type Receipt struct {
	ledger.Advice
	ID       string           `json:"id" doc:"Van de gebeurtenis."`
	Position *events.Position `json:"positie" doc:"Waar de gebeurtenis staat; null bij een proef."`
}

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
	Refused  int         `json:"geweigerd" doc:"Alles met een probleem, ook wat later nog eens moet (429 of 503)."`
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
	ID             string              `json:"id" doc:"Hetzelfde bericht heeft altijd hetzelfde id." example:"1204"`
	Kind           string              `json:"soort" enum:"ander-plan,ander-plan-verzet,ander-bezoek,gegevens-gewist"`
	At             time.Time           `json:"op" doc:"Wanneer vastgelegd is waar het over gaat."`
	Position       events.Position     `json:"positie" doc:"Van de gebeurtenis waar het over gaat."`
	Reasons        []ledger.Reason     `json:"redenen" doc:"Waarom u dit bericht krijgt: open-plan, vaste-contactpersoon of beide."`
	Sentence       events.Sentence     `json:"zin"`
	Employer       *EmployerName       `json:"werkgever"`
	Partner        *ledger.PartnerName `json:"partner" doc:"Wie er gaat of ging."`
	AccountManager *ledger.Person      `json:"accountmanager"`
	From           *events.Date        `json:"van" nullable:"true"`
	To             *events.Date        `json:"tot" nullable:"true"`
	Purpose        *string             `json:"doel"`
	Approach       *string             `json:"benadering" doc:"Uw eigen open benadering bij deze werkgever."`
	Erased         *Erased             `json:"gewist"`
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
