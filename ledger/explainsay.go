package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"huisboek/events"
)

// What an explanation says: the words of then, with the facts of then.

func say(nl, en string, args ...any) events.Sentence {
	return events.Sentence{NL: fmt.Sprintf(nl, args...), EN: fmt.Sprintf(en, args...)}
}

func sentenceUnjudged(t events.Type) events.Sentence {
	return say("Een melding van het type %[1]s krijgt geen oordeel: alleen een plan, een verzetting en een bezoek worden beoordeeld.",
		"An event of type %[1]s gets no verdict: only a plan, a move and a visit are judged.", t.Name())
}

// howMany is a number with its word: "1 dag", "2 dagen".
func howMany(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}

// outcomeNames are verdicts as people are shown them.
var outcomeNames = map[events.Outcome]events.Sentence{
	events.Free:      {NL: "vrij", EN: "free"},
	events.Attention: {NL: "let op", EN: "attention"},
	events.Taken:     {NL: "bezet", EN: "taken"},
	events.Refused:   {NL: "geweigerd", EN: "refused"},
}

func sentenceOutcome(t events.Type, o events.Outcome) events.Sentence {
	what := events.Sentence{NL: "dit plan", EN: "this plan"}
	switch t {
	case events.TypeVisitMoved:
		what = events.Sentence{NL: "deze verzetting", EN: "this move"}
	case events.TypeVisitMade:
		what = events.Sentence{NL: "dit bezoek", EN: "this visit"}
	}
	switch o {
	case events.Attention:
		return say("Er was iets om rekening mee te houden bij %[1]s.", "There was something to mind with %[2]s.", what.NL, what.EN)
	case events.Taken:
		return say("Een ander ging voor bij %[1]s.", "Somebody else came before %[2]s.", what.NL, what.EN)
	case events.Refused:
		return say("De afspraken stonden %[1]s niet toe.", "The agreement did not allow %[2]s.", what.NL, what.EN)
	}
	return say("Er stond %[1]s niets in de weg.", "Nothing was in the way of %[2]s.", what.NL, what.EN)
}

func sentenceThen(same, changed bool) events.Sentence {
	switch {
	case same:
		return say("Opnieuw beoordeeld naar de afspraken van toen geven dezelfde feiten hetzelfde oordeel.",
			"Judged again by the agreement of then, the same facts give the same verdict.")
	case changed:
		return say("Opnieuw beoordeeld naar de afspraken van toen geven de feiten een ander oordeel; dat kan doordat partners sindsdien opnieuw beschreven of opgevolgd zijn.",
			"Judged again by the agreement of then, the facts give another verdict; that may be because partners were described anew or succeeded since.")
	}
	return say("Opnieuw beoordeeld naar de afspraken van toen geven de feiten een ander oordeel dan er staat. Dat hoort niet: meld het de beheerder.",
		"Judged again by the agreement of then, the facts give another verdict than is stored. That should not be: tell the operator.")
}

func sentenceNow(now *Rejudged, stored *events.Verdict, certain bool) events.Sentence {
	is, was := outcomeNames[now.Outcome], outcomeNames[stored.Outcome]
	switch {
	case !certain && !now.Same:
		return say("Naar de afspraken van vandaag zou hier ‘%[1]s’ uitkomen.", "By today's agreement this would give ‘%[2]s’.", is.NL, is.EN)
	case now.Same:
		return say("Naar de afspraken van vandaag zou het oordeel over dezelfde feiten hetzelfde zijn.",
			"By today's agreement the verdict on the same facts would be the same.")
	case now.Outcome == stored.Outcome:
		return say("Naar de afspraken van vandaag zou het oordeel over dezelfde feiten ook ‘%[1]s’ zijn, om andere redenen.",
			"By today's agreement the verdict on the same facts would be ‘%[2]s’ too, for other reasons.", is.NL, is.EN)
	}
	return say("Naar de afspraken van vandaag zou het oordeel over dezelfde feiten ‘%[1]s’ zijn, en niet ‘%[2]s’.",
		"By today's agreement the verdict on the same facts would be ‘%[3]s’, and not ‘%[4]s’.", is.NL, was.NL, is.EN, was.EN)
}

var englishPurposes = map[string]string{
	"acquisitie": "acquisition", "kennismaking": "introduction", "vacature": "vacancy", "nazorg": "aftercare", "advies": "advice", "overig": "other",
}

func englishPurpose(p string) string {
	if en, ok := englishPurposes[p]; ok {
		return en
	}
	return p
}

// reason says a stored reason with the facts that it rested on then.
func (c *story) reason(x *explainer, code string) events.Sentence {
	m, e := &c.matter, &c.evidence
	switch code {
	case reasonOtherPlan:
		return c.sentenceOtherPlan(x)
	case reasonOtherVisit, reasonOwnVisit:
		v := c.visitThen()
		if v == nil {
			break
		}
		name := x.name(v.partner).Name
		if c.stored.Rules < 3 {
			return say("%[1]s was op %[2]s bij deze werkgever, minder dan 90 dagen ervoor.", "%[1]s visited this employer on %[3]s, less than 90 days before.",
				name, dutchDay(v.date), englishDay(v.date))
		}
		until := v.date.AddDays(e.terms.QuietDays)
		return events.Sentence{
			NL: fmt.Sprintf("%s was op %s bij deze werkgever; de rust daarna duurde tot en met %s (%s).", name, dutchDay(v.date), dutchDay(until), howMany(e.terms.QuietDays, "dag", "dagen")),
			EN: fmt.Sprintf("%s visited this employer on %s; the quiet after it lasted up to and including %s (%s).", name, englishDay(v.date), englishDay(until), howMany(e.terms.QuietDays, "day", "days")),
		}
	case reasonYearly:
		return say("De werkgever had in %[1]s al zoveel contacten gehad als is afgesproken, van alle partners samen: hoogstens %[2]d.",
			"The employer had had as many contacts in %[1]s already as were agreed, of all partners together: at most %[2]d.", calendarYear(m.from), e.terms.ContactsPerYear)
	case reasonSparedWish, reasonSparedRegion:
		if s := e.spared; s != nil {
			return sentenceSpared(s)
		}
	case reasonTerritory:
		return say("Dit is een lokale werkgever in een gemeente die %[1]s niet bedient.", "This is a local employer in a municipality that %[1]s does not serve.", x.name(x.r.Partner).Name)
	case reasonAlone:
		if e.level != nil {
			return say("Dit is een werkgever op niveau %[1]s: de partners benaderen hem samen, en dit was alleen.",
				"This is an employer of level %[1]s: the partners approach it together, and this was alone.", e.level.level)
		}
	case reasonFixed:
		if e.fixed != nil {
			return say("%[1]s was de vaste contactpersoon van deze werkgever.", "%[1]s was the fixed contact of this employer.", x.name(e.fixed.partner).Name)
		}
	case reasonPartnerPlans:
		return say("%[1]s had zoveel open plannen die een werkgever vasthouden als is afgesproken: hoogstens %[2]d.",
			"%[1]s had as many open plans that hold an employer as were agreed: at most %[2]d.", x.name(x.r.Partner).Name, e.terms.PlansPerPartner)
	case reasonManagerPlans:
		return say("De accountmanager had zoveel open plannen die een werkgever vasthouden als is afgesproken: hoogstens %[1]d.",
			"The account manager had as many open plans that hold an employer as were agreed: at most %[1]d.", e.terms.PlansPerManager)
	case reasonTooLong:
		until := e.terms.HoldsUntil(m.first, m.today, m.from, m.to)
		return say("Deze dagen liggen later dan een benadering een werkgever vasthoudt: tot en met %[1]s, ten hoogste %[3]s na het eerste plan.",
			"These days lie beyond how long an approach holds an employer: up to and including %[2]s, at most %[4]s after its first plan.",
			dutchDay(until), englishDay(until), howMany(e.terms.LongestDays, "dag", "dagen"), howMany(e.terms.LongestDays, "day", "days"))
	case reasonUnconfirmed:
		return say("Wie er volgens het plan mee zou gaan, had dat niet bevestigd.", "Who was said to go along had not confirmed it.")
	case reasonDespite:
		return say("%[1]s ging er met een reden doorheen (ondanks).", "%[1]s went through it, with a reason (ondanks).", x.name(x.r.Partner).Name)
	case reasonAtRequest:
		return say("De werkgever had zelf om dit contact gevraagd; daarom bleef het bij een waarschuwing.",
			"The employer had asked for this contact itself; that is why it stayed a warning.")
	}
	return (&facts{}).sentence(code)
}

func (c *story) sentenceOtherPlan(x *explainer) events.Sentence {
	var found []*hold
	for i := range c.evidence.holds {
		if h := &c.evidence.holds[i]; c.decided[h.position] || c.stored.Rules < 3 {
			found = append(found, h)
		}
	}
	if len(found) == 0 {
		return (&facts{}).sentence(reasonOtherPlan)
	}
	h := found[0]
	s := events.Sentence{
		NL: fmt.Sprintf("%s had een plan om deze werkgever te benaderen (%s, %s).", x.name(h.partner).Name, dutchDays(h.from, h.to), h.purpose),
		EN: fmt.Sprintf("%s planned to approach this employer (%s, %s).", x.name(h.partner).Name, englishDays(h.from, h.to), englishPurpose(h.purpose)),
	}
	switch n := len(found) - 1; {
	case n == 1:
		s.NL += " Er was nog één ander plan."
		s.EN += " There was one more plan."
	case n > 1:
		s.NL += fmt.Sprintf(" Er waren nog %d andere plannen.", n)
		s.EN += fmt.Sprintf(" There were %d more plans.", n)
	}
	return s
}

func sentenceSpared(s *spareFact) events.Sentence {
	who := events.Sentence{NL: "De werkgever wilde", EN: "The employer wished to be left in peace"}
	tail := "met rust gelaten worden"
	if s.ground == "regio" {
		who, tail = events.Sentence{NL: "De regio liet deze werkgever", EN: "The region left this employer in peace"}, "met rust"
	}
	nl, en := "vanaf "+dutchDay(s.from), "from "+englishDay(s.from)
	if s.to != "" {
		nl, en = nl+" tot en met "+dutchDay(s.to), en+" up to and including "+englishDay(s.to)
	}
	if len(s.purposes) > 0 {
		var purposes []string
		for _, p := range s.purposes {
			purposes = append(purposes, englishPurpose(p))
		}
		nl, en = nl+" ("+strings.Join(s.purposes, ", ")+")", en+" ("+strings.Join(purposes, ", ")+")"
	}
	return events.Sentence{NL: who.NL + " " + nl + " " + tail + ".", EN: who.EN + " " + en + "."}
}

func forDays(from, to events.Date) (nl, en string) {
	if from == to {
		return "voor " + dutchDay(from), "for " + englishDay(from)
	}
	return "voor " + dutchDay(from) + " tot en met " + dutchDay(to), "for " + englishDay(from) + " to " + englishDay(to)
}

// factSentence says what stands at a position.
func (x *explainer) factSentence(r *events.Record) (events.Sentence, error) {
	name, at := x.name(r.Partner).Name, r.Position
	tell := func(nl, en string) (events.Sentence, error) {
		return events.Sentence{NL: fmt.Sprintf("%s (positie %d).", nl, at), EN: fmt.Sprintf("%s (position %d).", en, at)}, nil
	}
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		nl, en := forDays(span(d.Date, d.Period))
		return tell(fmt.Sprintf("Plan van %s %s, %s", name, nl, d.Purpose), fmt.Sprintf("Plan of %s %s, %s", name, en, englishPurpose(d.Purpose)))
	case *events.PlanRefused:
		nl, en := forDays(span(d.Date, d.Period))
		return tell(fmt.Sprintf("Geweigerd plan van %s %s, %s", name, nl, d.Purpose), fmt.Sprintf("Refused plan of %s %s, %s", name, en, englishPurpose(d.Purpose)))
	case *events.VisitMoved:
		nl, en := forDays(span(d.Date, d.Period))
		nl, en = fmt.Sprintf("Verzet plan van %s, toen %s", name, nl), fmt.Sprintf("Moved plan of %s, then %s", name, en)
		if a := x.approaches[r.Root()]; a != nil {
			nl, en = nl+", "+a.Purpose, en+", "+englishPurpose(a.Purpose)
		}
		return tell(nl, en)
	case *events.ApproachExtended:
		return tell(fmt.Sprintf("Verlenging door %s tot en met %s", name, dutchDay(d.To)), fmt.Sprintf("Extension by %s up to and including %s", name, englishDay(d.To)))
	case *events.VisitMade:
		return tell(fmt.Sprintf("Bezoek van %s op %s, %s", name, dutchDay(d.Date), d.Purpose), fmt.Sprintf("Visit of %s on %s, %s", name, englishDay(d.Date), englishPurpose(d.Purpose)))
	case *events.JointVisitConfirmed:
		return tell(name+" bevestigde mee te gaan", name+" confirmed to go along")
	case *events.ContactAppointed:
		nl, en := "", ""
		if d.Purpose != "" {
			nl, en = " voor "+d.Purpose, " for "+englishPurpose(d.Purpose)
		}
		return tell(name+" is vaste contactpersoon"+nl, name+" is the fixed contact"+en)
	case *events.LevelSet:
		return tell("Deze werkgever is van niveau "+d.Level, "This employer is of level "+d.Level)
	case *events.EmployerSpared:
		s := sentenceSpared(&spareFact{at, d.From, d.To, d.Purposes, d.Ground})
		return tell(strings.TrimSuffix(s.NL, "."), strings.TrimSuffix(s.EN, "."))
	case *events.EmployerDescribed:
		return tell(fmt.Sprintf("%s beschreef de werkgever, gemeente %s", name, d.Gemeente), fmt.Sprintf("%s described the employer, municipality %s", name, d.Gemeente))
	case *events.AgreementSet:
		return tell(fmt.Sprintf("Afspraken %q, per %s", d.Name, dutchDay(d.From)), fmt.Sprintf("Agreement %q, from %s", d.Name, englishDay(d.From)))
	}
	return tell("Melding "+r.Event.Type.Name()+" van "+name, "Event "+r.Event.Type.Name()+" of "+name)
}

// since says what became of an event after the one that is explained: it changes
// nothing about the verdict.
func (x *explainer) since(r *events.Record) (list []events.Sentence, err error) {
	list = []events.Sentence{}
	err = x.l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		did, _, err := doneAt(tx, r.Position)
		if err != nil {
			return err
		}
		switch {
		case r.Position == x.r.Target():
			list = append(list, say("Deze melding is hiermee vervangen.", "This event was replaced by it."))
		case did.Void:
			list = append(list, say("Deze melding is sindsdien ingetrokken of vervangen.", "This event was retracted or replaced since."))
		}
		root := r.Root()
		if r.Event.Type == events.TypeVisitPlanned && root == 0 {
			root = r.Position
		}
		if root == 0 || r.Event.Type == events.TypeVisitMade {
			return nil
		}
		var a approach
		ok, err := getRow(tx, positionKey(rowApproach, root), &a)
		if !ok && err == nil && !did.Void {
			list = append(list, say("Deze benadering is sindsdien ingetrokken.", "This approach was retracted since."))
		}
		if !ok || err != nil {
			return err
		}
		for _, e := range a.Entries {
			if e.Position <= r.Position || e.Position <= x.r.Position && r != x.r {
				continue
			}
			switch e.Kind {
			case entryMove:
				nl, en := forDays(e.From, e.To)
				list = append(list, events.Sentence{
					NL: fmt.Sprintf("Sindsdien verzet (positie %d), %s.", e.Position, nl), EN: fmt.Sprintf("Moved since (position %d), %s.", e.Position, en),
				})
			case entryExtended:
				list = append(list, events.Sentence{
					NL: fmt.Sprintf("Sindsdien verlengd (positie %d), tot en met %s.", e.Position, dutchDay(e.To)),
					EN: fmt.Sprintf("Extended since (position %d), up to and including %s.", e.Position, englishDay(e.To)),
				})
			case entryOff:
				list = append(list, say("Sindsdien afgezegd (positie %[1]d).", "Called off since (position %[1]d).", e.Position))
			case entryMade:
				list = append(list, say("Sindsdien is het bezoek afgelegd (positie %[1]d).", "The visit was made since (position %[1]d).", e.Position))
			}
		}
		return nil
	})
	return list, err
}

// englishActions are what an agreement says to do.
var englishActions = map[string]string{events.ActNothing: "nothing", events.ActWarn: "warn", events.ActRefuse: "refuse"}

// clauses are the members of the agreement that the reasons rested on.
func (c *story) clauses(reasons []string) []Clause {
	t, list, seen := &c.evidence.terms, []Clause{}, map[string]bool{}
	number := func(member string, n int, nl, dag, dagen, en, day, days string) {
		if !seen[member] {
			seen[member] = true
			list = append(list, Clause{member, strconv.Itoa(n), events.Sentence{NL: fmt.Sprintf(nl, howMany(n, dag, dagen)), EN: fmt.Sprintf(en, howMany(n, day, days))}})
		}
	}
	action := func(member, value, nl, en string) {
		member = "optreden." + member
		if !seen[member] {
			seen[member] = true
			list = append(list, Clause{member, value, events.Sentence{NL: nl + ": " + value + ".", EN: en + ": " + englishActions[value] + "."}})
		}
	}
	act := &t.Actions
	quiet := func() {
		number("rustdagen", t.QuietDays, "Rust na een bezoek en rond een plan: %s.", "dag", "dagen", "Quiet after a visit and around a plan: %s.", "day", "days")
	}
	for _, code := range reasons {
		switch code {
		case reasonOtherPlan:
			quiet()
			action("anderPlan", act.OtherPlan, "Als een ander de werkgever vasthoudt", "When another holds the employer")
		case reasonOtherVisit, reasonOwnVisit:
			quiet()
			action("rust", act.Quiet, "Binnen de rustdagen van een bezoek", "Within the quiet days of a visit")
		case reasonYearly:
			number("contactenPerJaar", t.ContactsPerYear, "Een werkgever heeft ten hoogste %s in een jaar.", "contact", "contacten", "An employer has at most %s in a year.", "contact", "contacts")
			action("jaarmaximum", act.Yearly, "Als die op zijn", "When they are used up")
		case reasonSparedWish, reasonSparedRegion:
			action("ontzien", act.Spared, "Als een werkgever met rust gelaten wordt", "When an employer is left in peace")
		case reasonTerritory:
			action("gebied", act.Territory, "Bij een lokale werkgever van een andere gemeente", "For a local employer of another municipality")
		case reasonAlone:
			action("alleen", act.Alone, "Als een partner een regionale of landelijke werkgever alleen benadert", "When one partner approaches a regional or national employer alone")
		case reasonFixed:
			action("vasteContactpersoon", act.FixedContact, "Als een andere partner de vaste contactpersoon is", "When another partner is the fixed contact")
		case reasonPartnerPlans:
			number("plannenPerPartner", t.PlansPerPartner, "Een partner heeft ten hoogste %s.", "open plan", "open plannen", "A partner has at most %s.", "open plan", "open plans")
			action("plannenPartner", act.PartnerPlans, "Als die op zijn", "When they are used up")
		case reasonManagerPlans:
			number("plannenPerAccountmanager", t.PlansPerManager, "Een accountmanager heeft ten hoogste %s.", "open plan", "open plannen", "An account manager has at most %s.", "open plan", "open plans")
			action("plannenAccountmanager", act.ManagerPlans, "Als die op zijn", "When they are used up")
		case reasonTooLong:
			number("geldigheid", t.ValidDays, "Een plan zonder dag geldt %s.", "dag", "dagen", "A plan without a day is valid for %s.", "day", "days")
			number("langsteDuur", t.LongestDays, "Een benadering houdt een werkgever ten hoogste %s vast.", "dag", "dagen", "An approach holds an employer for at most %s.", "day", "days")
			action("teLang", act.TooLong, "Als de dagen daarna liggen", "When the days lie beyond that")
		}
	}
	return list
}
