package projections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"huisboek/events"
)

// author writes random books that keep the ledger's rules: a partner retracts and
// corrects its own surviving events, and points to approaches and placements that
// are there.
type author struct {
	t       *rapid.T
	at      time.Time
	records []*events.Record
	alive   []*events.Record // partner events that were neither retracted nor corrected

	wordless bool           // give no reasons for links
	outcome  events.Outcome // of the next record; "": free
	crowded  bool           // mostly one employer and one purpose, and seldom what clashes with nothing
}

var (
	partners = []string{
		"0b1c1c0e-0000-4000-8000-000000000001", "0b1c1c0e-0000-4000-8000-000000000002", "0b1c1c0e-0000-4000-8000-000000000003",
	}
	employers = []events.Employer{
		{KvK: "69599084"},
		{KvK: "69599084", Establishment: "000012345678"},
		{KvK: "69599084", Establishment: "000087654321"},
		{Foreign: &events.Foreign{Country: "DE", Register: "HRB", Number: "1234"}},
		{Provisional: "0b1c1c0e-1111-4000-8000-000000000001"},
	}
	employerKeys = []string{"69599084", "DE-HRB-1234", "voorlopig-0b1c1c0e-1111-4000-8000-000000000001", "90004760"}
	groups       = []string{"DD01", "DD02", "DD03"}
	purposes     = []string{"acquisitie", "nazorg"}
	themes       = []string{"scholing", "krimp"}
)

func draw[T any](a *author, from []T) T { return rapid.SampledFrom(from).Draw(a.t, "") }
func (a *author) bool() bool            { return rapid.Bool().Draw(a.t, "") }
func (a *author) int(lo, hi int) int    { return rapid.IntRange(lo, hi).Draw(a.t, "") }

func (a *author) date() events.Date {
	return events.Date(fmt.Sprintf("2026-%02d-%02d", a.int(9, 12), a.int(1, 3)))
}

func (a *author) period() *events.Period {
	from, to := a.date(), a.date()
	return &events.Period{From: min(from, to), To: max(from, to)}
}

func (a *author) groups() []string {
	return slices.Clone(groups[:a.int(0, len(groups))])
}

func (a *author) seal() *events.Seal {
	return &events.Seal{Key: events.KeyID(a.int(1, 9)), Text: fmt.Sprintf("zegel-%d", len(a.records))}
}

func (a *author) who() (p events.Personal[events.AccountManager]) {
	p.Seal = a.seal()
	return p
}

func (a *author) note() (p events.Personal[string]) {
	if a.bool() {
		p.Seal = a.seal()
	}
	return p
}

// append records data as said by a partner.
func (a *author) append(partner string, data events.Data, restsOn ...events.Position) {
	a.appendFor(partner, data, nil, restsOn...)
}

func (a *author) appendFor(partner string, data events.Data, reasons []string, restsOn ...events.Position) {
	p := events.Position(len(a.records) + 1)
	a.at = a.at.Add(time.Duration(a.int(0, 4*24)) * time.Hour)
	byPartner := data.Type().Emitter() == events.ByPartner
	a.crowd(data)
	reasons = a.judge(data, reasons)
	r := stored(a.t, &events.Record{
		Position: p, At: a.at, Partner: partner,
		Verdict: events.Verdict{Outcome: cmp.Or(a.outcome, events.Free), Reasons: reasons, RestsOn: restsOn, Today: events.DateOf(a.at)},
		Event: events.Event{
			ID: fmt.Sprintf("id-%d", p), Source: "urn:nld:oin:00000099000000000001:systeem:crm", Type: data.Type(), Data: data,
			Afterwards: byPartner && a.int(0, 7) == 0 && !a.seldom(),
		},
	})
	a.records, a.outcome = append(a.records, r), ""
	if _, retracts := data.(*events.EventRetracted); !retracts && byPartner {
		a.alive = append(a.alive, r)
	}
}

// stored is a record as it comes out of a stream: read from bytes, so that its
// event knows its personal members.
func stored(t interface{ Fatal(...any) }, r *events.Record) *events.Record {
	data, err := json.Marshal(r.Event.Data)
	if err != nil {
		t.Fatal(err)
	}
	rests, err := json.Marshal(r.Verdict.RestsOn)
	if err != nil {
		t.Fatal(err)
	}
	reasons, err := json.Marshal(r.Verdict.Reasons)
	if err != nil {
		t.Fatal(err)
	}
	none := strings.Repeat("A", 43)
	out, err := events.DecodeRecord(fmt.Appendf(nil, `{"v":1,"boek":%q,"positie":%d,"vorige":%q,"op":%q,"partner":%q,"toegang":"","weg":"",`+
		`"kenmerk":%q,"oordeel":{"uitkomst":%q,"redenen":%s,"regels":1,"vandaag":%q,"steuntOp":%s},`+
		`"gebeurtenis":{"specversion":"1.0","id":%q,"source":%q,"type":%q,"achteraf":%t,"data":%s}}`,
		theBook, r.Position, none, r.At.UTC().Format("2006-01-02T15:04:05.000Z"), r.Partner, none, r.Verdict.Outcome, reasons, r.Verdict.Today, rests,
		r.Event.ID, r.Event.Source, r.Event.Type, r.Event.Afterwards, data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// theBook stands where a partner would, in what the steward and the ledger say.
const theBook = "0b1c1c0e-0000-4000-8000-000000000000"

func (a *author) kill(r *events.Record) {
	a.alive = slices.DeleteFunc(a.alive, func(x *events.Record) bool { return x == r })
}

// roots are the positions that a partner's surviving plans, or placements, began at.
func (a *author) roots(partner string, t events.Type) (roots []events.Position) {
	for _, r := range a.alive {
		if r.Partner == partner && r.Event.Type == t {
			roots = append(roots, max(r.Root(), func() events.Position {
				if r.Root() == 0 {
					return r.Position
				}
				return 0
			}()))
		}
	}
	return roots
}

func approachID(root events.Position) string { return fmt.Sprintf("approach-%d", root) }

// step records one random event.
func (a *author) step() {
	partner := draw(a, partners)
	switch a.int(0, 19) {
	case 14, 15, 16:
		a.link()
	case 17, 18, 19:
		a.agree()
	case 0:
		switch a.int(0, 4) {
		case 0:
			a.admit(partner, a.date())
		case 1:
			i := a.int(1, len(partners)-1) // in one direction: the ledger lets no circle in
			a.append(theBook, &events.PartnerSucceeded{Partner: partners[a.int(0, i-1)], By: partners[i], From: a.date()})
		case 2:
			a.append(theBook, &events.PartnerDeparted{Partner: partner, From: a.date()})
		default:
			a.append(theBook, &events.DataErased{Keys: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) events.KeyID {
				return events.KeyID(rapid.IntRange(1, 9).Draw(t, "key"))
			}), 1, 3).Draw(a.t, "keys"), Ground: "verzoek"})
		}
	case 1, 2:
		a.retract()
	case 3, 4, 5:
		a.correct()
	default:
		kinds := []events.Type{
			events.TypeEmployerDescribed, events.TypeVisitPlanned, events.TypeVisitPlanned, events.TypeVisitMoved,
			events.TypeVisitCalledOff, events.TypeVisitMade, events.TypeVisitMade, events.TypeServiceDelivered,
			events.TypePlacementMade, events.TypePlacementEnded, events.TypeContactAppointed, events.TypeContactReleased,
			events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeVacancyWithdrawn, events.TypeSignalNoted,
		}
		if data, root := a.data(partner, draw(a, kinds), events.Position(len(a.records)+1)); data != nil {
			if root != 0 {
				a.append(partner, data, root)
			} else {
				a.append(partner, data)
			}
		}
	}
}

func (a *author) retract() {
	if len(a.alive) == 0 {
		return
	}
	r := draw(a, a.alive)
	a.kill(r)
	a.append(r.Partner, &events.EventRetracted{Event: events.Ref{Source: r.Event.Source, ID: r.Event.ID}}, r.Position)
}

func (a *author) correct() {
	if len(a.alive) == 0 {
		return
	}
	r := draw(a, a.alive)
	switch r.Event.Type {
	case events.TypeEmployerFollowed, events.TypeEmployerUnfollowed: // another word corrects it
		return
	}
	own := r.Position // of the approach or placement that it began
	if r.Root() != 0 {
		own = r.Root()
	}
	data, root := a.data(r.Partner, r.Event.Type, own)
	if data == nil {
		return
	}
	switch r.Event.Type {
	case events.TypeVisitPlanned, events.TypePlacementMade, events.TypeVacancyReported:
		root = own
	case events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		root = r.Root() // the ledger lets none of them go to another
	}
	ref := &events.Ref{Source: r.Event.Source, ID: r.Event.ID}
	switch d := data.(type) {
	case *events.EmployerDescribed:
		d.Replaces = ref
	case *events.VisitPlanned:
		d.Replaces = ref
	case *events.VisitMoved:
		d.Replaces = ref
	case *events.VisitCalledOff:
		d.Replaces = ref
	case *events.VisitMade:
		d.Replaces = ref
	case *events.ServiceDelivered:
		d.Replaces = ref
	case *events.PlacementMade:
		d.Replaces = ref
	case *events.PlacementEnded:
		d.Replaces = ref
	case *events.ContactAppointed:
		d.Replaces = ref
	case *events.ContactReleased:
		d.Replaces = ref
	case *events.VacancyReported:
		d.Replaces = ref
	case *events.VacancyFilled:
		d.Replaces = ref
	case *events.VacancyWithdrawn:
		d.Replaces = ref
	case *events.SignalNoted:
		d.Replaces = ref
	}
	a.kill(r)
	if root != 0 {
		a.append(r.Partner, data, r.Position, root)
	} else {
		a.append(r.Partner, data, r.Position)
	}
}

// data draws the data of one event and the root that it points to; nil when there
// is nothing to point to.
func (a *author) data(partner string, t events.Type, own events.Position) (events.Data, events.Position) {
	e := draw(a, employers)
	switch t {
	case events.TypeApproachExtended, events.TypeJointVisitConfirmed:
		return nil, 0 // never corrected
	case events.TypeEmployerDescribed:
		d := &events.EmployerDescribed{Employer: e, Gemeente: "GM0193", Sector: draw(a, []string{"", "markt"}), Place: a.note()}
		d.Name.Seal = a.seal()
		return d, 0
	case events.TypeVisitPlanned:
		d := &events.VisitPlanned{Employer: e, Approach: approachID(own), Purpose: draw(a, purposes), AccountManager: a.who(),
			TargetGroups: a.groups(), AtRequest: a.int(0, 3) == 0, Note: a.note(), With: a.with()}
		if a.bool() {
			d.Period = a.period()
		} else {
			d.Date = a.date()
		}
		return d, 0
	case events.TypeServiceDelivered:
		d := &events.ServiceDelivered{Employer: e, Service: "jobcoach", TargetGroup: draw(a, append([]string{""}, groups...))}
		if a.bool() {
			n := a.int(1, 4)
			d.Count, d.Period = &n, a.period()
		} else {
			d.Date = a.date()
		}
		return d, 0
	case events.TypePlacementMade:
		d := &events.PlacementMade{Employer: e, Placement: fmt.Sprintf("placement-%d", own), Start: a.date(), Kind: "uitzend",
			Region: "AM36", TargetGroup: draw(a, append([]string{""}, groups...))}
		if a.bool() {
			h, reg := events.Hundredths(a.int(0, 4000)), a.bool()
			d.Hours, d.Register, d.End = &h, &reg, a.date()
		}
		return d, 0
	case events.TypeContactAppointed:
		return &events.ContactAppointed{Employer: e, AccountManager: a.who(), Purpose: draw(a, append([]string{""}, purposes...))}, 0
	case events.TypeContactReleased:
		return &events.ContactReleased{Employer: e, Purpose: draw(a, append([]string{""}, purposes...))}, 0
	case events.TypePlacementEnded:
		roots := a.roots(partner, events.TypePlacementMade)
		if len(roots) == 0 {
			return nil, 0
		}
		root := draw(a, roots)
		return &events.PlacementEnded{Placement: fmt.Sprintf("placement-%d", root), End: a.date()}, root
	case events.TypeVacancyReported:
		d := &events.VacancyReported{Employer: e, Vacancy: vacancyID(own), Occupation: draw(a, []string{"lasser", "kok"}), Count: a.int(1, 4)}
		if a.bool() {
			h := events.Hundredths(a.int(0, 4000))
			d.Hours, d.Date = &h, a.date()
		}
		return d, 0
	case events.TypeSignalNoted:
		d := &events.SignalNoted{Employer: e, Theme: draw(a, themes), Text: a.note()}
		if a.bool() {
			d.Date = a.date()
		}
		return d, 0
	case events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		return a.endVacancy(partner, t)
	}
	roots := a.roots(partner, events.TypeVisitPlanned)
	if t == events.TypeVisitMade {
		d := &events.VisitMade{Employer: e, Date: a.date(), Purpose: draw(a, purposes), Form: "telefoon", Outcome: []string{"vacature"},
			TargetGroups: a.groups(), Note: a.note(), With: a.with(), AtRequest: a.int(0, 5) == 0}
		if a.bool() {
			d.AccountManager = a.who()
		}
		if len(roots) == 0 || a.bool() {
			return d, 0
		}
		root := draw(a, roots)
		d.Approach = approachID(root)
		return d, root
	}
	if len(roots) == 0 {
		return nil, 0
	}
	root := draw(a, roots)
	if t == events.TypeVisitCalledOff {
		return &events.VisitCalledOff{Approach: approachID(root)}, root
	}
	d := &events.VisitMoved{Approach: approachID(root)}
	if a.bool() {
		d.Period = a.period()
	} else {
		d.Date, d.Time = a.date(), draw(a, []string{"", "10:30"})
	}
	return d, root
}

// endVacancy says something of a vacancy that was reported, open or not.
func (a *author) endVacancy(partner string, t events.Type) (events.Data, events.Position) {
	roots := a.roots(partner, events.TypeVacancyReported)
	if len(roots) == 0 {
		return nil, 0
	}
	root := draw(a, roots)
	if t == events.TypeVacancyWithdrawn {
		return &events.VacancyWithdrawn{Vacancy: vacancyID(root)}, root
	}
	d := &events.VacancyFilled{Vacancy: vacancyID(root), Date: a.date()}
	if a.bool() {
		n := a.int(1, 3)
		d.Count = &n
	}
	return d, root
}

func vacancyID(root events.Position) string { return fmt.Sprintf("vacancy-%d", root) }

// link says something of a pair of employers: the steward's word holds, a partner's
// may wait.
func (a *author) link() {
	pair := rapid.Permutation(employerKeys).Draw(a.t, "pair")
	one, other := whole(pair[0]), whole(pair[1])
	partner, reasons := theBook, []string{"koppeling-geldt"}
	var reason events.Personal[string]
	if a.bool() {
		if partner = draw(a, partners); !a.wordless {
			reason = a.note()
		}
		reasons = []string{draw(a, []string{"koppeling-geldt", "koppeling-wacht"})}
	}
	if a.int(0, 3) == 0 {
		a.append(partner, &events.EmployersUnlinked{Employer: one, With: other, Reason: reason})
		return
	}
	kind := draw(a, []string{"dezelfde", "opvolger", "concern"})
	a.appendFor(partner, &events.EmployersLinked{Employer: one, With: other, Kind: kind, Reason: reason}, reasons)
}

// whole is the employer with a key, as links name it.
func whole(key string) events.WholeEmployer {
	e, err := events.ParseEmployerKey(key)
	if err != nil {
		panic(err)
	}
	return events.WholeEmployer{KvK: e.KvK, Foreign: e.Foreign, Provisional: e.Provisional}
}

// always runs a property a number of times on draws that are the same in every run: for
// what must turn up in them.
func always(t *testing.T, times int, property func(*rapid.T)) {
	t.Helper()
	for seed := range times {
		rapid.Custom(func(drawn *rapid.T) bool {
			holds := false
			defer func() {
				if !holds {
					t.Errorf("with seed %d it does not hold", seed)
				}
			}()
			property(drawn)
			holds = !drawn.Failed()
			return holds
		}).Example(seed)
	}
}

// book draws a whole book.
func book(t *rapid.T) []*events.Record {
	a := &author{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	for range rapid.IntRange(0, 70).Draw(t, "steps") {
		a.step()
	}
	return a.records
}
