package web

import (
	"fmt"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// whySentences say why somebody gets a message.
var whySentences = map[string]events.Sentence{
	projections.WhyOpenPlan: {
		NL: "U heeft zelf een plan om deze werkgever te benaderen.",
		EN: "You plan to approach this employer yourself.",
	},
	projections.WhyFixed: {
		NL: "U bent de vaste contactpersoon van deze werkgever.",
		EN: "You are the fixed contact of this employer.",
	},
	projections.WhyFollowed: {
		NL: "U volgt deze werkgever.",
		EN: "You follow this employer.",
	},
	projections.WhyNamed: {
		NL: "De ander noemt u als wie er meegaat; meld samenwerking-bevestigd als dat klopt.",
		EN: "The other partner says that you go along; report samenwerking-bevestigd if that is so.",
	},
	projections.WhyOwn: {
		NL: "Het gaat over iets dat u zelf meldde.",
		EN: "It is about something that you reported.",
	},
	projections.WhyRegion: {
		NL: "U doet mee in deze arbeidsmarktregio.",
		EN: "You take part in this labour-market region.",
	},
}

// told is what a message says, in one sentence. It names organisations only.
func (v *sight) told(m *projections.Message) events.Sentence {
	who := v.name(m.Partner).Name
	switch m.Kind {
	case projections.MessagePlan:
		return events.Sentence{
			NL: fmt.Sprintf("%s heeft een plan om deze werkgever te benaderen, %s.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("%s plans to approach this employer %s.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageMoved:
		return events.Sentence{
			NL: fmt.Sprintf("%s heeft een plan voor deze werkgever gewijzigd en gaat nu %s.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("%s changed a plan for this employer and now goes %s.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageVisit:
		return events.Sentence{
			NL: fmt.Sprintf("%s is bij deze werkgever geweest, %s.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("%s visited this employer %s.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageThrough:
		return events.Sentence{
			NL: fmt.Sprintf("%s gaat toch naar deze werkgever, %s, hoewel een ander haar vasthoudt.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("%s approaches this employer %s all the same, although another partner holds it.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageAsked:
		return events.Sentence{
			NL: fmt.Sprintf("%s meldt een contact met deze werkgever samen met u, %s.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("%s reports a contact with this employer together with you %s.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageConfirmed:
		return events.Sentence{
			NL: fmt.Sprintf("%s bevestigt mee te doen, %s.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("%s confirms to take part %s.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageFreed:
		return events.Sentence{
			NL: fmt.Sprintf("%s houdt deze werkgever niet meer vast %s: uw plan staat niets meer in de weg. Meld het opnieuw, verzet of verbeter het, dan houdt het de werkgever vast.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("%s no longer holds this employer %s: nothing is in the way of your plan. Report it anew, move or correct it, and it holds the employer.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageClash:
		return events.Sentence{
			NL: fmt.Sprintf("Er is een botsing met wat %s bij deze werkgever doet, %s.", who, dutchDays(m.Date, m.To)),
			EN: fmt.Sprintf("There is a clash with what %s does at this employer %s.", who, englishDays(m.Date, m.To)),
		}
	case projections.MessageEnds:
		return events.Sentence{
			NL: fmt.Sprintf("Uw plan houdt deze werkgever nog vast tot en met %s.", dutchDay(m.Until)),
			EN: fmt.Sprintf("Your plan holds this employer up to and including %s.", englishDay(m.Until)),
		}
	case projections.MessageEscalated:
		return events.Sentence{
			NL: fmt.Sprintf("Een vacature die %s meldde is nog niet vervuld en is nu van de hele regio.", who),
			EN: fmt.Sprintf("A vacancy that %s reported is not filled yet and is the whole region's now.", who),
		}
	}
	if m.Count == 1 {
		return events.Sentence{
			NL: "De regisseur heeft gegevens laten wissen uit één van uw meldingen.",
			EN: "The steward had data erased from one of your events.",
		}
	}
	return events.Sentence{
		NL: fmt.Sprintf("De regisseur heeft gegevens laten wissen uit %d van uw meldingen.", m.Count),
		EN: fmt.Sprintf("The steward had data erased from %d of your events.", m.Count),
	}
}

var dutchMonths = [...]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}

func dutchDays(from, to events.Date) string {
	return days(from, to, "op %s", "tussen %s en %s", dutchDate)
}

func englishDays(from, to events.Date) string {
	return days(from, to, "on %s", "between %s and %s", englishDate)
}

func dutchDay(d events.Date) string { return days(d, d, "%s", "", dutchDate) }

func englishDay(d events.Date) string { return days(d, d, "%s", "", englishDate) }

func dutchDate(t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), dutchMonths[t.Month()-1], t.Year())
}

func englishDate(t time.Time) string { return t.Format("2 January 2006") }

func days(from, to events.Date, one, two string, in func(time.Time) string) string {
	word := func(d events.Date) string {
		t, err := time.Parse(time.DateOnly, string(d))
		if err != nil {
			return string(d)
		}
		return in(t)
	}
	if from == to {
		return fmt.Sprintf(one, word(from))
	}
	return fmt.Sprintf(two, word(from), word(to))
}
