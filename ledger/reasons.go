package ledger

import (
	"fmt"
	"slices"

	"huisboek/events"
)

// sentence says a reason in words. When what it rested on has changed since (a
// repeated event keeps its old codes) it says the same without names and numbers.
func (f *facts) sentence(code string) events.Sentence {
	if f.evidence != nil && slices.Contains(f.ruling.reasons, code) {
		if s := f.told(code); s.NL != "" {
			return s
		}
	}
	if s, ok := bareReasons[code]; ok {
		return s
	}
	return events.Sentence{NL: "Reden " + code + ".", EN: "Reason " + code + "."}
}

// told is a reason with the facts that it rests on.
func (f *facts) told(code string) events.Sentence {
	m, e, t := f.matter, f.evidence, &f.evidence.terms
	say := func(nl, en string) events.Sentence { return events.Sentence{NL: nl, EN: en} }
	switch code {
	case reasonOtherPlan:
		return f.toldPlan()
	case reasonUnconfirmed:
		for i := range f.holders {
			if slices.Contains(m.with, f.holders[i].Partner) {
				name := f.nameNow(f.holders[i].Partner).Name
				return say(name+" heeft nog niet bevestigd dat jullie samen gaan.", name+" has not confirmed yet that you go together.")
			}
		}
	case reasonOtherVisit, reasonOwnVisit:
		if v := m.tooSoonAfter(e); v != nil {
			name := f.names[v.partner].Name
			if code == reasonOwnVisit {
				return say(fmt.Sprintf("Uw organisatie is op %s bij deze werkgever geweest; daarna zijn %d rustdagen afgesproken.", dutchDay(v.date), t.QuietDays),
					fmt.Sprintf("Your organisation visited this employer on %s; %d quiet days after that were agreed.", englishDay(v.date), t.QuietDays))
			}
			return say(fmt.Sprintf("%s is op %s bij deze werkgever geweest; daarna zijn %d rustdagen afgesproken.", name, dutchDay(v.date), t.QuietDays),
				fmt.Sprintf("%s visited this employer on %s; %d quiet days after that were agreed.", name, englishDay(v.date), t.QuietDays))
		}
	case reasonYearly:
		year := string(m.from)[:min(4, len(m.from))]
		return say(fmt.Sprintf("Deze werkgever had in %s al %d contacten of meer; dat is het afgesproken maximum voor alle partners samen.", year, t.ContactsPerYear),
			fmt.Sprintf("This employer had %d contacts or more in %s already; that is the agreed maximum for all partners together.", t.ContactsPerYear, year))
	case reasonSparedWish, reasonSparedRegion:
		days := events.Sentence{NL: "vanaf " + dutchDay(e.spared.from), EN: "from " + englishDay(e.spared.from)}
		if e.spared.to != "" {
			days.NL += " tot en met " + dutchDay(e.spared.to)
			days.EN += " up to and including " + englishDay(e.spared.to)
		}
		if code == reasonSparedRegion {
			return say("De regio laat deze werkgever met rust, "+days.NL+".", "The region leaves this employer in peace, "+days.EN+".")
		}
		return say("Deze werkgever heeft gevraagd om met rust gelaten te worden, "+days.NL+".", "This employer asked to be left in peace, "+days.EN+".")
	case reasonTerritory:
		name := f.names[e.serving.partners[0]].Name
		return say("Dit is een lokale werkgever; "+name+" bedient de gemeente waar hij zit.", "This is a local employer; "+name+" serves the municipality that it lies in.")
	case reasonAlone:
		words := map[string]string{"regionaal": "regional", "landelijk": "national"}
		return say("Dit is een werkgever van niveau "+e.level.level+": die benaderen partners samen. Noem in samenMet met wie u gaat.",
			"This is a "+words[e.level.level]+" employer: partners approach it together. Name in samenMet with whom you go.")
	case reasonFixed:
		name := f.nameNow(e.fixed.partner).Name
		return say(name+" is de vaste contactpersoon van deze werkgever.", name+" is the fixed contact of this employer.")
	case reasonPartnerPlans:
		return say(fmt.Sprintf("Uw organisatie heeft %d open plannen die een werkgever vasthouden; afgesproken zijn er hoogstens %d.", e.partnerPlans, t.PlansPerPartner),
			fmt.Sprintf("Your organisation has %d open plans that hold an employer; at most %d were agreed.", e.partnerPlans, t.PlansPerPartner))
	case reasonManagerPlans:
		return say(fmt.Sprintf("Deze accountmanager heeft %d open plannen die een werkgever vasthouden; afgesproken zijn er hoogstens %d.", e.managerPlans, t.PlansPerManager),
			fmt.Sprintf("This account manager has %d open plans that hold an employer; at most %d were agreed.", e.managerPlans, t.PlansPerManager))
	case reasonTooLong:
		return m.toldTooLong(t)
	}
	return events.Sentence{}
}

// toldTooLong says until when a plan would hold the employer, and which of the two terms
// that comes of.
func (m *matter) toldTooLong(t *events.Terms) events.Sentence {
	until := t.HoldsUntil(m.first, m.today, m.from, m.to)
	s := events.Sentence{
		NL: "Dit plan houdt de werkgever vast tot en met " + dutchDay(until) + ", en dat is voor de eerste dag van het plan: ",
		EN: "This plan holds the employer up to and including " + englishDay(until) + ", which is before its first day: ",
	}
	if until == m.first.AddDays(t.LongestDays) {
		s.NL += fmt.Sprintf("een benadering duurt volgens de afspraken hoogstens %d dagen, gerekend vanaf het eerste plan.", t.LongestDays)
		s.EN += fmt.Sprintf("by the agreement an approach lasts at most %d days, counted from its first plan.", t.LongestDays)
	} else {
		s.NL += fmt.Sprintf("een plan voor een periode is volgens de afspraken %d dagen geldig.", t.ValidDays)
		s.EN += fmt.Sprintf("by the agreement a plan for a period is valid for %d days.", t.ValidDays)
	}
	return s
}

// toldPlan names who holds the employer first, and counts the others.
func (f *facts) toldPlan() events.Sentence {
	if len(f.holders) == 0 {
		return events.Sentence{}
	}
	p := &f.holders[0]
	from, to := p.dates()
	name, now := f.names[p.maker()].Name, f.nameNow(p.Partner).Name
	nl, en := name, name
	if now != name {
		nl, en = now+" (opvolger van "+name+")", now+" (successor of "+name+")"
	}
	s := events.Sentence{
		NL: fmt.Sprintf("%s heeft een plan om deze werkgever te benaderen (%s).", nl, dutchDays(from, to)),
		EN: fmt.Sprintf("%s plans to approach this employer (%s).", en, englishDays(from, to)),
	}
	switch n := len(f.ruling.clashes) - 1; {
	case n == 1:
		s.NL += " Er is nog één ander plan in de weg."
		s.EN += " One more plan is in the way."
	case n > 1:
		s.NL += fmt.Sprintf(" Er zijn nog %d andere plannen in de weg.", n)
		s.EN += fmt.Sprintf(" %d more plans are in the way.", n)
	}
	var last events.Date
	for i := range f.ruling.clashes {
		last = max(last, f.ruling.clashes[i].to)
	}
	if last != "" {
		free := last.AddDays(f.evidence.terms.QuietDays + 1)
		s.NL += " Vanaf " + dutchDay(free) + " is de werkgever weer vrij."
		s.EN += " From " + englishDay(free) + " on the employer is free again."
	}
	if m := f.matter; f.ruling.outcome == events.Taken && !m.despite && (m.kind == planned || m.kind == moved) {
		s.NL += " Uw plan is vastgelegd maar houdt de werkgever niet vast: bel eerst, of meld het opnieuw met vervangt en ondanks."
		s.EN += " Your plan is recorded but does not hold the employer: call first, or report it again with vervangt and ondanks."
	}
	return s
}

// bareReasons say each reason without what it rested on.
var bareReasons = map[string]events.Sentence{
	reasonOtherPlan:    {NL: "Een andere partner had een plan om deze werkgever te benaderen.", EN: "Another partner had a plan to approach this employer."},
	reasonUnconfirmed:  {NL: "Wie meegaat, had dat nog niet bevestigd.", EN: "Who goes along had not confirmed that yet."},
	reasonOtherVisit:   {NL: "Een andere partner was kort daarvoor bij deze werkgever: de rustdagen waren nog niet om.", EN: "Another partner had visited this employer shortly before: the quiet days were not over."},
	reasonOwnVisit:     {NL: "Uw organisatie was kort daarvoor bij deze werkgever: de rustdagen waren nog niet om.", EN: "Your organisation had visited this employer shortly before: the quiet days were not over."},
	reasonYearly:       {NL: "De contacten met deze werkgever waren voor dat kalenderjaar op.", EN: "The contacts with this employer were used up for that calendar year."},
	reasonSparedWish:   {NL: "Deze werkgever had gevraagd om met rust gelaten te worden.", EN: "This employer had asked to be left in peace."},
	reasonSparedRegion: {NL: "De regio liet deze werkgever met rust.", EN: "The region left this employer in peace."},
	reasonTerritory:    {NL: "Dit was een lokale werkgever van een andere gemeente.", EN: "This was a local employer of another municipality."},
	reasonAlone:        {NL: "Deze werkgever benaderen partners samen, en er werd niemand genoemd die meegaat.", EN: "Partners approach this employer together, and nobody was named to go along."},
	reasonFixed:        {NL: "Een andere partner was de vaste contactpersoon.", EN: "Another partner was the fixed contact."},
	reasonPartnerPlans: {NL: "Uw organisatie had zoveel open plannen als is afgesproken.", EN: "Your organisation had as many open plans as was agreed."},
	reasonManagerPlans: {NL: "Deze accountmanager had zoveel open plannen als is afgesproken.", EN: "This account manager had as many open plans as was agreed."},
	reasonTooLong:      {NL: "De dagen van dit plan lagen later dan een benadering een werkgever vasthoudt.", EN: "The days of this plan lay beyond how long an approach holds an employer."},
	reasonPast:         {NL: "De laatste dag is al voorbij; dit plan houdt de werkgever niet vast.", EN: "Its last day is over already; this plan does not hold the employer."},
	reasonDespite:      {NL: "De melder ging door de waarschuwing heen, met een reden. De ander ziet dat.", EN: "The maker went through the warning, with a reason. The other party sees that."},
	reasonAtRequest:    {NL: "De werkgever vroeg erom: het gaat door. Goed om te weten.", EN: "The employer asked for it: it goes ahead. Good to know."},
	ReasonLinkHolds:    {NL: "Deze koppeling geldt.", EN: "This link holds."},
	ReasonLinkWaits: {
		NL: "Deze koppeling wacht tot een andere partner, of de regisseur, hetzelfde meldt.",
		EN: "This link waits until another partner, or the steward, says the same.",
	},
}
