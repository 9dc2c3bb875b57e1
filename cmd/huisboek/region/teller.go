package region

import (
	"math/rand/v2"

	"huisboek/events"
)

// teller holds a history while it is told: what is to come, in the order of the clock.
type teller struct {
	dice
	*Region
	cal      *calendar
	zipf     *rand.Zipf
	now      moment // of what is being told
	last     moment // at which something was told last
	fresh    moment // when something begins next that follows from nothing
	gap      moment // between two of those, on average
	threads  uint64
	seen     []uint64 // a bit for each employer of whom somebody wrote a card
	coming   queue
	ready    []*Step
	told     int   // steps
	measured []int // contacts told of each measured employer
}

// perOccasion is how many events come of one occasion, on average, with the events that
// follow from those. It sets the pace: a year is as full as was asked for.
const perOccasion = 2.66

func newTeller(r *Region) *teller {
	d := dice{rand.New(rand.NewPCG(r.seed, 0x76657274656c))}
	t := &teller{
		dice: d, Region: r, cal: newCalendar(r.size), zipf: rand.NewZipf(d.Rand, 1.1, 40, Employers-1),
		seen: make([]uint64, (Employers+63)/64), measured: make([]int, len(r.Measured)),
	}
	left := r.size
	for _, m := range r.Measured {
		left -= m.Contacts
	}
	span := float64(yearDays*t.cal.years) * float64(workday)
	t.gap = max(1, moment(span*perOccasion/float64(max(left, 1))))
	return t
}

// open tells who takes part and what they agreed on. There is no limit on plans: every
// one of these partners has hundreds.
func (t *teller) open() {
	th := t.thread(Steward, "")
	first := t.cal.date(0)
	for i := range t.Partners {
		th.emit(first, t.Partners[i].admitted(first))
	}
	agreement := events.DefaultAgreement()
	agreement.From, agreement.Name = first, "Afspraken van de regio"
	agreement.PlansPerPartner, agreement.PlansPerManager, agreement.ValidDays = 0, 0, 90
	th.emit(first, &agreement)
	board := t.thread(Board, "")
	period := &events.Period{From: t.cal.date(yearDays * (t.cal.years - 1)), To: t.cal.date(yearDays * (t.cal.years + 1))}
	for i, measure := range []string{events.MeasurePlacements, events.MeasureReached, events.MeasureVisits} {
		board.emit(first, &events.TargetSet{
			Target: t.Targets[i], Name: "Doel van de regio: " + measure, Period: period, Measure: measure, Number: max(10, t.size/10),
		})
	}
}

// turn tells what comes next: what follows from something, or something new.
func (t *teller) turn() {
	if len(t.coming) > 0 && t.coming[0].at <= t.fresh {
		next := t.coming.pop()
		t.now = next.at
		next.tell()
		return
	}
	t.now = t.fresh
	t.fresh += 1 + moment(t.Int64N(int64(2*t.gap)))
	t.occasion()
}

// thread is a line of events that build upon each other: one partner's dealings with one
// employer on one occasion.
type thread struct {
	*teller
	id       uint64
	partner  int
	employer events.Employer
	number   int // of the employer; -1 of one without a number
	manager  *events.AccountManager
	joint    bool // another partner is told to take part: then nothing is taken back
}

func (t *teller) thread(partner int, establishment string) *thread {
	t.threads++
	th := &thread{teller: t, id: t.threads, partner: partner, number: -1}
	th.employer.Establishment = establishment
	if partner >= 0 {
		managers := t.Partners[partner].managers
		th.manager = &managers[t.IntN(len(managers))]
	}
	return th
}

// at is a thread of a partner with an employer.
func (t *teller) at(number, partner int) *thread {
	th := t.thread(partner, establishmentOf(number))
	th.number, th.employer.KvK = number, kvk(number)
	return th
}

// emit tells an event that concerns a day.
func (t *thread) emit(date events.Date, data events.Data) events.Ref {
	t.last = max(t.now, t.last+1)
	at := t.cal.at(t.last)
	s := &Step{
		At: at, Partner: t.partner, Source: "urn:nld:oin:" + StewardOIN + ":systeem:regio", ID: t.timed(at.UnixMilli()), Thread: t.id,
		Employer: t.employer.Key(), Date: date, Data: data,
	}
	if t.partner >= 0 {
		s.Source = t.Partners[t.partner].Source()
	}
	t.ready = append(t.ready, s)
	t.told++
	if t.partner >= 0 {
		t.measure()
	}
	return events.Ref{Source: s.Source, ID: s.ID}
}

// measure keeps the contacts of the measured employers up with the history.
func (t *teller) measure() {
	for i := range t.Measured {
		m := &t.Measured[i]
		if t.measured[i] >= m.Contacts || t.measured[i]*t.size >= m.Contacts*t.told {
			continue
		}
		t.measured[i]++
		th := t.thread(t.measured[i]%len(t.Partners), "")
		th.employer.KvK = m.KvK
		th.emit(t.today(), &events.VisitMade{
			Employer: th.employer, Date: t.today(), Purpose: draw(t.dice, purposes), Form: draw(t.dice, forms), AccountManager: th.person(),
			Note: th.perhaps(14, visitNotes),
		})
	}
}

func (t *teller) today() events.Date { return t.cal.date(t.now.day()) }

// in is the date so many working days from now.
func (t *teller) in(days int) events.Date { return t.cal.date(t.now.day() + days) }

// later goes on so many working days from now, at any time of that day; today somewhat
// later.
func (t *thread) later(days int, tell func()) {
	at := moment(t.now.day()+days)*workday + moment(t.Int64N(int64(workday)))
	if days == 0 {
		at = t.now + moment(t.between(20_000, 120_000))
	}
	t.coming.push(next{at, t.told, tell})
}

func (t *thread) person() events.Personal[events.AccountManager] {
	return events.Personal[events.AccountManager]{Plain: t.manager}
}

// perhaps is a free text in so many of a hundred cases.
func (t *thread) perhaps(percent int, texts []string) events.Personal[string] {
	if !t.chance(percent) {
		return events.Personal[string]{}
	}
	return events.Personal[string]{Plain: &texts[t.IntN(len(texts))]}
}

// retract takes back what the thread told before.
func (t *thread) retract(ref events.Ref) {
	t.emit(t.today(), &events.EventRetracted{Event: ref, Reason: t.perhaps(60, mistakes)})
}
