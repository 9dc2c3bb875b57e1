package events

import (
	"cmp"
	"strconv"
)

// maxPeriod is the longest period, in days with the first and the last: a plan
// for "some time in the coming year".
const maxPeriod = 366

// checker adds the faults that concern more than one member of an event's data.
type checker struct {
	*reader
	found
	event *Event
}

// fault adds a fault at a place within data; "" is data itself.
func (c *checker) fault(place string, code code, args ...any) {
	c.faults = append(c.faults, code.fault("/data"+place, args...))
}

// employer: exactly one of the three forms, and an establishment only with a
// KvK number (docs/contract.md, "E").
func (c *checker) employer(e Employer) {
	forms := 0
	for _, name := range []string{"kvkNummer", "buitenlands", "voorlopig"} {
		if c.has(name) {
			forms++
		}
	}
	c.oneForm("", forms, e.Foreign)
	if c.has("vestigingsnummer") && !c.has("kvkNummer") {
		c.fault("/vestigingsnummer", codeEstablishment)
	}
}

func (c *checker) oneForm(place string, forms int, foreign *Foreign) {
	switch {
	case forms == 0:
		c.fault(place, codeNoEmployer)
	case forms > 1:
		c.fault(place, codeEmployers)
	}
	if foreign != nil && foreign.Country == "NL" {
		c.fault(place+"/buitenlands/land", codeDutchForeign)
	}
}

// pair: two employers, each in exactly one form, and not the same one.
func (c *checker) pair(employer, with WholeEmployer) {
	c.whole("werkgever", employer)
	c.whole("met", with)
	if c.good("werkgever", "met") && employer.forms() == 1 && with.forms() == 1 &&
		employer.Employer().Key() == with.Employer().Key() {
		c.fault("/met", codeSameEmployer)
	}
}

func (c *checker) whole(name string, w WholeEmployer) {
	if c.good(name) {
		c.oneForm("/"+name, w.forms(), w.Foreign)
	}
}

// forms is in how many ways the employer is named.
func (w WholeEmployer) forms() int {
	n := 0
	for _, named := range []bool{w.KvK != "", w.Foreign != nil, w.Provisional != ""} {
		if named {
			n++
		}
	}
	return n
}

// dayOrPeriod: datum xor periode (docs/contract.md, "Events").
func (c *checker) dayOrPeriod(p *Period) {
	switch day, period := c.has("datum"), c.has("periode"); {
	case day && period:
		c.fault("", codeDayAndPeriod)
	case !day && !period:
		c.fault("", codeNoDay)
	}
	if !c.good("periode") {
		return
	}
	switch {
	case p.To.Before(p.From):
		c.fault("/periode/tot", codeBackwards)
	case p.From.DaysUntil(p.To) >= maxPeriod:
		c.fault("/periode/tot", codePeriodLong, maxPeriod)
	}
}

// sbi: an SBI code means nothing without the year of its list (GBO model).
func (c *checker) sbi() {
	switch code, version := c.has("sbiCode"), c.has("sbiVersie"); {
	case code && !version:
		c.fault("/sbiVersie", codeSBITogether)
	case version && !code:
		c.fault("/sbiCode", codeSBITogether)
	}
}

// points: an event can take back or correct only another one.
func (c *checker) points(name string, to *Ref) {
	if c.good(name) && to.Source == c.event.Source && to.ID == c.event.ID {
		c.fault("/"+name, codeSelf)
	}
}

func (d *EmployerDescribed) check(c *checker) {
	c.employer(d.Employer)
	c.sbi()
	c.points("vervangt", d.Replaces)
}

func (d *VisitPlanned) check(c *checker) {
	c.employer(d.Employer)
	c.dayOrPeriod(d.Period)
	c.points("vervangt", d.Replaces)
}

func (d *VisitMoved) check(c *checker) {
	c.dayOrPeriod(d.Period)
	c.points("vervangt", d.Replaces)
}

func (d *VisitCalledOff) check(c *checker) { c.points("vervangt", d.Replaces) }

func (d *VisitMade) check(c *checker) {
	c.employer(d.Employer)
	c.points("vervangt", d.Replaces)
}

func (d *ServiceDelivered) check(c *checker) {
	c.employer(d.Employer)
	c.dayOrPeriod(d.Period)
	c.points("vervangt", d.Replaces)
}

func (d *PlacementMade) check(c *checker) {
	c.employer(d.Employer)
	if c.good("ingangsdatum", "einddatum") && d.End.Before(d.Start) {
		c.fault("/einddatum", codeBackwards)
	}
	c.points("vervangt", d.Replaces)
}

func (d *PlacementEnded) check(c *checker) { c.points("vervangt", d.Replaces) }

func (d *ContactAppointed) check(c *checker) {
	c.employer(d.Employer)
	c.points("vervangt", d.Replaces)
}

func (d *ContactReleased) check(c *checker) {
	c.employer(d.Employer)
	c.points("vervangt", d.Replaces)
}

func (d *EventRetracted) check(c *checker) { c.points("melding", &d.Event) }

func (d *VacancyReported) check(c *checker) {
	c.employer(d.Employer)
	c.points("vervangt", d.Replaces)
}

func (d *VacancyFilled) check(c *checker) { c.points("vervangt", d.Replaces) }

func (d *VacancyWithdrawn) check(c *checker) { c.points("vervangt", d.Replaces) }

func (d *SignalNoted) check(c *checker) {
	c.employer(d.Employer)
	c.points("vervangt", d.Replaces)
}

func (d *PartnerSucceeded) check(c *checker) {
	if c.good("partner", "door") && d.Partner == d.By {
		c.fault("/door", codeSamePartner)
	}
}

func (d *EmployersLinked) check(c *checker) { c.pair(d.Employer, d.With) }

func (d *EmployersUnlinked) check(c *checker) { c.pair(d.Employer, d.With) }

func (*PartnerAdmitted) check(*checker) {}

func (*PartnerDeparted) check(*checker) {}

func (*DataErased) check(*checker) {}

func (*BookOpened) check(*checker) {}

func (*ApproachExtended) check(*checker) {}

func (d *JointVisitConfirmed) check(c *checker) { c.points("melding", &d.Event) }

func (d *EmployerFollowed) check(c *checker) { c.employer(d.Employer) }

func (d *EmployerUnfollowed) check(c *checker) { c.employer(d.Employer) }

func (d *LevelSet) check(c *checker) { c.employer(d.Employer) }

func (d *EmployerSpared) check(c *checker) {
	c.employer(d.Employer)
	if c.good("van", "tot") && d.To.Before(d.From) {
		c.fault("/tot", codeBackwards)
	}
}

// check: each subregion is named once, and each purpose once in a list of
// disturbances; the terms of a subregion are judged with those of the region under
// them.
func (d *AgreementSet) check(c *checker) {
	if c.good("storing") {
		c.purposesOnce("", d.Disturbs)
	}
	if c.good("geldigheid", "langsteDuur") && d.ValidDays > d.LongestDays {
		c.fault("/geldigheid", codeValidLonger)
	}
	if !c.good("subregios") {
		return
	}
	seen := make(map[string]bool, len(d.Subregions))
	for i := range d.Subregions {
		s := &d.Subregions[i]
		place := "/subregios/" + strconv.Itoa(i)
		if seen[s.Subregion] {
			c.fault(place+"/subregio", codeTwice)
		}
		seen[s.Subregion] = true
		c.purposesOnce(place, s.Disturbs)
		valid, longest := cmp.Or(s.ValidDays, &d.ValidDays), cmp.Or(s.LongestDays, &d.LongestDays)
		if c.good("geldigheid", "langsteDuur") && (s.ValidDays != nil || s.LongestDays != nil) && *valid > *longest {
			c.fault(place, codeValidLonger)
		}
	}
}

// purposesOnce: a purpose that stands in the list twice would say two things.
func (c *checker) purposesOnce(place string, list []Disturbance) {
	seen := make(map[string]bool, len(list))
	for i := range list {
		if seen[list[i].Purpose] {
			c.fault(place+"/storing/"+strconv.Itoa(i)+"/doel", codeTwice)
		}
		seen[list[i].Purpose] = true
	}
}
