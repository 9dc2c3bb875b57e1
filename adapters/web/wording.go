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
	return days(from, to, "op %s", "tussen %s en %s", func(t time.Time) string {
		return fmt.Sprintf("%d %s %d", t.Day(), dutchMonths[t.Month()-1], t.Year())
	})
}

func englishDays(from, to events.Date) string {
	return days(from, to, "on %s", "between %s and %s", func(t time.Time) string { return t.Format("2 January 2006") })
}

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
