package projections

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"huisboek/events"
)

// life makes books as a region might: 24 partners, and 400,000 employers of which few
// are called on often and most never. It is the same for a seed.
type life struct {
	t       testing.TB
	rnd     *rand.Rand
	zipf    *rand.Zipf
	at      time.Time
	step    time.Duration // between two events
	records []*events.Record
	plans   []lived // those that nothing became of yet
	visits  []lived
	placed  []lived
	vacant  []lived
	keys    int // of free texts, so far
}

// lived is what can be gone on with.
type lived struct {
	partner int
	root    *events.Record
	id      string
	day     events.Date
	event   events.Employer
}

const (
	lifePartners  = 24
	lifeEmployers = 400_000
	lifePerYear   = 200_000 // events
)

// lifeOf is a book of n events, after those that begin it.
func lifeOf(t testing.TB, n int) []*events.Record {
	rnd := rand.New(rand.NewPCG(8, 2026))
	l := &life{
		t: t, rnd: rnd, zipf: rand.NewZipf(rnd, 1.1, 40, lifeEmployers-1),
		at: time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC), step: 365 * 24 * time.Hour / lifePerYear,
	}
	l.begin()
	for len(l.records) < n {
		l.next()
	}
	return l.records
}

func (l *life) begin() {
	l.say(-1, &events.AgreementSet{From: "2024-01-01", Terms: events.DefaultAgreement().Terms})
	for i := range lifePartners {
		l.say(-1, &events.PartnerAdmitted{
			Partner: lifePartner(i), Identities: []string{lifeIdentity(i)}, Name: fmt.Sprintf("Partner %02d", i), Kind: "gemeente", From: "2020-01-01",
		})
	}
}

func lifePartner(i int) string  { return fmt.Sprintf("6f2c1c0e-5a7b-4c3d-9e8f-%012d", i) }
func lifeIdentity(i int) string { return fmt.Sprintf("urn:nld:oin:%020d", 99_000_000_000_001+i) }

// say records data of a partner; -1 is the steward.
func (l *life) say(partner int, d events.Data, restsOn ...events.Position) *events.Record {
	l.at = l.at.Add(l.step)
	const book = "b00c1c0e-0000-4000-8000-00000000000b"
	who, source := book, "urn:nld:oin:00000099000000000999:systeem:huisboek"
	if partner >= 0 {
		who, source = lifePartner(partner), lifeIdentity(partner)+":systeem:crm"
	}
	p := events.Position(len(l.records) + 1)
	r := stored(l.t, &events.Record{
		Position: p, At: l.at.Truncate(time.Millisecond), Partner: who, Book: book,
		Verdict: events.Verdict{Outcome: events.Free, Rules: 1, Today: events.DateOf(l.at), RestsOn: restsOn},
		Event:   events.Event{ID: l.uuid(), Source: source, Type: d.Type(), Data: d},
	})
	l.records = append(l.records, r)
	return r
}

func (l *life) uuid() string {
	a, b := l.rnd.Uint64(), l.rnd.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffff_ffff_ffff)
}

func (l *life) employer() events.Employer {
	e := events.Employer{KvK: fmt.Sprintf("9%07d", l.zipf.Uint64())}
	if l.rnd.IntN(20) == 0 {
		e.Establishment = fmt.Sprintf("0000%08d", l.rnd.IntN(3))
	}
	return e
}

// seal is one as long as the real ones of so many bytes.
func (l *life) seal(key, size int) *events.Seal {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b strings.Builder
	for range (12 + size + 16) * 4 / 3 { // nonce, ciphertext, tag; as many bytes as fit
		b.WriteByte(letters[l.rnd.IntN(len(letters))])
	}
	return &events.Seal{Key: events.KeyID(key), Text: b.String()}
}

// who is one of some ten people of a partner.
func (l *life) who(partner int) events.Personal[events.AccountManager] {
	return events.Personal[events.AccountManager]{Seal: l.seal(1+partner*10+l.rnd.IntN(10), 128)}
}

// note is a free text, which one of so many has.
func (l *life) note(oneOf int) (p events.Personal[string]) {
	if l.rnd.IntN(oneOf) == 0 {
		l.keys++
		p.Seal = l.seal(10_000+l.keys, 96)
	}
	return p
}

func (l *life) groups() (list []string) {
	all := []string{"DD01", "DD02", "DD03", "DD04", "DD05", "DD08"}
	return append(list, all[:l.rnd.IntN(3)]...)
}

func (l *life) oneOf(list ...string) string { return list[l.rnd.IntN(len(list))] }

// take gives something to go on with, among the last that there are.
func (l *life) take(list *[]lived, keep bool) (x lived, ok bool) {
	n := len(*list)
	if n == 0 {
		return x, false
	}
	i := n - 1 - l.rnd.IntN(min(n, 2_000))
	x = (*list)[i]
	if !keep {
		(*list)[i] = (*list)[n-1]
		*list = (*list)[:n-1]
	}
	return x, true
}

// next says one event, or none when there is nothing to go on with.
func (l *life) next() {
	today := events.DateOf(l.at)
	switch k := l.rnd.IntN(1000); {
	case k < 220:
		l.plan(today)
	case k < 250:
		if x, ok := l.take(&l.plans, true); ok {
			l.say(x.partner, &events.VisitMoved{Approach: x.id, Date: today.AddDays(7 + l.rnd.IntN(14))}, x.root.Position)
		}
	case k < 270:
		if x, ok := l.take(&l.plans, false); ok {
			l.say(x.partner, &events.VisitCalledOff{Approach: x.id, Reason: l.note(1)}, x.root.Position)
		}
	case k < 600:
		l.visit(today)
	case k < 740:
		l.say(l.rnd.IntN(lifePartners), &events.ServiceDelivered{
			Employer: l.employer(), Service: l.oneOf("jobcoach", "proefplaatsing", "no-riskpolis"), Date: today, TargetGroup: l.oneOf("", "DD01", "DD05"),
		})
	case k < 830:
		l.place(today)
	case k < 860:
		if x, ok := l.take(&l.placed, false); ok {
			l.say(x.partner, &events.PlacementEnded{Placement: x.id, End: today}, x.root.Position)
		}
	case k < 910:
		l.describe()
	case k < 935:
		partner, e, id := l.rnd.IntN(lifePartners), l.employer(), l.uuid()
		r := l.say(partner, &events.VacancyReported{Employer: e, Vacancy: id, Occupation: "orderpicker", Count: 1 + l.rnd.IntN(3), Date: today})
		l.vacant = append(l.vacant, lived{partner, r, id, today, e})
	case k < 950:
		if x, ok := l.take(&l.vacant, false); ok {
			l.say(x.partner, &events.VacancyFilled{Vacancy: x.id, Date: today}, x.root.Position)
		}
	case k < 970:
		l.say(l.rnd.IntN(lifePartners), &events.SignalNoted{Employer: l.employer(), Theme: l.oneOf("scholing", "groei"), Text: l.note(1), Date: today})
	case k < 975:
		partner := l.rnd.IntN(lifePartners)
		l.say(partner, &events.ContactAppointed{Employer: l.employer(), AccountManager: l.who(partner)})
	case k < 980:
		l.say(l.rnd.IntN(lifePartners), &events.EmployerFollowed{Employer: l.employer()})
	default:
		l.amend()
	}
}

func (l *life) plan(today events.Date) {
	partner, e, id := l.rnd.IntN(lifePartners), l.employer(), l.uuid()
	d := &events.VisitPlanned{
		Employer: e, Approach: id, Purpose: l.purpose(), AccountManager: l.who(partner), Form: "op-locatie", TargetGroups: l.groups(), Note: l.note(4),
	}
	if l.rnd.IntN(4) == 0 {
		from := today.AddDays(l.rnd.IntN(14))
		d.Period = &events.Period{From: from, To: from.AddDays(13)}
	} else {
		d.Date, d.Time = today.AddDays(1+l.rnd.IntN(28)), "10:30"
	}
	if l.rnd.IntN(25) == 0 {
		d.With = []string{lifeIdentity((partner + 1) % lifePartners)}
	}
	r := l.say(partner, d)
	l.plans = append(l.plans, lived{partner, r, id, d.Date, e})
}

func (l *life) purpose() string {
	return l.oneOf("acquisitie", "acquisitie", "kennismaking", "vacature", "nazorg", "advies")
}

func (l *life) visit(today events.Date) {
	d := &events.VisitMade{Date: today.AddDays(-l.rnd.IntN(3)), Purpose: l.purpose(), Form: "op-locatie", Outcome: []string{"vervolgafspraak"}, TargetGroups: l.groups(), Note: l.note(3)}
	partner, restsOn := l.rnd.IntN(lifePartners), []events.Position(nil)
	if x, ok := l.take(&l.plans, false); ok && l.rnd.IntN(2) == 0 {
		partner, d.Employer, d.Approach = x.partner, x.event, x.id
		restsOn = append(restsOn, x.root.Position)
	} else {
		d.Employer = l.employer()
	}
	d.AccountManager = l.who(partner)
	r := l.say(partner, d, restsOn...)
	l.visits = append(l.visits, lived{partner, r, "", d.Date, d.Employer})
}

func (l *life) place(today events.Date) {
	partner, e, id := l.rnd.IntN(lifePartners), l.employer(), l.uuid()
	hours := events.Hundredths(2400)
	r := l.say(partner, &events.PlacementMade{
		Employer: e, Placement: id, Start: today, Kind: "dienstverband", Region: "AM36", Hours: &hours, TargetGroup: l.oneOf("DD01", "DD02", "DD05"),
	})
	l.placed = append(l.placed, lived{partner, r, id, today, e})
}

func (l *life) describe() {
	e := l.employer()
	seal := func() events.Personal[string] {
		return events.Personal[string]{Seal: l.seal(100_000+int(e.KvK[7]), 32)}
	}
	l.say(l.rnd.IntN(lifePartners), &events.EmployerDescribed{
		Employer: e, Name: seal(), Place: seal(), Postcode: seal(), Gemeente: "GM0193", SBICode: "4120", SBIVersion: "2008", Size: "10-19", Sector: "markt",
	})
}

// amend takes a visit back, corrects one, or goes along with what another planned.
func (l *life) amend() {
	x, ok := l.take(&l.visits, false)
	if !ok {
		return
	}
	was := x.root.Event.Data.(*events.VisitMade)
	ref := events.Ref{Source: x.root.Event.Source, ID: x.root.Event.ID}
	rests := append([]events.Position{x.root.Position}, x.root.Verdict.RestsOn...)
	if l.rnd.IntN(2) == 0 {
		l.say(x.partner, &events.EventRetracted{Event: ref, Reason: l.note(2)}, rests[0])
		return
	}
	now := *was
	now.Purpose, now.Replaces = l.purpose(), &ref
	l.say(x.partner, &now, rests...)
}
