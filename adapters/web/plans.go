package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// plansPath is where approaches are listed.
const plansPath = "/v1/plannen"

var describePlans = description{
	id: opPlans, summary: "Plannen, het eerste bovenaan",
	text: "De benaderingen van de eigen partner, van één accountmanager daarvan, van een andere partner of van iedereen, op hun eerste dag; zonder status alleen wat open is en niet verlopen. Met wacht=true: plannen van anderen die zeggen samen met u te gaan, en waarvan u dat nog niet bevestigde.",
	tag:  "werkgevers",
}

// opPlans is the operation in the examples.
const opPlans = "plannenLezen"

// employeeHeader names an account manager.
const employeeHeader = "Huisboek-Medewerker"

// Whose plans a question is about, when it names no partner.
const (
	plansOwn    = "partner"
	plansRegion = "regio"
)

// What a question about plans lets through.
const (
	plansOpen = "open"
	plansAll  = "alles"
)

const (
	// plansKept is from how many days ago everything is listed when nothing is said:
	// as long as a calendar keeps what is over.
	plansKept = projections.AgendaDays
	// plansBack is how many days ago that may begin at most: fourteen months.
	plansBack = 430
)

type plansQuestion struct {
	Question
	Whose    string `query:"voor" enum:"partner,regio" doc:"Wiens plannen: van de eigen partner, of van iedereen. Zonder deze: van de eigen partner; voor de regisseur van iedereen."`
	Partner  string `query:"partner" format:"uuid" doc:"Alleen de plannen van deze partner (het id uit /v1/partners); niet samen met voor."`
	Employee string `header:"Huisboek-Medewerker" maxLength:"100" doc:"Alleen die van deze accountmanager van de eigen partner: het eigen kenmerk, zoals in de meldingen. Een header, want een kenmerk van een mens hoort niet in een adres."`
	Status   string `query:"status" enum:"open,alles" default:"open" doc:"Open: wat niet is afgezegd, afgelegd, ingetrokken of verlopen."`
	From     string `query:"van" doc:"Alleen plannen met een dag vanaf deze; bij alles zonder deze: 90 dagen geleden, en ten hoogste 430." example:"2026-11-22"`
	To       string `query:"tot" doc:"Alleen plannen met een dag tot en met deze." example:"2026-12-31"`
	At       uint64 `query:"positie" doc:"Alleen de benadering waar de melding op deze positie bij hoort: een plan, een verzetting, een verlenging, een afzegging of een bezoek, van wie ook en hoe zij ook afliep. Zonder andere filters." example:"5"`
	Waiting  bool   `query:"wacht" default:"false" doc:"Bij true: open plannen van anderen waarin u staat bij samenMet en waarvan u dat nog niet bevestigde. Niet samen met voor, partner, medewerker of status=alles."`
	Count    int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After    string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

// PlannedApproach is an approach in a list, as it stands.
type PlannedApproach struct {
	Position       events.Position    `json:"positie" doc:"Van het plan zoals het nu geldt: na een verbetering van die verbetering."`
	Approach       string             `json:"benadering"`
	Employer       EmployerName       `json:"werkgever"`
	Name           *string            `json:"naam" doc:"Hoe de werkgever heet; null als dat niet bekend is of gewist, en zolang het zoeken wordt opgebouwd."`
	From           events.Date        `json:"van"`
	To             events.Date        `json:"tot"`
	Time           string             `json:"tijd,omitempty" doc:"Hoe laat, in Nederland; afwezig als dat niet gezegd is." example:"10:30"`
	Duration       string             `json:"duur,omitempty" doc:"Hoe lang, volgens ISO 8601; afwezig als dat niet gezegd is." example:"PT1H30M"`
	Purpose        string             `json:"doel"`
	Form           *string            `json:"vorm"`
	Status         string             `json:"status" enum:"gepland,bevestigd,verzet,verlopen,afgezegd,afgelegd,ingetrokken" doc:"Hoe het ervoor staat."`
	HoldsUntil     events.Date        `json:"geldigTot,omitempty"`
	Partner        ledger.PartnerName `json:"partner" doc:"Wie dit plande."`
	Own            bool               `json:"eigen" doc:"Het is van u, of van wie u het werk voortzet."`
	AccountManager *Person            `json:"accountmanager"`
	With           []string           `json:"samenMet,omitempty" doc:"Met wie deze partner zegt te gaan; bij bevestigd staat wie dat zelf ook zei."`
	Confirmed      []string           `json:"bevestigd,omitempty" doc:"Wie van samenMet zelf zei mee te doen: de eerste identiteit van elk."`
	NamesYou       bool               `json:"noemtU,omitzero" doc:"Een plan van een ander, en u staat bij samenMet."`
	AtRequest      bool               `json:"opVerzoekVanWerkgever,omitzero"`
	Clashes        bool               `json:"botst" doc:"Het zit een plan of bezoek van een andere partner in de weg, of andersom, en dat is nog niet afgelopen; zie /v1/botsingen."`
	Event          *events.Ref        `json:"melding,omitempty" doc:"Het plan zelf: om het te verbeteren (vervangt) of in te trekken, en bij noemtU om samenwerking-bevestigd te melden. Alleen bij een eigen plan en bij noemtU."`
	LastEvent      *events.Ref        `json:"laatsteMelding,omitempty" doc:"De laatste melding over de benadering, als dat niet het plan is: een verzetting, een verlenging, een afzegging of een bezoek. Alleen bij een eigen plan."`
	Erased         bool               `json:"gewist,omitzero" doc:"Er stond hier iets dat gewist is."`
}

// PlansAnswer is a page of approaches, by their first day.
type PlansAnswer struct {
	Plans []PlannedApproach `json:"plannen" doc:"Op de eerste dag."`
	Next  string            `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Freshness
}

func (s *Server) plans(ctx context.Context, v *sight, in *plansQuestion) (*PlansAnswer, error) {
	q, faults := in.query(v)
	if len(faults) > 0 {
		return nil, invalid(faults...)
	}
	after, err := s.plansPlace(in)
	if err != nil {
		return nil, err
	}
	if in.Employee != "" {
		keys, err := s.cfg.Ledger.KeysOf(v.caller.Partner, in.Employee)
		if err != nil {
			return nil, err
		}
		q.Keys = append([]events.KeyID{}, keys...) // of somebody who is not there none, and not any
	}
	out := &PlansAnswer{}
	var rows []projections.Plan
	var more bool
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		if in.At != 0 {
			one, err := projections.Agenda{}.PlanAt(tx, events.Position(in.At), q, v.today)
			if one != nil {
				rows = []projections.Plan{*one}
			}
			return err
		}
		rows, more, err = projections.Agenda{}.Plans(tx, q, v.today, after, in.Count)
		return err
	})
	if err != nil {
		return nil, err
	}
	if out.Plans, err = mapped(rows, v.approach); err != nil {
		return nil, err
	}
	if err := s.lastEvents(ctx, rows, out.Plans); err != nil {
		return nil, err
	}
	if more {
		out.Next = s.plansCursor(in, rows[len(rows)-1].Place())
	}
	named := s.names(ctx, in.since())
	for i := range out.Plans {
		out.Plans[i].Name, _ = named(out.Plans[i].Employer.Key)
	}
	return out, nil
}

// query is what the views are asked, or what is wrong with the question.
func (in *plansQuestion) query(v *sight) (q projections.PlansQuery, faults events.Faults) {
	fail := func(name, as string) { faults = append(faults, expectedAs("query", name, as)) }
	partner := v.reader()
	q = projections.PlansQuery{Open: in.Status == plansOpen, For: v.mine, Waiting: in.Waiting}
	switch named := in.Whose != "" || in.Partner != "" || in.Employee != ""; {
	case in.At != 0 && (named || in.Waiting || in.From != "" || in.To != "" || in.After != ""):
		fail("positie", "plannen-positie")
	case in.Waiting && (named || !q.Open || partner == ""):
		fail("wacht", "plannen-wacht")
	case in.Whose != "" && in.Partner != "", in.Whose == plansOwn && partner == "":
		fail("voor", "plannen-voor")
	case in.Employee != "" && (partner == "" || in.Whose == plansRegion || in.Partner != "" && in.Partner != partner):
		f := expected("header", "plannen-medewerker")
		f.Field = pointer("header", employeeHeader)
		faults = append(faults, f)
	case in.Waiting || in.Whose == plansRegion || partner == "" && in.Partner == "":
		for id := range v.partners {
			q.Partners = append(q.Partners, id)
		}
	case in.Partner == "" || in.Partner == partner:
		q.Partners = v.mine
	default:
		q.Partners = []string{in.Partner}
	}
	day := func(name, value string) events.Date {
		d, err := events.ParseDate(value)
		if value != "" && err != nil {
			fail(name, "dag")
		}
		return d
	}
	q.From, q.To = day("van", in.From), day("tot", in.To)
	if !q.Open && in.From == "" {
		q.From = v.today.AddDays(-plansKept)
	}
	switch {
	case len(faults) > 0:
	case q.From != "" && q.To != "" && q.To < q.From && in.From != "":
		fail("tot", "dag")
	case !q.Open && q.From < v.today.AddDays(-plansBack):
		fail("van", "plannen-van")
	}
	return q, faults
}

// approach is an approach as everybody who reads employers may see it: no free text, and
// what names its events for those who may act on it only.
func (v *sight) approach(p *projections.Plan) (PlannedApproach, error) {
	out := PlannedApproach{
		Position: p.Position, Approach: p.Approach, From: p.From, To: p.To, Time: p.Time, Duration: p.Duration,
		Purpose: p.Purpose, Form: optional(p.Form), Status: p.Status, Partner: v.name(p.Partner), Own: v.own(p.Partner),
		With: p.With, Confirmed: v.urns(p.Confirmed), NamesYou: p.Named, AtRequest: p.AtRequest, Clashes: p.Clashes,
	}
	switch {
	case p.Expired(v.today):
		out.Status = "verlopen"
	case p.Open() && p.Holds:
		out.HoldsUntil = p.Until
	}
	if out.Own || out.NamesYou {
		out.Event = &events.Ref{Source: p.Source, ID: p.ID}
	}
	e, err := events.ParseEmployerKey(p.Planned.Employer)
	if err != nil {
		return out, err
	}
	e.Establishment = p.Establishment
	out.Employer = nameOf(e)
	out.AccountManager, err = v.person(p.Partner, p.Source, p.ID, p.AccountManager, &out.Erased)
	return out, err
}

// lastEvents fills in of one's own the last event, where that is not the plan.
func (s *Server) lastEvents(ctx context.Context, rows []projections.Plan, plans []PlannedApproach) error {
	for i := range rows {
		if rows[i].Last == rows[i].Position || !plans[i].Own {
			continue
		}
		ref, err := s.cfg.Event(ctx, rows[i].Last)
		if err != nil {
			return fmt.Errorf("event at position %d: %w", rows[i].Last, err)
		}
		plans[i].LastEvent = &ref
	}
	return nil
}

// names says how employers are called and where they are, null where that is not known or
// was erased. Without an index they have no names: a list is no reason to wait until all
// employers were read.
func (s *Server) names(ctx context.Context, since events.Position) func(key string) (name, place *string) {
	index := s.cfg.Search()
	if index == nil {
		return func(string) (name, place *string) { return nil, nil }
	}
	if since != 0 && s.cfg.Searched != nil {
		s.searchedAt(ctx, since) // names that come late are better than no answer
	}
	return func(key string) (name, place *string) {
		e, _ := index.Entry(key)
		if len(e.Names) > 0 {
			name = &e.Names[0]
		}
		return name, optional(e.Place)
	}
}

// A cursor of plans is the day and the first plan of the last one, with a hash that
// binds it to the book and to what was asked.
const plansCursorSize = 4 + 8 + 8

func (s *Server) plansCursor(in *plansQuestion, at projections.PlanPlace) string {
	raw := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, dayNumber(at.From)), uint64(at.Root))
	hash := sha256.Sum256(fmt.Appendf(nil, "plannen %s %x %q", s.cfg.Book.ID, raw,
		[]string{in.Whose, in.Partner, in.Employee, in.Status, in.From, in.To, fmt.Sprint(in.Waiting)}))
	return base64.RawURLEncoding.EncodeToString(append(raw, hash[:8]...))
}

func (s *Server) plansPlace(in *plansQuestion) (at projections.PlanPlace, err error) {
	if in.After == "" {
		return at, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(in.After)
	if err == nil && len(raw) == plansCursorSize {
		at = projections.PlanPlace{From: dayOf(binary.BigEndian.Uint32(raw)), Root: events.Position(binary.BigEndian.Uint64(raw[4:]))}
		if s.plansCursor(in, at) == in.After {
			return at, nil
		}
	}
	return projections.PlanPlace{}, invalid(expected("query", "na"))
}
