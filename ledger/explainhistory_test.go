package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/ledger"
)

// past is a history of everything that a verdict can rest on, in which whatever is
// refused is simply not there.
type past struct {
	t          *rapid.T
	k          *book
	parties    []party
	approaches map[int][]string     // of each partner
	plans      map[int][]events.Ref // that can be corrected, confirmed or retracted
	visits     map[int][]events.Ref
	n          int
	constant   bool // no other agreement comes
}

var purposes = []string{"acquisitie", "kennismaking", "vacature", "nazorg", "advies", "overig"}

func newPast(t *rapid.T, k *book) *past {
	return &past{t: t, k: k, parties: []party{k.a, k.b, k.c}, approaches: map[int][]string{}, plans: map[int][]events.Ref{}, visits: map[int][]events.Ref{}}
}

func (p *past) int(from, to int) int         { return rapid.IntRange(from, to).Draw(p.t, "n") }
func (p *past) sometimes(one int) bool       { return p.int(1, one) == 1 }
func (p *past) day(from, to int) events.Date { return p.today().AddDays(p.int(from, to)) }
func (p *past) today() events.Date           { return events.DateOf(p.k.clock.now()) }
func (p *past) purpose() string              { return purposes[p.int(0, 3)] }

func (p *past) employer() events.Employer {
	e := at(numbers[p.int(0, 1)])
	if p.sometimes(4) {
		e.Establishment = []string{"000037178598", "000037178601"}[p.int(0, 1)]
	}
	return e
}

func (p *past) with(who int) (urns []string) {
	if p.sometimes(3) {
		urns = append(urns, p.parties[(who+p.int(1, 2))%3].urn())
	}
	return urns
}

// say records as a partner; a refusal is as good an answer as any.
func (p *past) say(who int, d events.Data) (ref events.Ref, ok bool) {
	p.n++
	ref = events.Ref{Source: p.parties[who].source(), ID: fmt.Sprintf("verleden-%d", p.n)}
	_, err := p.k.ledger.Record(p.k.t.Context(), ledger.Submission{Event: p.k.event(p.parties[who], ref.ID, d), Caller: p.parties[who].caller})
	if errors.Is(err, ledger.ErrHalted) || errors.Is(err, ledger.ErrDamaged) {
		p.t.Fatal(err)
	}
	return ref, err == nil
}

func (p *past) one(list []events.Ref) *events.Ref {
	if len(list) == 0 {
		return nil
	}
	return &list[p.int(0, len(list)-1)]
}

func (p *past) plan() {
	who := p.int(0, 2)
	d := &events.VisitPlanned{
		Employer: p.employer(), Approach: uuid.NewString(), Purpose: p.purpose(), With: p.with(who), AtRequest: p.sometimes(6),
		AccountManager: manager(fmt.Sprintf("m%d", p.int(1, 2)), "Planner"),
	}
	p.when(&d.Date, &d.Period)
	if p.sometimes(4) {
		d.Despite = &events.Despite{Reason: plain("Het kan niet wachten")}
	}
	if ids := p.approaches[who]; len(ids) > 0 && p.sometimes(4) {
		d.Approach, d.Replaces = ids[p.int(0, len(ids)-1)], p.one(p.plans[who])
	}
	if ref, ok := p.say(who, d); ok {
		p.plans[who], p.approaches[who] = append(p.plans[who], ref), append(p.approaches[who], d.Approach)
	}
}

func (p *past) when(day *events.Date, period **events.Period) {
	from := p.day(0, 60)
	if p.sometimes(2) {
		*day = from
		return
	}
	*period = &events.Period{From: from, To: from.AddDays(p.int(1, 40))}
}

func (p *past) approach(who int) string {
	if ids := p.approaches[who]; len(ids) > 0 {
		return ids[p.int(0, len(ids)-1)]
	}
	return uuid.NewString()
}

func (p *past) move() {
	who := p.int(0, 2)
	d := &events.VisitMoved{Approach: p.approach(who)}
	p.when(&d.Date, &d.Period)
	if p.sometimes(4) {
		d.Despite = &events.Despite{Reason: plain("Toch")}
	}
	p.say(who, d)
}

func (p *past) visit() {
	who := p.int(0, 2)
	d := &events.VisitMade{
		Employer: p.employer(), Date: p.day(-120, 0), Purpose: p.purpose(), Form: "op-locatie", With: p.with(who), AtRequest: p.sometimes(6),
		AccountManager: manager("m1", "Bezoeker"),
	}
	if p.sometimes(3) {
		d.Approach = p.approach(who)
	}
	if p.sometimes(6) {
		d.Replaces = p.one(p.visits[who])
	}
	if ref, ok := p.say(who, d); ok {
		p.visits[who] = append(p.visits[who], ref)
	}
}

// aside is whatever else a verdict rests on, or takes away what one rested on.
func (p *past) aside() {
	who := p.int(0, 2)
	last := 10
	if p.constant {
		last--
	}
	switch p.int(1, last) {
	case 1:
		p.say(who, &events.VisitCalledOff{Approach: p.approach(who)})
	case 2:
		p.say(who, &events.ApproachExtended{Approach: p.approach(who), To: p.day(10, 90), Reason: plain("Later")})
	case 3:
		if ref := p.one(slices.Concat(p.plans[(who+1)%3], p.visits[(who+1)%3])); ref != nil {
			p.say(who, &events.JointVisitConfirmed{Event: *ref})
		}
	case 4:
		if ref := p.one(slices.Concat(p.plans[who], p.visits[who])); ref != nil {
			p.say(who, &events.EventRetracted{Event: *ref})
		}
	case 5:
		p.say(who, &events.ContactAppointed{Employer: p.employer(), AccountManager: manager("m2", "Vast"), Purpose: []string{"", "acquisitie"}[p.int(0, 1)]})
	case 6:
		p.k.steward(&events.LevelSet{Employer: at(numbers[p.int(0, 1)]), Level: []string{"lokaal", "regionaal"}[p.int(0, 1)]})
	case 7:
		p.k.steward(&events.EmployerSpared{Employer: p.employer(), From: p.day(-5, 20), To: p.day(21, 60), Ground: []string{"werkgever", "regio"}[p.int(0, 1)], Lifted: p.sometimes(3)})
	case 8:
		p.say(who, &events.EmployerDescribed{Employer: at(numbers[p.int(0, 1)]), Name: plain("Voorbeeld"), Gemeente: []string{"GM0193", "GM0180"}[p.int(0, 1)]})
	case 9:
		p.k.steward(&events.EmployersLinked{Employer: events.WholeEmployer{KvK: numbers[0]}, With: events.WholeEmployer{KvK: numbers[1]}, Kind: "dezelfde"})
	case 10:
		a := p.agreement()
		p.k.steward(&a)
	}
}

// agreement draws one that holds from today, or a little earlier or later.
func (p *past) agreement() events.AgreementSet {
	a := events.DefaultAgreement()
	a.Name, a.From = "Getrokken", p.day(-3, 3)
	a.QuietDays, a.ValidDays, a.LongestDays = p.int(0, 90), p.int(1, 30), p.int(30, 90)
	a.PlansPerPartner, a.PlansPerManager, a.ContactsPerYear = p.int(0, 6), p.int(0, 4), p.int(0, 3)
	for _, action := range []*string{
		&a.Actions.OtherPlan, &a.Actions.Quiet, &a.Actions.Yearly, &a.Actions.Spared, &a.Actions.Territory,
		&a.Actions.Alone, &a.Actions.FixedContact, &a.Actions.PartnerPlans, &a.Actions.ManagerPlans, &a.Actions.TooLong,
	} {
		*action = []string{events.ActNothing, events.ActWarn, events.ActWarn, events.ActRefuse}[p.int(0, 3)]
	}
	return a
}

// live lets things happen.
func (p *past) live(steps int) {
	for _, g := range []string{"GM0193", "GM0180"} {
		who := p.parties[p.int(0, 2)]
		p.k.mustSteward(&events.PartnerAdmitted{Partner: who.id, Identities: []string{who.urn()}, Name: who.name, Kind: "overig", From: today.AddDays(-900), Gemeenten: []string{g}})
	}
	for range steps {
		switch p.int(1, 8) {
		case 1, 2, 3:
			p.plan()
		case 4:
			p.move()
		case 5:
			p.visit()
		case 6:
			p.k.clock.set(p.k.clock.now().Add(time.Duration(p.int(1, 15)) * 24 * time.Hour))
		default:
			p.aside()
		}
	}
}
