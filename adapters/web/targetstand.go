package web

import (
	"context"
	"time"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/targets"
)

var describeStanding = description{
	id: opStanding, summary: "De stand van een doelstelling",
	text: "Eén gezamenlijk totaal, en van ieder het eigen aandeel. De stand op een dag (peildatum) zoals die op een moment bekend was (bekendOp): wat ooit gerapporteerd is, komt er zo precies weer uit. Een totaal dat iets over mensen zegt (doelgroep, register, uren) en elke uitsplitsing daarnaar beweegt alleen aan het eind van een maand, en in groepen van ten minste vijf; het eigen deel is altijd precies. Met per: uitgesplitst naar een of twee kenmerken.",
	tag:  "doelstellingen", missing: true,
}

type standingQuestion struct {
	Question
	Target string `path:"doelstelling" format:"uuid" doc:"De doelstelling (UUID)." example:"6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11"`
	On     string `query:"peildatum" maxLength:"40" doc:"De stand op die dag. Zonder: vandaag, of de dag van bekendOp." example:"2026-10-31"`
	Known  string `query:"bekendOp" maxLength:"40" doc:"Wat er op dat moment bekend was: een dag (tot en met het eind ervan) of een moment volgens RFC 3339. Zonder: nu." example:"2026-11-05"`
	Across string `query:"per" maxLength:"60" doc:"Een of twee kenmerken met een komma ertussen: partner, maand, subregio, niveau, sector, soort, doelgroep, doelgroepregister, uren, gemeente." example:"partner,maand"`
}

// StandingAnswer is how a target stands.
type StandingAnswer struct {
	Target     Target            `json:"doelstelling" doc:"De versie waarmee gerekend is: die van het moment van bekendOp."`
	On         events.Date       `json:"peildatum" doc:"Een dag die nog moet komen mag: dan is dit wat er nu al van bekend is, zoals zin zegt."`
	Known      *time.Time        `json:"bekendOp" doc:"Null: wat er nu bekend is."`
	KnownUpTo  events.Position   `json:"bekendTotEnMet" doc:"De laatste positie die meetelt."`
	Settled    *string           `json:"vastTotEnMet" doc:"De stand zegt iets over mensen en beweegt alleen aan het eind van een maand: tot en met deze maand, en leeg als er nog niets is vrijgegeven. Null: de stand van nu."`
	Total      float64           `json:"gerealiseerd" doc:"Alles één keer geteld."`
	Doubts     int               `json:"mogelijkDubbel" doc:"Zoveel daarvan telt mogelijk dubbel: zie /v1/dubbelen."`
	Indication bool              `json:"indicatie" doc:"Bij banen: een indicatie; de officiële telling is die van UWV uit de polisadministratie."`
	Agreed     float64           `json:"volgensPad" doc:"Hoeveel het op de peildatum volgens het afgesproken pad zou zijn."`
	Own        *float64          `json:"eigen" doc:"Waar de eigen organisatie deel aan heeft, elk geheel geteld, zoals het nu bekend is; null voor wie geen partner is."`
	Sentence   events.Sentence   `json:"zin" doc:"Voor het bestuur."`
	Forecast   *TargetForecast   `json:"verwachting" doc:"Null zolang er te weinig maanden zijn, na afloop, en voor een dag die nog moet komen."`
	Shares     []StandingShare   `json:"aandelen" doc:"Van ieder het deel, partners op naam; verdeeld telt op tot gerealiseerd."`
	SharesRule events.Sentence   `json:"hoeAandelenTellen" doc:"In een zin."`
	SharesLess int               `json:"aandelenVerschil" doc:"Het aantal van de doelstelling, min de som van de afgesproken aandelen."`
	Months     []TargetMonth     `json:"maanden" doc:"Van de eerste maand van de periode tot en met die van de peildatum."`
	Split      *TargetSplit      `json:"uitsplitsing" doc:"Null als er niet naar gevraagd is."`
	NotCounted []TargetLeftOut   `json:"nietGeteld" doc:"Wat erbuiten bleef, per reden; van de eigen organisatie ook wat het is."`
	Left       []TargetDeparture `json:"vertrokken" doc:"Wie er niet meer meedoet, en of haar verleden meetelt."`
	Freshness
}

// TargetForecast is where a target is going.
type TargetForecast struct {
	Expected  float64             `json:"verwacht" doc:"De stand aan het eind van de periode, in dit tempo."`
	Low       float64             `json:"laagst" doc:"Vier van de vijf keer komt het niet lager uit, of hoger dan hoogst."`
	High      float64             `json:"hoogst" doc:"De bovenkant van die marge: hooguit, want wat is afgeschermd telt er helemaal in mee."`
	Months    int                 `json:"maandenBekeken" doc:"Hoeveel gesloten maanden eronder liggen."`
	Left      int                 `json:"maandenTeGaan" doc:"Hele maanden, naar boven afgerond."`
	Short     float64             `json:"tekort" doc:"Het aantal min wat er verwacht wordt; onder nul: er komt meer."`
	Most      *ledger.PartnerName `json:"meesteBij" doc:"Bij wie van de afgesproken aandelen het meeste tekort verwacht wordt; null: bij niemand."`
	MostShort *float64            `json:"tekortDaar" doc:"Hoeveel er daar tekort verwacht wordt; null: nergens."`
	Method    events.Sentence     `json:"methode" doc:"Hoe er verwacht is, in een zin."`
}

// StandingShare is one partner's part.
type StandingShare struct {
	Partner *ledger.PartnerName `json:"partner" doc:"Null: niet per partner te tonen; waarom staat bij soort."`
	Kind    string              `json:"soort" enum:"partner,afgeschermd,lopende-maand"`
	Agreed  *int                `json:"afgesproken" doc:"Wat de partner op zich nam; null: niets afgesproken."`
	Whole   *float64            `json:"geheel" doc:"Waar de partner deel aan heeft, elk geheel geteld: haar eigen beeld. Null waar dat niet te tonen is."`
	Divided float64             `json:"verdeeld" doc:"Wat van meer partners is, gelijk verdeeld: deze tellen op tot gerealiseerd."`
	Own     bool                `json:"eigen" doc:"Van de eigen organisatie, of van wie zij het werk voortzet."`
}

// TargetMonth is what came in a month.
type TargetMonth struct {
	Month  string  `json:"maand"`
	Count  float64 `json:"aantal" doc:"Wat er in de maand bij kwam; van wat loopt, min wat eindigde."`
	So     float64 `json:"totEnMet" doc:"De stand aan het eind van de maand."`
	Agreed float64 `json:"volgensPad" doc:"Het afgesproken pad aan het eind van de maand, of op de peildatum."`
}

// TargetSplit is a standing taken apart.
type TargetSplit struct {
	Across  []string     `json:"per" doc:"De kenmerken, een of twee."`
	Settled *string      `json:"vastTotEnMet" doc:"Tot en met deze maand; null: zoals nu bekend."`
	Cells   []TargetCell `json:"cellen" doc:"Tellen op tot gerealiseerd; partners op naam. Een waarde kan ook onbekend, afgeschermd (minder dan vijf gelijk), lopende-maand, nog-niet-vrijgegeven of gaat-er-nog-af (een min: tot het eind van een maand is er meer vrijgegeven dan er nog is) zijn."`
}

// TargetCell is one part of a split.
type TargetCell struct {
	Values []string `json:"waarden" doc:"In de volgorde van per, om te tonen: een partner en een gemeente met hun naam."`
	Codes  []string `json:"codes" doc:"Dezelfde waarden om mee te rekenen: een partner met zijn id, een gemeente met haar code."`
	Count  float64  `json:"aantal" doc:"Van banen ook delen."`
}

// TargetLeftOut is what stays out for one reason.
type TargetLeftOut struct {
	Reason   string          `json:"reden" doc:"Vaste code; afgeschermd: dat is er niet van te zeggen."`
	Sentence events.Sentence `json:"zin" doc:"Waarom het niet telt, en waar dat te verhelpen is."`
	Count    int             `json:"aantal" doc:"Hoeveel er getoond kunnen worden; van afgeschermd hooguit zoveel."`
	Complete bool            `json:"volledig" doc:"Onwaar: van anderen is er iets afgeschermd."`
	Own      []TargetItem    `json:"eigen" doc:"De eigen meldingen, ten hoogste 200, het nieuwste eerst."`
}

// TargetItem is something of the caller's own that stays out.
type TargetItem struct {
	Position  events.Position `json:"positie" doc:"Van de laatste melding erover."`
	Employer  string          `json:"werkgever" doc:"Zoals in /v1/werkgevers/{werkgever}."`
	Date      events.Date     `json:"datum" doc:"De dag waarop het begon of was."`
	Placement string          `json:"plaatsing,omitempty"`
}

// TargetDeparture is a partner that left.
type TargetDeparture struct {
	Partner ledger.PartnerName `json:"partner"`
	From    events.Date        `json:"per"`
	Past    string             `json:"verleden" enum:"blijft,vertrekt" doc:"Of wat zij deed blijft meetellen, zoals de regio afsprak."`
}

const maxLeftOut = 200

func (s *Server) standing(ctx context.Context, v *sight, in *standingQuestion) (*StandingAnswer, error) {
	one, known, fresh, err := s.stand(ctx, v, in)
	if err != nil {
		return nil, err
	}
	out := s.standingOf(v, &one)
	out.Known, out.Freshness = momentOf(known), fresh
	return out, nil
}

// stand is the standing that was asked for.
func (s *Server) stand(ctx context.Context, v *sight, in *standingQuestion) (one targets.Standing, known targets.Known, fresh Freshness, err error) {
	ask := s.asking()
	q, known := ask.standing(in)
	q.Reader = v.counted()
	if len(ask.faults) > 0 {
		return one, known, fresh, invalid(ask.faults...)
	}
	fresh, err = s.readStandings(ctx, in.since(), func(tx projections.Tx) (err error) {
		one, err = s.standings.Stand(tx, q, known)
		return err
	})
	one.InOrder(v.label)
	return one, known, fresh, missing(err)
}

// standing reads what is asked of a target.
func (a *asking) standing(in *standingQuestion) (q targets.Question, known targets.Known) {
	q.Target = in.Target
	known, q.Today = a.known("bekendOp", in.Known)
	q.On = a.day("peildatum", "peildatum", in.On, q.Today)
	q.Across = a.across(in.Across)
	return q, known
}

func (s *Server) standingOf(v *sight, one *targets.Standing) *StandingAnswer {
	out := &StandingAnswer{
		Target: targetOf(&one.Version), On: one.On, KnownUpTo: one.At, Settled: settledOf(one),
		Total: number(one.Total), Doubts: one.Doubts, Indication: one.Version.Measure == events.MeasureJobs,
		Agreed: number(one.Agreed), Sentence: targets.Sentence(one, v.label),
		Own: v.ownOf(one), Forecast: v.forecastOf(one), Months: monthsOf(one),
		Shares: []StandingShare{}, SharesRule: targets.SharesRule, SharesLess: int(one.Difference / 1000),
		NotCounted: []TargetLeftOut{}, Left: []TargetDeparture{},
	}
	for _, x := range one.Shares {
		row := StandingShare{Kind: x.Label, Agreed: x.Agreed, Divided: number(x.Divided), Own: x.Own}
		if x.Partner != "" {
			name, whole := v.name(x.Partner), number(x.Whole)
			row.Kind, row.Partner, row.Whole = "partner", &name, &whole
		}
		out.Shares = append(out.Shares, row)
	}
	if one.Split != nil {
		out.Split = s.splitOf(v, one.Split)
	}
	for _, l := range one.NotCounted {
		row := TargetLeftOut{Reason: l.Reason, Sentence: targets.WhySentence(l.Reason), Count: l.Count, Complete: !l.Hidden, Own: []TargetItem{}}
		for i := len(l.Own) - 1; i >= 0 && len(row.Own) < maxLeftOut; i-- {
			it := &l.Own[i]
			row.Own = append(row.Own, TargetItem{it.Last, it.Employer, it.From, it.Placement})
		}
		out.NotCounted = append(out.NotCounted, row)
	}
	for _, d := range one.Left {
		out.Left = append(out.Left, TargetDeparture{v.name(d.Partner), d.From, d.Past})
	}
	return out
}

// ownOf is what the caller's partner has part in; nil when it is none.
func (v *sight) ownOf(one *targets.Standing) *float64 {
	if v.reader() == "" {
		return nil
	}
	own := number(one.Own)
	return &own
}

func (v *sight) forecastOf(one *targets.Standing) *TargetForecast {
	f := one.Forecast
	if f == nil {
		return nil
	}
	out := &TargetForecast{
		Expected: number(f.Expected), Low: number(f.Low), High: number(f.High), Months: f.Months, Left: f.Left,
		Short: number(f.Short), Method: targets.Method,
	}
	if f.Most != "" {
		name, short := v.name(f.Most), number(f.MostShort)
		out.Most, out.MostShort = &name, &short
	}
	return out
}

func monthsOf(one *targets.Standing) []TargetMonth {
	months := make([]TargetMonth, 0, len(one.Months))
	for _, m := range one.Months {
		months = append(months, TargetMonth{m.Month, number(m.Count), number(m.So), number(m.Agreed)})
	}
	return months
}

func (s *Server) splitOf(v *sight, x *targets.Split) *TargetSplit {
	out := &TargetSplit{Across: []string{}, Cells: []TargetCell{}}
	if x.Settled != "" {
		out.Settled = &x.Settled
	}
	for _, d := range x.Across {
		if d != "" {
			out.Across = append(out.Across, string(d))
		}
	}
	n := len(out.Across)
	out.Cells = make([]TargetCell, 0, len(x.Cells))
	words := make([]string, 2*n*len(x.Cells)) // of all cells: there may be thousands
	for _, c := range x.Cells {
		cell := TargetCell{Values: words[:n:n], Codes: words[n : 2*n : 2*n], Count: number(c.Amount)}
		words = words[2*n:]
		for i := range n {
			cell.Codes[i], cell.Values[i] = c.Values[i], s.shown(v, x.Across[i], c.Values[i])
		}
		out.Cells = append(out.Cells, cell)
	}
	return out
}

// shown is a value of a dimension as people read it.
func (s *Server) shown(v *sight, d targets.Dimension, value string) string {
	switch {
	case value == targets.Hidden, value == targets.Running, value == targets.Waiting, value == targets.Leaving, value == targets.Unknown:
	case d == targets.ByPartner:
		return v.label(value)
	case d == targets.ByGemeente:
		if g, ok := s.cfg.Regions.Gemeente(value); ok {
			return g.Name
		}
	}
	return value
}

var describeDifference = description{
	id: opDifference, summary: "Waarom een stand veranderde",
	text: "Het verschil tussen wat er op een moment bekend was en wat er later bekend was van de stand op één dag, wijziging voor wijziging; samen zijn zij precies het verschil. Van een stand die iets over mensen zegt zijn dat voor anderen de vrijgaven aan het eind van een maand.",
	tag:  "doelstellingen", missing: true,
}

type differenceQuestion struct {
	Question
	Target string `path:"doelstelling" format:"uuid" doc:"De doelstelling (UUID)." example:"6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11"`
	On     string `query:"peildatum" maxLength:"40" doc:"De stand op die dag. Zonder: de dag van het eerste moment." example:"2026-10-31"`
	From   string `query:"bekendOp" maxLength:"40" required:"true" doc:"Het eerste moment: een dag (tot en met het eind ervan) of een moment volgens RFC 3339." example:"2026-03-31"`
	To     string `query:"vergelekenMet" maxLength:"40" doc:"Het latere moment. Zonder: nu." example:"2026-11-05"`
}

// DifferenceAnswer explains how a standing changed.
type DifferenceAnswer struct {
	Target  Target         `json:"doelstelling" doc:"De versie waarmee het latere moment rekent."`
	On      events.Date    `json:"peildatum"`
	From    time.Time      `json:"bekendOp" doc:"Het eerste moment."`
	To      *time.Time     `json:"vergelekenMet" doc:"Null: nu."`
	Was     float64        `json:"was" doc:"De stand zoals die op het eerste moment bekend was."`
	Is      float64        `json:"is" doc:"De stand zoals die later bekend was."`
	Changes []TargetChange `json:"wijzigingen" doc:"In de volgorde van het boek; samen het verschil tussen was en is."`
	Freshness
}

// TargetChange is one step of a difference.
type TargetChange struct {
	Position *events.Position    `json:"positie" doc:"Null: een vrijgave aan het eind van een maand."`
	At       time.Time           `json:"op"`
	Type     *string             `json:"soort" doc:"De gebeurtenis; null bij een vrijgave."`
	Partner  *ledger.PartnerName `json:"partner" doc:"Wie het meldde; null bij een vrijgave."`
	Month    *string             `json:"maand" doc:"Van een vrijgave: de maand."`
	Moved    float64             `json:"verschil" doc:"Hoeveel de stand erdoor veranderde."`
	Doubts   int                 `json:"mogelijkDubbel" doc:"Hoeveel er meer (of minder) mogelijk dubbel telt."`
	Reason   string              `json:"reden" enum:"gemeld,gecorrigeerd,ingetrokken,beeindigd,samenwerking-bevestigd,gelijkgesteld,onderscheiden,doelstelling-gewijzigd,partner-toegelaten,partner-vertrokken,partner-opgevolgd,werkgever-gekoppeld,werkgever-ontkoppeld,vrijgegeven" doc:"Vaste code."`
	Sentence events.Sentence     `json:"zin"`
}

func (s *Server) difference(ctx context.Context, v *sight, in *differenceQuestion) (*DifferenceAnswer, error) {
	ask := s.asking()
	from, day := ask.known("bekendOp", in.From)
	to, today := ask.known("vergelekenMet", in.To)
	on := ask.day("peildatum", "peildatum", in.On, day)
	if len(ask.faults) == 0 && from.At.IsZero() { // it has yet to come
		ask.fault("bekendOp", "vergelekenMet")
	}
	if len(ask.faults) == 0 && !to.At.IsZero() && to.At.Before(from.At) {
		ask.fault("vergelekenMet", "vergelekenMet")
	}
	if len(ask.faults) > 0 {
		return nil, invalid(ask.faults...)
	}
	out := &DifferenceAnswer{On: on, From: from.At.UTC(), To: momentOf(to), Changes: []TargetChange{}}
	var was, is targets.Standing
	var changes []targets.Change
	q := targets.Question{Target: in.Target, On: on, Today: today, Reader: v.counted()}
	fresh, err := s.readStandings(ctx, in.since(), func(tx projections.Tx) (err error) {
		then := q
		then.Today = day
		if was, err = s.standings.Stand(tx, then, from); err != nil {
			return err
		}
		if is, err = s.standings.Stand(tx, q, to); err != nil {
			return err
		}
		changes, err = s.standings.Changes(tx, q, from, to)
		return err
	})
	if err != nil {
		return nil, missing(err)
	}
	out.Freshness, out.Target, out.Was, out.Is = fresh, targetOf(&is.Version), number(was.Total), number(is.Total)
	for i := range changes {
		c := &changes[i]
		row := TargetChange{At: c.At.UTC(), Month: optional(c.Month), Type: optional(c.Type.Name()), Moved: number(c.Moved), Doubts: c.Doubts, Reason: c.Why, Sentence: targets.ChangeSentence(c.Why)}
		if c.Position != 0 {
			row.Position = &c.Position
		}
		if c.Partner != "" {
			name := v.name(c.Partner)
			row.Partner = &name
		}
		out.Changes = append(out.Changes, row)
	}
	return out, nil
}
