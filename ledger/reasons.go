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
			return toldVisit(v.date, f.nameOf(v.partner).Name, code == reasonOwnVisit, t.QuietDays)
		}
	case reasonYearly:
		return m.toldYear(t.ContactsPerYear)
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
		name := f.nameOf(e.serving.partners[0]).Name
		return say("Dit is een lokale werkgever; "+name+" bedient de gemeente waar hij zit.", "This is a local employer; "+name+" serves the municipality that it lies in.")
	case reasonAlone:
		words := map[string]string{"regionaal": "regional", "landelijk": "national"}
		return say("Dit is een werkgever van niveau "+e.level.level+": die benaderen partners samen. Noem in samenMet met wie u gaat.",
			"This is a "+words[e.level.level]+" employer: partners approach it together. Name in samenMet with whom you go.")
	case reasonFixed:
		name := f.nameNow(e.fixed.partner).Name
		return say(name+" is de vaste contactpersoon van deze werkgever.", name+" is the fixed contact of this employer.")
	case reasonPartnerPlans:
		return toldPlans("Uw organisatie", "Your organisation", e.partnerPlans, t.PlansPerPartner)
	case reasonManagerPlans:
		return toldPlans("Deze accountmanager", "This account manager", e.managerPlans, t.PlansPerManager)
	case reasonTooLong:
		return m.toldTooLong(t)
	}
	return events.Sentence{}
}

// toldVisit says who went shortly before, and how long it is quiet after that.
func toldVisit(on events.Date, name string, own bool, days int) events.Sentence {
	who, en := name, name
	if own {
		who, en = "Uw organisatie", "Your organisation"
	}
	are, were := "zijn ", " were"
	if days == 1 {
		are, were = "is ", " was"
	}
	return events.Sentence{
		NL: who + " is op " + dutchDay(on) + " bij deze werkgever geweest; daarna " + are + howMany(days, "rustdag", "rustdagen") + " afgesproken.",
		EN: en + " visited this employer on " + englishDay(on) + "; " + howMany(days, "quiet day", "quiet days") + " after that" + were + " agreed.",
	}
}

// toldYear says that the contacts of the year of the first day are used up.
func (m *matter) toldYear(most int) events.Sentence {
	year := calendarYear(m.from)
	return events.Sentence{
		NL: "Deze werkgever had in " + year + " al " + howMany(most, "contact", "contacten") + " of meer; dat is het afgesproken maximum voor alle partners samen.",
		EN: "This employer had " + howMany(most, "contact", "contacts") + " or more in " + year + " already; that is the agreed maximum for all partners together.",
	}
}

// toldPlans says how many plans somebody has, and how many were agreed.
func toldPlans(who, en string, n, most int) events.Sentence {
	hold, holds := "open plannen die een werkgever vasthouden", "open plans that hold an employer"
	if n == 1 {
		hold, holds = "open plan dat een werkgever vasthoudt", "open plan that holds an employer"
	}
	are, were := "zijn", "were"
	if most == 1 {
		are, were = "is", "was"
	}
	return events.Sentence{
		NL: fmt.Sprintf("%s heeft %d %s; afgesproken %s er hoogstens %d.", who, n, hold, are, most),
		EN: fmt.Sprintf("%s has %d %s; at most %d %s agreed.", en, n, holds, most, were),
	}
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
		s.NL += "een benadering duurt volgens de afspraken hoogstens " + howMany(t.LongestDays, "dag", "dagen") + ", gerekend vanaf het eerste plan."
		s.EN += "by the agreement an approach lasts at most " + howMany(t.LongestDays, "day", "days") + ", counted from its first plan."
	} else {
		s.NL += "een plan voor een periode is volgens de afspraken " + howMany(t.ValidDays, "dag", "dagen") + " geldig."
		s.EN += "by the agreement a plan for a period is valid for " + howMany(t.ValidDays, "day", "days") + "."
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
	name, now := f.nameOf(p.maker()).Name, f.nameNow(p.Partner).Name
	nl, en := name, name
	if now != name {
		nl, en = now+" (opvolger van "+name+")", now+" (successor of "+name+")"
	}
	s := events.Sentence{
		NL: nl + " heeft een plan om deze werkgever te benaderen (" + dutchDays(from, to) + ").",
		EN: en + " plans to approach this employer (" + englishDays(from, to) + ").",
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
		s = f.toldTaken(s)
	}
	return s
}

// toldTaken adds what became of a plan that is taken, or would become of it.
func (f *facts) toldTaken(s events.Sentence) events.Sentence {
	if f.tried {
		s.NL += " Uw plan zou wel worden vastgelegd, maar de werkgever niet vasthouden: bel eerst, of meld het met ondanks."
		s.EN += " Your plan would be recorded, but would not hold the employer: call first, or report it with ondanks."
		return s
	}
	s.NL += " Uw plan is vastgelegd maar houdt de werkgever niet vast: bel eerst, of meld het opnieuw met vervangt en ondanks."
	s.EN += " Your plan is recorded but does not hold the employer: call first, or report it again with vervangt and ondanks."
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
	ReasonSameHolds: {NL: "Deze twee meldingen tellen als één plaatsing.", EN: "These two reports count as one placement."},
	ReasonSameWaits: {
		NL: "Dit wacht tot de andere partner, of de regisseur, hetzelfde meldt; tot dan zijn het twee plaatsingen.",
		EN: "This waits until the other partner, or the steward, says the same; until then they are two placements.",
	},
	ReasonDistinctHolds: {NL: "Deze twee meldingen tellen als twee plaatsingen.", EN: "These two reports count as two placements."},
	ReasonStewardDecided: {
		NL: "Dit is vastgelegd, maar de regisseur besliste anders over deze twee meldingen en dat blijft tellen.",
		EN: "This is recorded, but the steward decided otherwise on these two reports and that goes on counting.",
	},
}
