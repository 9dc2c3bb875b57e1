package web

import (
	"context"
	"errors"
	"net/url"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describeClashes = description{
	id: opClashes, summary: "Wat er achteraf botste, het nieuwste eerst",
	text: "Twee plannen, een bezoek tijdens een plan van een ander, of twee bezoeken binnen de rustdagen, van twee partners bij dezelfde werkgever, volgens de afspraken die golden toen dat bleek, ook als er te laat gemeld is. Het oordeel van toen blijft zoals het was; hier staat hoe het afliep. Wat achteraf gemeld is, waar de werkgever om vroeg en wat twee partners bevestigd samen doen, botst niet. Een bladzijde kan korter zijn dan gevraagd, of leeg, terwijl volgende er staat: lees dan verder.",
	tag:  "werkgevers",
}

type clashesQuestion struct {
	Question
	Partner  string `query:"partner" format:"uuid" doc:"Alleen waar deze partner bij betrokken is (het id uit /v1/partners)."`
	Employer string `query:"werkgever" maxLength:"100" doc:"Alleen bij deze werkgever, onder al zijn nummers: KvK-nummer, voorlopig-<uuid> of <land>-<register>-<nummer>." example:"69599084"`
	From     string `query:"van" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De eerste maand waarin het bleek." example:"2026-01"`
	To       string `query:"tot" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De laatste maand waarin het bleek." example:"2026-11"`
	End      string `query:"afloop" enum:"open,samen,verzet,afgezegd,verlopen,beide-gegaan,ingetrokken" doc:"Alleen wat zo afliep; open: wat nog niet is afgelopen."`
	Count    int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After    string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

// Clash is two things of two partners that turned out to be in each other's way.
type Clash struct {
	ID        string           `json:"id" doc:"Verandert nooit." example:"12-15"`
	Rule      string           `json:"regel" enum:"twee-plannen,bezoek-tijdens-plan,binnen-rustdagen" doc:"Waarom dit een botsing is."`
	Sentence  events.Sentence  `json:"zin"`
	Employer  EmployerName     `json:"werkgever"`
	First     ClashParty       `json:"eerste" doc:"Wat er het eerst was; van twee bezoeken het eerste op de kalender."`
	Later     ClashParty       `json:"tweede" doc:"Wat daar doorheen ging."`
	Found     events.Position  `json:"gebleken" doc:"De positie van de melding waardoor dit bleek."`
	FoundOn   events.Date      `json:"geblekenOp" doc:"De dag waarop die is vastgelegd."`
	Agreement *events.Position `json:"afspraken" doc:"De afspraken die toen golden; null: de standaardafspraken."`
	End       string           `json:"afloop" enum:"open,samen,verzet,afgezegd,verlopen,beide-gegaan,ingetrokken" doc:"Hoe het afliep; ingetrokken telt niet mee."`
	How       events.Sentence  `json:"hoeAfgelopen" doc:"De afloop in een zin."`
}

// ClashParty is one of the two, as it stands.
type ClashParty struct {
	Partner       ledger.PartnerName `json:"partner" doc:"Van wie het is."`
	Position      events.Position    `json:"positie" doc:"Van de laatste melding over de dagen."`
	Kind          string             `json:"soort" enum:"plan,bezoek" doc:"Een plan of een bezoek."`
	From          events.Date        `json:"van"`
	To            events.Date        `json:"tot"`
	Purpose       string             `json:"doel"`
	Establishment string             `json:"vestigingsnummer,omitempty"`
	Announced     *bool              `json:"aangekondigd" doc:"Bij een bezoek: of het voor de dag zelf gepland was; null bij een plan."`
	Despite       bool               `json:"ondanks" doc:"De partner ging door een waarschuwing heen."`
	Reason        *string            `json:"redenOndanks,omitempty" doc:"Waarom; alleen voor de twee partners zelf."`
	Erased        bool               `json:"gewist,omitzero" doc:"Er stond hier iets dat gewist is."`
}

// ClashesAnswer is a page of the register, newest first.
type ClashesAnswer struct {
	Clashes []Clash `json:"botsingen" doc:"Het nieuwste eerst."`
	Next    string  `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Freshness
}

func (s *Server) clashes(ctx context.Context, v *sight, in *clashesQuestion) (*ClashesAnswer, error) {
	q := projections.ClashQuery{Partner: in.Partner, From: in.From, To: in.To, End: in.End}
	if _, ok := parseMonth(in.From, v.today.Month()); !ok {
		return nil, invalid(expected("query", "van"))
	}
	if _, ok := parseMonth(in.To, v.today.Month()); !ok || in.From != "" && in.To != "" && in.To < in.From {
		return nil, invalid(expected("query", "tot"))
	}
	var at events.Employer
	if in.Employer != "" {
		var err error
		if at, err = events.ParseEmployerKey(in.Employer); err != nil {
			return nil, invalid(expected("query", "werkgever"))
		}
	}
	out := &ClashesAnswer{}
	var rows []projections.Clash
	var err error
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		if in.Employer != "" {
			if q.Employers, err = projections.NewEmployers().Same(tx, at.Key()); err != nil {
				return err
			}
		}
		rows, out.Next, err = projections.NewClashes().Register(tx, q, in.After, in.Count, v.today)
		return err
	})
	if errors.Is(err, projections.ErrCursor) {
		return nil, invalid(expected("query", "na"))
	}
	if err != nil {
		return nil, err
	}
	out.Clashes, err = mapped(rows, v.clash)
	return out, err
}

// EmployerClashes are the clashes in the answer about an employer.
type EmployerClashes struct {
	Count  int     `json:"aantal" doc:"Hoeveel er zijn, zonder wat is ingetrokken; ten hoogste 2000."`
	Newest []Clash `json:"nieuwste" doc:"De nieuwste drie; de rest staat bij /v1/botsingen."`
}

// newestClashes is how many clashes the answer about an employer names.
const newestClashes = 3

// clashRows are an employer's clashes, of one state of the view.
type clashRows struct {
	count  int
	newest []projections.Clash
}

func (r *clashRows) read(tx projections.Tx, keys []string, today events.Date) (err error) {
	r.count, r.newest, err = projections.NewClashes().AtEmployer(tx, keys, newestClashes, today)
	return err
}

// clashesAt is what the answer about an employer says of its clashes.
func (v *sight) clashesAt(r *clashRows) (*EmployerClashes, error) {
	list, err := mapped(r.newest, v.clash)
	return &EmployerClashes{Count: r.count, Newest: list}, err
}

// clash is one as the caller may see it: why a maker went through is for the two only.
func (v *sight) clash(c *projections.Clash) (Clash, error) {
	out := Clash{
		ID: c.ID(), Rule: c.Rule, Found: c.Found, FoundOn: c.FoundOn, End: c.End, How: clashEnds[c.End],
		Sentence: v.clashed(c),
	}
	if c.Agreement != 0 {
		out.Agreement = &c.Agreement
	}
	e, err := events.ParseEmployerKey(c.First.Employer)
	if err != nil {
		return out, err
	}
	out.Employer = nameOf(e)
	between := v.own(c.First.Partner) || v.own(c.Later.Partner)
	if out.First, err = v.clashParty(&c.First, between); err != nil {
		return out, err
	}
	out.Later, err = v.clashParty(&c.Later, between)
	return out, err
}

func (v *sight) clashParty(p *projections.Party, between bool) (out ClashParty, err error) {
	out = ClashParty{
		Partner: v.name(p.Partner), Position: p.Position, Kind: "plan", From: p.From, To: p.To, Purpose: p.Purpose,
		Establishment: p.Establishment, Despite: p.Despite,
	}
	if p.Visit {
		out.Kind, out.Announced = "bezoek", &p.Announced
	}
	if between {
		out.Reason, err = unsealed(v, p.Source, p.Event, "/ondanks/reden", p.Reason, &out.Erased)
	}
	return out, err
}

// clashed is a clash in a sentence. It names organisations only.
func (v *sight) clashed(c *projections.Clash) events.Sentence {
	first, later := v.name(c.First.Partner).Name, v.name(c.Later.Partner).Name
	switch c.Rule {
	case projections.RulePlans:
		return events.Sentence{
			NL: later + " plande een benadering terwijl " + first + " deze werkgever vasthield.",
			EN: later + " planned an approach while " + first + " held this employer.",
		}
	case projections.RuleVisit:
		return events.Sentence{
			NL: later + " ging naar deze werkgever terwijl " + first + " die vasthield.",
			EN: later + " went to this employer while " + first + " held it.",
		}
	}
	return events.Sentence{
		NL: later + " ging naar deze werkgever binnen de rustdagen na een bezoek van " + first + ".",
		EN: later + " went to this employer within the quiet days after a visit of " + first + ".",
	}
}

// clashEnds say how a clash ended.
var clashEnds = map[string]events.Sentence{
	projections.EndOpen:      {NL: "Dit is nog niet afgelopen.", EN: "This has not ended yet."},
	projections.EndTogether:  {NL: "De twee gaan samen, en zeggen dat allebei.", EN: "The two go together, and both say so."},
	projections.EndMoved:     {NL: "Een van de twee is verzet en zit de ander niet meer in de weg.", EN: "One of the two was moved out of the other's way."},
	projections.EndCalledOff: {NL: "Een van de twee is afgezegd.", EN: "One of the two was called off."},
	projections.EndExpired:   {NL: "Een plan is verlopen zonder bezoek.", EN: "A plan expired without a visit."},
	projections.EndBoth:      {NL: "Beide zijn gegaan.", EN: "Both went."},
	projections.EndWithdrawn: {NL: "Een van de twee is ingetrokken of verbeterd; dit telt niet mee.", EN: "One of the two was retracted or corrected; this does not count."},
}

// Clashes is a page of the register: of a partner, an employer ("": all) and the months
// from and to ("2026-11"; "": all), that ended so ("": anyhow).
func (c *Client) Clashes(ctx context.Context, partner, employer, from, to, end, after string, max int, since events.Position) (*ClashesAnswer, error) {
	q := sinceQuery(since)
	setAll(q, "partner", partner, "werkgever", employer, "van", from, "tot", to, "afloop", end)
	page(q, after, max)
	return ask[ClashesAnswer](ctx, c, "/v1/botsingen", q)
}

func setAll(q url.Values, namesAndValues ...string) {
	for i := 0; i < len(namesAndValues); i += 2 {
		set(q, namesAndValues[i], namesAndValues[i+1])
	}
}
