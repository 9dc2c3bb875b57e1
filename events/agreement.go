package events

import (
	"cmp"
	"slices"
)

// AgreementSet is the region's written agreement from a day on: what the ledger
// holds partners to, as data. In force on a day is the one with the latest per that
// has come; of two for the same day the one recorded last. It is whole: nothing in it
// is filled up from elsewhere, so that it means the same for ever.
type AgreementSet struct {
	From     Date   `json:"per" check:"required,date"`
	Name     string `json:"naam" check:"required,max=200,label"`
	Decision string `json:"besluit,omitempty" check:"max=200,label"` // where it was decided
	Terms
	Subregions []SubregionTerms `json:"subregios,omitempty" check:"min=1,max=40"`
}

// Terms are the numbers and choices of an agreement. Days are calendar days in
// Europe/Amsterdam.
type Terms struct {
	QuietDays       int           `json:"rustdagen" check:"required,min=0,max=730"`                   // after a visit, and around a plan
	Disturbs        []Disturbance `json:"storing" check:"required,min=1,max=10"`                      // a purpose that is not listed disturbs nothing
	ValidDays       int           `json:"geldigheid" check:"required,min=1,max=730"`                  // how long a plan without a day holds after it was last said
	LongestDays     int           `json:"langsteDuur" check:"required,min=1,max=1100"`                // how long an approach holds at most, from its first plan
	PlansPerPartner int           `json:"plannenPerPartner" check:"required,min=0,max=100000"`        // that hold at one time; 0 is no limit
	PlansPerManager int           `json:"plannenPerAccountmanager" check:"required,min=0,max=100000"` // 0 is no limit
	ContactsPerYear int           `json:"contactenPerJaar" check:"required,min=0,max=1000"`           // with one employer in a calendar year, of all partners; 0 is no limit
	Actions         Actions       `json:"optreden" check:"required"`
	Escalation      Escalation    `json:"opschaling" check:"required"`
}

// SubregionTerms are what is otherwise for the partners of one subregion. An absent
// member is the region's.
type SubregionTerms struct {
	Subregion       string        `json:"subregio" check:"required,max=100,label"`
	QuietDays       *int          `json:"rustdagen,omitempty" check:"min=0,max=730"`
	Disturbs        []Disturbance `json:"storing,omitempty" check:"min=1,max=10"`
	ValidDays       *int          `json:"geldigheid,omitempty" check:"min=1,max=730"`
	LongestDays     *int          `json:"langsteDuur,omitempty" check:"min=1,max=1100"`
	PlansPerPartner *int          `json:"plannenPerPartner,omitempty" check:"min=0,max=100000"`
	PlansPerManager *int          `json:"plannenPerAccountmanager,omitempty" check:"min=0,max=100000"`
	ContactsPerYear *int          `json:"contactenPerJaar,omitempty" check:"min=0,max=1000"`
	Actions         *Actions      `json:"optreden,omitempty"`
	Escalation      *Escalation   `json:"opschaling,omitempty"`
}

// Disturbance says which standing approaches and recent visits a new approach for a
// purpose disturbs: those for the purposes in stoort.
type Disturbance struct {
	Purpose  string   `json:"doel" check:"required,enum=doel"`
	Disturbs []string `json:"stoort" check:"required,max=10,enum=doel"`
}

// What is done about a clash.
const (
	ActNothing = "niets"
	ActWarn    = "waarschuwen"
	ActRefuse  = "weigeren"
)

// Actions is what is done about each kind of clash: "niets", "waarschuwen" or
// "weigeren". Only plans and moves are ever refused, and never when the employer
// asked for the contact.
type Actions struct {
	OtherPlan    string `json:"anderPlan" check:"required,enum=optreden"`             // another partner holds the employer
	Quiet        string `json:"rust" check:"required,enum=optreden"`                  // within the quiet days of a visit
	Yearly       string `json:"jaarmaximum" check:"required,enum=optreden"`           // the year's contacts are used up
	Spared       string `json:"ontzien" check:"required,enum=optreden"`               // the employer is to be left in peace
	Territory    string `json:"gebied" check:"required,enum=optreden"`                // a local employer of another municipality
	Alone        string `json:"alleen" check:"required,enum=optreden"`                // a regional or national employer approached by one partner alone
	FixedContact string `json:"vasteContactpersoon" check:"required,enum=optreden"`   // another partner is the fixed contact
	PartnerPlans string `json:"plannenPartner" check:"required,enum=optreden"`        // the partner's plans are used up
	ManagerPlans string `json:"plannenAccountmanager" check:"required,enum=optreden"` // the account manager's plans are used up
	TooLong      string `json:"teLang" check:"required,enum=optreden"`                // the days lie beyond how long an approach holds
}

// How the days of an escalation are counted.
const (
	CalendarDays = "kalenderdagen"
	WorkingDays  = "werkdagen" // Algemene termijnenwet, article 3
)

// Escalation says when a vacancy that is not filled goes to the whole region.
type Escalation struct {
	Days       int    `json:"dagen" check:"required,min=0,max=366"` // 0: never
	Count      string `json:"telling" check:"required,enum=telling"`
	GoodFriday bool   `json:"goedeVrijdag" check:"required"` // of working days: it is none
	FifthOfMay bool   `json:"vijfMei" check:"required"`      // of working days: it is none
}

// On is the first day on which a vacancy reported on a day is the region's: the day
// after the last of its days, which are counted from the day after. "" is never.
func (e Escalation) On(reported Date) Date {
	if e.Days == 0 || reported == "" {
		return ""
	}
	day := reported
	for n := 0; n < e.Days; {
		day = day.AddDays(1)
		if e.Count != WorkingDays || day.Working(e.GoodFriday, e.FifthOfMay) {
			n++
		}
	}
	return day.AddDays(1)
}

// Disturb reports whether a new approach for a purpose disturbs a standing one for
// another. A purpose that is not known ("") disturbs every purpose that any disturbs.
func (t *Terms) Disturb(fresh, standing string) bool {
	return slices.ContainsFunc(t.Disturbs, func(d Disturbance) bool {
		return (fresh == "" || d.Purpose == fresh) && slices.Contains(d.Disturbs, standing)
	})
}

// HoldsUntil is the last day on which an approach holds the employer: its last day,
// but without a day of its own (a period) no longer than it is valid after it was
// last said, and in all no longer than the longest from its first plan.
func (t *Terms) HoldsUntil(first, said, from, to Date) Date {
	until := to
	if from != to {
		until = min(until, said.AddDays(t.ValidDays))
	}
	return min(until, first.AddDays(t.LongestDays))
}

// For is the terms for the partners of a subregion ("": of none).
func (a *AgreementSet) For(subregion string) Terms {
	t := a.Terms
	for i := range a.Subregions {
		if s := &a.Subregions[i]; s.Subregion == subregion && subregion != "" {
			s.over(&t)
		}
	}
	return t
}

func (s *SubregionTerms) over(t *Terms) {
	for _, n := range []struct {
		to   *int
		from *int
	}{
		{&t.QuietDays, s.QuietDays}, {&t.ValidDays, s.ValidDays}, {&t.LongestDays, s.LongestDays},
		{&t.PlansPerPartner, s.PlansPerPartner}, {&t.PlansPerManager, s.PlansPerManager}, {&t.ContactsPerYear, s.ContactsPerYear},
	} {
		if n.from != nil {
			*n.to = *n.from
		}
	}
	if s.Disturbs != nil {
		t.Disturbs = s.Disturbs
	}
	if s.Actions != nil {
		t.Actions = *s.Actions
	}
	if s.Escalation != nil {
		t.Escalation = *s.Escalation
	}
}

// Agreements are the agreements of a book, as they were recorded.
type Agreements []RecordedAgreement

// RecordedAgreement is an agreement and the position at which it was recorded; 0 is
// the default one.
type RecordedAgreement struct {
	Position Position
	AgreementSet
}

// On is the agreement in force on a day: the default one before the first.
func (a Agreements) On(day Date) *RecordedAgreement {
	var in *RecordedAgreement
	for i := range a {
		if r := &a[i]; r.From <= day && (in == nil || cmp.Or(cmp.Compare(r.From, in.From), cmp.Compare(r.Position, in.Position)) > 0) {
			in = r
		}
	}
	if in == nil {
		return &defaultAgreement
	}
	return in
}

// DefaultAgreement is what holds until a region has recorded its own; where each
// number comes from stands in docs/agreement.md.
func DefaultAgreement() AgreementSet {
	return AgreementSet{
		From: "1900-01-01", Name: "Standaardafspraken",
		Terms: Terms{
			QuietDays: 90,
			Disturbs: []Disturbance{
				{"acquisitie", []string{"acquisitie", "kennismaking", "overig"}},
				{"kennismaking", []string{"acquisitie", "kennismaking", "overig"}},
				{"vacature", []string{"vacature"}},
				{"advies", []string{"advies"}},
				{"overig", []string{"acquisitie", "kennismaking", "overig"}},
				{"nazorg", []string{}},
			},
			ValidDays: 30, LongestDays: 180, PlansPerPartner: 100, PlansPerManager: 25, ContactsPerYear: 8,
			Actions: Actions{
				OtherPlan: ActWarn, Quiet: ActWarn, Yearly: ActWarn, Spared: ActRefuse, Territory: ActWarn, Alone: ActWarn,
				FixedContact: ActWarn, PartnerPlans: ActRefuse, ManagerPlans: ActWarn, TooLong: ActWarn,
			},
			Escalation: Escalation{Days: 2, Count: WorkingDays, GoodFriday: true, FifthOfMay: true},
		},
	}
}

var defaultAgreement = RecordedAgreement{AgreementSet: DefaultAgreement()}
