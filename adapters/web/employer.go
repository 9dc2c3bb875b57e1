package web

import (
	"cmp"
	"context"
	"slices"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describeEmployer = description{
	id: "werkgeverLezen", summary: "Alles over een werkgever",
	text: "Wie er geweest is, wie er van plan is te gaan en wie u het eerst belt, onder alle nummers die als dezelfde werkgever of als opvolger gekoppeld zijn. Bij dekking staat van wie er iets kan ontbreken. Een werkgever die niemand noemde geeft lege lijsten.",
	tag:  "werkgevers",
}

// firstContacts is how many items of the timeline an employer's answer begins with.
const firstContacts = 10

// EmployerQuestion are the parameters of every read about an employer. The key is
// checked in employer: it has three forms that no one pattern says well.
type EmployerQuestion struct {
	Question
	Key           string `path:"werkgever" doc:"KvK-nummer, voorlopig-<uuid> of <land>-<register>-<nummer>." example:"69599084"`
	Establishment string `query:"vestigingsnummer" pattern:"^[0-9]{12}$" doc:"Alleen wat deze vestiging of de hele onderneming aangaat."`
}

func (w *EmployerQuestion) employer() (events.Employer, error) {
	e, err := events.ParseEmployerKey(w.Key)
	if err != nil {
		return e, invalid(expected("path", "werkgever"))
	}
	if w.Establishment != "" && e.KvK == "" {
		return e, invalid(expected("query", "vestigingsnummer"))
	}
	e.Establishment = w.Establishment
	return e, nil
}

func nameOf(e events.Employer) EmployerName { return intake.NameOf(e) }

// concerns: two establishments do not disturb each other; the whole entity and
// each of its establishments do.
func concerns(e events.Employer, establishment string) bool {
	return e.Establishment == "" || establishment == "" || e.Establishment == establishment
}

// employerRows are an employer's rows, of one state of the view.
type employerRows struct {
	group      Group
	links      []projections.Link
	vacancies  []projections.Vacancy
	whole      bool // vacancies are all that are open
	agreements events.Agreements
	level      *projections.Level
	spared     []projections.Spared
	followed   bool
	clashes    clashRows
	signals    []projections.Contact
	coverage   *EmployerCoverage
	card       *projections.Card
	contacts   []projections.Contact
	next       string
	plans      []projections.Contact
	fixed      []projections.FixedContact
	placements []projections.MonthCount
}

// employerRead is everything about an employer, its contact persons too.
type employerRead struct {
	GroupQuestion
	Looking
}

// employer asks the ledger first and then the view at that position or later:
// what the view shows is never older than whom to call.
func (s *Server) employer(ctx context.Context, v *sight, in *employerRead) (*EmployerAnswer, error) {
	began := s.cfg.Now()
	e, err := in.employer()
	if err != nil {
		return nil, err
	}
	advice, at, err := s.cfg.Ledger.Advise(ctx, ledger.Question{Employer: e, Partner: v.caller.Partner})
	if err != nil {
		return nil, err
	}
	var rows employerRows
	fresh, err := s.read(ctx, max(at, in.since()), func(tx projections.Tx) error { return rows.read(tx, e, in.Concern, v) })
	if err != nil {
		return nil, err
	}
	out := &EmployerAnswer{
		Employer: nameOf(e), Call: advice.Call, CallNext: advice.CallNext, Outcome: advice.Outcome, Reasons: advice.Reasons,
		LastVisit: advice.LastVisit, Followed: rows.followed, Next: rows.next, Placements: v.months(rows.placements),
		VacanciesWhole: rows.whole, Group: rows.group, Coverage: rows.coverage, Freshness: fresh,
	}
	if rows.level != nil {
		out.Level = &rows.level.Level
	}
	out.Spared = v.spared(rows.spared, e)
	if out.Clashes, err = v.clashesAt(&rows.clashes); err != nil {
		return nil, err
	}
	var people []events.ContactPerson
	if out.Card, people, err = v.card(rows.card); err != nil {
		return nil, err
	}
	if out.Contacts, err = mapped(rows.contacts, v.contact); err != nil {
		return nil, err
	}
	if out.Planned, err = mapped(rows.plans, v.plan); err != nil {
		return nil, err
	}
	if out.Fixed, err = mapped(rows.fixed, v.fixed); err != nil {
		return nil, err
	}
	if out.Links, err = mapped(rows.links, v.link); err != nil {
		return nil, err
	}
	if out.Vacancies, err = mapped(rows.vacancies, func(x *projections.Vacancy) (Vacancy, error) { return v.vacancy(x, rows.agreements) }); err != nil {
		return nil, err
	}
	if out.Signals, err = mapped(rows.signals, v.signal); err != nil {
		return nil, err
	}
	return out, s.giveContacts(ctx, v, in, e, began, rows.card, out.Card, people) // last: what was looked at is what is sent
}

func (r *employerRows) read(tx projections.Tx, e events.Employer, concern bool, v *sight) (err error) {
	if r.group, err = groupOf(tx, e, concern); err != nil {
		return err
	}
	if r.links, err = r.group.links(tx); err != nil {
		return err
	}
	if r.coverage, err = v.employerCoverage(tx); err != nil {
		return err
	}
	view, keys := projections.NewEmployers(), r.group.Keys
	if r.card, err = view.Card(tx, keys); err != nil {
		return err
	}
	if r.contacts, r.next, err = view.Contacts(tx, keys, projections.Timeline{Filter: v.ofEmployer(e)}, "", firstContacts); err != nil {
		return err
	}
	if r.plans, err = view.OpenPlans(tx, keys, v.today); err != nil {
		return err
	}
	slices.Reverse(r.plans) // the view gives the latest last day first
	slices.SortStableFunc(r.plans, func(a, b projections.Contact) int { return cmp.Compare(a.Date, b.Date) })
	r.plans = slices.DeleteFunc(r.plans, func(c projections.Contact) bool { return !concerns(e, c.Establishment) })
	if r.fixed, err = view.FixedContacts(tx, keys); err != nil {
		return err
	}
	r.fixed = slices.DeleteFunc(r.fixed, func(f projections.FixedContact) bool { return !concerns(e, f.Establishment) })
	here := func(x *projections.Vacancy) bool { return concerns(e, x.Establishment) }
	if r.vacancies, r.whole, err = view.Vacancies(tx, keys, here); err != nil {
		return err
	}
	if r.level, err = view.LevelAt(tx, e, keys); err != nil {
		return err
	}
	if r.spared, err = view.Spared(tx, keys); err != nil {
		return err
	}
	if err = r.clashes.read(tx, keys, v.today); err != nil {
		return err
	}
	if r.followed, err = (projections.Messages{}).Follows(tx, keys, v.mine, e.Establishment); err != nil {
		return err
	}
	if r.agreements, err = (projections.Agreements{}).Recorded(tx); err != nil {
		return err
	}
	if r.placements, err = view.Placements(tx, keys); err != nil || v.reader() == "" {
		return err
	}
	r.signals, err = view.Signals(tx, keys, func(c *projections.Contact) bool {
		return v.own(c.Partner) && concerns(e, c.Establishment)
	}, maxSignals)
	return err
}

// spared is the word on leaving an employer in peace that is not over; of several the
// one that begins first. It says whose wish it is and not why: that may be about people.
func (v *sight) spared(words []projections.Spared, e events.Employer) (out *Spared) {
	for _, s := range words {
		over := s.Lifted || s.To != "" && s.To < v.today
		if over || !concerns(e, s.Establishment) || out != nil && out.From <= s.From {
			continue
		}
		out = &Spared{
			Position: s.Position, Establishment: s.Establishment, From: s.From, Ground: s.Ground, Purposes: listed(s.Purposes),
		}
		if s.To != "" {
			out.To = &s.To
		}
	}
	return out
}

// ofEmployer keeps what concerns the employer that was asked for and the caller
// may see.
func (v *sight) ofEmployer(e events.Employer) func(*projections.Contact) bool {
	return func(c *projections.Contact) bool { return concerns(e, c.Establishment) && v.onTimeline(c) }
}

// mapped is each row as an answer; never null.
func mapped[R, A any](rows []R, one func(*R) (A, error)) ([]A, error) {
	out := make([]A, 0, len(rows))
	for i := range rows {
		a, err := one(&rows[i])
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}
