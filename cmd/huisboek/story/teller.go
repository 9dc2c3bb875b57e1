package story

import (
	"time"

	"huisboek/events"
)

// teller holds a story while it is being made.
type teller struct {
	dice      dice
	cal       calendar
	partners  []Partner
	employers []Employer
	steps     []Step

	old, heir int // partners, of whom one goes on with the other's work
	merged    int // the first day of that
	silent    int // the partner that fell silent
	silence   int // the first day of that
}

// thread is a line of events that build upon each other: one partner's dealings
// with one employer on one occasion. Each comes later than the one before.
type thread struct {
	*teller
	employer *Employer
	partner  int
	manager  events.AccountManager
	last     time.Time
}

func (t *teller) thread(e *Employer, partner int) *thread {
	return &thread{teller: t, employer: e, partner: partner, manager: pick(t.dice, t.partners[partner].managers)}
}

// emit tells an event on a day, at some minute of the working day. It returns
// false, and tells nothing, when that day has not come yet, or its partner tells
// nothing any more: then the thread ends. What a partner began that has gone on in
// another since, that one goes on with.
func (t *thread) emit(day int, data events.Data) (events.Ref, bool) {
	if day >= t.cal.end || t.partner == t.silent && day >= t.silence {
		return events.Ref{}, false
	}
	teller := t.partner
	if teller == t.old && day >= t.merged {
		teller = t.heir
	}
	return t.tell(day, teller, data), true
}

func (t *thread) tell(day, partner int, data events.Data) events.Ref {
	at := t.cal.at(day, t.dice.between(openingHour*60, closingHour*60-1)).Add(time.Duration(t.dice.IntN(60000)) * time.Millisecond)
	if !at.After(t.last) {
		at = t.last.Add(time.Duration(t.dice.between(20, 120)) * time.Second)
	}
	t.last = at
	step := Step{At: at, Partner: partner, Source: stewardSource, ID: t.dice.uuid(), Data: data}
	if partner >= 0 {
		step.Source = t.partners[partner].Source()
	}
	t.steps = append(t.steps, step)
	return events.Ref{Source: step.Source, ID: step.ID}
}

// decree is what the region's steward says on a day.
func (t *teller) decree(day int, data events.Data) {
	if day = t.cal.later(day, 0); day < t.cal.end {
		(&thread{teller: t}).tell(day, Steward, data)
	}
}

// retract takes back what the thread told before.
func (t *thread) retract(day int, ref events.Ref, reasons []string) {
	t.emit(day, &events.EventRetracted{Event: ref, Reason: plain(pick(t.dice, reasons))})
}

// person is the thread's account manager as a member of an event.
func (t *thread) person() events.Personal[events.AccountManager] { return plain(t.manager) }

// perhaps is a free text in so many of a hundred cases.
func (t *thread) perhaps(percent int, texts []string) events.Personal[string] {
	if !t.dice.chance(percent) {
		return events.Personal[string]{}
	}
	return plain(pick(t.dice, texts))
}

func plain[T any](v T) events.Personal[T] { return events.Personal[T]{Plain: &v} }
